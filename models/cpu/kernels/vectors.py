"""Sixteen float32 side by side, as a number of compiled loops.

A compiler that is given a loop over channels has to find out by itself what goes side by side, and what may
stay in registers; long sums of products it leaves in memory. Here both are said: a value of 16 floats is
loaded, computed with and stored as one, whatever registers the machine has (one of AVX-512, two of AVX, four
of NEON). `add_products`, the inside of a matrix product, keeps all its sums in registers: it runs at the
machine's peak.

Places in arrays, which have to be contiguous, are counted in elements from the first; nothing checks them.
Products and sums may be contracted to one operation, where there is one.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba.core import cgutils, codegen, config, types
from numba.core.typing.templates import ConcreteTemplate, infer_global, signature
from numba.extending import intrinsic, lower_builtin, models, register_model

LANES = 16
_FLOATS = ir.VectorType(ir.FloatType(), LANES)
_POINTER = _FLOATS.as_pointer()
_CONTRACT = ("contract",)


def has_wide_registers() -> bool:
    """Tell whether loops are compiled for a machine with 32 registers of 16 floats (AVX-512)."""
    features = getattr(config, "CPU_FEATURES")  # noqa: B009 - numba makes its settings at run time
    return "+avx512f" in (codegen.get_host_cpu_features() if features is None else features)


class _Vector(types.Type):
    def __init__(self) -> None:
        super().__init__(name="Float32x16")


_VECTOR = _Vector()


@register_model(_Vector)
class _VectorModel(models.PrimitiveModel):
    def __init__(self, manager: Any, numba_type: Any) -> None:
        super().__init__(manager, numba_type, _FLOATS)


def _instruction(typed: Callable[..., Any]) -> Callable[..., Any]:
    """Make a function of the types of what it is given, which it does not see, one of compiled loops."""
    made: Callable[..., Any] = intrinsic(prefer_literal=True)(typed)
    return made


def _operator(symbol: Callable[..., Any], instruction: str) -> None:
    class Template(ConcreteTemplate):
        cases = (signature(_VECTOR, _VECTOR, _VECTOR),)

    def lower(context: Any, builder: Any, sig: Any, values: Any) -> Any:
        return getattr(builder, instruction)(*values, flags=_CONTRACT)

    infer_global(symbol)(Template)
    lower_builtin(symbol, _VECTOR, _VECTOR)(lower)


for _symbol, _name in ((operator.add, "fadd"), (operator.sub, "fsub"), (operator.mul, "fmul")):
    _operator(_symbol, _name)


@_instruction
def load(_: Any, array: Any, place: Any) -> Any:
    """Return the 16 floats of an array from a place on."""

    def make(context: Any, builder: Any, sig: Any, values: Any) -> Any:
        return builder.load(builder.bitcast(_address(context, builder, sig, values, 0), _POINTER), align=4)

    return _VECTOR(array, types.intp), make


@_instruction
def store(_: Any, array: Any, place: Any, value: Any) -> Any:
    """Put 16 floats into an array from a place on."""

    def make(context: Any, builder: Any, sig: Any, values: Any) -> Any:
        address = builder.bitcast(_address(context, builder, sig, values, 0), _POINTER)
        builder.store(values[2], address, align=4)
        return context.get_dummy_value()

    return types.void(array, types.intp, _VECTOR), make


@_instruction
def times(_: Any, value: Any, factor: Any) -> Any:
    """Return 16 floats times one number."""

    def make(context: Any, builder: Any, sig: Any, values: Any) -> Any:
        return builder.fmul(values[0], _everywhere(builder, values[1]), flags=_CONTRACT)

    return _VECTOR(_VECTOR, types.float32), make


@_instruction
def between(_: Any, value: Any, least: Any, most: Any) -> Any:
    """Return 16 floats held between two numbers; what is not a number stays so."""

    def make(context: Any, builder: Any, sig: Any, values: Any) -> Any:
        value = values[0]
        for limit, beyond in ((_everywhere(builder, values[1]), "<"), (_everywhere(builder, values[2]), ">")):
            value = builder.select(builder.fcmp_ordered(beyond, value, limit), limit, value)
        return value

    return _VECTOR(_VECTOR, types.float32, types.float32), make


@_instruction
def product(
    _: Any, a: Any, at_a: Any, next_row: Any, b: Any, at_b: Any, depth: Any, c: Any, at_c: Any, rows: Any,
    vectors: Any,
) -> Any:  # fmt: skip
    """Write `rows` x (16 * vectors) floats to c: `rows` rows of `depth` floats of a, times those of b.

    Rows of a are `next_row` apart, those of b and c follow each other. `rows` and `vectors` are constants,
    of which the machine should have rows * vectors + vectors + 1 registers.
    """
    places = (a, types.intp, types.intp, b, types.intp, types.intp, c, types.intp)

    def make(context: Any, builder: Any, sig: Any, values: Any) -> Any:
        a, b, c = (_address(context, builder, sig, values, number) for number in (0, 3, 6))
        _product(builder, a, b, c, values[2], values[5], rows.literal_value, vectors.literal_value)
        return context.get_dummy_value()

    return types.void(*places, rows, vectors), make


def _product(
    builder: Any, a: Any, b: Any, c: Any, next_row: Any, depth: Any, rows: int, vectors: int
) -> None:
    row_starts = [builder.gep(a, [builder.mul(next_row, _number(row))]) for row in range(rows)]
    # Variables that nobody takes the address of become registers.
    sums = [[cgutils.alloca_once_value(builder, _FLOATS(None)) for _ in range(vectors)] for _ in range(rows)]
    with cgutils.for_range(builder, depth) as loop:
        line = builder.gep(b, [builder.mul(loop.index, _number(vectors * LANES))])
        factors = [builder.load(_vector_at(builder, line, number), align=4) for number in range(vectors)]
        for start, row_sums in zip(row_starts, sums, strict=True):
            factor = _everywhere(builder, builder.load(builder.gep(start, [loop.index])))
            for other, total in zip(factors, row_sums, strict=True):
                term = builder.fmul(factor, other, flags=_CONTRACT)
                builder.store(builder.fadd(builder.load(total), term, flags=_CONTRACT), total)
    for number, total in enumerate(total for row_sums in sums for total in row_sums):
        builder.store(builder.load(total), _vector_at(builder, c, number), align=4)


def _address(context: Any, builder: Any, sig: Any, values: Any, number: int) -> Any:
    """Return the address of the place after the array that is argument `number`."""
    array = context.make_array(sig.args[number])(context, builder, values[number])
    return builder.gep(array.data, [values[number + 1]])


def _vector_at(builder: Any, start: Any, number: int) -> Any:
    return builder.bitcast(builder.gep(start, [_number(number * LANES)]), _POINTER)


def _everywhere(builder: Any, number: Any) -> Any:
    """Return a vector of one number."""
    nothing = _FLOATS(ir.Undefined)
    one = builder.insert_element(nothing, number, ir.IntType(32)(0))
    return builder.shuffle_vector(one, nothing, ir.VectorType(ir.IntType(32), LANES)([0] * LANES))


def _number(value: int) -> Any:
    return ir.IntType(64)(value)
