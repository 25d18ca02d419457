"""Words find their class; what finds none gets the nearest."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lucidreel.errors import ClassNotFoundError, ModelFileError
from lucidreel.models.labels import Labels, parse_labels, read_labels

IMAGENET = [
    "n01440764 tench, Tinca tinca",
    "n01443537 goldfish, Carassius auratus",
    "n02012849 crane",
    "n03126707 crane",
]


def test_a_class_is_found_by_synonym_id_and_number_in_any_case() -> None:
    labels = parse_labels(IMAGENET)
    words = ("goldfish", "Carassius auratus", "GOLDFISH", " goldfish ", "n01443537", "1", "carassius_auratus")
    assert {labels.find(word) for word in words} == {1}
    assert labels[1].name == "goldfish" and labels[1].wnid == "n01443537"


def test_of_classes_that_share_a_word_the_first_is_found_and_the_other_by_id() -> None:
    labels = parse_labels(IMAGENET)
    assert labels.find("crane") == 2
    assert labels.find("n03126707") == 3


def test_an_unknown_word_is_answered_with_the_nearest() -> None:
    with pytest.raises(ClassNotFoundError, match=r"'goldfisch' is not known .* Nearest: goldfish"):
        parse_labels(IMAGENET).find("goldfisch")
    with pytest.raises(ClassNotFoundError, match="classes 0 to 3"):
        parse_labels(IMAGENET).find("1000")


def test_without_labels_only_numbers_are_classes() -> None:
    assert Labels().find("817") == 817
    with pytest.raises(ClassNotFoundError, match="no labels"):
        Labels().find("goldfish")


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["eye", "brick wall, bricks"], [("eye",), ("brick wall", "bricks")]),
        (["/a/abbey 0", "/a/airport_terminal 1"], [("abbey",), ("airport terminal",)]),
        (["abbey", "train_station/platform"], [("abbey",), ("train station platform",)]),
        (["0: eye", "1: spiral"], [("eye",), ("spiral",)]),
        (["boeing 747", "boeing 747"], [("boeing 747",), ("boeing 747",)]),
        (["eye", "", "spiral", "", ""], [("eye",), (), ("spiral",)]),
    ],
)
def test_label_files_of_several_kinds(lines: list[str], expected: list[tuple[str, ...]]) -> None:
    assert [label.words for label in parse_labels(lines)] == expected


def test_ids_alone_are_labels_too() -> None:
    labels = parse_labels(["n01440764", "n01443537"])
    assert labels.find("n01443537") == 1 and labels[1].name == "1"


@given(st.lists(st.from_regex(r"[a-z]{2,9}", fullmatch=True), min_size=1, max_size=20, unique=True))
def test_every_class_is_found_by_its_name(words: list[str]) -> None:
    labels = parse_labels(words)
    assert [labels.find(label.name) for label in labels] == list(range(len(words)))


def test_imagenets_thousand_classes(shared: Path) -> None:
    labels = read_labels(shared / "models" / "squeezenet_v1.0" / "synset_words.txt")
    assert len(labels) == 1000
    assert labels.find("jellyfish") == 107
    assert labels[107].wnid == "n01910747"


@pytest.mark.parametrize("digits", [9, 10, 4300, 5000])
def test_numbers_of_any_length_are_answered(digits: int) -> None:
    for labels in (parse_labels(IMAGENET), parse_labels([f"{'9' * digits}: tench"])):
        with pytest.raises(ClassNotFoundError, match="does not exist: this network has classes 0 to"):
            labels.find("9" * digits)
    assert parse_labels(IMAGENET).find("0" * digits + "1") == 1
    with pytest.raises(ClassNotFoundError, match="is not known"):
        parse_labels(IMAGENET).find("٣")


def test_more_labels_than_any_network_has_are_refused_before_they_are_parsed(tmp_path: Path) -> None:
    path = tmp_path / "labels.txt"
    path.write_text("a\n" * 100_001)
    with pytest.raises(ModelFileError, match="it has 100,001 lines, and at most 100,000 classes are named"):
        read_labels(path)
    path.write_text("a, b\n" * 2_000_000)
    with pytest.raises(ModelFileError, match="a label file has at most 4,194,304"):
        read_labels(path)


def test_files_without_labels_are_refused(tmp_path: Path) -> None:
    (tmp_path / "empty.txt").write_text("\n\n")
    (tmp_path / "binary.txt").write_bytes(b"\xff\xfe\x00\x81")
    for name, message in (
        ("empty.txt", "holds no labels"),
        ("binary.txt", "not a readable label file"),
        ("none", "the label file .*none does not exist"),
    ):
        with pytest.raises(ModelFileError, match=message):
            read_labels(tmp_path / name)
