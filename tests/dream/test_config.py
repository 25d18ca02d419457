"""Settings of a dream: schedules, and messages for what is wrong."""

from __future__ import annotations

import re
from typing import Any

import pytest

from lucidreel.dream.config import DreamConfig, OctavePlan, Targets
from lucidreel.errors import ConfigError, PresetError


def test_numbers_and_lists_become_one_plan_per_octave() -> None:
    config = DreamConfig(octaves=2, iterations=[30, 10], step_size=1.5, jitter_px=[8, 32], sigma_px=0.5)
    assert config.schedule() == (OctavePlan(30, 1.5, 8, 0.5), OctavePlan(10, 1.5, 32, 0.5))


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
        ({"iterations": -1}, "iterations = -1: input should be greater"),
        ({"spectrum": float("nan")}, "spectrum = nan"),
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
