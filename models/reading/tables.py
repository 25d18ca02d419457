"""Tables and lists in TOML and JSON, as plain values that hold nothing extreme.

Both parsers of the standard library take whatever fits into memory: numbers of thousands of digits (which
Python can then neither print nor turn into a float), lists nested until the stack ends, and, in TOML, dotted
keys in time that grows with the square of their parts. `checked` bounds them all, for values of any format.
"""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

from .files import FileKind, read_text

MOST_DEEP = 32
LARGEST_WHOLE = 2**63 - 1
_TOO_DEEP = f"lists and tables are nested more than {MOST_DEEP} deep"
_TOO_MANY_DIGITS = f"a whole number is larger than {LARGEST_WHOLE:,}"
_PART = r"""(?>[\w-]++|"(?:[^"\\\n]|\\.)*+"|'[^'\n]*+')"""
_LONG_KEY = re.compile(rf"(?<![\w-])(?:{_PART}[ \t]*+\.[ \t]*+){{{MOST_DEEP}}}")


def read_toml(path: Path, kind: FileKind) -> dict[str, Any]:
    """Return the tables of a TOML file; raises what `kind` says."""
    return parse_toml(read_text(path, kind), path, kind)


def parse_toml(text: str, path: Path, kind: FileKind) -> dict[str, Any]:
    """Return the tables in the text of a TOML file, which `path` names in errors."""
    if long := _LONG_KEY.search(text):
        line = text.count("\n", 0, long.start()) + 1
        raise kind.fault(path, f"line {line}: a key has more than {MOST_DEEP} parts")
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise kind.fault(path, f"it is not TOML ({_lower(error)})") from error
    except RecursionError:
        raise kind.fault(path, _TOO_DEEP) from None
    except ValueError as error:  # int() refuses thousands of digits, datetime a 31st of February
        raise kind.fault(path, _TOO_MANY_DIGITS if "digits" in str(error) else _lower(error)) from error
    checked(tables, path, kind)
    return tables


def read_json(path: Path, kind: FileKind) -> Any:
    """Return the value in a JSON file; raises what `kind` says."""
    try:
        value = json.loads(read_text(path, kind))
    except json.JSONDecodeError as error:
        place = f"{_lower(error.msg)} at line {error.lineno}, column {error.colno}"
        raise kind.fault(path, f"it is not JSON ({place})") from error
    except RecursionError:
        raise kind.fault(path, _TOO_DEEP) from None
    except ValueError as error:
        raise kind.fault(path, _TOO_MANY_DIGITS) from error
    checked(value, path, kind)
    return value


def checked(value: Any, path: Path, kind: FileKind) -> None:
    """Raise what `kind` says for plain values nested too deep, too large, or with text that is none.

    Text from JSON may hold zero bytes and halves of characters, which no name can have and no file can keep.
    """
    waiting = [(value, 0)]
    while waiting:
        value, depth = waiting.pop()
        if depth > MOST_DEEP:
            raise kind.fault(path, _TOO_DEEP)
        match value:
            case dict():
                waiting += ((each, depth + 1) for pair in value.items() for each in pair)
            case list():
                waiting += ((each, depth + 1) for each in value)
            case int() if abs(value) > LARGEST_WHOLE:
                raise kind.fault(path, _TOO_MANY_DIGITS)
            case str() if not value.isascii() or "\0" in value:
                _check_text(value, path, kind)


def _check_text(text: str, path: Path, kind: FileKind) -> None:
    if odd := re.search("[\0\ud800-\udfff]", text):
        raise kind.fault(path, f"a text in it holds {odd[0]!r}, which is no character")


def _lower(error: object) -> str:
    words = str(error)
    return words[:1].lower() + words[1:]
