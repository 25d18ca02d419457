"""Schedules in files: JSON, TOML, or the list as it stands in deepdraw's notebook."""

from __future__ import annotations

import ast
import json
import tomllib
from pathlib import Path
from typing import Any

from ..errors import ConfigError, InputNotFoundError

_KEYS = ("schedule", "octaves")
_LONGEST_WORDS = 40


def read_schedule(path: Path) -> list[dict[str, Any]]:
    """Return the tables of a schedule's file, one per octave, coarsest first; what is in them is not checked.

    A .toml holds them as [[schedule]] (or [[dream.schedule]], as a preset does), a .json as a list or under
    "schedule" or "octaves". Any other text is read as Python, but not run: the first list of tables in it,
    which is how deepdraw's `octaves = [{'layer': …}, …]` can be pasted with what stands around it. Raises
    InputNotFoundError or ConfigError.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise InputNotFoundError(f"there is no schedule {path}.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not a readable schedule ({error}).") from error
    try:
        tables = _unwrapped(_parsed(text, path.suffix.lower()))
    except SyntaxError as error:
        line = f"line {error.lineno}: {error.msg}"
        raise ConfigError(f"{path.name} is not a readable schedule ({line}).") from error
    except (
        ValueError,
        RecursionError,
        MemoryError,
    ) as error:  # the last is how Python's parser says too deep
        what = error if isinstance(error, ValueError) else "nested too deep"
        raise ConfigError(f"{path.name} is not a readable schedule ({what}).") from error
    if not isinstance(tables, list) or not tables or not all(isinstance(each, dict) for each in tables):
        raise ConfigError(
            f"{path.name} holds no schedule: write a list of tables, one per octave, coarsest first, as "
            "[[schedule]] in TOML or [{…}, {…}] in JSON."
        )
    return tables


def _parsed(text: str, suffix: str) -> Any:
    if suffix == ".toml":
        return tomllib.loads(text)
    if suffix == ".json":
        return json.loads(text)
    lists = (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.List))
    tables = (each for each in lists if each.elts and all(isinstance(item, ast.Dict) for item in each.elts))
    return next((_literal(each) for each in tables), None)


def _literal(node: ast.expr) -> Any:
    """Return the value of a Python literal; products of numbers count as such (0.78*1.2)."""
    match node:
        case ast.Constant(value=None | str() | int() | float() as value):
            return value
        case ast.List(elts=parts) | ast.Tuple(elts=parts):
            return [_literal(each) for each in parts]
        case ast.Dict(keys=keys, values=values):
            return {_key(key, node): _literal(value) for key, value in zip(keys, values, strict=True)}
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            return _number(left) * _number(right)
        case ast.UnaryOp(op=ast.USub() | ast.UAdd() as sign, operand=operand):
            return -_number(operand) if isinstance(sign, ast.USub) else _number(operand)
    raise _not_plain(node, "is not a plain value: write numbers, strings, lists and tables")


def _key(node: ast.expr | None, table: ast.Dict) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    what = "is not the name of a setting: write a string, such as 'iter_n'"
    raise _not_plain(node, what) if node else _not_plain(table, "takes from another table: write it out")


def _number(node: ast.expr) -> float:
    value = _literal(node)
    if not isinstance(value, int | float):
        raise _not_plain(node, "is not a number")
    return value


def _not_plain(node: ast.expr, what: str) -> ValueError:
    words = " ".join(ast.unparse(node).split())
    words = words if len(words) <= _LONGEST_WORDS else f"{words[: _LONGEST_WORDS - 1]}…"
    return ValueError(f"line {node.lineno}: {words} {what}")


def _unwrapped(value: Any) -> Any:
    """Return the list inside {"schedule": […]}, {"octaves": […]} or {"dream": {"schedule": […]}}."""
    if isinstance(value, dict):
        inner = value.get("dream", value)
        if isinstance(inner, dict):
            return next((inner[key] for key in _KEYS if key in inner), None)
    return value
