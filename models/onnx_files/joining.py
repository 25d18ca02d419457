"""Two nodes that are one layer in Caffe: a product and its bias, a value and its own sigmoid."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

from .nodes import OnnxNode

Join = Callable[[OnnxNode, OnnxNode, str], OnnxNode | None]
"""Makes one node of two, the second of which reads what the first makes, and another value; or None."""


def joined(nodes: list[OnnxNode], initialisers: set[str], outputs: set[str]) -> list[OnnxNode]:
    """Return the nodes with such pairs made one, in the place of the second.

    `MatMul` and the `Add` of an initialiser become a `Gemm`, `x` times the `Sigmoid` of `x` a `Swish`. The
    first node's value has to be read by the second alone, and must not be one of the graph's outputs.
    """

    def join(first: OnnxNode, second: OnnxNode, other: str) -> OnnxNode | None:
        if first.operator == "MatMul" and second.operator == "Add" and other in initialisers:
            return replace(first, operator="Gemm", inputs=(*first.inputs, other), outputs=second.outputs)
        if first.operator == "Sigmoid" and second.operator == "Mul" and first.inputs == (other,):
            return replace(first, operator="Swish", outputs=second.outputs)
        return None

    readers = Counter(name for node in nodes for name in node.inputs)
    kept: dict[int, OnnxNode] = {}
    makers: dict[str, int] = {}
    for index, node in enumerate(nodes):
        kept[index] = node
        if len(node.inputs) == 2 and not node.attributes:
            for made, other in (node.inputs, node.inputs[::-1]):
                first = makers.get(made)
                if first is None or made in outputs or readers[made] != 1 or len(kept[first].outputs) != 1:
                    continue
                if (one := join(kept[first], node, other)) is not None:
                    del kept[first]
                    kept[index] = one
                    break
        makers.update(dict.fromkeys(node.outputs, index))
    return list(kept.values())
