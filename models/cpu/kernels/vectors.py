"""Sixteen float32 side by side, as a number of compiled loops.

A compiler that is given a loop over channels has to find out by itself what goes side by side, and what may
stay in registers; long sums of products it leaves in memory. Here both are said: a value of 16 floats is
loaded, computed with and stored as one, whatever registers the machine has (one of AVX-512, two of AVX, four
of NEON). `product`, the inside of a matrix product, keeps all its sums in registers: it runs at the
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
def expect(_: Any, array: Any, place: Any, writes: Any) -> Any:
    """Have 16 floats of an array brought into the cache, which may lie beyond it; `writes` is a constant."""

    def make(context: Any, builder: Any, sig: Any, values: Any) -> Any:
        byte = ir.IntType(8).as_pointer()
        word = ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [byte, word, word, word])
        fetch = builder.module.declare_intrinsic("llvm.prefetch", [byte], kind)
        address = builder.bitcast(_address(context, builder, sig, values, 0), byte)
        builder.call(fetch, [address, word(writes.literal_value), word(2), word(1)])
        return context.get_dummy_value()

    return types.void(array, types.intp, writes), make


@_instruction
def product(
    _: Any, a: Any, at_a: Any, next_a: Any, depth: Any, b: Any, at_b: Any, c: Any, at_c: Any, next_c: Any,
    adds: Any, rows: Any, vectors: Any,
) -> Any:  # fmt: skip
    """Write `rows` x (16 * vectors) floats to c, or add them: as many rows of a times the rows of b.

    Rows of a, of `depth` floats, and of c are `next_a` and `next_c` apart; b has `depth` rows of
    16 * vectors floats, one after the other. `rows` and `vectors` are constants, of which the machine should
    have rows * vectors + vectors + 1 registers.
    """
    number = types.intp
    places = (a, number, number, number, b, number, c, number, number, types.boolean)

    def make(context: Any, builder: Any, sig: Any, values: Any) -> Any:
        starts = [_address(context, builder, sig, values, position) for position in (0, 4, 6)]
        steps = values[2], values[3], values[8]
        _product(builder, starts, steps, values[9], rows.literal_value, vectors.literal_value)
        return context.get_dummy_value()

    return types.void(*places, rows, vectors), make


def _product(builder: Any, starts: Any, steps: Any, adds: Any, rows: int, vectors: int) -> None:
    (a, b, c), (next_a, depth, next_c) = starts, steps
    results = [
        _vector_at(builder, builder.gep(c, [builder.mul(next_c, _number(row))]), number)
        for row in range(rows)
        for number in range(vectors)
    ]
    # Variables that nobody takes the address of become registers.
    sums = [cgutils.alloca_once(builder, _FLOATS) for _ in results]
    with builder.if_else(adds) as (there, new):
        with there:
            for total, result in zip(sums, results, strict=True):
                builder.store(builder.load(result, align=4), total)
        with new:
            for total in sums:
                builder.store(_FLOATS(None), total)
    row_starts = [builder.gep(a, [builder.mul(next_a, _number(row))]) for row in range(rows)]
    with cgutils.for_range(builder, depth) as loop:
        line = builder.gep(b, [builder.mul(loop.index, _number(vectors * LANES))])
        others = [builder.load(_vector_at(builder, line, number), align=4) for number in range(vectors)]
        for row, start in enumerate(row_starts):
            factor = _everywhere(builder, builder.load(builder.gep(start, [loop.index])))
            for other, total in zip(others, sums[row * vectors : (row + 1) * vectors], strict=True):
                term = builder.fmul(factor, other, flags=_CONTRACT)
                builder.store(builder.fadd(builder.load(total), term, flags=_CONTRACT), total)
    for total, result in zip(sums, results, strict=True):
        builder.store(builder.load(total), result, align=4)


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
