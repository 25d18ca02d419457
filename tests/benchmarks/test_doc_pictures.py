"""The documentation's pictures: their commands name what the program has, and a sheet is made by it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lucidreel.benchmarks import doc_pictures
from lucidreel.benchmarks.sheet import write_sheet
from lucidreel.models.bestiary.catalogue import class_names
from lucidreel.presets.catalogue import list_presets, read_preset


@pytest.mark.parametrize(("sheet", "model"), [("presets", "bestiary"), ("imagenet", "imagenet")])
def test_every_look_for_frames_is_on_the_sheet_of_its_network(sheet: str, model: str) -> None:
    _, cells = doc_pictures.SHEETS[sheet]
    looks = {preset.name for preset in list_presets()} - {"deepdraw"}
    assert {caption.removeprefix("--preset ") for caption, _ in cells} == {
        name for name in looks if read_preset(name).get("model", "bestiary") == model
    }


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


def test_a_sheet_is_written_as_well_as_its_size_allows(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).random((3, 40, 60), dtype=np.float32)
    sizes = []
    for number, most in enumerate((100_000, 2_000, 1)):
        write_sheet(tmp_path / f"{number}.jpg", noise, most)
        sizes.append((tmp_path / f"{number}.jpg").stat().st_size)
    assert sizes[0] > 2_000 >= sizes[1] > sizes[2]
