"""One team of threads for convolutions and compiled loops alike: OpenMP's, as PyTorch keeps it.

A network's layers take turns, convolutions on OpenMP's threads and loops on ours. With a pool for each, one
waits for the other at some sixty places of one step: OpenMP's threads, spinning until their next
convolution, hold the cores that the loop wants, and threads that sleep take long to wake. So the loops go to
the same threads, by the call that a compiler writes for `#pragma omp parallel`:

    GOMP_parallel(fork, data, threads, 0)      runs fork(data) on each thread of the team
                    |
                    omp_get_thread_num()       which of them this is

`fork` is made here in LLVM's language for every loop and signature: it takes the loop's arguments out of a
struct on the caller's stack and its share of the rows out of the thread's number. The addresses of the three
functions are arguments, so compiled code holds none and can be kept in numba's cache.

Each Python thread that comes here has a team of its own, which sleeps when it is not needed.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import FunctionType
from typing import Any

import numpy as np
import torch
from llvmlite import ir
from numba import types
from numba.core import cgutils as untyped
from numba.extending import intrinsic

cgutils: Any = untyped
_CALLS = ("GOMP_parallel", "omp_get_thread_num", "omp_get_num_threads")
Addresses = tuple[int, int, int]
NO_TEAM: Addresses = (0, 0, 0)


@cache
def team_addresses() -> Addresses:
    """Return where PyTorch's OpenMP has the three calls; NO_TEAM where it has no such OpenMP.

    On Linux it has GNU's, or another's with the same calls (LLVM's and Intel's); elsewhere nothing is known.
    """
    library = Path(torch.__file__).parent / "lib" / "libtorch_cpu.so"
    if sys.platform != "linux" or not torch.backends.openmp.is_available():  # type: ignore[no-untyped-call]
        return NO_TEAM
    try:  # what is looked up in a library is looked up in those that it was linked with
        loaded = ctypes.CDLL(str(library), mode=os.RTLD_NOLOAD | os.RTLD_LAZY)
        found = [ctypes.cast(getattr(loaded, name), ctypes.c_void_p).value or 0 for name in _CALLS]
    except (OSError, AttributeError):
        return NO_TEAM
    return found[0], found[1], found[2]


def shared_out(loop: Any) -> Callable[..., None]:
    """Return a function (addresses, threads, first, last, *arguments) that shares `loop`'s rows out.

    `loop(*arguments, first, last)` is compiled; what is returned is to be compiled by the caller. It stands
    in the loop's file under a name of its own, so that numba keeps the code of both there.
    """
    function = loop.py_func
    name = f"{function.__name__}_shared_out"
    code = _pattern.__code__.replace(
        co_filename=function.__code__.co_filename,
        co_firstlineno=function.__code__.co_firstlineno,
        co_name=name,
    )
    made = FunctionType(code, {"_to_all": _share_out, "_loop": loop}, name)
    made.__qualname__, made.__module__ = name, function.__module__
    return made


def _pattern(addresses: Addresses, threads: int, first: int, last: int, *arguments: Any) -> None:
    _to_all(_loop, addresses, threads, first, last, arguments)


def _loop(*arguments: Any) -> None:
    raise NotImplementedError("stands for a compiled loop")


@intrinsic
def _share_out(
    typing: Any, loop: Any, addresses: Any, threads: Any, first: Any, last: Any, given: Any
) -> Any:
    """Run loop(*given, from, to) on each of `threads` threads, so that from..to cover first..last."""
    whole = types.intp
    kinds = (*given, whole, whole)
    typing.resolve_function_type(loop, kinds, {})  # compiles it

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        compiled = loop.dispatcher.overloads[kinds]
        context.add_linking_libs([compiled.library])
        calls = cgutils.unpack_tuple(builder, values[1])
        failed = cgutils.alloca_once_value(builder, _INT(0))
        arguments = [
            _borrowed(context, builder, type_, value)
            for type_, value in zip(given, cgutils.unpack_tuple(builder, values[5], len(given)), strict=True)
        ]
        packed = cgutils.pack_struct(builder, [*calls[1:], failed, values[3], values[4], *arguments])
        data = cgutils.alloca_once_value(builder, packed)
        part = _part(context, builder.module, packed.type, compiled)
        alone = builder.icmp_signed("<=", values[2], context.get_constant(whole, 1))
        with builder.if_else(alone) as (here, together):
            with here:
                builder.call(part, [data, _WHOLE(0), _WHOLE(1)])
            with together:
                _fork(builder, calls[0], _body(builder.module, packed.type, part), data, values[2])
        with cgutils.if_unlikely(builder, cgutils.is_not_null(builder, builder.load(failed))):
            context.call_conv.return_user_exc(
                builder, MemoryError, ("not enough memory for a compiled loop",)
            )
        return context.get_dummy_value()

    return types.void(loop, addresses, whole, whole, whole, given), generate


# Compiled code calls an intrinsic without the typing context, which the type checker cannot know.
_to_all: Any = _share_out
_BYTES, _INT, _WHOLE = ir.IntType(8).as_pointer(), ir.IntType(32), ir.IntType(8 * np.intp().nbytes)


def _borrowed(context: Any, builder: Any, type_: Any, value: Any) -> Any:
    """Return an array without its owner, which the caller holds on to; anything else as it is.

    Whoever passes a part of an array on counts one owner more for as long. It is one number for all threads,
    which would take it from each other at every cell: a pooling on two took longer than on one.
    """
    if not isinstance(type_, types.Array):
        return value
    array = context.make_array(type_)(context, builder, value)
    array.meminfo = cgutils.get_null_value(array.meminfo.type)
    return array._getvalue()


def _part(context: Any, module: Any, packed: Any, compiled: Any) -> Any:
    """Make the function (struct, number, parts) that runs the loop over one part of the rows."""
    kind = ir.FunctionType(ir.VoidType(), [packed.as_pointer(), _WHOLE, _WHOLE])
    function, builder = _function(module, kind, "part")
    data, number, parts = function.args
    _, _, failed, first, last, *arguments = cgutils.unpack_tuple(builder, builder.load(data))
    rows = builder.sub(last, first)
    bounds = [
        builder.add(first, builder.sdiv(builder.mul(rows, edge), parts))
        for edge in (number, builder.add(number, _WHOLE(1)))
    ]
    signature = compiled.signature
    status, _ = context.call_internal_no_propagate(builder, compiled.fndesc, signature, [*arguments, *bounds])
    with cgutils.if_unlikely(builder, status.is_error):  # all that a loop can fail of is its own buffers
        builder.store(_INT(1), failed)
    builder.ret_void()
    return function


def _body(module: Any, packed: Any, part: Any) -> Any:
    """Make the function that OpenMP calls on each of its threads, with the struct's address."""
    function, builder = _function(module, ir.FunctionType(ir.VoidType(), [_BYTES]), "body")
    data = builder.bitcast(function.args[0], packed.as_pointer())
    asked = ir.FunctionType(_INT, []).as_pointer()
    addresses = (builder.load(cgutils.gep_inbounds(builder, data, 0, place)) for place in (0, 1))
    numbers = [builder.call(builder.inttoptr(address, asked), []) for address in addresses]
    builder.call(part, [data, *(builder.zext(number, _WHOLE) for number in numbers)])
    builder.ret_void()
    return function


def _fork(builder: Any, address: Any, body: Any, data: Any, threads: Any) -> None:
    kind = ir.FunctionType(ir.VoidType(), [body.type, _BYTES, _INT, _INT]).as_pointer()
    arguments = [body, builder.bitcast(data, _BYTES), builder.trunc(threads, _INT), _INT(0)]
    builder.call(builder.inttoptr(address, kind), arguments)


def _function(module: Any, kind: Any, name: str) -> tuple[Any, Any]:
    """Begin a function that is seen in its module alone."""
    function = ir.Function(module, kind, module.get_unique_name(name))
    function.linkage = "internal"
    function.attributes.add("noinline")  # one thread runs the same instructions as many
    return function, ir.IRBuilder(function.append_basic_block())
