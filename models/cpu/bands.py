"""Bands: some rows of a map at a time, each computed by one thread from what it reads to what it leaves.

A map that is made only to be read at once is better never whole: the largest ones are new pages from the
system every time, and a thread finds in its own cache what it has just written. Threads take the next band
when they are done with one, so that one which is held up by another program keeps nobody waiting.

They are OpenMP's threads, those that compute convolutions and loops (kernels/team.py). Inside a band, PyTorch
and the compiled loops keep to the one thread. Where there is no such team, bands come one after the other,
each on all threads.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import torch
from torch import Tensor

from .kernels.team import team_addresses


@dataclass(frozen=True)
class BandSizes:
    """How a map that need not be whole is cut into bands (measured: docs/performance.md)."""

    whole_bytes: int = 32 * 2**20
    """A smaller map is made whole: its memory stays in the process (dream/memory.py)."""
    band_bytes: int = 4 * 2**20
    """The size of a band's part of the map."""
    least_rows: int = 16
    """A band has that many rows of it, however long: a row or two at either end are computed twice."""


@dataclass(frozen=True)
class Band:
    """Rows first..last of one image's map."""

    image: int
    first: int
    last: int

    def of(self, whole: Tensor) -> Tensor:
        """Return its part of a map (n, c, h, w)."""
        return whole[self.image : self.image + 1, :, self.first : self.last]

    def image_of(self, whole: Tensor) -> Tensor:
        """Return the map of its image, (1, c, h, w)."""
        return whole[self.image : self.image + 1]


def cut_into_bands(
    sizes: BandSizes, images: int, rows: int, step: int, lead: int, rows_between: int, row_bytes: int
) -> list[Band]:
    """Return bands that cover `rows` of each image.

    They begin `lead` rows before multiples of `step`, so that all but the ends have one height. `step` rows
    go with `rows_between` rows of the map that is never whole, of `row_bytes` each.
    """
    steps = -(-(rows + lead) // step)
    most = max(sizes.band_bytes // row_bytes, sizes.least_rows) // rows_between or 1
    threads = torch.get_num_threads()
    all_bands = -(-steps // most) * images
    count = min(steps, -(-all_bands // threads) * threads // images)  # as many for every thread
    height = -(-steps // count) * step
    found = (
        Band(image, max(0, edge - lead), min(rows, edge + height - lead))
        for image in range(images)
        for edge in range(0, rows + lead, height)
    )
    return [band for band in found if band.first < band.last]


def in_bands(work: Callable[[Band], None], bands: Sequence[Band]) -> None:
    """Run `work` for each band, in any order, on PyTorch's number of threads; raise what it raises."""
    threads, fork = torch.get_num_threads(), _fork()
    if fork is None or threads == 1:
        for band in bands:
            work(band)
        return
    waiting, failed = iter(bands), list[BaseException]()

    def body(_: int | None) -> None:
        try:
            for band in waiting:  # shared: each takes the next one
                if failed:
                    return
                work(band)
        except BaseException as error:  # nothing may leave a function that C calls
            failed.append(error)

    fork(_BODY(body), None, threads, 0)
    if failed:
        raise failed[0]


_BODY = ctypes.CFUNCTYPE(None, ctypes.c_void_p)
_FORK = ctypes.CFUNCTYPE(None, _BODY, ctypes.c_void_p, ctypes.c_uint, ctypes.c_uint)


@cache
def _fork() -> Callable[..., Any] | None:
    address = team_addresses()[0]
    return _FORK(address) if address else None
