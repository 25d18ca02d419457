"""Lists of tables in Python programs: read, never run, and refused in one message."""

from __future__ import annotations

from pathlib import Path

import pytest

from lucidreel.errors import ConfigError
from lucidreel.models.reading.files import FileKind
from lucidreel.models.reading.python_lists import plain_value, read_python_list

KIND = FileKind("list", ConfigError)
DIGITS = "9" * 5000


def test_the_first_list_of_tables_is_found_among_other_things(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text(
        "import os\nsizes = [1, 2]\nx = 'C:\\path'\na = [{'b': 0.5*3, 'c': -2, 'd': None}]\nos.abort()"
    )
    assert read_python_list(path, KIND) == [{"b": 1.5, "c": -2, "d": None}]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[{'a': " + "-" * 100_000 + "1}]", "nested too deep"),
        ("[{'a': " + "9*" * 20_000 + "9}]", "nested too deep"),
        ("a" + ".b" * 60_000, "nested too deep"),
        ("x = " + "[" * 5000, "it is not Python (line 1: too many nested parentheses)"),
        (f"\n[{{'a': {DIGITS}}}]", "line 2: a whole number is larger"),
        (f"[{{'a': {DIGITS[:4000]}}}]", "a whole number is larger"),
        ("\n[{'a': " + "999999999*999999999*999999999}]", "line 2: a whole number is larger"),
        ("[{'a': 0x" + "f" * 50_000 + "}]", "a whole number is larger"),
        ("[{'a': '\\ud800'}]", "which is no character"),
        ("[{'a': 1j}]", "line 1: 1j is not a plain value"),
        ("[{'a': __import__('os').abort()}]", "is not a plain value"),
    ],
)
def test_what_is_extreme_or_no_plain_value_is_told(tmp_path: Path, text: str, why: str) -> None:
    path = tmp_path / "a.py"
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        read_python_list(path, KIND)
    assert why in str(caught.value) and "\n" not in str(caught.value)


def test_a_single_value_is_plain_or_an_error() -> None:
    assert plain_value("{'a': (1, 2.5, True)} ") == {"a": [1, 2.5, True]}
    for text in ("", "a", "1;2", "(" * 500, "-" * 100_000 + "1", DIGITS, "{1: 2}"):
        with pytest.raises(ValueError):
            plain_value(text)
