"""A Caffe network in the making: the layers translated so far, their weights, and what each value became.

Every layer is built as soon as it is added (graph/build.py), so that the shape of each value is known at the
declared size of pictures, and a layer that does not fit says so at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from google.protobuf import json_format
from numpy.typing import NDArray

from ...errors import ModelFileError, cut
from ..caffe_files.definition_layers import SOFTMAX_TYPES, LayerNames
from ..caffe_files.schema import new
from ..graph.build import add_node
from ..graph.graph import Graph
from ..layers.base import Shape
from .constants import Constants
from .naming import layer_name
from .nodes import OnnxNode
from .tensors import Array

Around = tuple[int, int, int, int]
"""Zeros above, left, below and right of a map."""

NO_ZEROS: Around = (0, 0, 0, 0)
_OWN_NUMBERS = 1_000_000
"""So many weights may be made up here; as many more as the file has bytes, each of two or more in one."""


@dataclass(frozen=True)
class _Value:
    """What a value of the ONNX graph is: a blob of Caffe's, and zeros that a Pad has put around it."""

    blob: str
    around: Around = NO_ZEROS


class Translation:
    """The layers so far; `operators/` adds to them."""

    def __init__(self, image: str, shape: Shape, constants: Constants, opset: int, file: Path) -> None:
        self.opset = opset
        self.constants = constants
        self.layers: list[dict[str, Any]] = []
        self.weights: dict[str, list[NDArray[np.float32]]] = {}
        self.graph = Graph(str(file))
        self.graph.blobs["data"] = 0
        self.graph.shapes.append(shape)
        self._numbers_left = file.stat().st_size + _OWN_NUMBERS
        self._values = {image: _Value("data")}
        self._names = LayerNames()
        self._names.free("data")

    def shape_of(self, name: str) -> Shape | None:
        """Return the shape of a value by its ONNX name; None for none that a layer makes."""
        value = self._values.get(name)
        return None if value is None else self.graph.shapes[self.graph.blobs[value.blob]]

    def shape(self, blob: str) -> Shape:
        """Return a blob's shape at the declared size."""
        return self.graph.shapes[self.graph.blobs[blob]]

    def is_computed(self, node: OnnxNode, index: int) -> bool:
        """Tell whether an input is given and depends on the picture."""
        return node.has_input(index) and node.inputs[index] in self._values

    def bottom(self, node: OnnxNode, index: int = 0) -> str:
        """Return the blob that an input became."""
        blob, around = self.padded_bottom(node, index)
        if any(around):
            raise node.refusal("reads a map that zeros were put around (Pad); only a convolution can, here")
        return blob

    def padded_bottom(self, node: OnnxNode, index: int = 0) -> tuple[str, Around]:
        """Return the blob that an input became, and the zeros around it."""
        if not node.has_input(index):
            raise node.refusal(f"has no input {index + 1}")
        name = node.inputs[index]
        if (value := self._values.get(name)) is not None:
            return value.blob, value.around
        if name in self.constants:
            raise node.refusal(f"reads {cut(name)!r}, which does not depend on the picture")
        raise node.refusal(f"reads {cut(name)!r}, which no node before it makes")

    def constant(self, node: OnnxNode, index: int) -> Array:
        """Return the numbers of an input that has to be known beforehand."""
        if not node.has_input(index):
            raise node.refusal(f"has no input {index + 1}")
        if node.inputs[index] not in self.constants:
            raise node.refusal(f"its input {cut(node.inputs[index])!r} is no constant")
        return self.constants.value(node.inputs[index])

    def scalar(self, node: OnnxNode, index: int) -> float:
        """Return an input that has to be a single number known beforehand."""
        value = self.constant(node, index)
        if value.size != 1:
            raise node.refusal(f"its input {index + 1} has {value.size} numbers instead of one")
        return float(value.reshape(()))

    def add(
        self,
        node: OnnxNode,
        type_name: str,
        bottoms: Sequence[str],
        *,
        part: str = "",
        weights: Sequence[Array] = (),
        **options: Any,
    ) -> str:
        """Append a layer and return its blob; `part` tells the layers of one node apart."""
        name = self._name(node, part)
        layer = {"name": name, "type": type_name, "bottom": list(bottoms), "top": [name], **options}
        message = new("LayerParameter")
        try:
            json_format.ParseDict(layer, message)
        except json_format.ParseError as error:
            raise node.refusal(f"its numbers are out of all range: {cut(str(error))}") from error
        if type_name in SOFTMAX_TYPES:
            self.graph.score_blobs.append(self.graph.blobs[bottoms[0]])
        add_node(self.graph, message)
        self.layers.append(layer)
        if weights:
            self._numbers_left -= sum(array.size for array in weights)
            if self._numbers_left < 0:
                raise node.refusal("its weights are read by other nodes again and again, as in no classifier")
            self.weights[name] = [np.asarray(array, np.float32, "C") for array in weights]
        return name

    def image_is(self, image: str, blob: str) -> None:
        """Have nodes that read the picture read another blob."""
        self._values[image] = _Value(blob)

    def done(self, node: OnnxNode, blob: str, around: Around = NO_ZEROS) -> None:
        """Say which blob a node's output became."""
        if node.outputs[0] in self._values or node.outputs[0] in self.constants:
            raise node.refusal(f"makes {cut(node.outputs[0])!r}, which is made already")
        self._values[node.outputs[0]] = _Value(blob, around)

    def blob_of(self, name: str) -> str:
        """Return the blob that a value became, by its ONNX name. Raises ModelFileError for none."""
        value = self._values.get(name)
        if value is None or any(value.around):
            raise ModelFileError(f"{self.graph.where}: no node makes the output {cut(name)!r}.")
        return value.blob

    def _name(self, node: OnnxNode, part: str) -> str:
        """Return a name for a layer: that of its weights, of the module it was, or of what it makes."""
        wanted = layer_name(node, self.constants)
        name = f"{wanted}/{part}" if part else wanted
        free = self._names.free(name)
        if free != name and not part:
            free = self._names.free(f"{wanted}/{node.operator.lower()}")
        return free
