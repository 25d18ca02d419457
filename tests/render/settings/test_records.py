"""The record beside a result can be read back and run again."""

from __future__ import annotations

from pathlib import Path

import pytest

from lucidreel.errors import ConfigError, InputNotFoundError
from lucidreel.render.settings.records import Record, read_record, write_record
from lucidreel.render.settings.settings import Settings

SETTINGS = Settings.read(
    {
        "model": "some/folder",
        "targets": {"classes": {"goldfish": 1.0, "n01443537": -0.5}, "layers": {"fire8/concat": 1.0}},
        "dream": {"octaves": 2, "iterations": [10, 20], "seed": 2**63 - 1},
        "clip": {"start_s": 0.29, "fps": "24000/1001", "size_px": [320, 180], "carry": "none"},
        "zoom": {"shift_px_per_s": [0.0, 5.5]},
    },
    "the test",
)


def test_record_comes_back_as_it_was(tmp_path: Path) -> None:
    path = write_record(
        tmp_path / "film.mp4", "render", 'a "strange"\nname.mp4', SETTINGS, {"network": "squeezenet"}
    )
    assert path == tmp_path / "film.mp4.toml"
    assert [found.name for found in tmp_path.iterdir()] == ["film.mp4.toml"]
    record = read_record(path)
    assert record.settings == SETTINGS
    assert (record.command, record.source) == ("render", 'a "strange"\nname.mp4')
    assert record.extra["network"] == "squeezenet" and record.extra["lucidreel"]


def test_record_of_a_folder_stands_beside_it(tmp_path: Path) -> None:
    assert write_record(tmp_path / "pictures", "zoom", None, Settings()) == tmp_path / "pictures.toml"
    assert read_record(tmp_path / "pictures.toml").source is None


def test_preset_reads_as_a_record_without_a_story(tmp_path: Path) -> None:
    (tmp_path / "preset.toml").write_text("[dream]\noctaves = 3\n")
    expected = Settings.read({"dream": {"octaves": 3}}, "the test")
    assert read_record(tmp_path / "preset.toml") == Record(None, None, expected, {})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[dream]\noctave = 3\n", "unknown key 'dream.octave'.*octaves"),
        ("dream = [", "not a readable configuration: it is not TOML"),
        ("record = 5", "must be a table"),
    ],
)
def test_bad_records_are_refused(text: str, words: str, tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_text(text)
    with pytest.raises(ConfigError, match=words):
        read_record(tmp_path / "bad.toml")


def test_missing_record_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputNotFoundError, match=r"the configuration .*missing.toml does not exist"):
        read_record(tmp_path / "missing.toml")
