"""What decides the frames is in the fingerprint, and what does not is not."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lucidreel.errors import InputNotFoundError
from lucidreel.render.checkpoint.fingerprints import (
    file_facts,
    named_files_facts,
    picture_facts,
    settings_facts,
    source_facts,
)
from lucidreel.render.media.pictures.pictures import write_picture
from lucidreel.render.settings.settings import Settings


def _facts(**tables: Any) -> dict[str, str]:
    return settings_facts(Settings.read(tables, "the test"), {})


def test_every_setting_that_decides_the_frames_counts() -> None:
    plain = _facts()
    for tables, key in (
        ({"model": "squeezenet"}, "model"),
        ({"dream": {"iterations": 31}}, "dream.iterations"),
        ({"dream": {"seed": 5}}, "dream.seed"),
        ({"clip": {"carry_share": 0.25}}, "clip.carry_share"),
        ({"clip": {"start_s": 1.5}}, "clip.start_s"),
        ({"zoom": {"shift_px_per_s": [0, 5]}}, "zoom.shift_px_per_s"),
        ({"targets": {"classes": {"goldfish": 1.0}}}, "targets.classes.goldfish"),
    ):
        changed = _facts(**tables)
        assert {name for name in {*plain, *changed} if plain.get(name) != changed.get(name)} >= {key}


def test_how_the_film_is_encoded_does_not_count() -> None:
    assert _facts(output={"crf": 30, "sound": False}) == _facts()


def test_what_the_machine_does_takes_the_place_of_what_was_asked_for() -> None:
    asked = Settings.read({"device": "auto"}, "the test")
    facts = settings_facts(asked, {"device": "cpu", "dream.precision": "bf16", "dreamer": "SqueezeNet"})
    assert facts["device"] == "cpu" and facts["dream.precision"] == "bf16"
    assert facts["dreamer"] == "SqueezeNet"
    named = Settings.read({"device": "cpu"}, "the test")
    assert settings_facts(named, {"device": "cpu"}) == settings_facts(asked, {"device": "cpu"})


def test_every_file_that_settings_name_counts_under_its_whole_name(tmp_path: Path) -> None:
    files = {
        name: tmp_path / name
        for name in ("a/bees.jpg", "b/bees.jpg", "sea.json", "sky.toml", "m.png", "n.png")
    }
    for path in files.values():
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"x")
    guides = {f"{files['a/bees.jpg']}@conv1": 1.0}
    own = {"classes": {f"{files['sea.json']}@{files['m.png']}": 1.0}, "guides": guides}
    later = {"guides": {str(files["b/bees.jpg"]): 1.0}, "palette": {str(files["sky.toml"]): 1.0}}
    settings = Settings.read(
        {
            "targets": own,
            "dream": {"octaves": 2, "octave_targets": [own, later], "mask": f"!{files['n.png']}"},
        },
        "the test",
    )
    seen = named_files_facts(settings)
    assert set(seen) == {f"file {path}" for path in files.values()}
    for path in files.values():
        path.write_bytes(b"y")
        now = named_files_facts(settings)
        assert [key for key in seen if seen[key] != now[key]] == [f"file {path}"]
        seen = now
    files["sea.json"].unlink()
    with pytest.raises(InputNotFoundError, match=r"sea\.json cannot be read"):
        named_files_facts(settings)


def test_clip_is_known_by_its_content_and_not_by_its_name_or_time(tmp_path: Path) -> None:
    first, second = tmp_path / "a.mp4", tmp_path / "b.mp4"
    first.write_bytes(b"frames" * 1000)
    second.write_bytes(b"frames" * 1000)
    os.utime(second, (1, 1))
    assert source_facts(first) == source_facts(second)
    second.write_bytes(b"frames" * 999 + b"frameS")
    assert source_facts(first) != source_facts(second)
    assert source_facts(first)["size_bytes"] == source_facts(second)["size_bytes"] == "6000"


def test_of_a_large_file_the_ends_and_the_middle_are_read(tmp_path: Path) -> None:
    """A file of 200 MiB with holes, so that it takes no room."""
    path, mib = tmp_path / "long.mp4", 2**20
    with path.open("wb") as file:
        file.truncate(200 * mib)
    seen = [file_facts(path)]
    for place in (0, 100 * mib, 200 * mib - 1):
        with path.open("rb+") as file:
            file.seek(place)
            file.write(b"\x01")
        seen.append(file_facts(path))
    assert len({facts["blake2"] for facts in seen}) == 4
    with path.open("rb+") as file:
        file.seek(50 * mib)
        file.write(b"\x01")
    assert file_facts(path) == seen[-1]


def test_folder_of_pictures_is_known_by_names_sizes_and_times(tmp_path: Path) -> None:
    for number in range(3):
        write_picture(tmp_path / f"{number}.png", np.full((3, 8, 8), number / 4, dtype=np.float32))
    before = source_facts(tmp_path)
    assert before["pictures"] == "3"
    (tmp_path / "notes.txt").touch()
    assert source_facts(tmp_path) == before
    os.utime(tmp_path / "1.png", (5, 5))
    assert source_facts(tmp_path) != before


def test_picture_is_known_by_its_pixels() -> None:
    picture = np.random.default_rng(0).random((3, 8, 12), dtype=np.float32)
    other = picture.copy()
    other[2, 7, 11] = np.nextafter(other[2, 7, 11], np.float32(1))
    assert picture_facts(picture) == picture_facts(picture.copy())
    assert picture_facts(picture) != picture_facts(other)
    assert picture_facts(picture)["size_px"] == "12x8"


def test_missing_source_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputNotFoundError, match=r"gone\.mp4 cannot be read \(No such file"):
        source_facts(tmp_path / "gone.mp4")
