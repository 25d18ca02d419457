"""File names of every kind: other code pages' bytes, line breaks, the signs that targets are written with."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lucidreel.dream.targets.classes import ClassFile
from lucidreel.dream.targets.kinds.classes import ClassTarget
from lucidreel.dream.targets.kinds.guides import GuideTarget
from lucidreel.dream.targets.regions import Dark, RegionFile
from lucidreel.errors import OutputError, UsageError
from lucidreel.render.settings.records import read_record

from .conftest import Ended

Run = Callable[..., Ended]

LATIN_1 = os.fsdecode(b"caf\xe9")
needs_any_bytes = pytest.mark.skipif(
    os.name != "posix" or os.fsencode(LATIN_1) != b"caf\xe9", reason="this system's names are text"
)


def _photo(path: Path) -> Path:
    try:
        Image.fromarray(np.full((40, 48, 3), 200, np.uint8)).save(path)
    except OSError as error:
        pytest.skip(f"no such name here: {error}")
    return path


@needs_any_bytes
def test_a_source_and_an_output_in_another_code_page_are_recorded_and_replayed(
    tmp_path: Path, quick: tuple[str, ...], run: Run
) -> None:
    photo, out = _photo(tmp_path / f"{LATIN_1}.png"), tmp_path / f"{LATIN_1} dreams.png"
    assert run("still", photo, "-o", out, *quick).code == 0
    record = tmp_path / f"{LATIN_1} dreams.png.toml"
    assert read_record(record).source == str(photo.resolve())
    assert run("still", "--config", record, "-o", tmp_path / "again.png").code == 0
    assert (tmp_path / "again.png").read_bytes() == out.read_bytes()


@needs_any_bytes
def test_a_film_from_a_clip_in_another_code_page_keeps_its_frames_and_its_record(
    tmp_path: Path, sample_clip: Path, quick: tuple[str, ...], run: Run
) -> None:
    folder = tmp_path / LATIN_1
    folder.mkdir()
    clip, out = folder / "clip.mp4", folder / "out.mkv"
    clip.write_bytes(sample_clip.read_bytes())
    ended = run("render", clip, "-o", out, *quick, "--end", "0.2s", "--size", "64x48", "--keep-frames")
    assert ended.code == 0, ended.err
    assert read_record(folder / "out.mkv.toml").source == str(clip.resolve())
    assert run("render", "--config", folder / "out.mkv.toml", "-o", tmp_path / "again.mkv").code == 0


@needs_any_bytes
@pytest.mark.parametrize("flag", ["--guide", "--mask", "--class", "--model"])
def test_what_a_record_could_not_name_is_refused_before_anything_is_dreamt(
    flag: str, tmp_path: Path, quick: tuple[str, ...], run: Run
) -> None:
    (tmp_path / LATIN_1).mkdir()
    named = _photo(tmp_path / LATIN_1 / "a.png")
    word = {"--class": f"peacock@{named}", "--model": str(named.parent)}.get(flag, str(named))
    ended = run("still", _photo(tmp_path / "photo.png"), "-o", tmp_path / "o.png", *quick[2:], flag, word)
    assert ended.code == UsageError.exit_code
    assert "not UTF-8" in ended.err and "Rename" in ended.err
    assert not (tmp_path / "o.png").exists()


@pytest.mark.parametrize("name", ["a\nb", "a\x1b[31mb", "tab\there"])
def test_a_name_with_control_characters_is_recorded_and_replayed(
    name: str, tmp_path: Path, quick: tuple[str, ...], run: Run
) -> None:
    photo, out = _photo(tmp_path / f"{name}.png"), tmp_path / f"{name} dreams.png"
    ended = run("still", photo, "-o", out, *quick, "--class", f"peacock@{photo}")
    assert ended.code == 0, ended.err
    record = tmp_path / f"{name} dreams.png.toml"
    assert tomllib.loads(record.read_text(encoding="utf-8"))["record"]["source"] == str(photo.resolve())
    assert run("still", "--config", record, "-o", tmp_path / "again.png").code == 0


def test_a_name_with_line_breaks_takes_one_line_wherever_it_is_told(
    tmp_path: Path, sample_clip: Path, quick: tuple[str, ...], run: Run
) -> None:
    out = tmp_path / "a\nb\x1b[31m.mkv"
    words = ("render", sample_clip, "-o", out, *quick, "--end", "0.1s", "--size", "64x48")
    ended = [run(*words, "--dry-run"), run(*words, "-y", "--keep-frames"), run(*words, "-y")]
    assert [each.code for each in ended] == [0, 0, 0]
    told = [line for each in ended for line in (each.out + each.err).splitlines() if "b\\x1b[31m.mkv" in line]
    assert len(told) >= 4
    assert all("a\\nb" in line for line in told)
    assert not any("\x1b" in each.out + each.err for each in ended)


@pytest.mark.parametrize("name", ["a=b.png", "a@b.png", "a:b.png", "a.png@b.png", "a=0.5.png"])
@pytest.mark.parametrize("flag", ["--guide", "--mask", "--class"])
def test_signs_in_a_files_name_are_its_own(
    flag: str, name: str, tmp_path: Path, quick: tuple[str, ...], run: Run
) -> None:
    named = _photo(tmp_path / name)
    word = f"peacock@{named}" if flag == "--class" else str(named)
    ended = run("still", named, "-o", tmp_path / "o.png", *quick, flag, word)
    assert ended.code == 0, ended.err
    assert name in (tmp_path / "o.png.toml").read_text(encoding="utf-8")


def test_the_longest_file_that_is_there_is_the_guide_and_the_rest_its_layer(tmp_path: Path) -> None:
    for name in ("a.png", "a.png@b.png"):
        _photo(tmp_path / name)
    guides = {
        "a.png@b.png": GuideTarget("a.png@b.png"),
        "a.png@b.png@conv1@!dark": GuideTarget("a.png@b.png", "conv1", region=Dark(inverted=True)),
        "a.png@c.png": GuideTarget("a.png", "c.png"),
    }
    assert {word: GuideTarget.read(word, tmp_path) for word in guides} == guides
    (tmp_path / "a@b.json").write_text("{}", encoding="utf-8")
    assert ClassTarget.read("a@b.json@dark", tmp_path) == ClassTarget(ClassFile("a@b.json"), region=Dark())
    in_a_map = ClassTarget("goldfish", region=RegionFile("a@b.png"))
    assert ClassTarget.read("goldfish@a@b.png", tmp_path) == in_a_map


@pytest.mark.parametrize("command", ["render", "zoom", "preview", "still"])
@pytest.mark.parametrize("word", ["", ".", "..", "/", "./"])
def test_an_output_without_a_name_is_refused(
    word: str, command: str, tmp_path: Path, sample_clip: Path, quick: tuple[str, ...], run: Run
) -> None:
    source = sample_clip if command in ("render", "preview") else _photo(tmp_path / "photo.png")
    ended = run(command, source, "-o", word, "-y", *quick)
    assert ended.code == OutputError.exit_code
    assert "no name for an output" in ended.err


@pytest.mark.parametrize("name", ["o.PNG", "o.JpEg", "o.WebP", "o.TIFF"])
def test_a_suffix_in_any_case_is_one(name: str, tmp_path: Path, quick: tuple[str, ...], run: Run) -> None:
    photo = _photo(tmp_path / "photo.png")
    assert run("still", photo, "-o", tmp_path / name, *quick).code == 0
    with Image.open(tmp_path / name) as written:
        assert written.format in {"PNG", "JPEG", "WEBP", "TIFF"}


@pytest.mark.skipif(os.name != "posix", reason="permissions")
@pytest.mark.usefixtures("bound_by_permissions")
@pytest.mark.parametrize(("command", "code"), [("render", 7), ("preview", 7), ("still", 7), ("zoom", 7)])
def test_an_input_that_may_not_be_read_is_unreadable_media(
    command: str, code: int, tmp_path: Path, sample_clip: Path, quick: tuple[str, ...], run: Run
) -> None:
    source = tmp_path / ("clip.mp4" if command in ("render", "preview") else "photo.png")
    source.write_bytes(sample_clip.read_bytes()) if source.suffix == ".mp4" else _photo(source)
    source.chmod(0)
    out = tmp_path / ("o.mp4" if command in ("render", "zoom") else "o.png")
    ended = run(command, source, "-o", out, *quick)
    assert ended.code == code, ended.err
    assert "Permission denied" in ended.err and source.name in ended.err


@pytest.mark.skipif(os.name != "posix", reason="permissions")
@pytest.mark.usefixtures("bound_by_permissions")
def test_a_folder_that_may_not_be_looked_into_is_unreadable_media(
    tmp_path: Path, quick: tuple[str, ...], run: Run
) -> None:
    locked = tmp_path / "locked"
    locked.mkdir(mode=0)
    ended = run("render", locked, "-o", tmp_path / "o.mp4", *quick)
    locked.chmod(0o700)
    assert ended.code == 7 and "Permission denied" in ended.err


@pytest.mark.skipif(os.name != "posix", reason="permissions")
@pytest.mark.usefixtures("bound_by_permissions")
def test_a_home_that_may_not_be_entered_holds_no_networks(
    home: Path, tmp_path: Path, quick: tuple[str, ...], run: Run
) -> None:
    home.chmod(0)
    photo = _photo(tmp_path / "photo.png")
    ended = [run("models", "list"), run("still", photo, "-o", tmp_path / "o.png", *quick)]
    home.chmod(0o700)
    assert [each.code for each in ended] == [0, 0]
    assert "bestiary" in ended[0].out


def test_a_record_names_the_preset_its_settings_came_from_also_when_it_was_replayed(
    tmp_path: Path, quick: tuple[str, ...], run: Run
) -> None:
    photo, look = _photo(tmp_path / "photo.png"), tmp_path / "look.toml"
    look.write_text("# A look.\n[dream]\niterations = 2\n", encoding="utf-8")
    for word, told in (("layers", "layers"), (str(look), str(look.resolve()))):
        out, again = tmp_path / "o.png", tmp_path / "again.png"
        assert run("still", photo, "-o", out, "-y", "--preset", word, *quick, "-c", "peacock").code == 0
        extra = read_record(tmp_path / "o.png.toml").extra
        assert extra["preset"] == told and len(extra["preset_blake2"]) == 32
        assert run("still", "--config", tmp_path / "o.png.toml", "-o", again, "-y").code == 0
        kept = read_record(tmp_path / "again.png.toml").extra
        assert (kept["preset"], kept["preset_blake2"]) == (told, extra["preset_blake2"])
    assert run("still", photo, "-o", out, "-y", *quick).code == 0
    assert "preset" not in read_record(tmp_path / "o.png.toml").extra
