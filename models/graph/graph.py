"""The wiring of a network: which layer makes which value from which others.

Caffe's blobs are variables: an in-place ReLU writes the blob it reads. Here every layer's output is a value
of its own that nothing changes later, which is what "the value of a layer" means: its top right after it ran.
A blob's name stands for the last value written to it so far.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ..caffe_files.definition_layers import TRANSPARENT_TYPES, LayerNames
from ..caffe_files.input_layer import DeclaredPreprocess
from ..layers import Layer
from ..layers.base import Shape


@dataclass(frozen=True)
class Node:
    """A layer in its place: it makes `tops` (value numbers) from `bottoms`."""

    name: str
    """The definition's name for it, or "name#2", "name#3" ... where layers before it have that name too."""
    type: str
    layer: Layer
    bottoms: tuple[int, ...]
    tops: tuple[int, ...]


@dataclass
class Graph:
    """Nodes in order of execution; values are numbered, and value 0 is the image."""

    where: str
    """The definition's file, for messages."""
    nodes: list[Node] = field(default_factory=list)
    shapes: list[Shape] = field(default_factory=list)
    """Each value's shape at the declared input size."""
    image_name: str = "data"
    blobs: dict[str, int] = field(default_factory=dict)
    """Blob name -> the value it holds at the end."""
    omitted: dict[str, str] = field(default_factory=dict)
    """Name of a layer that is not run -> the reason."""
    cut_off: list[str] = field(default_factory=list)
    """Those of them that could run, if others were not left out."""
    places_boxes: bool = False
    """Whether it finds objects, which is left out."""
    score_blobs: list[int] = field(default_factory=list)
    """The values that a Softmax or a loss takes for class scores, in order."""
    declared: DeclaredPreprocess = field(default_factory=DeclaredPreprocess)
    """How the definition has its pictures prepared."""
    names: LayerNames = field(default_factory=LayerNames, repr=False, compare=False)
    """The names that its layers have."""
    _makers: dict[int, Node] = field(init=False, repr=False, compare=False)
    """Value -> the node that makes it."""

    def __post_init__(self) -> None:
        self._makers = {top: node for node in self.nodes for top in node.tops}

    @property
    def input_shape(self) -> Shape:
        """The declared shape of the data blob, (n, c, h, w)."""
        return self.shapes[0]

    def producer(self, value: int) -> Node | None:
        """Return the node that makes a value; None for the image."""
        return self._makers.get(value)

    def add(self, node: Node) -> None:
        """Append a node."""
        self.nodes.append(node)
        self._makers.update(dict.fromkeys(node.tops, node))

    def ancestors(self, wanted: Sequence[Node]) -> list[int]:
        """Return the positions of the nodes that lead to `wanted`, these included, in order of execution."""
        values = {value for node in wanted for value in (*node.tops, *node.bottoms)}
        needed = []
        for index in reversed(range(len(self.nodes))):
            node = self.nodes[index]
            if values.intersection(node.tops):
                needed.append(index)
                values.update(node.bottoms)
        return needed[::-1]


def find_class_layer(graph: Graph) -> str | None:
    """Return the layer whose values go into the last softmax (or softmax loss): one score per class.

    Layers that only pass the scores on are skipped, so that the name is that of the layer which makes them:
    "pool10", "loss3/classifier", "fc8". Without any softmax it is the last layer, if that is an inner
    product; otherwise the network is no classifier and the answer is None.
    """
    if graph.score_blobs:
        node = graph.producer(graph.score_blobs[-1])
    else:
        node = graph.nodes[-1] if graph.nodes[-1].type == "InnerProduct" else None
    while node is not None and node.type in TRANSPARENT_TYPES and node.bottoms:
        node = graph.producer(node.bottoms[0])
    return node.name if node is not None and _has_classes(graph, node) else None


def _has_classes(graph: Graph, node: Node) -> bool:
    shape = graph.shapes[node.tops[0]]
    return len(shape) in (2, 4) and shape[1] > 1
