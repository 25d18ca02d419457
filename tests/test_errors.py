"""Suggestions for words that are not known."""

from __future__ import annotations

from pathlib import Path

import pytest

from lucidreel.errors import nearest
from lucidreel.models.labels import read_labels


def test_whole_words_come_before_parts_and_parts_before_spelling() -> None:
    known = ["sharks", "shako", "great white shark", "tiger shark", "shark"]
    assert nearest("shark", known, 5) == ["shark", "tiger shark", "great white shark", "sharks", "shako"]


def test_misspelt_words_find_what_was_meant_whatever_the_case() -> None:
    assert nearest("Goldfihs", ["Goldfish", "Peacock"]) == ["Goldfish"]
    assert nearest("qqqq", ["Goldfish", "Peacock"]) == []


@pytest.mark.parametrize(("word", "found"), [("shark", "tiger shark"), ("goldfsh", "goldfish")])
def test_the_thousand_classes_of_imagenet_suggest_the_right_ones(shared: Path, word: str, found: str) -> None:
    labels = read_labels(shared / "models" / "squeezenet_v1.0" / "synset_words.txt")
    names = [name for label in labels for name in label.words]
    assert found in nearest(word, names)
