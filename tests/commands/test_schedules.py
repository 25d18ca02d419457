"""Schedules and picture tools through the program: from files and flags to pictures, records and replays."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from .conftest import Ended

Run = Callable[..., Ended]
DEEPDRAW = """
octaves = [
    {
        'layer':'loss3/classifier',
        'iter_n':3,
        'start_sigma':2.5,
        'end_sigma':0.78,
        'start_step_size':11.,
        'end_step_size':11.
    },
    {
        'layer':'conv1',
        'scale':1.2,
        'iter_n':2,
        'start_sigma':0.78*1.2,
        'end_sigma':0.40,
        'start_step_size':6.,
        'end_step_size':3.
    }
]
# the background color of the initial image
background_color = np.float32([200.0, 200.0, 200.0])
"""


def pixels(path: Path) -> NDArray[np.uint8]:
    with Image.open(path) as image:
        return np.asarray(image)


def recorded(path: Path) -> dict[str, Any]:
    """Return the [dream] table of the record beside a picture."""
    table: dict[str, Any] = tomllib.loads(Path(f"{path}.toml").read_text(encoding="utf-8"))["dream"]
    return table


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A small picture."""
    y, x = np.mgrid[0:40, 0:56]
    levels = np.stack([60 + x * 2, 40 + y * 4, (x // 12 + y // 12) % 2 * 120 + 50], axis=2).astype(np.uint8)
    path = tmp_path / "photo.png"
    Image.fromarray(levels).save(path)
    return path


def test_deepdraws_list_is_dreamt_recorded_and_replayed(
    tmp_path: Path, photo: Path, tiny: Path, run: Run
) -> None:
    lists, first, again = tmp_path / "owl.py", tmp_path / "first.png", tmp_path / "again.png"
    lists.write_text(DEEPDRAW)
    ended = run("still", photo, "-o", first, "-c", "jellyfish", "-m", tiny, "--schedule", lists)
    assert ended.code == 0, ended.err
    assert "Dreaming of jellyfish, then conv1, with tiny" in ended.err
    assert recorded(first)["iterations"] == [3, 2]
    assert recorded(first)["blur_px"] == ["2.5..0.78", "0.936..0.4"]
    lists.unlink()  # the record holds all of it
    assert run("still", "--config", f"{first}.toml", "-o", again).code == 0
    assert np.array_equal(pixels(first), pixels(again))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("look.json", '[{"iterations": 3, "step_size": "4>2"}, {"iterations": 1, "jitter_px": 2}]'),
        (
            "look.toml",
            '[[schedule]]\niterations = 3\nstep_size = "4>2"\n[[schedule]]\niterations = 1\njitter_px = 2',
        ),
    ],
)
def test_flags_win_over_the_schedules_of_files(
    name: str, text: str, tmp_path: Path, photo: Path, tiny: Path, run: Run
) -> None:
    (tmp_path / name).write_text(text)
    words = ("still", photo, "-c", "peacock", "-m", tiny, "--schedule", tmp_path / name)
    assert run(*words, "-o", tmp_path / "file.png").code == 0
    assert run(*words, "-o", tmp_path / "flag.png", "-n", "2,4", "--jitter", "9").code == 0
    file, flag = recorded(tmp_path / "file.png"), recorded(tmp_path / "flag.png")
    assert (file["octaves"], file["iterations"]) == (2, [3, 1])
    assert file["step_size"][0] == "4..2" and file["jitter_px"][1] == 2
    assert (flag["iterations"], flag["jitter_px"], flag["step_size"]) == ([2, 4], 9, file["step_size"])


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("cut.json", '[{"iterations": 3', "cut.json is not a readable schedule"),
        ("typo.json", '[{"iteration": 3}]', "typo.json: octave 1 of the schedule: unknown key 'iteration'"),
        ("less.toml", "[[schedule]]\niterations = -3", "less.toml: iterations = [-3]: write a whole number"),
        ("ramp.toml", '[[schedule]]\nblur_px = "3>"', "ramp.toml: blur_px = ['3>']: write a number"),
        (
            "code.py",
            "print('hello')",
            "code.py is not a readable schedule: it holds no list of tables",
        ),
        ("three.json", "[{}, {}, {}]", "schedule lists 3 octaves, and octaves = 2: leave octaves out"),
    ],
)
def test_a_wrong_schedule_is_told_by_its_file_and_nothing_is_written(
    name: str, text: str, words: str, tmp_path: Path, photo: Path, quick: tuple[str, ...], run: Run
) -> None:
    (tmp_path / name).write_text(text)
    ended = run("still", photo, "-o", tmp_path / "dream.png", *quick, "--schedule", tmp_path / name)
    assert ended.code == 2
    assert words in ended.err
    assert len(ended.err.splitlines()) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([name, "photo.png"])


@pytest.mark.parametrize(
    ("flags", "key", "value"),
    [
        (("--blur", "2.5..0.8"), "blur_px", "2.5..0.8"),
        (("--sigma", "2,1"), "sigma_px", [2.0, 1.0]),
        (("--no-clip", "--strength", "10", "--step-size", "20"), "clip", False),
        (("--tv", "0.5"), "tv", 0.5),
        (("--pull", "0.3"), "pull", 0.3),
        (("--gradient", "laplacian"), "gradient", "laplacian"),
        (("--gradient", "scales"), "gradient", "scales"),
        (("--gradient", "fourier"), "gradient", "fourier"),
        (("--decorrelate", "0.5"), "decorrelate", 0.5),
        (("--rotate-jitter", "20"), "rotate_jitter_deg", 20.0),
        (("--admix", "0.5"), "admix", 0.5),
        (("--scale-jitter", "0.2"), "scale_jitter", 0.2),
        (("--tiles", "grid"), "tiles", "grid"),
        (("--tiles", "spiral"), "tiles", "spiral"),
        (("--tiles", "random"), "tiles", "random"),
        (("--pad", "mean"), "pad", "mean"),
    ],
)
def test_every_tool_changes_the_picture_and_is_replayed(
    flags: tuple[str, ...],
    key: str,
    value: object,
    tmp_path: Path,
    photo: Path,
    quick: tuple[str, ...],
    run: Run,
) -> None:
    plain, tool, again = (tmp_path / f"{name}.png" for name in ("plain", "tool", "again"))
    beside = flags[1:] if "--no-clip" in flags else ()
    assert run("still", photo, "-o", plain, "-c", "goldfish", *quick, *beside).code == 0
    assert run("still", photo, "-o", tool, "-c", "goldfish", *quick, *flags).code == 0
    assert recorded(tool)[key] == value
    assert not np.array_equal(pixels(plain), pixels(tool))
    assert run("still", "--config", f"{tool}.toml", "-o", again).code == 0
    assert np.array_equal(pixels(tool), pixels(again))
