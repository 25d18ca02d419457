"""Renders that an older lucidreel began, killed and left behind, go on with this one.

    schema_1/flow.mkv.frames     a checkpoint from before settings had a schema: five frames of eight, and the
                                 dream of the third, with which the fourth goes on
             flow.mkv.toml       the record that the whole film got, and
             flow.mkv.whole.png  its frames side by side
             home/models/tiny    the network; clip.mp4 and picture.png are the sources

They are as that program wrote them, and nobody can make them again. It saw 32 px around such small pictures
where nobody named a border, and today's sees 16: films are compared with the border of then, for all else to
be held to half a level.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from lucidreel import cli
from lucidreel.dream.objectives import per_octave

OLDER = Path(__file__).parent / "schema_1"
KEPT, WHOLE, GOES_ON_AT = 5, 8, 4
FLAGS = "--octaves 2 --threads 1 --precision fp32 --device cpu -m tiny --codec ffv1"
RENDERS = {
    "flow.mkv": "render clip.mp4 -c goldfish -c jellyfish@!row:0.5-1=-0.5 -n 4..2 --cuts none",
    "blend.mkv": "render clip.mp4 -l conv1 -c random:2 -n 2 --carry blend --cuts 0.125s",
    "zoom.mkv": "zoom picture.png --palette peacock,goldfish -n 3 --step-size 3..1 --rotate 20/s --fps 24 "
    "--duration 0.33s",
}
LayOut = Callable[[str], Path]


@pytest.fixture
def border_of_then(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a border that nobody named be as wide as it was in the older program."""
    monkeypatch.setattr(per_octave, "border_for", lambda field: 32)


@pytest.fixture
def left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LayOut:
    """Return a function that lays an older checkpoint out and names the film it is for."""
    monkeypatch.setenv("LUCIDREEL_HOME", str(OLDER / "home"))
    monkeypatch.chdir(OLDER)

    def lay_out(name: str) -> Path:
        shutil.copytree(OLDER / f"{name}.frames", tmp_path / f"{name}.frames")
        return tmp_path / name

    return lay_out


def words(name: str) -> list[str]:
    return [*RENDERS[name].split(), *FLAGS.split()]


def frames_of(film: Path) -> NDArray[np.float64]:
    with av.open(str(film)) as container:
        return np.stack([frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]).astype(
            float
        )


def frames_then(name: str) -> NDArray[np.float64]:
    with Image.open(OLDER / f"{name}.whole.png") as strip:
        return np.stack(np.split(np.asarray(strip, float), WHOLE, axis=1))


@pytest.mark.usefixtures("border_of_then")
@pytest.mark.parametrize("name", RENDERS)
def test_film_is_the_one_that_the_older_program_would_have_made(
    name: str, left_behind: LayOut, capfd: pytest.CaptureFixture[str]
) -> None:
    """Frames that it kept are its own to the bit; another processor may round the rest otherwise."""
    output = left_behind(name)
    code = cli.run([*words(name), "-o", str(output)])
    said = capfd.readouterr().err
    assert code == 0, said
    assert f"Going on with frame {GOES_ON_AT}" in said
    frames, then = frames_of(output), frames_then(name)
    kept = GOES_ON_AT - 1
    np.testing.assert_array_equal(frames[:kept], then[:kept])
    assert np.abs(frames - then).mean() < 0.5
    assert not output.with_name(f"{name}.frames").exists()


@pytest.mark.usefixtures("border_of_then")
@pytest.mark.parametrize("name", RENDERS)
def test_record_of_the_older_program_makes_the_same_film_again(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LUCIDREEL_HOME", str(OLDER / "home"))
    command, source, *_ = words(name)
    replay = [command, str(OLDER / source), "--config", str(OLDER / f"{name}.toml"), "-q"]
    assert cli.run([*replay, "-o", str(tmp_path / name)]) == 0
    assert np.abs(frames_of(tmp_path / name) - frames_then(name)).mean() < 0.5


def test_other_words_are_refused_key_by_key(left_behind: LayOut, capfd: pytest.CaptureFixture[str]) -> None:
    output = left_behind("flow.mkv")
    assert cli.run([*words("flow.mkv"), "--octaves", "3", "-o", str(output)]) == 9
    said = capfd.readouterr().err
    assert "octaves: 2 then, 3 now" in said and said.count(" then, ") == 1
    assert len(list(output.with_name("flow.mkv.frames").glob("0*.png"))) == KEPT
