"""Weights: reading a `.caffemodel` of any age, and writing one.

A `.caffemodel` is a NetParameter in binary form, of which only layer names and blobs matter here. Three
generations are read: `layer` (today), `layers` (V1) and `layers.layer` (V0). Old blobs have four dimensions
num x channels x height x width, filled with ones from the left (a bias is 1x1x1xN, an inner product 1x1xNxK),
and networks saved from double precision hold `double_data`. Layers are found by name, in any order; what the
definition does not ask for is never touched.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from google.protobuf.message import DecodeError
from google.protobuf.unknown_fields import UnknownFieldSet
from numpy.typing import ArrayLike, NDArray

from ..errors import ModelFileError
from .schema import Message, new

HDF5_MAGIC = b"\x89HDF\r\n\x1a\n"


def read_caffemodel(path: Path) -> dict[str, list[NDArray[np.float32]]]:
    """Read the blobs of every layer that has any, as float32 arrays by layer name.

    Where a name occurs twice (a TRAIN and a TEST variant), the last one with blobs counts, as in Caffe.
    Raises ModelFileError for a file that is missing, torn, empty, or of another kind.
    """
    net = new("NetParameter")
    content = _read_bytes(path)
    try:
        net.ParseFromString(content)
    except DecodeError as error:
        raise ModelFileError(
            f"{path}: not a complete .caffemodel ({len(content):,} bytes, {error}). "
            "It is torn or of another kind; download or copy it again."
        ) from error
    layers = [*net.layer, *(old.layer if old.HasField("layer") else old for old in net.layers)]
    if not layers:
        raise ModelFileError(f"{path}: holds no layers ({len(content):,} bytes). Is it the right file?")
    weights = {}
    for layer in layers:
        if layer.blobs:
            weights[layer.name] = [
                blob_values(blob, f"{path}: blob {index} of layer {layer.name!r}")
                for index, blob in enumerate(layer.blobs)
            ]
    return weights


def read_binaryproto(path: Path) -> NDArray[np.float32]:
    """Read the single blob of a `.binaryproto` file (Caffe's way to store a mean image)."""
    blob = new("BlobProto")
    try:
        blob.ParseFromString(_read_bytes(path))
    except DecodeError as error:
        raise ModelFileError(f"{path}: not a complete .binaryproto ({error}).") from error
    return blob_values(blob, str(path))


def write_caffemodel(path: Path | str, weights: Mapping[str, Sequence[ArrayLike]], name: str = "") -> None:
    """Write float32 blobs by layer name, in the order given; the same weights give the same bytes."""
    net = new("NetParameter")
    net.name = name
    for layer_name, arrays in weights.items():
        layer = net.layer.add(name=layer_name)
        for array in arrays:
            values = np.ascontiguousarray(array, dtype="<f4")
            blob = layer.blobs.add()
            blob.shape.dim.extend(values.shape)
            blob.data.append(values.tobytes())
    Path(path).write_bytes(net.SerializeToString(deterministic=True))


def blob_values(blob: Message, where: str) -> NDArray[np.float32]:
    """Return a BlobProto's values as float32 in its shape; `where` opens the message of an error."""
    values = _packed(blob.double_data, "<f8") if blob.double_data else _packed(blob.data, "<f4")
    if values is not None and not values.size:
        values = _unpacked(blob)
    # Caffe writes no shape at all for a scalar, so "no shape" means () unless an old dimension is there.
    old = any(blob.HasField(field) for field in ("num", "channels", "height", "width"))
    shape = (blob.num, blob.channels, blob.height, blob.width) if old else tuple(blob.shape.dim)
    if values is None or min(shape, default=1) < 0 or values.size != math.prod(shape):
        count = "a broken number of" if values is None else f"{values.size:,}"
        raise ModelFileError(f"{where}: {count} values for the shape {shape}. The file is torn.")
    return values.astype(np.float32, copy=False).reshape(shape)


def _read_bytes(path: Path) -> bytes:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ModelFileError(f"{path}: cannot be read: {error.strerror}.") from error
    if content.startswith(HDF5_MAGIC):
        raise ModelFileError(f"{path}: weights in HDF5 form are not supported; save them as .caffemodel.")
    return content


def _packed(chunks: Sequence[bytes], dtype: str) -> NDArray[np.floating] | None:
    """Join packed arrays (a writer may split one into several chunks); None when one ends inside a number."""
    content = chunks[0] if len(chunks) == 1 else b"".join(chunks)
    return np.frombuffer(content, dtype) if len(content) % np.dtype(dtype).itemsize == 0 else None


def _unpacked(blob: Message) -> NDArray[np.floating]:
    """Return values written one field each, as a writer without `packed` does (they look unknown to us)."""
    fields = [(field.field_number, field.data) for field in list(UnknownFieldSet(blob))]  # type: ignore[call-overload]
    doubles = np.array([bits for number, bits in fields if number == 8], "<u8").view("<f8")
    return (
        doubles
        if doubles.size
        else np.array([bits for number, bits in fields if number == 5], "<u4").view("<f4")
    )
