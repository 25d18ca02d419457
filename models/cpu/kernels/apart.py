"""Reading and writing whole maps that lie apart in memory, for compiled loops.

A loop over the channels of a cell is short. Before it may work on several at once, the compiler has it ask
whether what is written overlaps what is read, for every pair of cells, which takes longer than the work; and
a view of a cell (`map[n, row, column]`) is counted as a reference, twice. `read` and `write` take a map and
the place of a number in it, counted from the first, and are neither checked nor counted.

What they promise the compiler: within a function, nothing is read with `read` that is written with `write`,
and of what is written, each number only once.
"""

from __future__ import annotations

from typing import Any

from numba import types
from numba.extending import intrinsic

from .compiled import compiled

_WAYS = ("read", "write 0", "write 1", "write 2", "write 3")


@intrinsic
def _read(typing: Any, array: Any, place: Any) -> Any:
    """The number at a place of an array in C order."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return _marked(builder, builder.load(_at(context, builder, signature, arguments)), "read")

    return array.dtype(array, types.intp), generate


@intrinsic(prefer_literal=True)
def _write(typing: Any, array: Any, place: Any, number: Any, way: Any) -> Any:
    """Write a number of the array's own type; `way`, 0 to 3, tells several of a loop apart."""
    name = f"write {way.literal_value}"

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        there = _at(context, builder, signature, arguments)
        _marked(builder, builder.store(arguments[2], there), name)
        return context.get_dummy_value()

    return types.void(array, types.intp, array.dtype, way), generate


def _at(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    array = context.make_array(signature.args[0])(context, builder, arguments[0])
    return builder.gep(array.data, [arguments[1]])


def _marked(builder: Any, access: Any, way: str) -> Any:
    """Tell LLVM that one way into memory never meets the others."""
    module = builder.module
    domain = module.add_metadata([builder.function.name])
    scopes = {each: module.add_metadata([each, domain]) for each in _WAYS}
    access.set_metadata("alias.scope", module.add_metadata([scopes[way]]))
    others = [scope for each, scope in scopes.items() if each != way]
    access.set_metadata("noalias", module.add_metadata(others))
    return access


@compiled
def row_start(shape: Any, n: int, row: int) -> Any:
    """Where a row of a map of `shape` (n, h, w, c) begins."""
    return (n * shape[1] + row) * shape[2] * shape[3]


@compiled
def nearest(place: int, length: int) -> int:
    """Return the place within a length that is nearest to one that may lie beyond."""
    return min(max(place, 0), length - 1)


# Compiled code calls an intrinsic without the typing context, which the type checker cannot know.
read: Any = _read
write: Any = _write
