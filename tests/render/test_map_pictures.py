"""Maps that are pictures: what they mean, at which size, and which are refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from lucidreel.dream.targets.regions import read_region
from lucidreel.errors import ConfigError, InputNotFoundError, MediaError
from lucidreel.render.frames.frames import Map
from lucidreel.render.maps import MapSupply

Pixels = NDArray[np.uint8]


def save(path: Path, levels: NDArray[Any]) -> Path:
    Image.fromarray(levels).save(path)
    return path


def map_of(path: Path, width: int = 8, height: int = 6, inverted: bool = False) -> Map:
    """Return the map in a file for a grey picture of some size."""
    name = f"{'!' if inverted else ''}{path}"
    return MapSupply([read_region(name)]).at(np.full((3, height, width), 0.5, np.float32))[name]


def half_white(width: int, height: int) -> Pixels:
    levels = np.zeros((height, width), np.uint8)
    levels[:, : width // 2] = 255
    return levels


def test_a_picture_of_the_frames_size_is_its_luminance(tmp_path: Path) -> None:
    levels = np.zeros((6, 8, 3), np.uint8)
    levels[:2], levels[2:4] = (255, 0, 0), (0, 255, 0)
    found = map_of(save(tmp_path / "map.png", levels))
    assert found.shape == (6, 8)
    assert found[0] == pytest.approx(0.2126, abs=0.005) and found[3] == pytest.approx(0.7152, abs=0.005)
    assert (found[4:] == 0).all()


@pytest.mark.parametrize(
    ("level", "value"), [(0, 0.0), (1, 0.0), (254, 1.0), (255, 1.0), (51, 0.2), (128, 0.502)]
)
def test_grey_is_its_share_of_white_and_a_level_from_either_end_is_that_end(
    level: int, value: float, tmp_path: Path
) -> None:
    levels = half_white(8, 6)
    levels[:, 4:] = level
    found = map_of(save(tmp_path / "map.png", levels))[:, 4:]
    assert np.abs(found - value).max() <= (0 if value in (0.0, 1.0) else 0.003)


@pytest.mark.parametrize(("width", "height"), [(37, 20), (400, 300), (8, 300)])
def test_a_map_of_another_shape_is_stretched_and_black_and_white_stay_so(
    width: int, height: int, tmp_path: Path
) -> None:
    found = map_of(save(tmp_path / "map.png", half_white(width, height)), 80, 60)
    blurred = 3 + 80 // width  # an enlarged edge is as wide as two of its pixels
    assert found.shape == (60, 80)
    assert (found[:, : 40 - blurred] == 1).all() and (found[:, 40 + blurred :] == 0).all()
    assert found.mean() == pytest.approx(width // 2 / width, abs=0.02)


def test_inverted_white_is_exactly_black(tmp_path: Path) -> None:
    found = map_of(save(tmp_path / "map.png", half_white(33, 9)), 80, 60, inverted=True)
    assert (found[:, :34] == 0).all() and (found[:, 45:] == 1).all()


def test_deep_and_transparent_pictures_are_maps_too(tmp_path: Path) -> None:
    deep = save(tmp_path / "deep.png", np.full((6, 8), 16384, np.uint16))
    assert map_of(deep) == pytest.approx(0.25, abs=0.002)
    clear = np.full((6, 8, 4), 255, np.uint8)
    clear[:, 4:, 3] = 0
    found = map_of(save(tmp_path / "clear.png", clear))
    assert (found[:, :4] == 1).all() and (found[:, 4:] == 0).all()


def test_files_are_checked_before_anything_is_asked_of_them(tmp_path: Path) -> None:
    black = save(tmp_path / "black.png", np.zeros((4, 4), np.uint8))
    white = save(tmp_path / "white.png", np.full((4, 4), 255, np.uint8))
    (tmp_path / "text.png").write_text("words")
    (tmp_path / "text.mp4").write_text("words")
    (tmp_path / "folder.png").mkdir()
    bad: list[tuple[str, type[Exception], str]] = [
        (str(black), MediaError, "black.png is black all over.*! before its name inverts it"),
        (f"!{white}", MediaError, "!.*white.png is black all over"),
        (str(tmp_path / "none.png"), InputNotFoundError, "none.png does not exist"),
        (str(tmp_path / "none.mp4"), InputNotFoundError, "none.mp4 does not exist"),
        (str(tmp_path / "folder.png"), InputNotFoundError, "folder.png is not a file"),
        (str(tmp_path / f"{'n' * 300}.png"), InputNotFoundError, "File name too long"),
        (str(tmp_path / "text.png"), MediaError, "text.png cannot be read as a picture"),
        (str(tmp_path / "text.mp4"), MediaError, "text.mp4 cannot be read as a video"),
        ("lumnance", ConfigError, "luminance"),
    ]
    for name, error, words in bad:
        with pytest.raises(error, match=words):
            MapSupply([read_region(name)])
    MapSupply([read_region(f"!{black}"), read_region(str(white))])
