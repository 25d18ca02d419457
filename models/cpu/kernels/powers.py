"""Powers without roots and divisions, for compiled loops.

A processor takes as long for one division or square root of a vector as for some ten products. Newton's way
finds s^(-1/4) in products alone: from a guess y, y * (1.25 - 0.25 * s * y^4) has twice as many right digits.
The guess comes from the bits of s, whose upper ones are its logarithm: minus a quarter of them, as a number,
is within 3.2% of what is sought. Two steps bring it to 2e-5; the rest, 1 - s * y^4, corrects the powers of y
themselves.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import types
from numba.extending import intrinsic

from .compiled import compiled

_GUESS = 0x4F5860D4
"""The bits of the guess for s are these, less a quarter of those of s: found by trying."""


@intrinsic
def _fused(typing: Any, a: Any, b: Any, c: Any) -> Any:
    """a * b + c, in one instruction and rounded once where the processor has that."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        product = builder.fmul(*arguments[:2], flags=("contract",))
        return builder.fadd(product, arguments[2], flags=("contract",))

    return types.float32(types.float32, types.float32, types.float32), generate


@intrinsic
def _guessed(typing: Any, number: Any) -> Any:
    """About number^(-1/4)."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        guess, two = (context.get_constant(types.uint32, number) for number in (_GUESS, 2))
        bits = builder.bitcast(arguments[0], context.get_value_type(types.uint32))
        bits = builder.sub(guess, builder.lshr(bits, two))
        return builder.bitcast(bits, context.get_value_type(types.float32))

    return types.float32(types.float32), generate


# Compiled code calls an intrinsic without the typing context, which the type checker cannot know.
multiply_add: Any = _fused
_guess: Any = _guessed


@compiled
def three_quarters_and_whole(s: Any) -> Any:
    """Return s^(-3/4) and 1 / s of a positive normal float32, both within 2^-22 of themselves."""
    y = _guess(s)
    quarter = np.float32(-0.25) * s
    for _ in range(2):
        square = y * y
        y *= multiply_add(quarter, square * square, np.float32(1.25))
    square = y * y
    cube, fourth = square * y, square * square
    left = multiply_add(-s, fourth, np.float32(1))
    return multiply_add(np.float32(0.75) * cube, left, cube), multiply_add(fourth, left, fourth)
