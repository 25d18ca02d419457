"""The looks: every shipped file is valid and described, and a wrong one is explained."""

from __future__ import annotations

from pathlib import Path

import pytest

from lucidreel.errors import PresetError
from lucidreel.presets.catalogue import Preset, find_preset, list_presets, read_preset
from lucidreel.render.settings.settings import Settings


def test_three_looks_ship_at_least() -> None:
    assert {"lucid", "layers", "deepdraw"} <= {preset.name for preset in list_presets()}


@pytest.mark.parametrize("preset", list_presets(), ids=lambda preset: preset.name)
def test_a_shipped_look_is_valid_has_targets_and_says_what_it_is(preset: Preset) -> None:
    settings = Settings.read(read_preset(preset.name), preset.name)
    assert not settings.targets.empty
    assert preset.text.startswith("# ") and preset.description.endswith((".", ":"))
    assert len(preset.description) < 110
    assert preset.text.count("#") > 3, "every choice wants its reason beside it"


def test_a_look_of_ones_own_is_found_by_its_path(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text("# Mine.\n[dream]\nseed = 4\n")
    assert find_preset(str(path)).description == "Mine."
    assert read_preset(str(path)) == {"dream": {"seed": 4}}


@pytest.mark.parametrize(
    ("name", "words"),
    [("lucide", ["'lucide'", "lucid"]), ("mine.toml", ["'mine.toml'", "lucid"]), ("", ["lucid"])],
)
def test_an_unknown_look_offers_those_there_are(name: str, words: list[str]) -> None:
    with pytest.raises(PresetError) as caught:
        read_preset(name)
    for word in words:
        assert word in str(caught.value)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"[dream]\noctavs = 3\n", ["octavs", "octaves"]),
        (b"[draem]\n", ["draem", "dream"]),
        (b"[dream]\noctaves = 'three'\n", ["dream.octaves", "three"]),
        (b"[clip]\ncarry_share = 7\n", ["clip.carry_share", "7"]),
        (b"[dream\n", ["is not TOML", "line 1"]),
        (b"\xff\xfe\x00", ["UTF-16"]),
        (b"# \xe9\n", ["not UTF-8 text (byte 0xe9 in line 1)"]),
    ],
)
def test_a_bad_look_is_explained_by_file_key_and_value(
    tmp_path: Path, content: bytes, words: list[str]
) -> None:
    path = tmp_path / "bad.toml"
    path.write_bytes(content)
    with pytest.raises(PresetError) as caught:
        read_preset(str(path))
    for word in ["bad.toml", *words]:
        assert word in str(caught.value)
