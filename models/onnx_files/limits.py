"""What an ONNX file may hold, found out on its bytes before a library makes objects of them.

Two bytes of a file can be an empty node, of which protobuf makes an object of a hundred bytes, so that files
of megabytes would take gigabytes. The walk here makes nothing but positions (caffe_files/wire_format.py). It
counts every field that becomes an object, and refuses what no plain convolutional network has: weights in
other files, graphs within nodes, functions, sparse tensors, words as tensors.
"""

from __future__ import annotations

from typing import Any, TypeAlias

from ..caffe_files.wire_format import BYTES, VARINT, Wire, WireError

Descriptor: TypeAlias = Any
"""protobuf's own description of a message: its fields by number."""

DEPTH_LIMIT = 16
"""How deep messages may lie in each other: a size in the shape of a value's type lies six deep."""

WHOLE_NUMBERS_LIMIT = 2**24
"""Bytes of packed whole numbers: shapes and indices. Each byte may become a number of eight bytes."""

REFUSED = {
    "ModelProto.functions": "functions",
    "ModelProto.training_info": "a program for training",
    "GraphProto.sparse_initializer": "sparse tensors",
    "AttributeProto.g": "a graph within a node (If, Loop, Scan)",
    "AttributeProto.graphs": "graphs within a node",
    "AttributeProto.tensors": "lists of tensors",
    "AttributeProto.sparse_tensor": "sparse tensors",
    "AttributeProto.sparse_tensors": "sparse tensors",
    "AttributeProto.tp": "types as values",
    "AttributeProto.type_protos": "types as values",
    "TensorProto.external_data": "weights in other files (external data)",
    "TensorProto.segment": "tensors in segments",
    "TensorProto.string_data": "words as tensors",
}
"""Fields that no plain convolutional network needs, and what they are."""

_WHOLE = frozenset({"dims", "int32_data", "int64_data", "uint64_data", "ints"})


class RefusedFieldError(WireError):
    """A field that no plain convolutional network needs."""


def check_fields(content: bytes, message: Descriptor) -> None:
    """Walk through a file's bytes as the message that they should be.

    Raises WireError where they are none, or hold more than any network; RefusedFieldError, which says what,
    for a field that lucidreel does not read.
    """
    _Walk(content).message(0, len(content), message, 0)


class _Walk:
    def __init__(self, content: bytes) -> None:
        self._wire = Wire(content)
        self._whole_left = WHOLE_NUMBERS_LIMIT

    def message(self, begin: int, end: int, message: Descriptor, depth: int) -> None:
        if depth > DEPTH_LIMIT:
            raise WireError(f"messages more than {DEPTH_LIMIT} deep in each other at byte {begin:,}")
        known = message.fields_by_number
        for number, kind, start, stop in self._wire.fields(begin, end):
            field = known.get(number)
            if field is None:
                continue
            if reason := REFUSED.get(f"{message.name}.{field.name}"):
                raise RefusedFieldError(reason)
            if field.name == "data_location" and kind == VARINT and self._wire.varint(start):
                raise RefusedFieldError(REFUSED["TensorProto.external_data"])
            if kind != BYTES:
                continue
            if field.message_type is not None:
                self.message(start, stop, field.message_type, depth + 1)
            elif field.type == field.TYPE_STRING:
                self._check_text(start, stop)
            elif field.name in _WHOLE:
                self._whole_left -= stop - start
                if self._whole_left < 0:
                    raise WireError(f"more than {WHOLE_NUMBERS_LIMIT:,} bytes of whole numbers")

    def _check_text(self, begin: int, end: int) -> None:
        """Refuse a name that is no text: protobuf would give its bytes."""
        try:
            self._wire.content[begin:end].decode("utf-8")
        except UnicodeDecodeError:
            raise WireError(f"a name at byte {begin:,} is no UTF-8 text") from None
