"""Compiling loops with numba, and sharing them out among threads.

Convolutions are PyTorch's. What lies between them (rectifiers, pooling, normalisation) is bound by memory,
and eager PyTorch passes over the memory several times: its max pooling keeps 64-bit indices and fills a map
with zeros to scatter into, its LRN is a dozen passes. The loops here read once and write once.

Compiled code is kept in numba's cache beside the source or in the user's cache folder, so that only the very
first run compiles; functions within loops are a part of these (`contained.py`). Where neither can be
written, every process compiles anew.

Loops run without the interpreter's lock, on the threads that PyTorch's convolutions run on (`team.py`). Where
these cannot be reached there is a small pool of our own: numba's own layers abort the process when two Python
threads enter them at once. Every output element is computed by one thread in one order, so results do not
depend on the number of threads.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache, cached_property, update_wrapper
from itertools import pairwise
from typing import Any, TypeVar, cast

import numba
import numpy as np
import torch
from numba.core import codegen
from numpy.typing import NDArray
from torch import Tensor

from ...garbage import no_garbage_looked_for
from .contained import as_contained
from .kept_code import forget_with_other_files, load_without_compiler
from .team import NO_TEAM, shared_out, team_addresses

Loop = TypeVar("Loop", bound=Callable[..., Any])
_settings: Any = numba.config  # made at run time
# Off by default in numba: sums side by side, one per tap of a kernel, become one sum of vectors.
_settings.SLP_VECTORIZE = 1
_features: str = codegen.get_host_cpu_features()  # type: ignore[no-untyped-call]
if _settings.CPU_FEATURES is None and "+avx512f" in _features.split(","):
    # On Intel's processors LLVM keeps to half a vector, because whole ones lowered the clock of old ones.
    # The convolutions in between use whole ones.
    _settings.CPU_FEATURES = f"{_features},-prefer-256-bit"
_WORTH_SHARING = 1 << 16  # elements


def compiled(loop: Loop) -> Loop:
    """Compile a function of arrays and numbers with numba, without the interpreter's lock.

    Division by zero gives an infinity, as in NumPy: a check before every division would keep a loop from
    working on several elements at once.
    """
    return _made(loop, fastmath=False)


def compiled_sums(loop: Loop) -> Loop:
    """Compile like `compiled`, with leave to add up floats in any order, which vectors need.

    The order is settled when the loop is compiled: on one machine a sum is always the same. Loops that call
    another one made so contain it.
    """
    return _made(loop, fastmath={"reassoc", "contract", "nsz"}, inline="always")


def _made(loop: Loop, **options: Any) -> Loop:
    return cast(Loop, _Compiled(loop, {"nogil": True, "error_model": "numpy", **options}))


class _Compiled:
    """A function that is compiled when it is needed: for Python, and in every loop that calls it."""

    def __init__(self, function: Callable[..., Any], options: dict[str, Any]) -> None:
        self.py_func, self.targetoptions = function, options  # numba looks for both
        update_wrapper(self, function)

    def __call__(self, *arguments: Any) -> Any:
        return self.alone(*arguments)

    @cached_property
    def alone(self) -> Callable[..., Any]:
        """What Python calls; its code is kept."""
        made: Any
        try:
            made = numba.njit(cache=True, **self.targetoptions)(self.py_func)
            forget_with_other_files(made)
            load_without_compiler(made)
        except RuntimeError:  # nowhere to keep the compiled code
            made = numba.njit(**self.targetoptions)(self.py_func)
        # A quarter of the compiler's time went to looking for garbage.
        made.compile = no_garbage_looked_for()(made.compile)
        return cast(Callable[..., Any], made)

    @cached_property
    def _contained(self) -> Any:
        return as_contained(self.py_func, self.targetoptions)

    @property
    def _numba_type_(self) -> Any:
        """What numba takes this for where a loop calls it."""
        return self._contained._numba_type_


def over_rows(loop: Callable[..., Any], rows: int, elements: int, *arguments: object) -> None:
    """Run `loop(*arguments, first, last)` so that first..last cover 0..rows, on PyTorch's number of threads.

    `elements` is the size of the whole work: little of it stays in this thread.
    """
    threads = torch.get_num_threads() if elements > _WORTH_SHARING and rows > 1 else 1
    run, team = _shared_out(loop), team_addresses()
    if threads == 1 or team != NO_TEAM:
        run(team, threads, 0, rows, *arguments)
        return
    bounds = [rows * part // threads for part in range(threads + 1)]
    waiting = [_pool().submit(run, team, 1, *part, *arguments) for part in pairwise(bounds[1:])]
    run(team, 1, bounds[0], bounds[1], *arguments)
    for future in waiting:
        future.result()


def cells(tensor: Tensor) -> NDArray[Any]:
    """Return a (n, c, h, w) tensor in channels_last order as an array (n, h, w, c) on the same memory.

    bfloat16, which NumPy does not have, appears as int16 with the same bits.
    """
    last = tensor.detach().permute(0, 2, 3, 1)
    array: NDArray[Any] = (last.view(torch.int16) if tensor.dtype == torch.bfloat16 else last).numpy()
    return array if array.flags.c_contiguous else np.ascontiguousarray(array)


def written_cells(tensor: Tensor) -> NDArray[Any]:
    """Return a map that a loop writes to as `cells` does; ValueError where that would be a copy."""
    if not tensor.permute(0, 2, 3, 1).is_contiguous():
        raise ValueError("a map to write to has to lie in channels_last order, without gaps")
    return cells(tensor)


def channels_last(tensor: Tensor) -> Tensor:
    """Return a map in channels_last order, copied where it is in another, or a part of another."""
    return tensor.contiguous(memory_format=torch.channels_last)


def empty_map(
    like: Tensor, channels: int, height: int, width: int, dtype: torch.dtype | None = None
) -> Tensor:
    """Return an unfilled (n, channels, height, width) map in channels_last order, of the type of `like`."""
    return torch.empty(
        (like.shape[0], channels, height, width),
        dtype=dtype or like.dtype,
        memory_format=torch.channels_last,
    )


@cache
def _shared_out(loop: Callable[..., Any]) -> Callable[..., None]:
    # Few elements go this way as well: compiled elsewhere, the loop might add up in another order.
    made: Any = _made(shared_out(loop), fastmath=False)
    return cast(Callable[..., None], made.alone)


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(thread_name_prefix="loops")
