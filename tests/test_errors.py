"""Messages are one line whatever they quote; suggestions for words that are not known."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lucidreel.errors import (
    LONGEST_MESSAGE,
    LONGEST_VALUE,
    ConfigError,
    MediaError,
    ResumeMismatchError,
    cut,
    nearest,
    one_line,
)
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


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("two\nlines\r\t", r"two\nlines\r\t"),
        ("\x1b[31mred\x07", r"\x1b[31mred\x07"),
        ("caf\udce9.mp4", r"caf\xe9.mp4"),
        ("half \ud83d", r"half \ud83d"),
        ("\u202egpj.mp4", r"\u202egpj.mp4"),
        ("Größe 大きさ 🐟.mp4", "Größe 大きさ 🐟.mp4"),
    ],
)
def test_a_message_is_one_line_whatever_it_quotes(value: str, shown: str) -> None:
    assert str(ConfigError(f"{value}: wrong.")) == f"{shown}: wrong."
    assert str(MediaError(value, stderr_tail="a\nb")) == shown


def test_long_values_lose_their_middle_and_the_next_step_stays() -> None:
    message = str(ConfigError(f"the octave's key {'x' * 9000!r} isn't known. Write one of the dream's keys."))
    assert message.startswith("the octave's key 'xxx") and "…" in message
    assert message.endswith("xxx' isn't known. Write one of the dream's keys.")
    assert len(message) < LONGEST_VALUE + 80


@given(st.text(st.characters(), max_size=50), st.integers(0, 2000))
def test_any_message_fits_one_line_of_bounded_length(text: str, times: int) -> None:
    shown = one_line(text * times)
    assert len(shown) <= LONGEST_MESSAGE and (shown == "" or shown.isprintable())
    assert one_line("it holds; " * 300 + "go on so.").endswith("go on so.")


def test_a_message_of_several_lines_names_them_as_such() -> None:
    told = str(ResumeMismatchError("Other frames:", lines=["  size: 1 then, 2\nnow", "Go on."]))
    assert told == "Other frames:\n  size: 1 then, 2\\nnow\nGo on."


def test_text_is_cut_in_its_middle_and_only_where_it_is_long() -> None:
    assert cut("word", 4) == "word"
    assert cut("0123456789", 7) == "0123…89"


def test_endless_words_and_names_are_not_compared() -> None:
    assert nearest("x" * 100_000, ["x" * 100_001, "x"]) == []
    assert nearest("fish", ["fish" * 100, "fishy"]) == ["fishy"]
