"""A tensor of an ONNX file as an array, if its numbers are as many as its shape says."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...errors import ModelFileError, cut
from ..caffe_files.input_layer import AXIS_LIMIT, VALUE_LIMIT

Array = NDArray[Any]

# TensorProto.DataType -> how raw bytes are read, and the field that holds the numbers otherwise.
_TYPES = {
    1: ("<f4", "float_data"),
    6: ("<i4", "int32_data"),
    7: ("<i8", "int64_data"),
    9: ("?", "int32_data"),
    10: ("<f2", "int32_data"),
    11: ("<f8", "double_data"),
}
_HALF = 10
_NAMES = {2: "uint8", 3: "int8", 8: "words", 16: "bfloat16"}


def tensor_values(tensor: Any, where: str) -> Array:
    """Return a TensorProto's numbers in its shape; `where` opens the message of an error.

    Raises ModelFileError for types that are not read, and where the numbers are not as many as the shape
    says.
    """
    place = f"{where}: tensor {cut(tensor.name)!r}"
    if tensor.data_type not in _TYPES:
        kind = _NAMES.get(tensor.data_type, f"type {tensor.data_type}")
        raise ModelFileError(
            f"{place}: holds {kind}; floats of 16, 32 and 64 bits are read. Quantised networks have to be "
            "exported with floats."
        )
    dtype, field = _TYPES[tensor.data_type]
    shape = tuple(tensor.dims)
    nonzero = math.prod(filter(None, shape))  # NumPy counts these
    if len(shape) > AXIS_LIMIT or min(shape, default=1) < 0 or nonzero > VALUE_LIMIT:
        most = f"at most {AXIS_LIMIT} sides and {VALUE_LIMIT:,} numbers"
        raise ModelFileError(f"{place}: {cut(str(shape))} is no shape of {most}.")
    raw = tensor.raw_data
    if raw:
        count, rest = divmod(len(raw), np.dtype(dtype).itemsize)
    else:
        count, rest = len(getattr(tensor, field)), 0
    if rest or count != math.prod(shape):
        raise ModelFileError(f"{place}: {count:,} numbers for the shape {cut(str(shape))}. The file is torn.")
    if raw:
        return np.frombuffer(raw, dtype).reshape(shape)
    listed = np.array(getattr(tensor, field), np.uint16 if tensor.data_type == _HALF else dtype)
    return listed.view(dtype).reshape(shape)
