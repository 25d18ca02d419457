"""What an older lucidreel wrote is understood, and nobody changes the settings' keys without a step for it.

`schemas/N.json` has the keys of schema N with their kinds and defaults. Run this file to write that of today:

    .venv/bin/python tests/render/settings/test_migration.py
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tomli_w

from lucidreel.errors import ConfigError, MediaError, PresetError, ResumeMismatchError
from lucidreel.presets.catalogue import read_preset
from lucidreel.render.checkpoint.fingerprints import as_tree, as_words, settings_facts
from lucidreel.render.checkpoint.folder import PLAN_NAME
from lucidreel.render.checkpoint.plan import CheckpointPlan, check_plan, plan_text, recorded_cuts
from lucidreel.render.frames.frames import FilmFormat
from lucidreel.render.outputs import checkpoint_folder
from lucidreel.render.settings import migration
from lucidreel.render.settings.migration import SCHEMA, added, converted, migrated, removed, renamed
from lucidreel.render.settings.records import read_record, write_record
from lucidreel.render.settings.settings import Settings

if __name__ != "__main__":
    from ..kept_renders import folding, pixels, render

SCHEMAS = Path(__file__).parent / "schemas"
MACHINE = {
    "device": "cpu",
    "threads": "2",
    "dream.precision": "float32",
    "dreams of": "goldfish",
    "network bestiary/labels.txt": "647fa815",
}
WRITE = f"`.venv/bin/python tests/render/settings/{Path(__file__).name}` writes today's keys"
HOW = f"""the keys of the settings are not those of schemas/{SCHEMA}.json.
- Is schema {SCHEMA} in a release? Then raise SCHEMA in render/settings/migration.py first.
- Was a key renamed, moved or removed, or means its value something else? Add that to the last of STEPS there.
- Is a key new, or another default? What was written before, without that key, must still mean the same:
  `added("the.key", what it was)` there, if the default is not that.
- In the end {WRITE}."""
STEPS = {
    1: (
        renamed("dream.turn", "dream.rotate"),
        renamed("clip.flow.calm", "clip.damping.share"),
        renamed("dream.octave_targets[].kinds", "dream.octave_targets[].classes"),
        removed("dream.old"),
        converted("dream.scale", lambda value: float(value) / 100),
        added("dream.fresh", "as it was"),
    ),
}


def keys() -> dict[str, dict[str, Any]]:
    """Return the settings' keys with kind and default, as the settings' own JSON schema has them."""
    schema = Settings.model_json_schema()
    defaults = Settings().model_dump(mode="json")

    def walk(table: Mapping[str, Any], default: Any, path: str) -> Iterator[tuple[str, dict[str, Any]]]:
        for name, field in table["properties"].items():
            name_of = field.get("$ref", "").rpartition("/")[2]
            if name_of:
                yield from walk(schema["$defs"][name_of], default[name], f"{path}{name}.")
            else:
                kinds = [_kind(each) for each in field.get("anyOf", [field])]
                yield f"{path}{name}", {"kind": " | ".join(kinds), "default": default[name]}

    return dict(walk(schema, defaults, ""))


def _kind(field: Mapping[str, Any]) -> str:
    words = field.get("enum") or ([field["const"]] if "const" in field else [])
    return ", ".join(map(str, words)) or str(field.get("type", "of tables"))


def text_of_keys() -> str:
    lines = (f"{json.dumps(key)}: {json.dumps(facts)}" for key, facts in keys().items())
    return "{\n" + ",\n".join(lines) + "\n}\n"


def test_keys_of_the_settings_are_those_of_their_schema() -> None:
    path = SCHEMAS / f"{SCHEMA}.json"
    assert path.is_file(), f"schemas/{SCHEMA}.json is missing: {WRITE}"
    written = json.loads(path.read_text(encoding="utf-8"))
    now = keys()
    differ = sorted(key for key in {*written, *now} if written.get(key) != now.get(key))
    assert not differ, f"{', '.join(differ)}: {HOW}"
    assert list(migration.STEPS) == list(range(1, SCHEMA)), (
        "there is one step for each version before this one"
    )


@pytest.mark.parametrize("schema", range(1, SCHEMA))
def test_every_key_of_an_older_schema_leads_to_one_of_today(schema: int) -> None:
    """A rename that has no step is found here."""
    then = json.loads((SCHEMAS / f"{schema}.json").read_text(encoding="utf-8"))
    tree = as_tree({key: json.dumps(facts["default"]) for key, facts in then.items()})
    tree["model"] = "bestiary"
    assert as_words(migrated(tree, schema, "the test")).keys() <= keys().keys()


def test_settings_that_may_be_nothing_are_nothing_by_default() -> None:
    """So that one which a file does not have can be read as its default."""
    assert [
        key for key, facts in keys().items() if "null" in facts["kind"] and facts["default"] is not None
    ] == []


def test_old_record_is_read_with_all_its_settings() -> None:
    path = SCHEMAS / "record-1.toml"
    record = read_record(path)
    assert (record.command, record.source, record.extra["dream"]) == ("render", "harbour.mp4", "goldfish")
    then = as_words({key: value for key, value in _table(path).items() if key != "record"})
    now = settings_facts(record.settings, {})
    expected = {
        re.sub(r"(?<=\d)>(?=\d)", "..", word) for word in then.values()
    }  # ramps have dots since schema 2
    expected.add("torch")  # the backend, which there was one of
    assert sorted(expected) == sorted({*now.values(), *_of_output(then).values()})


def test_old_checkpoint_belongs_to_the_render_of_the_old_record(tmp_path: Path) -> None:
    plan = plan_of(read_record(SCHEMAS / "record-1.toml").settings)
    check_plan(SCHEMAS / "ledger-1.toml", plan, 3)
    assert recorded_cuts(SCHEMAS / "ledger-1.toml", plan) == (24, 36)
    (tmp_path / PLAN_NAME).write_text(plan_text(plan), encoding="utf-8")
    check_plan(tmp_path / PLAN_NAME, plan, 3)
    other = read_record(SCHEMAS / "record-1.toml").settings.model_copy(update={"model": "other"})
    with pytest.raises(ResumeMismatchError, match=r"model: .*bestiary.* then, other now") as caught:
        check_plan(SCHEMAS / "ledger-1.toml", plan_of(other), 3)
    assert str(caught.value).count(" then, ") == 1


def test_render_that_an_older_lucidreel_began_goes_on_to_the_same_film(clouds: Path, tmp_path: Path) -> None:
    output = tmp_path / "film.mkv"
    with pytest.raises(MediaError, match="the engine broke"):
        render(clouds, output, folding(fail_at=30))
    plan = checkpoint_folder(output) / PLAN_NAME
    now = _table(plan)
    old = {"format": 1, **{key: value for key, value in now.items() if key != "schema"}}
    old["settings"] = {**_table(SCHEMAS / "default-1.toml")["settings"], "clip.run_in_frames": "0"}
    plan.write_text(tomli_w.dumps(old), encoding="utf-8")
    assert render(clouds, output, folding()).made < 90
    render(clouds, tmp_path / "whole.mkv", folding())
    np.testing.assert_array_equal(pixels(output), pixels(tmp_path / "whole.mkv"))


def test_setting_that_is_newer_than_a_checkpoint_had_its_default_then(tmp_path: Path) -> None:
    settings = Settings.read({"dream": {"seed": 3}}, "the test")
    path = tmp_path / PLAN_NAME
    lines = plan_text(plan_of(settings)).splitlines()
    path.write_text("\n".join(line for line in lines if '"dream.blend"' not in line), encoding="utf-8")
    check_plan(path, plan_of(settings), 3)
    other = Settings.read({"dream": {"seed": 3, "blend": 0.5}}, "the test")
    with pytest.raises(
        ResumeMismatchError, match=r"dream\.blend: 1\.0 then, 0\.5 now|dream\.blend: nothing then"
    ):
        check_plan(path, plan_of(other), 3)


def test_schema_that_is_newer_is_said_in_one_line(tmp_path: Path) -> None:
    record = write_record(tmp_path / "film.mp4", "render", "a.mp4", Settings())
    record.write_text(record.read_text().replace(f"schema = {SCHEMA}", "schema = 99"))
    with pytest.raises(ConfigError, match=r"film\.mp4\.toml was written by a newer lucidreel: .*99.*Update"):
        read_record(record)
    plan = tmp_path / PLAN_NAME
    plan.write_text(plan_text(plan_of(Settings())).replace(f"schema = {SCHEMA}", "schema = 99"))
    with pytest.raises(ResumeMismatchError, match=r"newer lucidreel: .*99.*--restart"):
        check_plan(plan, plan_of(Settings()), 3)


@pytest.mark.parametrize("word", ['"2"', "0", "true", "1.5"])
def test_schema_that_is_no_version_is_refused(word: str, tmp_path: Path) -> None:
    record = write_record(tmp_path / "film.mp4", "render", "a.mp4", Settings())
    record.write_text(record.read_text().replace(f"schema = {SCHEMA}", f"schema = {word}"))
    with pytest.raises(ConfigError, match="is no version of the settings' keys"):
        read_record(record)


@pytest.mark.parametrize(
    "text", ["format = 2\n", "[settings]\na = 'b'\n", "format = 1\n[settings]\na = 'b'\n'a.b' = 'c'\n"]
)
def test_plan_that_nobody_wrote_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / PLAN_NAME).write_text(text)
    with pytest.raises(ResumeMismatchError, match="no plan that lucidreel has written"):
        check_plan(tmp_path / PLAN_NAME, plan_of(Settings()), 3)


def test_settings_of_an_older_schema_are_brought_along(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migration, "STEPS", STEPS)
    monkeypatch.setattr(migration, "SCHEMA", 2)
    then = {
        "model": "bestiary",
        "dream": {
            "turn": 5,
            "old": 1,
            "scale": 50,
            "octave_targets": [{"kinds": {"owl": 1.0}}, {"classes": {"eye": 1.0}}, {}],
        },
        "clip": {"flow": {"calm": 0.5}},
    }
    now = {
        "model": "bestiary",
        "dream": {
            "octave_targets": [{"classes": {"owl": 1.0}}, {"classes": {"eye": 1.0}}, {}],
            "rotate": 5,
            "scale": 0.5,
            "fresh": "as it was",
        },
        "clip": {"damping": {"share": 0.5}},
    }
    assert migrated(then, 1, "the test") == now
    assert migrated(now, 2, "the test") == now
    assert "turn" in then["dream"]


def test_targets_that_were_kept_as_they_were_typed_are_those_of_today(tmp_path: Path) -> None:
    typed: dict[str, Any] = {
        "targets": {"classes": {"0-7, 9": 1.0, "goldfish @hue:200±30": 0.5}, "channels": {"conv1:012": 1.0}},
        "dream": {"mask": "!band:.5-1", "octaves": 1, "octave_targets": [{"classes": {"randomise": 1.0}}]},
    }
    now = migrated(typed, 1, "the test")
    assert now["targets"] == {
        "classes": {"0-7,9": 1.0, "goldfish@hue:200": 0.5},
        "channels": {"conv1:12": 1.0},
    }
    assert now["dream"]["mask"] == "!band:0.5-1"
    assert now["dream"]["octave_targets"] == [{"classes": {"random:all": 1.0}}]
    settings = Settings.read(typed, "the test")
    plan = plan_of(settings)
    now_facts = as_tree(plan.settings)
    then = as_words({**now_facts, "targets": {**now_facts["targets"], **typed["targets"]}})
    path = tmp_path / PLAN_NAME
    path.write_text(tomli_w.dumps({"format": 1, **plan.facts, "settings": then}), encoding="utf-8")
    check_plan(path, plan, 3)


def test_file_that_does_not_say_its_age_keeps_what_may_be_new(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migration, "STEPS", STEPS)
    monkeypatch.setattr(migration, "SCHEMA", 2)
    mixed = {"dream": {"turn": 5, "scale": 50}, "clip": {}}
    assert migrated(mixed, None, "the test") == {"dream": {"scale": 50, "rotate": 5}, "clip": {}}


def test_key_under_both_its_names_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(migration, "STEPS", {1: (renamed("dream.turns", "dream.octaves"),)})
    monkeypatch.setattr(migration, "SCHEMA", 2)
    (tmp_path / "look.toml").write_text("[dream]\nturns = 3\n")
    assert read_preset(str(tmp_path / "look.toml")) == {"dream": {"octaves": 3}}
    (tmp_path / "look.toml").write_text("[dream]\nturns = 3\noctaves = 4\n")
    with pytest.raises(
        PresetError, match=r"dream\.turns is the old name of dream\.octaves, and both are there"
    ):
        read_preset(str(tmp_path / "look.toml"))


def plan_of(settings: Settings) -> CheckpointPlan:
    """Return the plan of the film whose checkpoint is `schemas/ledger-1.toml`."""
    film = FilmFormat(320, 180, Fraction(1, 12800), Fraction(1, 24), 42)
    facts = {
        key: word for key, word in settings_facts(settings, MACHINE).items() if not key.startswith("zoom.")
    }
    return CheckpointPlan(facts, {"size_bytes": "1000", "blake2": "00ff"}, film, (24, 36), depth_bits=16)


def _table(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def _of_output(words: Mapping[str, str]) -> dict[str, str]:
    return {key: word for key, word in words.items() if key.startswith("output.")}


if __name__ == "__main__":
    (SCHEMAS / f"{SCHEMA}.json").write_text(text_of_keys(), encoding="utf-8")
