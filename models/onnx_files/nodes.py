"""The nodes of an ONNX graph as plain values, and the attributes that they give."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from ...errors import ModelFileError, cut
from .model_file import OnnxModel

Attribute: TypeAlias = float | int | str | tuple[float, ...] | tuple[int, ...] | Any
"""A number, a word, several numbers, or a TensorProto."""

_OWN_DOMAINS = ("", "ai.onnx")
_SCOPES = "pkg.torch.onnx.name_scopes"
_LONGEST_SCOPES = 2000
_IGNORED = frozenset({"consumed_inputs"})
"""Attributes of the first versions that say nothing of what is computed."""


@dataclass(frozen=True)
class OnnxNode:
    """A node: an operator, the names of what it reads and makes, and its attributes."""

    operator: str
    inputs: tuple[str, ...]
    """An empty name stands for an input that is left out."""
    outputs: tuple[str, ...]
    attributes: Mapping[str, Attribute] = field(repr=False, default_factory=dict)
    name: str = ""
    scopes: str = field(default="", repr=False)
    """The modules that it was in, from the outside in, as PyTorch's newer exporter writes them."""
    where: str = "ONNX file"
    """The file, for messages."""

    def refusal(self, why: str) -> ModelFileError:
        """Return the error to raise for a node that cannot be translated; it names the node."""
        called = self.name or next(iter(self.outputs), "")
        return ModelFileError(f"{self.where}: node {cut(called)!r} ({cut(self.operator)}): {why}.")

    def has_input(self, index: int) -> bool:
        """Tell whether an input is given."""
        return index < len(self.inputs) and bool(self.inputs[index])

    def number(self, name: str, default: float) -> float:
        """Return an attribute that is one number."""
        value = self.attributes.get(name, default)
        if not isinstance(value, int | float) or not math.isfinite(value):
            raise self.refusal(f"{name} is no number")
        return float(value)

    def whole(self, name: str, default: int) -> int:
        """Return an attribute that is one whole number."""
        value = self.attributes.get(name, default)
        if not isinstance(value, int):
            raise self.refusal(f"{name} is no whole number")
        return value

    def word(self, name: str, default: str) -> str:
        """Return an attribute that is a word."""
        value = self.attributes.get(name, default)
        if not isinstance(value, str):
            raise self.refusal(f"{name} is no word")
        return value

    def wholes(self, name: str, default: Sequence[int] | None, count: int | None = None) -> tuple[int, ...]:
        """Return an attribute that is several whole numbers; with `count`, so many."""
        value = self.attributes.get(name, None if default is None else tuple(default))
        if not isinstance(value, tuple) or not all(isinstance(each, int) for each in value):
            why = "is missing" if value is None else "is no list of whole numbers"
            raise self.refusal(f"{name} {why}")
        if count is not None and len(value) != count:
            raise self.refusal(f"{name} has {len(value)} numbers; {count} are expected")
        return tuple(int(each) for each in value)


def read_nodes(model: OnnxModel, path: Path) -> list[OnnxNode]:
    """Return the nodes in the file's order.

    Raises ModelFileError for operators that are not ONNX's own.
    """
    where = str(path)
    nodes = []
    for proto in model.graph.node:
        attributes = {each.name: _value(each) for each in proto.attribute if each.name not in _IGNORED}
        scopes = next((said.value for said in proto.metadata_props if said.key == _SCOPES), "")
        ends = (tuple(proto.input), tuple(proto.output))
        node = OnnxNode(proto.op_type, *ends, attributes, proto.name, scopes[:_LONGEST_SCOPES], where)
        if proto.domain not in _OWN_DOMAINS:
            raise node.refusal(f"its operator is one of {cut(proto.domain)!r}, not of ONNX itself")
        nodes.append(node)
    return nodes


def _value(proto: Any) -> Attribute:
    """Return an AttributeProto's value; the first versions of ONNX did not say of which type it is."""
    kinds = ("f", "i", "s", "t", None, "floats", "ints")
    stated = kinds[proto.type - 1] if 1 <= proto.type <= len(kinds) else None
    kind = stated or next((k for k in kinds if k and proto.ListFields() and _has(proto, k)), None)
    if kind is None:
        return None
    value = getattr(proto, kind)
    if kind == "s":
        return str(value.decode("utf-8", "replace"))
    return tuple(value) if kind in ("floats", "ints") else value


def _has(proto: Any, kind: str) -> bool:
    return any(descriptor.name == kind for descriptor, _ in proto.ListFields())
