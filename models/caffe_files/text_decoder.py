"""Giving the fields of a definition their meaning: from the tree that was written to a message of the schema.

Fields that the schema does not have are kept in the layer's `unread`, with their value and line, instead of
being refused at once. Definitions of Caffe's variants have many, most of them in layers that only training
needs; whether one matters is decided when a layer is about to be used (graph/build.py). What says how
something is computed, trained or stored, but never what, is passed over (`IGNORED`).
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NoReturn

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from ...errors import cut
from .schema import Message
from .text_format import Entry, decoded, fail

IGNORED = frozenset({
    "engine", "debug", "blobs",
    # NVIDIA's Caffe: number formats and algorithms
    "forward_type", "backward_type", "forward_math", "backward_math", "conv_algos_override",
    "cudnn_convolution_algo_seeker", "default_forward_type", "default_backward_type", "default_forward_math",
    "default_backward_math", "default_conv_algos_override", "default_cudnn_math_override",
    "cudnn_math_override", "global_grad_scale", "global_grad_scale_adaptive", "reduce_buckets",
    # Intel's Caffe and Ristretto: lists of engines, and numbers rounded to a few bits
    "compile_net_state", "bn_stats_batch_size", "quantization_param", "multinode",
})  # fmt: skip
"""Fields, of whatever message, that change nothing in what a network computes at full precision."""

_FOR_TRAINING = frozenset({"ParamSpec", "FillerParameter", "LossParameter", "AccuracyParameter"})
"""Messages whose fields matter to training alone."""

_UNREAD_LIMIT = 20_000
"""Fields of a definition that the schema does not have: as many as it may have layers."""

_FLOAT = re.compile(r"[-+]?\s*(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?f?|[-+]?\s*(inf|infinity|nan)", re.IGNORECASE)
_INTEGER = re.compile(r"[-+]?\s*(0[xX][0-9a-fA-F]{1,16}|\d{1,20})")
_PIECE = re.compile(r""""(?:[^"\\\n]|\\.)*+"|'(?:[^'\\\n]|\\.)*+'""", re.DOTALL)
_ESCAPE = re.compile(rb"\\([0-7]{1,3}|[xX][0-9a-fA-F]{1,2}|.)", re.DOTALL)
_ESCAPED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"a": b"\a", b"b": b"\b", b"f": b"\f", b"v": b"\v"}
_BOOLS = dict.fromkeys(("true", "True", "t", "1"), True) | dict.fromkeys(("false", "False", "f", "0"), False)
_RANGES = {
    FieldDescriptor.TYPE_INT32: (-(1 << 31), (1 << 31) - 1), FieldDescriptor.TYPE_UINT32: (0, (1 << 32) - 1),
    FieldDescriptor.TYPE_INT64: (-(1 << 63), (1 << 63) - 1),
}  # fmt: skip


@dataclass(frozen=True)
class Source:
    """A definition's text and what it is called in errors."""

    text: str
    where: str


@dataclass(frozen=True)
class _Kind:
    """What the schema says of a field."""

    type: int
    repeated: bool
    message: str = ""
    values: dict[str, int] | None = None


def fill(message: Message, entries: Sequence[Entry], source: Source) -> None:
    """Fill a message of the schema with what a tree says. Raises ModelFileError with line and column."""
    _Filler(source).fill(message, entries, "")


class _Filler:
    """Fills one message and those in it."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.layer: Message | None = None
        """The layer that is being filled, if any."""
        self._unread = 0
        """How many fields were set aside."""
        self._counted = (0, 1)
        """The last place whose line was asked for, and that line."""

    def fill(self, message: Message, entries: Sequence[Entry], path: str) -> None:
        kinds = _kinds(message.DESCRIPTOR)
        for entry in entries:
            kind = kinds.get(entry.name)
            if entry.name in IGNORED and (kind is None or kind.message == "BlobProto" or kind.values):
                continue
            if kind is None:
                self._set_aside(message, entry, path)
            elif not kind.repeated and message.HasField(entry.name):
                self._fail(entry, path, "is given twice, and may be given once")
            elif kind.message:
                self._fill_inner(message, entry, kind, path)
            elif entry.entries is not None:
                self._fail(entry, path, "takes a value, and is given a message in braces")
            else:
                self._set(message, entry, kind, path)

    def _fill_inner(self, message: Message, entry: Entry, kind: _Kind, path: str) -> None:
        if entry.entries is None:
            self._fail(entry, path, "takes a message in braces, { … }")
        inner = getattr(message, entry.name)
        if kind.repeated:
            inner = inner.add()
        else:
            inner.SetInParent()
        if kind.message in ("LayerParameter", "V1LayerParameter"):
            self.layer = inner
            self.fill(inner, entry.entries, "")
            self.layer = None
        else:
            self.fill(inner, entry.entries, f"{path}{entry.name}.")

    def _set(self, message: Message, entry: Entry, kind: _Kind, path: str) -> None:
        value = self._value(entry, kind, path)
        if value is None:
            self._set_aside(message, entry, path)
        elif kind.repeated:
            getattr(message, entry.name).append(value)
        else:
            setattr(message, entry.name, value)

    def _value(self, entry: Entry, kind: _Kind, path: str) -> Any:
        """Return a scalar's value; None for a name that its enumeration does not have."""
        text = entry.text
        if kind.type == FieldDescriptor.TYPE_STRING:
            return self._string(entry, path)
        if kind.type == FieldDescriptor.TYPE_BOOL:
            if text not in _BOOLS:
                self._fail(entry, path, "is neither true nor false")
            return _BOOLS[text]
        if kind.values is not None:
            known = kind.values
            return known.get(text, number if (number := _integer(text)) in known.values() else None)
        if kind.type in _RANGES:
            number, (low, high) = _integer(text), _RANGES[kind.type]
            if number is None or not low <= number <= high:
                self._fail(entry, path, f"is no whole number from {low} to {high}")
            return number
        return self._float(entry, path)

    def _float(self, entry: Entry, path: str) -> float:
        match = _FLOAT.fullmatch(entry.text)
        if match is None and (number := _integer(entry.text)) is not None:
            return float(number)
        if match is None:
            self._fail(entry, path, "is no number")
        value = float(re.sub(r"\s", "", entry.text if match[1] else entry.text.rstrip("fF")))
        if not math.isfinite(value) or abs(value) > 3.4e38:
            self._fail(entry, path, "is no finite number that a float can hold")
        return value

    def _string(self, entry: Entry, path: str) -> str:
        text = entry.text
        if text[:1] not in "\"'":
            # V1 layers name their type without quotes, or by its number (upgrade.py).
            if entry.name == "type" and re.fullmatch(r"\w+", text):
                return text
            self._fail(entry, path, "has to stand in quotation marks")
        pieces = _PIECE.findall(text)
        if "\\" not in text:
            return "".join(piece[1:-1] for piece in pieces)
        return decoded(b"".join(_ESCAPE.sub(_unescape, piece[1:-1].encode("utf-8")) for piece in pieces))

    def _set_aside(self, message: Message, entry: Entry, path: str) -> None:
        """Keep a field that the schema does not have for whoever uses its layer."""
        if message.DESCRIPTOR.name in _FOR_TRAINING:
            return
        if self.layer is None or path in ("include.", "exclude."):
            self._fail(entry, path, "is not a field that Caffe, or a variant known to lucidreel, has here")
        self._unread += 1
        if self._unread > _UNREAD_LIMIT:
            self._fail(entry, path, f"is one of more than {_UNREAD_LIMIT:,} fields that Caffe does not have")
        self.layer.unread.add(path=path + entry.name, value=_shown(entry), line=self._line(entry.place))

    def _line(self, place: int) -> int:
        """Return a place's line. Entries come in order; from the top each time it would take minutes."""
        begin, line = self._counted if self._counted[0] <= place else (0, 1)
        self._counted = (place, line + self.source.text.count("\n", begin, place))
        return self._counted[1]

    def _fail(self, entry: Entry, path: str, reason: str) -> NoReturn:
        layer = f"layer {self.layer.name!r}: " if self.layer is not None else ""
        reason = f"{layer}{path}{entry.name}: {_shown(entry)} {reason}."
        fail(self.source.text, self.source.where, entry.place, reason)


def _shown(entry: Entry) -> str:
    """Return a field's value for a message, in one line."""
    return "{…}" if entry.entries is not None else cut(" ".join(entry.text.split()))


@cache
def _kinds(descriptor: Descriptor) -> dict[str, _Kind]:
    """Return what a message's fields are; asking protobuf each time takes longer than everything else."""
    return {
        field.name: _Kind(
            field.type,
            not field.has_presence,
            field.message_type.name if field.message_type else "",
            {value.name: value.number for value in field.enum_type.values} if field.enum_type else None,
        )
        for field in descriptor.fields
    }


def _integer(text: str) -> int | None:
    """Return a whole number as protobuf reads it: decimal, hexadecimal (0x1F) or octal (017)."""
    if not _INTEGER.fullmatch(text):
        return None
    sign, digits = (-1 if text[0] == "-" else 1), text.lstrip("+- \t\r\n")
    if digits[:2] in ("0x", "0X"):
        return sign * int(digits, 16)
    if len(digits) > 1 and digits[0] == "0":
        return sign * int(digits, 8) if set(digits) <= set("01234567") else None
    return sign * int(digits)


def _unescape(match: re.Match[bytes]) -> bytes:
    escape = match[1]
    if escape[:1] in b"01234567":
        return bytes([int(escape, 8) & 255])
    if escape[:1] in b"xX" and len(escape) > 1:
        return bytes([int(escape[1:], 16)])
    return _ESCAPED.get(escape, escape)
