"""bfloat16 inside compiled loops: the upper half of a float32, carried as int16.

Reading one is a shift. Writing one rounds to the nearest, and to the even one of two that are equally near,
as PyTorch does. Loops call `wide`, `short` and `order` on whatever the array holds: float32 passes unchanged.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import types
from numba.extending import intrinsic, overload

_HALF = np.uint32(0x7FFF)
_ONE = np.uint32(1)
_SHIFT = np.uint32(16)


@intrinsic
def _float_of_bits(typing: Any, bits: Any) -> Any:
    """The float32 with these 32 bits."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], context.get_value_type(types.float32))

    return types.float32(types.uint32), generate


@intrinsic
def _bits_of_float(typing: Any, number: Any) -> Any:
    """The 32 bits of a float32."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], context.get_value_type(types.uint32))

    return types.uint32(types.float32), generate


# Compiled code calls an intrinsic without the typing context, which the type checker cannot know.
_as_float: Any = _float_of_bits
_as_bits: Any = _bits_of_float


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
        return lambda number: _as_float(np.uint32(number) << _SHIFT)
    return lambda number: number


@overload(short, inline="always", strict=False)
def _short(number: Any, like: Any) -> Callable[..., Any]:
    if isinstance(like, types.Integer):

        def rounded(number: Any, like: Any) -> Any:
            bits = _as_bits(np.float32(number))
            return np.int16((bits + _HALF + ((bits >> _SHIFT) & _ONE)) >> _SHIFT)

        return rounded
    return lambda number, like: np.float32(number)


@overload(order, inline="always", strict=False)
def _order(number: Any) -> Callable[..., Any]:
    if isinstance(number, types.Integer):
        # Of negative numbers the larger bits are the smaller number: turn these bits round.
        return lambda number: np.int16(number ^ ((number >> 15) & 0x7FFF))
    return lambda number: number
