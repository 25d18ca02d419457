"""Outputs that cannot be are refused before any frame is dreamt."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lucidreel.errors import OutputError
from lucidreel.render.film.film import prepare_clip, prepare_zoom
from lucidreel.render.frames.frames import FrameDreamer
from lucidreel.render.media.pictures.picture_folder import PictureFolderWriter
from lucidreel.render.outputs import check_film_output, check_not_read, check_picture_output
from lucidreel.render.settings.records import write_record
from lucidreel.render.settings.settings import Settings
from lucidreel.tests.render.rendering import render_clip

from .stand_in import unwanted


def asking(**keys: Any) -> Settings:
    return Settings.read(keys, "the test")


@pytest.fixture
def place(tmp_path: Path, short_clip: Path) -> Path:
    """A folder with a clip, a link to it, an older film, and folders of pictures."""
    (tmp_path / "clip.mp4").write_bytes(short_clip.read_bytes())
    (tmp_path / "old.mp4").write_bytes(b"an older film")
    for folder, names in {"full": ["1.png"], "mixed": ["000001.png", "diary.txt"], "bare": []}.items():
        (tmp_path / folder).mkdir()
        for name in names:
            (tmp_path / folder / name).write_bytes(b"x")
    return tmp_path


@pytest.mark.parametrize(
    ("output", "overwrite", "words"),
    [
        ("film.avi", False, r"cannot be written as \.avi.*\.mp4, \.mov, \.mkv, \.webm or \.gif"),
        ("film.mp3", False, r"Nearest: \.mp4"),
        ("film.png", False, "names a single picture.*lucidreel still"),
        ("no/film.mp4", False, "does not exist"),
        ("old.mp4", False, "old.mp4 exists.*--overwrite"),
        ("clip.mp4", True, "is the input itself"),
        ("full", False, "not empty.*--overwrite"),
        ("mixed", True, "holds more than numbered pictures"),
        ("old.mp4/film.mp4", False, "does not exist"),
    ],
)
def test_impossible_outputs_are_refused_before_the_first_dream(
    output: str, overwrite: bool, words: str, place: Path, plain: Callable[..., Any]
) -> None:
    before = sorted(place.rglob("*"))
    with pytest.raises(OutputError, match=words):
        render_clip(place / "clip.mp4", place / output, plain(), unwanted(), overwrite)
    assert sorted(place.rglob("*")) == before


@pytest.mark.skipif(os.name != "posix", reason="makes links")
def test_input_is_recognised_through_links(place: Path, plain: Callable[..., Any]) -> None:
    (place / "link.mp4").symlink_to(place / "clip.mp4")
    (place / "second-name.mp4").hardlink_to(place / "clip.mp4")
    for name in ("link.mp4", "second-name.mp4"):
        with pytest.raises(OutputError, match="is the input itself"):
            render_clip(place / "clip.mp4", place / name, plain(), unwanted(), overwrite=True)


def test_output_over_a_map_is_told_as_such(place: Path) -> None:
    with pytest.raises(OutputError, match=r"old\.mp4 is the map itself") as caught:
        check_not_read(place / "old.mp4", asking(dream={"mask": str(place / "old.mp4")}))
    assert "input" not in str(caught.value)
    with pytest.raises(OutputError, match=r"full holds the map .*1\.png: a render would destroy it"):
        check_not_read(place / "full", asking(dream={"mask": f"!{place / 'full' / '1.png'}"}))


def test_what_is_read_from_the_folder_of_finished_frames_is_refused(place: Path) -> None:
    kept = place / "new.mp4.frames"
    kept.mkdir()
    (kept / "000001.png").write_bytes(b"x")
    with pytest.raises(OutputError, match=r"input .*new\.mp4\.frames is the folder where the frames of"):
        check_film_output(place / "new.mp4", kept, overwrite=True)
    with pytest.raises(OutputError, match=r"input .*000001\.png lies in the folder where the frames of"):
        check_film_output(place / "new.mp4", kept / "000001.png", overwrite=True)
    check_film_output(place / "other.mp4", kept, overwrite=False)


@pytest.mark.parametrize(
    ("what", "name", "keys"),
    [
        ("map", "000001.png", {"dream": {"mask": "!{}"}}),
        ("map", "000001.png", {"targets": {"classes": {"eye@{}": 1.0}}}),
        ("guide", "000001.png", {"targets": {"guides": {"{}@conv1": 1.0}}}),
        ("guide", "000001.png", {"dream": {"octaves": 1, "octave_targets": [{"guides": {"{}": 1.0}}]}}),
        ("file of classes", "sea.json", {"targets": {"classes": {"{}": 1.0}}}),
        ("file of classes", "ledger.toml", {"targets": {"palette": {"{}": 1.0}}}),
        ("network", "network", {"model": "{}"}),
    ],
)
def test_whatever_settings_name_in_the_folder_of_finished_frames_is_refused(
    what: str, name: str, keys: dict[str, Any], place: Path
) -> None:
    read = place / "new.mp4.frames" / name
    read.parent.mkdir()
    read.write_bytes(b"x")
    settings = asking(**_with_path(keys, read))
    with pytest.raises(OutputError, match=rf"the {what} .*{name} lies in the folder where the frames of"):
        prepare_clip(place / "clip.mp4", place / "new.mp4", settings, overwrite=False)
    with pytest.raises(OutputError, match=rf"the {what} .*{name} lies in the folder where the frames of"):
        prepare_zoom(np.zeros((3, 32, 32), np.float32), place / "new.mp4", settings, overwrite=False)
    check_not_read(place / "other.mp4", settings)


def _with_path(keys: Any, path: Path) -> Any:
    """Put a path wherever the words say {}."""
    if isinstance(keys, dict):
        return {_with_path(key, path): _with_path(value, path) for key, value in keys.items()}
    if isinstance(keys, list):
        return [_with_path(each, path) for each in keys]
    return keys.format(path) if isinstance(keys, str) else keys


def test_file_in_the_place_of_the_finished_frames_is_refused(place: Path) -> None:
    (place / "new.mp4.frames").write_bytes(b"notes")
    with pytest.raises(OutputError, match=r"new\.mp4\.frames is no folder.*Move it away"):
        check_film_output(place / "new.mp4", None, overwrite=False)


def test_output_inside_the_input_folder_is_refused(place: Path) -> None:
    with pytest.raises(OutputError, match="inside the input folder"):
        check_film_output(place / "full" / "dream", place / "full", overwrite=False)


@pytest.mark.skipif(os.name != "posix", reason="takes permissions away as POSIX has them")
def test_folder_without_permission_is_refused(place: Path, bound_by_permissions: None) -> None:
    (place / "bare").chmod(0o500)
    with pytest.raises(OutputError, match="cannot be written to"):
        check_film_output(place / "bare" / "film.mp4", None, overwrite=False)


def test_overwrite_replaces_films_and_picture_folders(
    place: Path, plain: Callable[..., Any], unchanged: FrameDreamer, film_facts: Callable[[Path], Any]
) -> None:
    for output in ("old.mp4", "full", "bare"):
        render_clip(place / "clip.mp4", place / output, plain(), unchanged, overwrite=True)
    assert len(film_facts(place / "old.mp4").times_s) == 20
    for folder in ("full", "bare"):
        assert len(list((place / folder).iterdir())) == 20
    assert sorted(path.name for path in place.iterdir()) == ["bare", "clip.mp4", "full", "mixed", "old.mp4"]


def test_output_folder_that_holds_the_source_is_refused(place: Path) -> None:
    with pytest.raises(OutputError, match="holds the input"):
        check_film_output(place / "full", place / "full" / "1.png", overwrite=True)


def test_old_folder_comes_back_when_the_new_one_cannot_take_its_place(place: Path) -> None:
    writer = PictureFolderWriter(place / "full")
    shutil.rmtree(next(place.glob(".full-*")))
    with pytest.raises(OutputError):
        writer.finish()
    writer.discard()
    assert [path.name for path in (place / "full").iterdir()] == ["1.png"]
    assert not list(place.glob(".*"))


@pytest.mark.parametrize("suffix", [".mp4", ""])
def test_names_of_any_length_that_fits_with_what_lies_beside_are_written(
    suffix: str, tmp_path: Path, short_clip: Path, plain: Callable[..., Any], rendered: Callable[..., Any]
) -> None:
    output = tmp_path / ("n" * (255 - len(".frames") - len(suffix)) + suffix)
    rendered(short_clip, output.name)
    record = write_record(output, "render", None, plain())
    assert sorted(tmp_path.iterdir()) == sorted([output, record])
    with pytest.raises(OutputError, match="too long"):
        check_film_output(tmp_path / f"n{output.name}", None, overwrite=False)


def test_old_film_stays_until_the_new_one_is_complete(place: Path, plain: Callable[..., Any]) -> None:
    with pytest.raises(AssertionError, match="dreamt"):
        render_clip(place / "clip.mp4", place / "old.mp4", plain(), unwanted(), overwrite=True)
    assert (place / "old.mp4").read_bytes() == b"an older film"
    assert not list(place.glob(".*"))


def test_picture_output_is_checked_in_the_same_way(place: Path) -> None:
    check_picture_output(place / "new.png", place / "clip.mp4", overwrite=False)
    (place / "old.png").touch()
    (place / "album.png").mkdir()
    for output, words in {
        "old.png": "exists",
        "a.mp4": r"cannot be written as \.mp4",
        "full": "a file without a suffix",
        "album.png": "is a folder",
        "no/a.png": "does not exist",
    }.items():
        with pytest.raises(OutputError, match=words):
            check_picture_output(place / output, None, overwrite=False)
