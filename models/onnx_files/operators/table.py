"""ONNX's operators by name. One is translated only if all that its node says is known here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from ..nodes import OnnxNode
from ..translation import Translation

Translate: TypeAlias = Callable[[Translation, OnnxNode], None]


@dataclass(frozen=True)
class Operator:
    """How a node is translated, and the attributes that are looked at."""

    translate: Translate
    attributes: frozenset[str]


OPERATORS: dict[str, Operator] = {}


def operator(names: str, attributes: str = "") -> Callable[[Translate], Translate]:
    """Register the decorated function for operators; names and attributes are parted by spaces."""

    def register(translate: Translate) -> Translate:
        for name in names.split():
            OPERATORS[name] = Operator(translate, frozenset(attributes.split()))
        return translate

    return register
