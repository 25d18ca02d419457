"""Lists of tables as they stand in a Python program, read but never run.

The first list of tables is what counts, so deepdraw's `octaves = [{'layer': …}, …]` can be pasted with all
that stands around it. Numbers, strings, lists, tables and products of numbers (0.78*1.2) are values.
"""

from __future__ import annotations

import ast
import re
import warnings
from pathlib import Path
from typing import Any

from ...errors import cut
from .files import FileKind, read_text
from .tables import LARGEST_WHOLE, checked

_LONGEST_QUOTED = 40
_LONG_NUMBER = re.compile(r"(?<![\w.])[0-9][0-9_]{4000}")


class _NotPlainError(ValueError):
    """What stands there is no plain value; the message says where and what."""


def read_python_list(path: Path, kind: FileKind) -> list[dict[str, Any]] | None:
    """Return the first list of tables in a Python file, None where there is none; raises what `kind` says."""
    text = read_text(path, kind)
    try:
        tables = _first_list(_parsed(text))
    except SyntaxError as error:
        raise kind.fault(path, f"it is not Python (line {error.lineno}: {error.msg})") from error
    except _NotPlainError as error:
        raise kind.fault(path, error) from error
    except (RecursionError, MemoryError):  # the latter is how Python's parser says too deep
        raise kind.fault(path, "it is nested too deep") from None
    checked(tables, path, kind)
    return tables


def plain_value(text: str) -> Any:
    """Return the value of a single Python literal; raises ValueError."""
    try:
        return _value(ast.parse(text.strip(), mode="eval").body)
    except (SyntaxError, RecursionError, MemoryError) as error:
        raise ValueError(f"no plain value ({type(error).__name__})") from error


def _parsed(text: str) -> ast.AST:
    if long := _LONG_NUMBER.search(text):  # Python's own words for it speak of its settings
        line = text.count("\n", 0, long.start()) + 1
        raise _NotPlainError(f"line {line}: a whole number is larger than {LARGEST_WHOLE:,}")
    with warnings.catch_warnings():  # of strange escapes in what is pasted
        warnings.simplefilter("ignore")
        return ast.parse(text)


def _first_list(program: ast.AST) -> list[dict[str, Any]] | None:
    lists = (node for node in ast.walk(program) if isinstance(node, ast.List))
    tables = (each for each in lists if each.elts and all(isinstance(item, ast.Dict) for item in each.elts))
    return next((_value(each) for each in tables), None)


def _value(node: ast.expr) -> Any:
    match node:
        case ast.Constant(value=None | str() | int() | float() as value):
            return value
        case ast.List(elts=parts) | ast.Tuple(elts=parts):
            return [_value(each) for each in parts]
        case ast.Dict(keys=keys, values=values):
            return {_key(key, node): _value(value) for key, value in zip(keys, values, strict=True)}
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            return _within(_number(left) * _number(right), node)
        case ast.UnaryOp(op=ast.USub() | ast.UAdd() as sign, operand=operand):
            return -_number(operand) if isinstance(sign, ast.USub) else _number(operand)
    raise _not_plain(node, "is not a plain value: write numbers, strings, lists and tables")


def _key(node: ast.expr | None, table: ast.Dict) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    what = "is not the name of a setting: write a string, such as 'iter_n'"
    raise _not_plain(node, what) if node else _not_plain(table, "takes from another table: write it out")


def _number(node: ast.expr) -> float:
    value = _value(node)
    if not isinstance(value, int | float):
        raise _not_plain(node, "is not a number")
    return _within(value, node)


def _within(value: float, node: ast.expr) -> float:
    """Return a number that is not too large to go on multiplying with."""
    if isinstance(value, int) and abs(value) > LARGEST_WHOLE:
        raise _NotPlainError(f"line {node.lineno}: a whole number is larger than {LARGEST_WHOLE:,}")
    return value


def _not_plain(node: ast.expr, what: str) -> _NotPlainError:
    words = cut(" ".join(ast.unparse(node).split()), _LONGEST_QUOTED)
    return _NotPlainError(f"line {node.lineno}: {words} {what}")
