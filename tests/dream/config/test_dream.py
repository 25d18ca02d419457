"""Settings of a dream: schedules, and messages for what is wrong."""

from __future__ import annotations

import dataclasses
import re
from typing import Any

import pytest

from lucidreel.dream.config.dream import DreamConfig
from lucidreel.dream.setting.varying import Ramp
from lucidreel.dream.targets.targets import Targets
from lucidreel.errors import ConfigError, PresetError


def test_numbers_and_lists_become_one_plan_per_octave() -> None:
    config = DreamConfig(octaves=2, iterations=[30, 10], step_size=1.5, jitter_px=[8, 32], sigma_px="2>1")
    told = [(plan.iterations, plan.step_size, plan.jitter_px, plan.sigma_px) for plan in config.plans()]
    assert told == [(30, Ramp(1.5, 1.5), 8, Ramp(2, 1)), (10, Ramp(1.5, 1.5), 32, Ramp(2, 1))]


def test_every_setting_is_documented() -> None:
    for model in (DreamConfig, Targets):
        undocumented = [name for name, field in model.model_fields.items() if not field.description]
        assert undocumented == []


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"octavs": 3}, "unknown key 'octavs'. Nearest: octaves"),
        ({"octaves": 0}, "octaves = 0: input should be greater than or equal to 1"),
        ({"iterations": [1, 2], "octaves": 3}, "iterations lists 2 values for 3 octaves"),
        ({"blur_px": [0.5] * 3}, "blur_px lists 3 values for 4 octaves"),
        ({"octave_scale": [1.0, 2.0]}, "octave_scale lists 2 values for 4 octaves"),
        ({"step_size": "300>1"}, "step_size = '300>1': write a number from 0 to 255"),
        (
            {"sigma_px": "2.5->0.8"},
            "sigma_px = '2.5->0.8': write a number from 0 to 100, start..end, like",
        ),
        ({"gradient": "laplace"}, "'plain', 'scales', 'laplacian' or 'fourier'"),
        ({"momentum": 1}, "momentum = 1: input should be less than 1"),
        ({"iterations": -1}, "iterations = -1: write a whole number from 0 to 10000"),
        ({"spectrum": float("nan")}, "spectrum = nan"),
        ({"spectrum": "wide"}, "spectrum = 'wide' is not a number"),
        ({"precision": "fp8"}, "'auto', 'fp32' or 'bf16'"),
    ],
)
def test_bad_setting_names_key_value_and_what_is_allowed(data: dict[str, Any], message: str) -> None:
    with pytest.raises(PresetError, match=re.escape(message)) as caught:
        DreamConfig.read(data, "preset fog.toml", PresetError)
    assert str(caught.value).startswith("preset fog.toml: ")


def test_settings_cannot_be_changed_after_reading() -> None:
    config = DreamConfig()
    with pytest.raises(ValueError, match="frozen"):
        object.__getattribute__(config, "__setattr__")("octaves", 3)


def test_bad_weight_names_the_class() -> None:
    with pytest.raises(ConfigError, match=r"classes\.goldfish = 'much'"):
        Targets.read({"classes": {"goldfish": "much"}}, "the command line")


def test_strength_multiplies_every_step_and_nothing_else() -> None:
    one, two = (DreamConfig(step_size="4>2", strength=strength).plans()[0] for strength in (1, 2))
    assert two == dataclasses.replace(one, step_size=Ramp(8, 4))


def test_a_spectrum_added_for_one_dream_is_in_every_octaves_plan_and_changes_nothing_else() -> None:
    config = DreamConfig(octaves=3, spectrum=0.4)
    added = [dataclasses.replace(plan, spectrum_added=0.5) for plan in config.plans()]
    assert list(config.plans(spectrum_added=0.5)) == added


def test_a_blur_added_for_one_dream_comes_after_the_settings_own() -> None:
    plan = DreamConfig(octaves=1, sigma_px="4>0").plans(sigma_added_px=3)[0]
    assert (plan.sigma_px.start, plan.sigma_px.end) == (5, 3)


def test_a_share_of_the_iterations_is_rounded_up() -> None:
    assert [plan.iterations for plan in DreamConfig(octaves=2, iterations=[5, 0]).plans(0.3)] == [2, 0]


@pytest.mark.parametrize(("step", "value"), [(0, 2.5), (2, 1.65), (4, 0.8)])
def test_a_ramp_runs_from_start_to_end(step: int, value: float) -> None:
    assert Ramp.of("2.5>0.8").at(step, 5) == pytest.approx(value)


def test_a_ramp_of_one_step_is_its_start() -> None:
    assert Ramp(2, 1).at(0, 1) == 2


def test_a_run_of_iterations_goes_from_the_coarsest_octave_to_the_finest() -> None:
    def steps(octaves: int, share: float = 1.0) -> list[int]:
        config = DreamConfig(octaves=octaves, iterations="30>12")
        return [plan.iterations for plan in config.plans(share)]

    assert (steps(1), steps(2), steps(4)) == ([30], [30, 12], [30, 24, 18, 12])
    assert steps(4, share=0.5) == [15, 12, 9, 6]


@pytest.mark.parametrize("value", ["30>1.5", "many", "30>", "5>20000", "-1>3"])
def test_a_run_of_iterations_that_is_none_is_refused(value: str) -> None:
    with pytest.raises(
        ConfigError, match=f"here: iterations = '{value}': write a whole number from 0 to 10000"
    ):
        DreamConfig.read({"iterations": value}, "here")


def test_a_table_that_says_nothing_of_steps_has_its_place_in_the_run() -> None:
    config = DreamConfig.read({"schedule": [{"jitter_px": 3}, {"iterations": 5}, {}]}, "here")
    assert [plan.iterations for plan in config.plans()] == [30, 5, 12]


def test_a_share_may_run_from_the_coarsest_octave_to_the_finest() -> None:
    def told(share: float | str, octaves: int) -> list[int]:
        return [plan.iterations for plan in DreamConfig(octaves=octaves, iterations=10).plans(share)]

    assert told("0>0.6", 3) == [0, 3, 6]
    assert told("0.1..0.5", 2) == [1, 5]
    assert told("0>0.6", 1) == [6]
    assert told(0.55, 2) == [6, 6]
