"""Caffe's file format: the table of its messages, turned into protobuf classes when first needed."""

from __future__ import annotations

from functools import cache
from typing import Any, TypeAlias

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

from .schema_table import ENUMS, MESSAGES

Message: TypeAlias = Any
"""A protobuf message of this schema; its fields exist only at run time, so type checkers see Any."""

PACKAGE = "caffe"


def new(message: str) -> Message:
    """Return a new, empty message, for instance `new("NetParameter")`."""
    return _message_classes()[message]()


@cache
def _message_classes() -> dict[str, type]:
    """Build every message class once, in a pool of its own: a real caffe_pb2 may be loaded beside it."""
    file = descriptor_pb2.FileDescriptorProto(name="lucidreel_caffe.proto", package=PACKAGE, syntax="proto2")
    built = {name: file.message_type.add(name=name) for name in MESSAGES}
    for name, values in ENUMS.items():
        owner, _, enum = name.rpartition(".")
        _fill_enum((built[owner] if owner else file).enum_type.add(name=enum), values)
    for name, fields in MESSAGES.items():
        for line in fields.replace("\n", ";").split(";"):
            if line.strip():
                _fill_field(built[name].field.add(), line)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return {
        name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{PACKAGE}.{name}"))
        for name in MESSAGES
    }


def _fill_enum(enum: descriptor_pb2.EnumDescriptorProto, values: str) -> None:
    for position, value in enumerate(values.split()):
        name, _, number = value.partition("=")
        enum.value.add(name=name, number=int(number or position))


def _fill_field(field: descriptor_pb2.FieldDescriptorProto, line: str) -> None:
    declaration, _, default = line.partition("=")
    number, name, kind = declaration.split()
    base = kind.rstrip("*+")
    field.name, field.number = name, int(number)
    field.label = field.LABEL_REPEATED if base != kind else field.LABEL_OPTIONAL
    field.options.packed = kind.endswith("+")
    if default:
        field.default_value = default.strip()
    if base in MESSAGES:
        field.type, field.type_name = field.TYPE_MESSAGE, f".{PACKAGE}.{base}"
    elif base in ENUMS:
        field.type, field.type_name = field.TYPE_ENUM, f".{PACKAGE}.{base}"
    else:
        field.type = field.Type.Value(f"TYPE_{base.upper()}")
