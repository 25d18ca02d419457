r"""Arrays of numbers in NumPy's `.npy` form, without NumPy's own reader.

    \x93NUMPY  version  length of the header  {'descr': '<f4', 'fortran_order': False, 'shape': (3,)}  numbers

NumPy's reader takes pickles, archives and any type, allocates what the header asks for before it looks at the
data, and raises whatever comes up. Here an array is plain numbers and as large as its file.
"""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .files import FileKind, read_bytes
from .python_lists import plain_value

_MAGIC = b"\x93NUMPY"
_LONGEST_HEADER = 10_000  # NumPy's own limit
_MOST_DIMENSIONS = 32
_MOST_NUMBERS = 2**40
_NUMBERS = re.compile(r"[<>|=]?(?:f[248]|[iu][1248])", re.ASCII)
_PYTHON_2_LONG = re.compile(r"(?<=\d)L\b")


def read_array(path: Path, kind: FileKind) -> NDArray[Any]:
    """Return the numbers of an `.npy` file in their shape; raises what `kind` says."""
    content = read_bytes(path, kind)
    if not content.startswith(_MAGIC):
        raise kind.fault(path, "it does not begin as an .npy file")
    try:
        dtype, in_fortran_order, shape, start = _header(content)
    except (ValueError, IndexError) as error:
        raise kind.fault(path, f"its header cannot be read ({error})") from error
    expected = math.prod(shape) * dtype.itemsize
    if len(content) - start != expected:
        raise kind.fault(
            path,
            f"for {dtype.name} of shape {shape} {expected:,} bytes should follow its header, and "
            f"{len(content) - start:,} do",
        )
    values = np.frombuffer(content, dtype, offset=start)
    return values.reshape(shape, order="F" if in_fortran_order else "C")


def _header(content: bytes) -> tuple[np.dtype[Any], bool, tuple[int, ...], int]:
    """Return the type, the order, the shape, and where the numbers begin. Raises ValueError or IndexError."""
    width = 2 if content[6] == 1 else 4
    length = int.from_bytes(content[8 : 8 + width], "little")
    if length > _LONGEST_HEADER:
        raise ValueError(f"{length:,} bytes long, and at most {_LONGEST_HEADER:,} are allowed")
    start = 8 + width + length
    words = content[8 + width : start].decode("latin-1")
    header = plain_value(_PYTHON_2_LONG.sub("", words))
    if not isinstance(header, dict) or set(header) != {"descr", "fortran_order", "shape"}:
        raise ValueError("descr, fortran_order and shape are expected")
    descr, shape = header["descr"], header["shape"]
    if not isinstance(descr, str) or not _NUMBERS.fullmatch(descr):
        raise ValueError(f"the type {descr!r} is none of plain numbers, such as '<f4'")
    if (
        not isinstance(shape, list)
        or len(shape) > _MOST_DIMENSIONS
        or not all(type(side) is int and side >= 0 for side in shape)
        or math.prod(filter(None, shape)) > _MOST_NUMBERS  # NumPy looks at these, whatever a 0 makes of them
    ):
        raise ValueError(f"{shape!r} is no shape")
    return np.dtype(descr), bool(header["fortran_order"]), tuple(shape), start
