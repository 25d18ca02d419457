"""What appears under an output's name while it is made is not overwritten, nothing that was made is lost."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lucidreel.errors import OutputError, OutputExistsError
from lucidreel.render.checkpoint.rule import KeepRule
from lucidreel.render.files import renames
from lucidreel.render.files.atomic import publish, remove_stale, write_text
from lucidreel.render.film.film import prepare_clip
from lucidreel.render.film.film_checkpoint import checkpoint_plan, open_checkpoint
from lucidreel.render.media.pictures.pictures import read_picture, write_picture
from lucidreel.render.outputs import check_film_output, check_picture_output, checkpoint_folder
from lucidreel.render.settings.records import record_path, write_record
from lucidreel.render.settings.settings import Settings

from ..kept_renders import folding, pixels, settings
from ..kept_renders import render as render_kept
from ..stand_in import unwanted

KEYS: dict[str, Any] = {"carry": "none", "end_s": 0.4}
GREY = np.full((3, 24, 32), 0.5, np.float32)


@pytest.fixture(params=["as it is", "without flags", "without hard links"])
def ways(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file system that knows all renames, one that knows none with flags, and one without hard links."""
    if request.param != "as it is":
        monkeypatch.setattr(renames, "renamed_with_flag", lambda source, target, flag: False)
    if request.param == "without hard links":

        def no_links(*_: object) -> None:
            raise PermissionError(1, "Operation not permitted")

        monkeypatch.setattr(os, "link", no_links)


@pytest.mark.usefixtures("ways")
def test_a_file_is_published_where_nothing_is_and_replaces_only_on_request(tmp_path: Path) -> None:
    film, partial = tmp_path / "film.mp4", tmp_path / ".part.mp4"
    for text, overwrite in (("first", False), ("second", True)):
        partial.write_text(text)
        publish(partial, film, overwrite)
        assert film.read_text() == text and not partial.exists()
    partial.write_text("third")
    with pytest.raises(OutputExistsError, match=r"has appeared meanwhile.*--overwrite \(-y\)"):
        publish(partial, film)
    assert film.read_text() == "second" and partial.read_text() == "third"


@pytest.mark.usefixtures("ways")
def test_a_folder_is_published_where_nothing_or_an_empty_one_is(tmp_path: Path) -> None:
    partial, film = tmp_path / ".part", tmp_path / "film"

    def made(text: str) -> None:
        partial.mkdir()
        (partial / "000001.png").write_text(text)

    made("first")
    film.mkdir()
    publish(partial, film)
    made("second")
    with pytest.raises(OutputExistsError):
        publish(partial, film)
    assert (film / "000001.png").read_text() == "first"
    publish(partial, film, overwrite=True)
    assert (film / "000001.png").read_text() == "second"
    made("third")
    (film / "diary.txt").touch()  # come in since it was checked
    with pytest.raises(OutputExistsError):
        publish(partial, film, overwrite=True)
    assert (film / "000001.png").read_text() == "second" and (film / "diary.txt").exists()


def test_an_older_folder_that_a_kill_has_left_aside_comes_back(tmp_path: Path) -> None:
    for name in (".dream-0123abcd.old", ".dream-0123abcd.part"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "000001.png").write_text(name)
    remove_stale(tmp_path / "dream")
    assert [path.name for path in tmp_path.iterdir()] == ["dream"]
    assert (tmp_path / "dream" / "000001.png").read_text() == ".dream-0123abcd.old"


@pytest.mark.parametrize("name", ["film.mkv", "film"])
def test_what_appears_during_a_render_stays_and_the_frames_are_kept(
    name: str, clouds: Path, tmp_path: Path
) -> None:
    output, theirs = tmp_path / name, b"another program's"

    def appear() -> None:
        place = output if output.suffix else output / "theirs.png"
        place.parent.mkdir(exist_ok=True)
        place.write_bytes(theirs)

    with pytest.raises(OutputExistsError, match="has appeared meanwhile"):
        render_kept(clouds, output, folding(mishap=appear))
    assert (output if output.suffix else output / "theirs.png").read_bytes() == theirs
    assert len(list(checkpoint_folder(output).glob("*.png"))) == 90
    assert not list(tmp_path.glob(".*"))
    if output.suffix:
        output.unlink()
        idle = folding()
        assert render_kept(clouds, output, idle).made == 0 and idle.dreamt == 0
        assert len(pixels(output)) == 90


def test_an_output_that_another_render_completed_meanwhile_is_found_before_a_dream(
    clouds: Path, tmp_path: Path
) -> None:
    output, keys = tmp_path / "film.mkv", settings(**KEYS)
    film = prepare_clip(clouds, output, keys, overwrite=False)
    render_kept(clouds, output, folding(), **KEYS)
    with (
        pytest.raises(OutputError, match=r"film\.mkv exists"),
        open_checkpoint(film, checkpoint_plan(film, keys, {}), KeepRule()) as kept,
    ):
        film.render(unwanted(), kept)
    assert not checkpoint_folder(output).exists() and len(pixels(output)) == 10


def test_a_picture_whose_name_was_taken_goes_beside(tmp_path: Path) -> None:
    for name in ("dream.png", "dream-2.png"):
        (tmp_path / name).write_bytes(b"theirs")
    with pytest.raises(OutputExistsError, match=r"the picture is in .*dream-3\.png instead"):
        write_picture(tmp_path / "dream.png", GREY)
    assert (tmp_path / "dream.png").read_bytes() == (tmp_path / "dream-2.png").read_bytes() == b"theirs"
    assert read_picture(tmp_path / "dream-3.png").shape == GREY.shape
    write_picture(tmp_path / "dream.png", GREY, overwrite=True)
    assert read_picture(tmp_path / "dream.png").shape == GREY.shape
    assert not list(tmp_path.glob(".*"))


@pytest.mark.skipif(os.name != "posix", reason="makes links")
@pytest.mark.parametrize("is_there", [True, False])
def test_a_link_is_followed_and_stays(is_there: bool, clouds: Path, tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    target = tmp_path / "disk" / "real"
    for name, suffix in {"film.mkv": ".mkv", "film.png": ".png", "film.txt": ".txt"}.items():
        link = tmp_path / name
        link.symlink_to(target.with_suffix(suffix))
        if is_there:
            target.with_suffix(suffix).write_text("old")
    film = prepare_clip(clouds, tmp_path / "film.mkv", settings(**KEYS), overwrite=is_there)
    film.render(folding())
    write_picture(tmp_path / "film.png", GREY, overwrite=is_there)
    write_text(tmp_path / "film.txt", "words", overwrite=is_there)
    assert len(pixels(target.with_suffix(".mkv"))) == 10
    assert read_picture(target.with_suffix(".png")).shape == GREY.shape
    assert target.with_suffix(".txt").read_text() == "words"
    assert all((tmp_path / name).is_symlink() for name in ("film.mkv", "film.png", "film.txt"))
    assert len(list((tmp_path / "disk").iterdir())) == 3


@pytest.mark.skipif(os.name != "posix", reason="makes links")
def test_a_link_to_a_folder_gets_its_pictures_there(clouds: Path, tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "film.mkv").symlink_to(tmp_path / "disk")
    for overwrite in (False, True):
        film = prepare_clip(clouds, tmp_path / "film.mkv", settings(**KEYS), overwrite)
        film.render(folding())
        assert (tmp_path / "film.mkv").is_symlink() and len(list((tmp_path / "disk").iterdir())) == 10


@pytest.mark.skipif(os.name != "posix", reason="makes links")
def test_the_other_name_of_a_replaced_film_keeps_the_old_one(clouds: Path, tmp_path: Path) -> None:
    (tmp_path / "film.mkv").write_text("old")
    (tmp_path / "backup.mkv").hardlink_to(tmp_path / "film.mkv")
    prepare_clip(clouds, tmp_path / "film.mkv", settings(**KEYS), True).render(folding())
    assert (tmp_path / "backup.mkv").read_text() == "old" and len(pixels(tmp_path / "film.mkv")) == 10


@pytest.mark.skipif(os.name != "posix", reason="makes links and pipes")
@pytest.mark.parametrize("overwrite", [False, True])
@pytest.mark.parametrize(("suffix", "check"), [(".mp4", check_film_output), (".png", check_picture_output)])
def test_devices_pipes_and_links_that_lead_nowhere_are_refused(
    suffix: str, check: Callable[..., object], overwrite: bool, tmp_path: Path
) -> None:
    os.mkfifo(tmp_path / f"pipe{suffix}")
    for name, target in {"null": "/dev/null", "loop": f"loop{suffix}", "lost": f"no/where{suffix}"}.items():
        (tmp_path / f"{name}{suffix}").symlink_to(target)
    for name, words in {
        "pipe": "is a device or a pipe",
        "null": "is a device or a pipe",
        "loop": "leads back to itself",
        "lost": r"is a link to .*no/where\.\w+, and the folder .*no does not exist",
    }.items():
        with pytest.raises(OutputError, match=words):
            check(tmp_path / f"{name}{suffix}", None, overwrite)


@pytest.mark.parametrize(
    "theirs", [b"octaves = 3\n", b"", b"\xff\xfe", b"a = " + b"[" * 5000, b"[record]\nlabel = 'Blue Note'\n"]
)
@pytest.mark.parametrize("overwrite", [False, True])
def test_a_file_of_the_users_own_in_the_records_place_is_refused_before_a_dream(
    overwrite: bool, theirs: bytes, tmp_path: Path
) -> None:
    for output, check in (
        (tmp_path / "a.mp4", check_film_output),
        (tmp_path / "b.png", check_picture_output),
    ):
        record_path(output).write_bytes(theirs)
        with pytest.raises(OutputError, match=r"\.toml is no record of lucidreel's"):
            check(output, None, overwrite)
        with pytest.raises(OutputError, match=r"\.toml is no record of lucidreel's"):
            write_record(output, "still", None, Settings())
        assert record_path(output).read_bytes() == theirs


def test_an_older_record_and_no_other_is_replaced(tmp_path: Path) -> None:
    output = tmp_path / "dream.png"
    write_record(output, "still", "a.jpg", Settings())
    check_picture_output(output, None, overwrite=False)
    write_record(output, "still", "b.jpg", Settings())
    assert 'source = "b.jpg"' in record_path(output).read_text(encoding="utf-8")
    record_path(output).unlink()
    record_path(output).mkdir()
    with pytest.raises(OutputError, match="is no record"):
        check_picture_output(output, None, overwrite=True)
