"""Weights: reading a `.caffemodel` of any age, and writing one.

A `.caffemodel` is a NetParameter in binary form, of which only layer names and blobs matter here; the rest is
passed over (wire_format.py). Three generations are read: `layer` (today), `layers` (V1) and `layers.layer`
(V0). Old blobs have four dimensions num x channels x height x width, filled with ones from the left (a bias
is 1x1x1xN, an inner product 1x1xNxK), networks saved from double precision hold `double_data`, and those of
NVIDIA's Caffe `raw_data` in one of several types, half precision among them. Layers are found by name, in any
order; what the definition does not ask for is never touched.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...errors import ModelFileError
from ..reading.files import FileKind, read_bytes
from .input_layer import AXIS_LIMIT, VALUE_LIMIT
from .mistaken import FROM_HDF5, what_else
from .schema import new
from .text_format import decoded
from .wire_format import BYTES, FIXED32, FIXED64, VARINT, Wire, WireError

HDF5_MAGIC = b"\x89HDF\r\n\x1a\n"

_KIND = FileKind("file of weights", ModelFileError, most_bytes=2**36)  # a hundred times VGG's

# Field numbers of the messages. (Their names and types are in schema.py.)
_LAYER, _V1_LAYER = 100, 2
_NAME, _BLOBS = 1, 7
_V1_NAME, _V1_BLOBS, _V0_LAYER = 4, 6, 1
_V0_NAME, _V0_BLOBS = 1, 50
_OLD_SIDES = (1, 2, 3, 4)
_DATA, _SHAPE, _DOUBLE_DATA, _RAW_TYPE, _RAW_DATA = 5, 7, 8, 10, 12
_RAW_TYPES = {0: "<f8", 1: "<f4", 2: "<f2"}
_PACKED = {_DATA: "<f4", _DOUBLE_DATA: "<f8"}
_UNPACKED = {(_DATA, FIXED32): "<f4", (_DOUBLE_DATA, FIXED64): "<f8"}

Extent = tuple[int, int]
"""Where in the file a message begins and ends."""


def read_caffemodel(path: Path) -> dict[str, list[NDArray[np.float32]]]:
    """Read the blobs of every layer that has any, as float32 arrays by layer name.

    Where a name occurs twice (a TRAIN and a TEST variant), the last one with blobs counts, as in Caffe.
    Raises ModelFileError for a file that is missing, torn, empty, or of another kind.
    """
    content = read_weight_bytes(path)
    wire, empty = Wire(content), True
    weights = {}
    try:
        for name, blobs in _layers(wire):
            empty = False
            if blobs:
                weights[name] = [
                    _blob_values(wire, blob, f"{path}: blob {index} of layer {name!r}")
                    for index, blob in enumerate(blobs)
                ]
    except WireError as error:
        raise ModelFileError(
            f"{path}: not a complete .caffemodel ({len(content):,} bytes: {error}). "
            "It is torn or of another kind; download or copy it again."
        ) from error
    if empty:
        raise ModelFileError(f"{path}: holds no layers ({len(content):,} bytes). Is it the right file?")
    return weights


def read_binaryproto(path: Path) -> NDArray[np.float32]:
    """Read the single blob of a `.binaryproto` file (Caffe's way to store a mean image)."""
    content = read_weight_bytes(path)
    try:
        return _blob_values(Wire(content), (0, len(content)), str(path))
    except WireError as error:
        raise ModelFileError(f"{path}: not a complete .binaryproto ({error}).") from error


def write_caffemodel(path: Path | str, weights: Mapping[str, Sequence[ArrayLike]], name: str = "") -> None:
    """Write float32 blobs by layer name, in the order given; the same weights give the same bytes."""
    with Path(path).open("wb") as file:
        net = new("NetParameter")
        net.name = name
        file.write(net.SerializeToString(deterministic=True))
        for layer_name, arrays in weights.items():  # one after the other: messages are joined by their bytes
            net = new("NetParameter")
            layer = net.layer.add(name=layer_name)
            for array in arrays:
                values = np.asarray(array, dtype="<f4")
                blob = layer.blobs.add()
                blob.shape.dim.extend(values.shape)
                blob.data.append(values.tobytes())
            file.write(net.SerializeToString(deterministic=True))


def read_weight_bytes(path: Path) -> bytes:
    """Return a binary file's content; ModelFileError where it cannot be read or is in HDF5 form."""
    try:
        content = read_bytes(path, _KIND)
    except MemoryError as error:
        raise ModelFileError(f"{path}: does not fit the memory ({path.stat().st_size:,} bytes).") from error
    if other := what_else(content):
        raise ModelFileError(f"{path}: is no such file: {other}.")
    if content.startswith(HDF5_MAGIC):
        raise ModelFileError(f"{path}: {FROM_HDF5}")
    return content


def _layers(wire: Wire) -> Iterator[tuple[str, list[Extent]]]:
    """Yield name and blobs of every layer of whichever generation."""
    for number, kind, begin, end in wire.fields(0, len(wire.content)):
        if kind != BYTES:
            continue
        if number == _LAYER:
            yield _layer(wire, (begin, end), _NAME, _BLOBS)
        elif number == _V1_LAYER:
            yield _old_layer(wire, (begin, end))


def _layer(wire: Wire, extent: Extent, name_field: int, blobs_field: int) -> tuple[str, list[Extent]]:
    name, blobs = b"", []
    for number, kind, begin, end in wire.fields(*extent):
        if kind == BYTES and number == name_field:
            name = wire.content[begin:end]
        elif kind == BYTES and number == blobs_field:
            blobs.append((begin, end))
    return decoded(name), blobs


def _old_layer(wire: Wire, extent: Extent) -> tuple[str, list[Extent]]:
    """Return a V1 layer's name and blobs, or those of the V0 layer that it holds."""
    for number, kind, begin, end in wire.fields(*extent):
        if kind == BYTES and number == _V0_LAYER:
            return _layer(wire, (begin, end), _V0_NAME, _V0_BLOBS)
    return _layer(wire, extent, _V1_NAME, _V1_BLOBS)


def _blob_values(wire: Wire, extent: Extent, where: str) -> NDArray[np.float32]:
    """Return a BlobProto's values as float32 in its shape; `where` opens the message of an error."""
    pieces: dict[int, list[NDArray[np.floating]]] = {_DATA: [], _DOUBLE_DATA: [], _RAW_DATA: []}
    dims: list[int] = []
    old: dict[int, int] = {}
    raw_type = 1
    for number, kind, begin, end in wire.fields(*extent):
        if (number, kind) in _UNPACKED:
            pieces[number].append(wire.unpacked(begin, end, _UNPACKED[number, kind]))
        elif number in _PACKED and kind == BYTES:
            pieces[number].append(_packed(wire, (begin, end), _PACKED[number], where))
        elif number == _SHAPE and kind == BYTES:
            dims.extend(_dims(wire, (begin, end)))
        elif number in _OLD_SIDES and kind == VARINT:
            old[number] = _signed(wire.varint(begin))
        elif number == _RAW_TYPE and kind == VARINT:
            raw_type = wire.varint(begin)
        elif number == _RAW_DATA and kind == BYTES:
            pieces[number].append(_packed(wire, (begin, end), _RAW_TYPES.get(raw_type, "<f4"), where))
    # Caffe writes no shape at all for a scalar, so "no shape" means () unless an old dimension is there.
    shape = tuple(old.get(side, 0) for side in _OLD_SIDES) if old else tuple(dims)
    return _shaped(pieces[_DOUBLE_DATA] or pieces[_DATA] or pieces[_RAW_DATA], shape, where)


def _packed(wire: Wire, extent: Extent, dtype: str, where: str) -> NDArray[np.floating]:
    """Return a packed array where it lies in the file, without a copy."""
    begin, end = extent
    count, rest = divmod(end - begin, np.dtype(dtype).itemsize)
    if rest:
        raise ModelFileError(f"{where}: {end - begin:,} bytes of numbers end inside one. The file is torn.")
    return np.frombuffer(wire.content, dtype, count, begin)


def _dims(wire: Wire, extent: Extent) -> list[int]:
    """Return the dimensions of a BlobShape."""
    dims: list[int] = []
    for number, kind, begin, end in wire.fields(*extent):
        if number == 1 and kind == BYTES:
            dims.extend(map(_signed, wire.packed_varints(begin, end)))
        elif number == 1 and kind == VARINT:
            dims.append(_signed(wire.varint(begin)))
    return dims


def _signed(value: int) -> int:
    return value - (1 << 64) if value >> 63 else value


def _shaped(pieces: Sequence[NDArray[np.floating]], shape: Sequence[int], where: str) -> NDArray[np.float32]:
    """Join pieces (a writer may split an array) to a float32 array of a shape that they fill."""
    values = pieces[0] if len(pieces) == 1 else np.concatenate([np.zeros(0, "<f4"), *pieces])
    if len(shape) > AXIS_LIMIT:
        raise ModelFileError(
            f"{where}: has {len(shape)} dimensions; Caffe's blobs have at most {AXIS_LIMIT}."
        )
    # NumPy counts how many values an array would have without its sides of 0.
    nonzero = math.prod(filter(None, shape))
    if min(shape, default=1) < 0 or values.size != math.prod(shape) or nonzero > VALUE_LIMIT:
        raise ModelFileError(
            f"{where}: {values.size:,} values for the shape {tuple(shape)}. The file is torn."
        )
    with np.errstate(over="ignore"):  # doubles beyond float32 become infinite, which is told later
        return values.astype(np.float32, copy=False).reshape(tuple(shape))
