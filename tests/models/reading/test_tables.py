"""TOML and JSON give plain values that hold nothing extreme, or one message."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import tomli_w
from hypothesis import given
from hypothesis import strategies as st

from lucidreel.errors import ConfigError, LucidreelError
from lucidreel.models.reading.files import MIB, FileKind
from lucidreel.models.reading.tables import LARGEST_WHOLE, MOST_DEEP, parse_toml, read_json, read_toml

KIND = FileKind("table", ConfigError)
DIGITS = "9" * 5000

PLAIN = st.recursive(
    st.booleans()
    | st.integers(-LARGEST_WHOLE, LARGEST_WHOLE)
    | st.floats(allow_nan=False)
    | st.text(st.characters(exclude_categories=("Cs", "Cc"))),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc."), inner, max_size=3),
    max_leaves=8,
)


def refused(tmp_path: Path, name: str, text: str) -> str:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        (read_toml if name.endswith(".toml") else read_json)(path, KIND)
    assert type(caught.value) is ConfigError and "\n" not in str(caught.value)
    return str(caught.value)


@given(table=st.dictionaries(st.text("abc. "), PLAIN, max_size=4))
def test_what_was_written_comes_back(table: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("tables")
    (folder / "a.json").write_text(json.dumps(table))
    (folder / "a.toml").write_text(tomli_w.dumps(table), encoding="utf-8")
    assert read_json(folder / "a.json", KIND) == table
    assert read_toml(folder / "a.toml", KIND) == table


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.toml", "a = " + "[" * 100_000),
        ("a.toml", "a = " + "[" * 500 + "]" * 500),
        ("a.toml", "a = " + "{a = " * 100_000),
        ("a.toml", "a = " + "[" * (MOST_DEEP + 1) + "]" * (MOST_DEEP + 1)),
        ("a.json", "[" * 100_000),
        ("a.json", "[" * (MOST_DEEP + 2) + "]" * (MOST_DEEP + 2)),
        ("a.json", '{"a":' * 500 + "1" + "}" * 500),
    ],
)
def test_lists_and_tables_nested_deep_are_refused(tmp_path: Path, name: str, text: str) -> None:
    assert f"nested more than {MOST_DEEP} deep" in refused(tmp_path, name, text)


@pytest.mark.parametrize(
    "text",
    ["a" + ".a" * 300_000 + " = 1", "[" + '"a" . ' * 100_000 + "a]", "b = {" + "'a'." * 100_000 + "a = 1}"],
)
def test_a_key_of_many_parts_is_refused_before_it_is_parsed(tmp_path: Path, text: str) -> None:
    assert f"line 1: a key has more than {MOST_DEEP} parts" in refused(tmp_path, "a.toml", text)


def test_keys_and_texts_with_dots_are_not_taken_for_long_ones() -> None:
    text = f'x = "{"a.b " * 99}"\n"{"." * 99}" = 1\n{".".join("a" * MOST_DEEP)} = "1.2.3"\n'
    assert parse_toml(text, Path("a.toml"), KIND)["." * 99] == 1


@pytest.mark.parametrize("number", [DIGITS, f"-{DIGITS}", "1" + "0" * 4000, str(2**63), str(-(2**64))])
@pytest.mark.parametrize(("name", "form"), [("a.toml", "a = [{}]"), ("a.json", '{{"a": [{}]}}')])
def test_whole_numbers_beyond_64_bits_are_refused(tmp_path: Path, name: str, form: str, number: str) -> None:
    assert "a whole number is larger than 9,223,372,036,854,775,807" in refused(
        tmp_path, name, form.format(number)
    )


def test_hexadecimal_numbers_are_no_way_around(tmp_path: Path) -> None:
    assert "a whole number is larger" in refused(tmp_path, "a.toml", "a = 0x" + "f" * 100_000)


@pytest.mark.parametrize("text", ['["\\ud800"]', '{"\\udcff": 1}', '["\\u0000.png"]'])
def test_halves_of_characters_and_zero_bytes_are_refused(tmp_path: Path, text: str) -> None:
    assert "which is no character" in refused(tmp_path, "a.json", text)


def test_what_is_no_table_is_told_with_its_place(tmp_path: Path) -> None:
    assert "it is not TOML (expected" in refused(tmp_path, "a.toml", "a = 1\nb")
    assert "(at line 2, column 5)" in refused(tmp_path, "a.toml", "a = 1\nb = x")
    assert "it is not JSON (expecting value at line 2, column 2)" in refused(tmp_path, "a.json", "[1,\n ]")


@given(content=st.text("[]{}=.,\"'0123456789abxe_+-\n\\u# ", max_size=60) | st.binary(max_size=40))
def test_any_file_is_a_table_or_one_error(
    content: str | bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("any") / "a"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    for read in (read_toml, read_json):
        try:
            read(path, KIND)
        except LucidreelError as error:
            assert "\n" not in str(error)


def test_a_file_at_the_limit_of_its_size_is_read(tmp_path: Path) -> None:
    text = "a = [" + "1," * (MIB // 2 - 5) + "]"
    (tmp_path / "a.toml").write_text(text)
    assert len(read_toml(tmp_path / "a.toml", KIND)["a"]) == MIB // 2 - 5
