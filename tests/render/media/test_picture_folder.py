"""Folders of numbered pictures as input."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image

from lucidreel.dream.quantize import rgb48
from lucidreel.errors import InputNotFoundError, MediaError, UsageError
from lucidreel.render.files.numbered import holds_only_numbered_pictures
from lucidreel.render.frames.frames import FrameDreamer
from lucidreel.render.media.pictures.picture_folder import PictureFolderSource, natural_order
from lucidreel.render.media.pictures.pictures import png_of_16_bits, write_picture
from lucidreel.render.preview.moments import source_moments
from lucidreel.render.settings.settings import ClipConfig
from lucidreel.tests.dream.picture_files.colour_profiles import DISPLAY_P3, SRGB_CURVE, rgb_profile
from lucidreel.tests.render.rendering import render_clip

FFV1 = {"codec": "ffv1", "bit_depth": 16}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Twelve pictures, 1.png to 12.png, each of its own grey."""
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    for number in range(1, 13):
        write_picture(pictures / f"{number}.png", np.full((3, 24, 32), number / 20, dtype=np.float32))
    (pictures / "notes.txt").write_text("not a picture")
    return pictures


def _numbers(folder: Path, **clip: object) -> list[int]:
    source = PictureFolderSource(folder, ClipConfig.read(clip, "the test"))
    return [round(float(frame.picture.mean()) * 20) for frame in source.frames()]


def test_numbers_in_names_count_as_numbers(folder: Path) -> None:
    assert [path.stem for path in natural_order(folder)] == [str(n) for n in range(1, 13)]
    assert _numbers(folder) == list(range(1, 13))


@pytest.mark.parametrize(
    "names",
    [
        ["カット3①001", "カット3①002", "カット3②001", "カット12①001"],
        ["a²", "a³", "a¼"],  # no decimal digits: ordered as text
        ["1", "２", "٣", "4", "१०", "１1"],  # full-width, Arabic-Indic and Devanagari digits have places
        ["0", "007", "8", "09", "10"],
        ["9" * 200, "1" + "0" * 200, "1" + "0" * 199 + "1"],
        ["1", "1a", "1b", "a1", "a1b2", "a1b10", "a2"],
    ],
)
def test_digits_of_every_kind_are_put_in_order(names: list[str], tmp_path: Path) -> None:
    wanted = [f"picture {name}.png" for name in names]
    for name in reversed(wanted):
        (tmp_path / name).touch()
    assert [path.name for path in natural_order(tmp_path)] == wanted


@pytest.mark.parametrize("name", ["１.png", "¹.png", "1.png\n", "a1.png", "1.PNG"])
def test_only_names_that_a_render_gives_are_safe_to_replace(name: str, tmp_path: Path) -> None:
    (tmp_path / "000001.png").touch()
    assert holds_only_numbered_pictures(tmp_path)
    (tmp_path / name).touch()
    assert not holds_only_numbered_pictures(tmp_path)


def test_folder_is_shown_at_24_or_at_the_rate_asked_for(
    folder: Path, tmp_path: Path, film_facts: Callable[[Path], Any], rendered: Callable[..., Any]
) -> None:
    for fps, rate in ((None, Fraction(24)), ("30000/1001", Fraction(30_000, 1001))):
        output = tmp_path / f"film-{float(rate):g}.mp4"
        summary = rendered(folder, output.name, fps=fps)
        assert summary.frames == 12
        assert film_facts(output).times_s == tuple(n / rate for n in range(12))


def test_a_folder_of_sixteen_bits_comes_out_as_it_was(
    tmp_path: Path, plain: Callable[..., Any], unchanged: FrameDreamer
) -> None:
    """A gradient of 1,600 levels, far more than 8 bits tell apart."""
    ramp = np.linspace(0, 65_535, 1600).round().reshape(1, 40, 40)
    levels = np.concatenate([ramp, ramp[:, ::-1], 65_535 - ramp])
    deep, out = tmp_path / "deep", tmp_path / "out"
    deep.mkdir()
    pictures = [(each / 65_535).astype(np.float32) for each in (levels, levels // 2)]
    for number, picture in enumerate(pictures, 1):
        (deep / f"{number}.png").write_bytes(png_of_16_bits(picture))
    settings = plain(output={"bit_depth": 16, "tags": False})
    render_clip(deep, out, settings, unchanged, overwrite=False)
    for picture, path in zip(pictures, sorted(out.iterdir()), strict=True):
        assert path.read_bytes() == png_of_16_bits(picture)
    film = render_clip(deep, tmp_path / "film.mkv", plain(output=FFV1), unchanged, overwrite=False)
    with av.open(str(film.output)) as container:
        shown = [frame.to_ndarray(format="rgb48le") for frame in container.decode(video=0)]
    for picture, levels in zip(pictures, shown, strict=True):
        np.testing.assert_array_equal(levels, rgb48(picture))


def test_part_of_a_folder(folder: Path) -> None:
    assert _numbers(folder, fps="10", start_s=0.3, end_s=0.6) == [4, 5, 6]
    with pytest.raises(UsageError, match=r"lasts 1.2 s at 10 pictures per second"):
        _numbers(folder, fps="10", start_s=1.2)
    beyond = PictureFolderSource(folder, ClipConfig(end_s=2))
    assert len(list(beyond.frames())) == 12
    assert beyond.past_the_end is not None and "ends at 0.5 s, before --end 2s" in beyond.past_the_end


def test_preview_of_a_folder(folder: Path, plain: Callable[..., Any]) -> None:
    (moment,) = source_moments(folder, [0.25], plain(fps="10"))
    assert round(float(moment.picture.mean()) * 20) == 3
    with pytest.raises(UsageError, match=r"no frame at 1\.2 s"):
        source_moments(folder, [1.2], plain(fps="10"))
    part = plain(fps="10", start_s=0.3, end_s=0.6)
    assert len(source_moments(folder, [0.3, 0.59], part)) == 2
    for outside_s in (0.29, 0.6):
        with pytest.raises(UsageError, match=r"3 pictures from 4\.png to 6\.png"):
            source_moments(folder, [outside_s], part)


def test_pictures_of_different_sizes_are_refused_by_name(folder: Path) -> None:
    write_picture(folder / "7.png", np.zeros((3, 24, 33), dtype=np.float32), overwrite=True)
    with pytest.raises(MediaError, match=r"1.png is 32x24, 7.png is 33x24"):
        _numbers(folder)


def test_torn_picture_is_refused_by_name(folder: Path) -> None:
    (folder / "5.png").write_bytes(b"\x89PNG torn")
    with pytest.raises(MediaError, match=r"5.png cannot be read"):
        _numbers(folder)


def test_colour_profiles_of_a_folder_are_followed_and_broken_ones_told_once(
    folder: Path, rendered: Callable[..., Any], plain: Callable[..., Any]
) -> None:
    """Display P3's 230, 60, 40 is 250, 31, 14 in sRGB."""
    image = Image.new("RGB", (32, 24), (230, 60, 40))
    for number in (1, 2):
        image.save(folder / f"{number}.png", icc_profile=rgb_profile(DISPLAY_P3, SRGB_CURVE))
    for number in (3, 4, 5):
        image.save(folder / f"{number}.png", icc_profile=b"no profile")
    seen = [frame.picture[:, 5, 5] * 255 for frame in PictureFolderSource(folder, ClipConfig()).frames()]
    np.testing.assert_allclose(seen[:3], [(250, 31, 14), (250, 31, 14), (230, 60, 40)], atol=1)
    (note,) = rendered(folder, "film.mp4").notes
    assert note.startswith("3.png and 2 more: its colour profile cannot be used")
    told: list[str] = []
    source_moments(folder, [0.09], plain(), told.append)
    assert len(told) == 1 and told[0].startswith("3.png: its colour profile")


def test_folder_of_avif_is_one_of_pictures(tmp_path: Path) -> None:
    for number in (1, 2):
        Image.new("RGB", (32, 24), (100 * number,) * 3).save(tmp_path / f"{number}.avif", quality=100)
    frames = PictureFolderSource(tmp_path, ClipConfig()).frames()
    assert [round(float(frame.picture.mean()) * 255 / 100) for frame in frames] == [1, 2]


def test_folder_without_pictures_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputNotFoundError, match="holds no pictures"):
        natural_order(tmp_path)
