"""Defaults < preset or record < flags, as one validated Settings."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_type_hints

import pytest

from lucidreel.commands.given import Given
from lucidreel.commands.options import Reads
from lucidreel.commands.preview import preview
from lucidreel.commands.render import render
from lucidreel.commands.resolve import require_input, resolve_settings
from lucidreel.commands.run_options import SourceFlags
from lucidreel.commands.still import still
from lucidreel.commands.zoom import zoom
from lucidreel.errors import PresetError, UsageError
from lucidreel.presets.layering import lay_over
from lucidreel.render.settings.records import Record, write_record
from lucidreel.render.settings.settings import Settings

MACHINE = ("model", "backend", "caffe_python", "device", "threads")
# The settings that each command reads, by the beginnings of their keys.
READ = {
    render: (*MACHINE, "targets.", "dream.", "clip.", "output."),
    zoom: (*MACHINE, "targets.", "dream.", "zoom.", "output."),
    preview: (*MACHINE, "targets.", "dream.", "clip.", "output.tags"),
    still: (*MACHINE, "targets.", "dream.", "clip.size_px", "output.tags"),
}


@pytest.mark.parametrize("command", READ, ids=lambda command: command.__name__)
def test_no_command_offers_a_flag_for_a_setting_that_it_does_not_read(command: Callable[..., None]) -> None:
    hints = get_type_hints(inspect.unwrap(command), include_extras=True)
    reads = next(extra for extra in hints["given"].__metadata__ if isinstance(extra, Reads))
    keys = [setting.key for setting in reads.settings()]
    assert len(keys) > 30
    assert len(keys) == len(set(keys))
    assert [key for key in keys if not key.startswith(READ[command])] == []
    assert "output.sound" not in keys or command is render  # nothing else has a sound to leave out


def test_every_flag_reaches_the_settings() -> None:
    tree = Given.of(
        {
            "targets.classes": ["eye=2", "107"],
            "targets.layers": ["conv1"],
            "targets.channels": ["conv1:3=-1"],
            "dream.octaves": "2",
            "dream.octave_scale": "1.5",
            "dream.iterations": "9,4",
            "dream.step_size": "2",
            "dream.jitter_px": "8",
            "dream.sigma_px": "0.5",
            "dream.seed": "0",
            "model": ["somewhere"],
            "device": "cpu",
            "dream.precision": "fp32",
            "dream.memory_mib": "512",
            "clip.start_s": "1s",
            "clip.end_s": "0:02.5",
            "clip.size_px": "96x64",
            "clip.fps": "30000/1001",
            "clip.carry": "blend",
            "clip.carry_share": "0.5",
            "clip.carry_habit": "loop",
            "clip.flow.strength": "0.7",
            "clip.flow.hold": "0.1",
            "clip.cuts": "2s,3.5s",
            "clip.repeats": True,
            "output.crf": "30",
            "output.sound": True,
        }
    ).tree()
    settings = Settings.read(tree, "the flags")
    assert settings.targets.tables["classes"] == {"eye": 2.0, "107": 1.0}
    assert settings.targets.tables["channels"] == {"conv1:3": -1.0}
    assert (settings.dream.octaves, settings.dream.iterations, settings.dream.seed) == (2, [9, 4], 0)
    assert (settings.clip.start_s, settings.clip.end_s, settings.clip.size_px) == (1.0, 2.5, (96, 64))
    assert (settings.clip.cuts, settings.clip.repeats) == ((2.0, 3.5), False)
    assert (settings.model, settings.device, settings.output.crf, settings.output.sound) == (
        "somewhere",
        "cpu",
        30,
        False,
    )
    assert (settings.clip.carry, settings.clip.carry_share, settings.clip.carry_habit) == (
        "blend",
        0.5,
        "loop",
    )
    assert (settings.clip.flow.strength, settings.clip.flow.hold) == (0.7, 0.1)


def test_without_flags_the_settings_are_the_defaults() -> None:
    settings, record = resolve_settings(SourceFlags(), Given())
    assert settings == Settings()
    assert record is None


def test_a_flag_wins_over_the_preset_and_the_preset_over_the_defaults(tmp_path: Path) -> None:
    look = tmp_path / "look.toml"
    look.write_text("[dream]\noctaves = 2\nseed = 5\n[clip]\ncarry_share = 0.7\n")
    settings, _ = resolve_settings(SourceFlags(preset=str(look)), Given.of({"dream.seed": "8"}))
    assert (settings.dream.octaves, settings.dream.seed, settings.clip.carry_share) == (2, 8, 0.7)
    assert settings.dream.octave_scale == Settings().dream.octave_scale


def test_a_target_flag_replaces_all_targets_of_the_preset(tmp_path: Path) -> None:
    look = tmp_path / "look.toml"
    look.write_text("[targets]\nclasses = { eye = 1.0, spiral = 2.0 }\nlayers = { conv1 = 1.0 }\n")
    kept, _ = resolve_settings(SourceFlags(preset=str(look)), Given())
    replaced, _ = resolve_settings(SourceFlags(preset=str(look)), Given.of({"targets.channels": ["conv2:1"]}))
    assert kept.targets.tables["classes"] == {"eye": 1.0, "spiral": 2.0}
    assert (replaced.targets.classes, replaced.targets.layers) == ((), ())
    assert replaced.targets.tables["channels"] == {"conv2:1": 1.0}


def test_flags_win_over_the_schedule_of_a_preset_and_of_a_file(tmp_path: Path) -> None:
    look = tmp_path / "look.toml"
    look.write_text(
        "[dream]\niterations = 3\n[[dream.schedule]]\nsigma_px = 2.0\ntargets.layers = { conv1 = 1 }\n"
        "[[dream.schedule]]\niterations = 9\n"
    )
    lists = tmp_path / "lists.json"
    lists.write_text('[{"iter_n": 7}, {"iter_n": 6, "start_sigma": 2, "end_sigma": 1}, {"jitter_px": 1}]')
    preset, _ = resolve_settings(SourceFlags(preset=str(look)), Given())
    flags, _ = resolve_settings(SourceFlags(preset=str(look)), Given.of({"dream.iterations": "4"}))
    file, _ = resolve_settings(
        SourceFlags(preset=str(look)), Given.of({"dream.schedule": str(lists), "dream.jitter_px": "5"})
    )
    assert (preset.dream.iterations, preset.dream.sigma_px) == ([3, 9], [2.0, 0.0])
    assert (flags.dream.iterations, flags.dream.sigma_px) == (4, [2.0, 0.0])
    assert (file.dream.octaves, file.dream.iterations, file.dream.jitter_px) == (3, [7, 6, 3], 5)
    assert file.dream.blur_px == [0.0, "2..1", 0.0]


def test_a_target_flag_replaces_the_targets_of_single_octaves_too(tmp_path: Path) -> None:
    look = tmp_path / "look.toml"
    look.write_text("[[dream.schedule]]\ntargets.layers = { conv1 = 1 }\n")
    preset, _ = resolve_settings(SourceFlags(preset=str(look)), Given())
    replaced, _ = resolve_settings(SourceFlags(preset=str(look)), Given.of({"targets.classes": ["eye"]}))
    assert [each.tables["layers"] for each in preset.dream.octave_targets] == [{"conv1": 1.0}]
    assert replaced.dream.octave_targets == []


def test_a_record_replays_to_the_same_settings_and_flags_change_it(tmp_path: Path) -> None:
    first, _ = resolve_settings(
        SourceFlags(),
        Given.of({"targets.classes": ["eye"], "dream.iterations": "3,2,1,1", "clip.end_s": "2s"}),
    )
    written = write_record(tmp_path / "film.mp4", "render", "clip.mp4", first, {})
    again, record = resolve_settings(SourceFlags(config=written), Given())
    changed, _ = resolve_settings(SourceFlags(config=written), Given.of({"dream.seed": "3"}))
    assert again == first
    assert record is not None and (record.command, record.source) == ("render", "clip.mp4")
    assert changed.dream.seed == 3 and changed.dream.iterations == [3, 2, 1, 1]


def test_preset_and_record_exclude_each_other(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="exclude each other"):
        resolve_settings(SourceFlags(preset="lucid", config=tmp_path / "film.mp4.toml"), Given())


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"dream.sigma_px": "2..1..0"}, ["--sigma 2..1..0: write a number", "start..end"]),
        ({"dream.sigma_px": "-1"}, ["--sigma -1: write a number", "0 to 100"]),
        ({"dream.sigma_px": "1e9"}, ["--sigma 1e9: write", "0 to 100"]),
        ({"dream.step_size": "-1"}, ["--step-size -1: write a number from 0 to 255"]),
        ({"dream.iterations": "99999..1"}, ["--iterations 99999..1: write", "10000"]),
        (
            {"dream.octaves": "2", "dream.iterations": "3,2,1"},
            ["--iterations 3,2,1: iterations lists 3 values for 2"],
        ),
        ({"dream.step_size": "3,2,1"}, ["--step-size 3,2,1: step_size lists 3 values for 4 octaves"]),
        ({"clip.fps": "0.01"}, ["--fps 0.01: a frame rate is from 0.1"]),
        ({"dream.strength": "-1"}, ["--strength -1", "0"]),
        ({"dream.gradient": "laplace"}, ["--gradient laplace", "'laplacian'"]),
        (
            {"clip.carry_share": "0.5"},
            ["--carry-share 0.5", "no effect with --carry flow", "--carry blend"],
        ),
        (
            {"clip.carry": "none", "clip.flow.hold": "0.5"},
            ["--carry-hold 0.5", "--carry none", "--carry flow"],
        ),
        ({"dream.octaves": "3", "dream.schedule": __file__}, ["--schedule", "test_resolve.py"]),
        ({"clip.start_s": "soon"}, ["--start soon is not a time", "350ms"]),
        ({"clip.start_s": "3s", "clip.end_s": "2s"}, ["end must come after the start", "3"]),
        ({"clip.size_px": "big"}, ["--size big is not a size", "960x540"]),
        ({"clip.carry": "dream"}, ["--carry dream: ", "'dream'", "blend"]),
        ({"dream.octaves": "few"}, ["--octaves few is not a whole number"]),
        ({"dream.strength": "0,5"}, ["--strength 0,5 is not a number: write 0.5"]),
        ({"dream.octave_scale": "1"}, ["--octave-scale 1: octave_scale = 1", "above 1"]),
        ({"dream.octaves": "0"}, ["--octaves 0: 0 must be", "greater than or equal to 1"]),
        ({"dream.octaves": "3", "dream.iterations": "5,5"}, ["iterations", "2 values for 3 octaves"]),
        ({"device": "tpu"}, ["--device tpu: ", "'tpu'", "cuda"]),
        ({"zoom.duration_s": "0s"}, ["--duration 0s: ", "greater than 0"]),
        ({"zoom.shift_px_per_s": "5"}, ["--shift", "0,5/s"]),
        (
            {"dream.octaves": "2", "dream.iterations": "5,-1"},
            ["--iterations 5,-1: in place of '-1' write a whole number from 0 to 10000"],
        ),
        (
            {"dream.octaves": "2", "dream.iterations": "5,99999"},
            ["--iterations 5,99999: in place of '99999' write a whole number"],
        ),
        ({"targets.classes": ["eye=9999", "fin"]}, ["--class 'eye' weighs 9999", "-1000 to 1000"]),
        ({"targets.classes": ["eye=much"]}, ["--class", "'much'"]),
    ],
)
def test_a_senseless_flag_is_named_with_its_value_and_what_is_allowed(
    typed: dict[str, Any], words: list[str]
) -> None:
    with pytest.raises(UsageError) as caught:
        resolve_settings(SourceFlags(), Given.of(typed))
    for word in words:
        assert word in str(caught.value)


def test_an_error_inside_a_preset_is_the_presets_not_the_command_lines(tmp_path: Path) -> None:
    look = tmp_path / "look.toml"
    look.write_text("[dream]\noctavs = 3\n")
    with pytest.raises(PresetError, match=r"look\.toml.*octavs.*octaves"):
        resolve_settings(SourceFlags(preset=str(look)), Given.of({"dream.seed": "1"}))


def test_octaves_that_do_not_fit_a_presets_lists_are_named_by_their_flag(tmp_path: Path) -> None:
    look = tmp_path / "look.toml"
    look.write_text("[dream]\niterations = [3, 2, 1, 1]\n")
    with pytest.raises(UsageError, match="--octaves 2: iterations lists 4 values for 2 octaves"):
        resolve_settings(SourceFlags(preset=str(look)), Given.of({"dream.octaves": "2", "dream.seed": "1"}))


def test_laying_over_leaves_both_sides_as_they_were() -> None:
    base = {"dream": {"octaves": 3, "seed": 1}, "targets": {"classes": {"eye": 1.0}}}
    top = {"dream": {"seed": 2}, "targets": {"layers": {"conv1": 1.0}}}
    assert lay_over(base, top) == {"dream": {"octaves": 3, "seed": 2}, "targets": {"layers": {"conv1": 1.0}}}
    assert base["dream"] == {"octaves": 3, "seed": 1}


def test_only_a_record_of_the_same_kind_of_input_lends_it() -> None:
    record = Record("render", "clip.mp4", Settings())
    assert require_input(None, record, "preview", "which clip?") == "clip.mp4"
    assert require_input("other.png", record, "still", "which picture?") == "other.png"
    with pytest.raises(UsageError, match=r"record of `render`: clip\.mp4 .* which picture\?"):
        require_input(None, record, "still", "which picture?")
