"""What the picture benchmark's command line says is read as meant, or refused before the first dream."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lucidreel.benchmarks.cases import parse_case, parse_value, parse_variant
from lucidreel.benchmarks.judge import windows
from lucidreel.errors import ConfigError, UsageError
from lucidreel.render.media.pictures.pictures import write_picture


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """A folder with one photo of 100 x 50 px."""
    write_picture(tmp_path / "harbour.jpg", np.zeros((3, 50, 100), dtype=np.float32))
    return tmp_path


def test_a_case_is_a_photo_and_a_class_of_any_words(photos: Path) -> None:
    case = parse_case("harbour:great white shark", photos)
    assert (case.name, case.photo) == ("harbour:great white shark", photos / "harbour.jpg")


def test_the_middle_of_a_photo_fills_640_by_480_px(tmp_path: Path) -> None:
    wide = np.zeros((3, 60, 120), dtype=np.float32)
    wide[:, :, 40:80] = 1.0
    write_picture(tmp_path / "harbour.png", wide)
    source = parse_case(f"{tmp_path / 'harbour.png'}:goldfish", tmp_path).source()
    assert source.shape == (3, 480, 640)
    bright = source.mean((0, 1)) > 0.5
    assert (bright[:155].any(), bright[165:475].all(), bright[485:].any()) == (False, True, False)


def test_a_photo_that_is_not_there_is_refused_with_those_that_are(photos: Path) -> None:
    with pytest.raises(UsageError, match=r"in .*: harbour\."):
        parse_case("harbor:goldfish", photos)


@pytest.mark.parametrize("text", ["harbour", ":goldfish", "harbour:"])
def test_a_case_without_both_parts_is_refused(text: str, photos: Path) -> None:
    with pytest.raises(UsageError, match="PHOTO:CLASS"):
        parse_case(text, photos)


def test_a_variant_changes_the_keys_it_names() -> None:
    variant = parse_variant("soft:octaves=2,iterations=20/10,spectrum=0.6,precision=fp32")
    config = variant.config(seed=3)
    assert (variant.name, config.octaves, config.iterations, config.spectrum) == ("soft", 2, [20, 10], 0.6)
    assert (config.precision, config.seed) == ("fp32", 3)


def test_a_name_alone_is_the_defaults() -> None:
    assert parse_variant("default").dream == {}


def test_a_variant_may_add_targets() -> None:
    assert parse_variant("pure").targets_for("goldfish").tables["classes"] == {"goldfish": 1.0}


def test_a_variant_may_dream_with_networks_of_its_own() -> None:
    variant = parse_variant("two:model=imagenet+/tmp/squeezenet=0.5,spectrum=0.6")
    assert variant.models == ("imagenet", "/tmp/squeezenet=0.5")
    assert variant.dream == {"spectrum": 0.6}


def test_an_unknown_key_is_refused_with_the_nearest() -> None:
    with pytest.raises(ConfigError, match=r"variant soft: unknown key 'spektrum'. Nearest: spectrum"):
        parse_variant("soft:spektrum=1")


@pytest.mark.parametrize("text", ["soft:spectrum", "soft:=1", ":spectrum=1", "soft:spectrum="])
def test_a_variant_that_is_no_list_of_settings_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="NAME:KEY=VALUE"):
        parse_variant(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("4", 4),
        ("0.5", 0.5),
        ("true", True),
        ("20/10", [20, 10]),
        ("1/0.5", [1, 0.5]),
        ("2>1/0.5", ["2>1", 0.5]),
        ("fire8/concat", "fire8/concat"),
        ("bf16", "bf16"),
    ],
)
def test_values_are_numbers_lists_truths_or_words(text: str, value: object) -> None:
    found = parse_value(text)
    assert (found, type(found)) == (value, type(value))


def test_a_picture_of_640_by_480_has_28_windows() -> None:
    assert [window.shape for window in windows(np.zeros((3, 480, 640), np.float32))] == [(3, 227, 227)] * 28


def test_a_picture_without_a_whole_window_is_refused() -> None:
    with pytest.raises(ValueError, match="no window"):
        next(windows(np.zeros((3, 200, 640), np.float32)))
