"""The documentation's pictures: their commands name what the program has, and a sheet is made by it."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from lucidreel.benchmarks import doc_pictures
from lucidreel.models.bestiary.catalogue import class_names
from lucidreel.presets.catalogue import list_presets


def test_presets_of_the_sheet_are_all_those_made_for_the_embedded_networks_classes() -> None:
    _, cells = doc_pictures.SHEETS["presets"]
    shown = {caption.removeprefix("--preset ") for caption, _ in cells}
    assert shown == {preset.name for preset in list_presets()} - {"layers", "deepdraw"}


def test_neurons_of_the_targets_sheet_are_the_flower_and_the_goldfish_that_the_page_says() -> None:
    words = next(words for caption, words in doc_pictures.SHEETS["targets"][1] if "neurons" in caption)
    numbers = [int(word.split(":")[1].split("@")[0]) for word in words.split() if word.startswith("classes:")]
    assert [class_names()[number] for number in numbers] == ["flower", "goldfish"]


def test_a_sheet_is_made_with_the_programs_own_commands(tmp_path: Path) -> None:
    cells = (
        ("noise", "still noise:40x30 -c eye -n 0"),
        ("an eye", "still noise:40x30 -c eye -n 1 --octaves 1"),
    )
    doc_pictures.sheet(2, cells, tmp_path)
    with Image.open(tmp_path / "sheet.jpg") as made:
        assert made.width >= 2 * 320
