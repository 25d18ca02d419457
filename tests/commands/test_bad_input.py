"""Whatever is wrong with what the program is given: one clear message, an exit code, nothing left behind."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from lucidreel.errors import (
    ClassNotFoundError,
    ConfigError,
    InputNotFoundError,
    LayerNotFoundError,
    LucidreelError,
    MediaError,
    ModelFileError,
    OutputError,
    PresetError,
    UsageError,
)
from lucidreel.render.settings.records import write_record
from lucidreel.render.settings.settings import Settings

from .conftest import Ended

Run = Callable[..., Ended]


@pytest.fixture
def folder(tmp_path: Path, sample_clip: Path) -> Path:
    """A folder with a good clip and many bad ones."""
    whole = sample_clip.read_bytes()
    (tmp_path / "clip.mp4").write_bytes(whole)
    (tmp_path / "truncated.mp4").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "no_index.mp4").write_bytes(whole[40:])
    (tmp_path / "text.mp4").write_text("These are words, not pictures.\n" * 50)
    (tmp_path / "empty.mp4").write_bytes(b"")
    (tmp_path / "folder").mkdir()
    (tmp_path / "text.png").write_text("not a picture")
    Image.fromarray(np.full((40, 60, 3), 128, np.uint8)).save(tmp_path / "photo.png")
    Image.open(tmp_path / "photo.png").save(tmp_path / "photo.gif")
    (tmp_path / "album").mkdir()
    Image.open(tmp_path / "photo.png").save(tmp_path / "album" / "000001.png")
    write_sound_only(tmp_path / "sound.mp4")
    (tmp_path / "bad.toml").write_text("[dream]\noctavs = 3\n")
    (tmp_path / "rec.json").write_text('["rec.json,goldfish"]')
    (tmp_path / "name.py").write_text("octaves = [{'iter_n': x}]")
    write_record(tmp_path / "still.png", "still", "noise:160x96", Settings())
    return tmp_path


def write_sound_only(path: Path) -> None:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=48_000, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 9600), np.float32), format="fltp", layout="mono")
        frame.sample_rate = 48_000
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def snapshot(folder: Path) -> dict[str, bytes | None]:
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in sorted(folder.rglob("*"))
    }


LONG = "n" * 256

BAD: list[tuple[str, str, type[LucidreelError], list[str]]] = [
    ("missing file", "render none.mp4 -o out.mp4", InputNotFoundError, ["none.mp4", "does not exist"]),
    ("empty folder", "render folder -o out.mp4", InputNotFoundError, ["folder", "no pictures"]),
    ("text named mp4", "render text.mp4 -o out.mp4", MediaError, ["text.mp4", "cannot be read as a video"]),
    ("truncated", "render truncated.mp4 -o out.mp4", MediaError, ["truncated.mp4", "cut short"]),
    ("no index", "render no_index.mp4 -o out.mp4", MediaError, ["no_index.mp4", "damaged"]),
    ("zero length", "render empty.mp4 -o out.mp4", MediaError, ["empty.mp4", "0 bytes"]),
    ("no video stream", "render sound.mp4 -o out.mp4", MediaError, ["sound.mp4", "no moving picture"]),
    ("a picture as clip", "render photo.png -o out.mp4", MediaError, ["photo.png", "lucidreel still"]),
    ("noise as clip", "render noise -o out.mp4", InputNotFoundError, ["noise", "lucidreel zoom noise"]),
    (
        "film as still",
        "still clip.mp4 -o out.png",
        MediaError,
        ["clip.mp4 is a film", "lucidreel preview clip"],
    ),
    ("film to zoom", "zoom clip.mp4 -o out.mp4", MediaError, ["clip.mp4 is a film", "lucidreel render clip"]),
    (
        "folder as still",
        "still album -o out.png",
        MediaError,
        ["album is a folder", "lucidreel render album"],
    ),
    (
        "unknown class",
        "render clip.mp4 -o out.mp4 --class goldfsh",
        ClassNotFoundError,
        ["'goldfsh'", "goldfish"],
    ),
    (
        "part of a class",
        "render clip.mp4 -o out.mp4 -c shark",
        ClassNotFoundError,
        ["'shark'", "great white shark"],
    ),
    ("class number", "still noise -o out.png -c 4", ClassNotFoundError, ["4", "0 to 3"]),
    ("class range", "still noise -o out.png -c 2-9", ClassNotFoundError, ["'2-9'", "0 to 3"]),
    ("random classes", "still noise -o out.png -c random:9", ClassNotFoundError, ["random:9", "4 classes"]),
    ("file in itself", "still noise -o out.png -c rec.json", ConfigError, ["rec.json", "another file"]),
    (
        "file in a list",
        "still noise -o out.png -c goldfish,rec.json",
        UsageError,
        ["Repeat --class: --class"],
    ),
    ("too many at random", "still noise -o out.png -c random:3 -c random:3", ClassNotFoundError, ["1 to 1"]),
    (
        "a name in a schedule",
        "still noise -o out.png --schedule name.py",
        UsageError,
        ["name.py", "line 1: x"],
    ),
    ("unknown layer", "render clip.mp4 -o out.mp4 --layer conv", LayerNotFoundError, ["'conv'", "conv1"]),
    (
        "unknown channel",
        "still noise -o out.png --channel conv1:8",
        LayerNotFoundError,
        ["conv1:8", "0 to 7"],
    ),
    ("unknown preset", "render clip.mp4 -o out.mp4 --preset lucidd", PresetError, ["'lucidd'", "lucid"]),
    (
        "unknown preset key",
        "render clip.mp4 -o out.mp4 -p bad.toml",
        PresetError,
        ["bad.toml", "octavs", "octaves"],
    ),
    ("missing record", "render clip.mp4 -o out.mp4 --config no.toml", InputNotFoundError, ["no.toml"]),
    ("unknown network", "render clip.mp4 -o out.mp4 -m bestary", ModelFileError, ["'bestary'", "bestiary"]),
    ("empty network", "render clip.mp4 -o out.mp4 -m folder", ModelFileError, ["folder", ".prototxt"]),
    ("output is input", "render clip.mp4 -o clip.mp4", OutputError, ["clip.mp4", "input itself"]),
    (
        "output is input, overwriting",
        "render clip.mp4 -o clip.mp4 -y",
        OutputError,
        ["clip.mp4", "input itself"],
    ),
    ("picture over itself", "still photo.png -o photo.png -y", OutputError, ["photo.png", "input itself"]),
    ("output exists", "render clip.mp4 -o text.mp4", OutputError, ["text.mp4", "--overwrite"]),
    ("no such folder", "render clip.mp4 -o none/out.mp4", OutputError, ["none", "does not exist"]),
    ("below a file", "render clip.mp4 -o empty.mp4/out.mp4", OutputError, ["empty.mp4"]),
    ("unknown suffix", "render clip.mp4 -o out.avi2", OutputError, [".avi2", ".mp4"]),
    ("film as picture", "render clip.mp4 -o out.png", OutputError, ["out.png", "lucidreel preview"]),
    ("picture as film", "still photo.png -o out.mp4", OutputError, ["out.mp4", ".png"]),
    (
        "times are words",
        "render clip.mp4 -o out.mp4 --start soon",
        UsageError,
        ["--start soon is not a time", "350ms"],
    ),
    ("end before start", "render clip.mp4 -o out.mp4 --start 2s --end 1s", UsageError, ["end", "start", "2"]),
    ("start beyond", "render clip.mp4 -o out.mp4 --start 60s", UsageError, ["60", "4"]),
    (
        "frames in a time",
        "render clip.mp4 -o out.mp4 --start 00:00:02:12",
        UsageError,
        ["--start", "counts frames", "00:00:02.5"],
    ),
    (
        "a weight with a colon",
        "still noise -o out.png -c goldfish:0.5",
        ClassNotFoundError,
        ["goldfish=0.5."],
    ),
    ("a layer with a colon", "still noise -o out.png -l conv1:0.5", LayerNotFoundError, ["conv1=0.5."]),
    (
        "a channel with two colons",
        "still noise -o out.png --channel conv1:3:0.5",
        UsageError,
        ["conv1:3=0.5."],
    ),
    ("moment beyond", "preview clip.mp4 -o out.png --at 9s", UsageError, ["9", "4"]),
    (
        "moment below zero",
        "preview clip.mp4 -o out.png --at -1",
        UsageError,
        ["--at -1 is not a time", "1:02.5"],
    ),
    ("carry of a picture", "preview photo.png -o out.png --run-in 4", UsageError, ["--run-in", "photo.png"]),
    ("moment of a picture", "preview photo.png -o out.png --at 3", UsageError, ["--at 3", "photo.png"]),
    (
        "start of a picture",
        "preview photo.png -o out.png --start 1s",
        UsageError,
        ["--start 1s", "photo.png"],
    ),
    ("rate of a picture", "preview photo.png -o out.png --fps 12", UsageError, ["--fps 12", "photo.png"]),
    (
        "record of a still",
        "render --config still.png.toml -o out.mp4",
        UsageError,
        ["record of `still`", "noise:160x96", "which clip?"],
    ),
    ("no frame between", "render clip.mp4 -o out.mp4 --start 1.001s --end 1.002s", UsageError, ["1.001"]),
    ("no size", "render clip.mp4 -o out.mp4 --size big", UsageError, ["--size big is not a size", "960x540"]),
    ("tiny size", "render clip.mp4 -o out.mp4 --size 2x2", UsageError, ["--size 2x2: 2 must be", "16"]),
    ("no rate", "render clip.mp4 -o out.mp4 --fps fast", UsageError, ["--fps fast is not a frame rate"]),
    (
        "no duration",
        "zoom photo.png -o out.mp4 -d 0s",
        UsageError,
        ["--duration 0s: 0.0 must be greater than 0"],
    ),
    ("no clip", "render -o out.mp4", UsageError, ["which clip"]),
    ("zoom over its picture", "zoom photo.gif -o photo.gif -y", OutputError, ["photo.gif", "input itself"]),
    (
        "zoom over its folder",
        "zoom album/000001.png -o album -y",
        OutputError,
        ["album", "holds the input album/000001.png"],
    ),
    *[
        (
            f"{command} from noise:{size}",
            f"{command} noise:{size} -o {out}",
            UsageError,
            [size, "16 to 16384"],
        )
        for command, out in (("still", "out.png"), ("zoom", "out.mp4"))
        for size in ("0x0", "1x1", "15x640", "999999x999999")
    ],
    ("long output", f"render clip.mp4 -o {LONG}.mp4", OutputError, [LONG, "File name too long"]),
    ("long folder", f"render clip.mp4 -o {LONG}", OutputError, [LONG, "File name too long"]),
    ("long picture output", f"still noise -o {LONG}.png", OutputError, [LONG, "File name too long"]),
    ("long input", f"render {LONG}.mp4 -o out.mp4", InputNotFoundError, [LONG, "File name too long"]),
    ("long picture", f"still {LONG}.png -o out.png", MediaError, [LONG, "File name too long"]),
    ("long network", f"still noise -o out.png -m {LONG}", UsageError, ["--model", LONG[:99]]),
    (
        "moment after the end",
        "preview clip.mp4 -o out.png --end 1s --at 2s",
        UsageError,
        ["no frame at 2 s", "0 s to 1 s"],
    ),
    (
        "moment before the start",
        "preview clip.mp4 -o out.png --start 1s --at 0.5s",
        UsageError,
        ["no frame at 0.5 s", "--start"],
    ),
    ("noise of no size", "still noise:big -o out.png", UsageError, ["'big'", "960x540"]),
    ("text as picture", "still text.png -o out.png", MediaError, ["text.png", "cannot be read as a picture"]),
    ("missing picture", "zoom none.png -o out.mp4", InputNotFoundError, ["none.png", "does not exist"]),
]


@pytest.mark.parametrize(
    ("words", "error", "said"), [case[1:] for case in BAD], ids=[case[0] for case in BAD]
)
def test_bad_input_gives_one_message_its_exit_code_and_nothing_else(
    words: str,
    error: type[LucidreelError],
    said: list[str],
    folder: Path,
    quick: tuple[str, ...],
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(folder)
    before = snapshot(folder)
    ended = run(*words.split(), *(quick if " -m " not in words else ()))
    messages = [line for line in ended.err.splitlines() if line.startswith("error: ")]
    assert ended.code == error.exit_code, ended.err
    assert len(messages) == 1
    for word in said:
        assert word in messages[0]
    assert "Traceback" not in ended.err
    if error not in (ClassNotFoundError, LayerNotFoundError, ModelFileError):
        assert "Dreaming of" not in ended.err, "a network was loaded before the input was looked at"
    assert ended.out == ""
    assert snapshot(folder) == before


@pytest.mark.skipif(os.name != "posix", reason="permission bits do not bind on Windows")
def test_a_folder_without_write_permission_is_refused(
    folder: Path, quick: tuple[str, ...], run: Run, bound_by_permissions: None
) -> None:
    locked = folder / "locked"
    locked.mkdir(mode=0o500)
    ended = run("render", folder / "clip.mp4", "-o", locked / "out.mp4", *quick)
    assert ended.code == OutputError.exit_code
    assert "locked" in ended.err
