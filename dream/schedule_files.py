"""Schedules in files: JSON, TOML, or the list as it stands in deepdraw's notebook."""

from __future__ import annotations

import ast
import json
import tomllib
from pathlib import Path
from typing import Any

from ..errors import ConfigError, InputNotFoundError

_KEYS = ("schedule", "octaves")


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
    except (ValueError, SyntaxError, RecursionError) as error:
        raise ConfigError(f"{path.name} is not a readable schedule ({error}).") from error
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
    if isinstance(node, ast.List):
        return [_literal(each) for each in node.elts]
    if isinstance(node, ast.Dict) and all(key is not None for key in node.keys):
        keys = [_literal(key) for key in node.keys if key is not None]
        return dict(zip(keys, map(_literal, node.values), strict=True))
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        return _number(node.left) * _number(node.right)
    return ast.literal_eval(node)


def _number(node: ast.expr) -> float:
    value = _literal(node)
    if not isinstance(value, int | float):
        raise ValueError(f"{value!r} is not a number")
    return value


def _unwrapped(value: Any) -> Any:
    """Return the list inside {"schedule": […]}, {"octaves": […]} or {"dream": {"schedule": […]}}."""
    if isinstance(value, dict):
        inner = value.get("dream", value)
        if isinstance(inner, dict):
            return next((inner[key] for key in _KEYS if key in inner), None)
    return value
