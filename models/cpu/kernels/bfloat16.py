"""bfloat16 inside compiled loops: the upper half of a float32, carried as int16.

Reading one is a shift. Writing one rounds to the nearest, and to the even one of two that are equally near,
as PyTorch does. Loops call `wide`, `short` and `order` on whatever the array holds: float32 passes unchanged.

Numba makes every sum of integers one of 64 bits, which keeps a loop from working on many elements at once. So
what happens to bits is told to LLVM directly.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import types
from numba.extending import intrinsic, overload


@intrinsic
def _widened(typing: Any, half: Any) -> Any:
    """The float32 whose upper half these 16 bits are."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        whole = builder.zext(arguments[0], context.get_value_type(types.uint32))
        whole = builder.shl(whole, context.get_constant(types.uint32, 16))
        return builder.bitcast(whole, context.get_value_type(types.float32))

    return types.float32(types.int16), generate


@intrinsic
def _halved(typing: Any, number: Any) -> Any:
    """The upper 16 bits of a float32, rounded."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        one, half, place = (context.get_constant(types.uint32, number) for number in (1, 0x7FFF, 16))
        bits = builder.bitcast(arguments[0], context.get_value_type(types.uint32))
        odd = builder.and_(builder.lshr(bits, place), one)
        rounded = builder.add(builder.add(bits, half), odd)
        return builder.trunc(builder.lshr(rounded, place), context.get_value_type(types.int16))

    return types.int16(types.float32), generate


# Compiled code calls an intrinsic without the typing context, which the type checker cannot know.
_to_wide: Any = _widened
_to_half: Any = _halved


def wide(number: Any) -> Any:
    """Return an array's element as float32."""
    raise NotImplementedError("for compiled loops")


def short(number: Any, like: Any) -> Any:
    """Return a float32 as an element of the array that `like` is from."""
    raise NotImplementedError("for compiled loops")


def order(number: Any) -> Any:
    """Return something that compares as an array's elements do."""
    raise NotImplementedError("for compiled loops")


@overload(wide, inline="always", strict=False)
def _wide(number: Any) -> Callable[..., Any]:
    if isinstance(number, types.Integer):
        return lambda number: _to_wide(number)
    return lambda number: number


@overload(short, inline="always", strict=False)
def _short(number: Any, like: Any) -> Callable[..., Any]:
    if isinstance(like, types.Integer):
        return lambda number, like: _to_half(np.float32(number))
    return lambda number, like: np.float32(number)


@overload(order, inline="always", strict=False)
def _order(number: Any) -> Callable[..., Any]:
    if isinstance(number, types.Integer):
        # Of negative numbers the larger bits are the smaller number: turn these bits round.
        return lambda number: np.int16(number ^ ((number >> 15) & 0x7FFF))
    return lambda number: number
