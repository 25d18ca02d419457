"""The wiring of a network: which layer makes which value from which others.

Caffe's blobs are variables: an in-place ReLU writes the blob it reads. Here every layer's output is a value
of its own that nothing changes later, which is what "the value of a layer" means: its top right after it ran.
A blob's name stands for the last value written to it so far.

Where the image comes in is an Input layer, or the data layer of a training file. Losses, accuracies and
whatever else needs labels are left out; `omitted` says which and why.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count

import torch

from ..errors import ModelFileError, suggestion
from .layers import Layer, find_layer_type, supported_types
from .outline import DATA_TYPES, TRAINING_TYPES
from .schema import Message

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Node:
    """A layer in its place: it makes `tops` (value numbers) from `bottoms`."""

    name: str
    """The definition's name for it, or "name#2", "name#3" ... where layers before it have that name too."""
    type: str
    layer: Layer
    bottoms: tuple[int, ...]
    tops: tuple[int, ...]
    top_names: tuple[str, ...]


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
    score_blobs: list[int] = field(default_factory=list)
    """The values that a Softmax or a loss takes for class scores, in order."""

    @property
    def input_shape(self) -> Shape:
        """The declared shape of the data blob, (n, c, h, w)."""
        return self.shapes[0]

    def producer(self, value: int) -> Node | None:
        """Return the node that makes a value; None for the image."""
        return next((node for node in self.nodes if value in node.tops), None)


def build_graph(net: Message, where: str) -> Graph:
    """Wire up a definition as `prototxt.read_prototxt` returns it; `where` names its file in errors."""
    graph = Graph(where)
    image = _image_source(net, where)
    graph.image_name = image.top[0]
    graph.blobs[graph.image_name] = 0
    graph.shapes.append(_image_shape(image, where))
    missing = _unavailable(net, image)
    for param in net.layer:
        if param.type == "Input" or param.type in DATA_TYPES:
            continue
        absent = next((bottom for bottom in param.bottom if bottom in missing), None)
        if (
            param.type in ("Softmax", "SoftmaxWithLoss")
            and param.bottom[:1]
            and param.bottom[0] in graph.blobs
        ):
            graph.score_blobs.append(graph.blobs[param.bottom[0]])
        if param.type in TRAINING_TYPES or absent is not None:
            reason = f"needs {absent!r}, which only training has" if absent else "is for training only"
            graph.omitted[param.name] = reason
            missing.update(top for top in param.top if top not in graph.blobs)
        else:
            add_node(graph, param)
    if not graph.nodes:
        raise ModelFileError(f"{where}: no layer works on the image {graph.image_name!r}.")
    return graph


def add_node(graph: Graph, param: Message) -> Node:
    """Append a layer to the graph, finding out the shapes it makes; ModelFileError when it does not fit."""
    place = f"{graph.where}: layer {param.name!r} ({param.type})"
    layer_class = find_layer_type(param.type)
    if layer_class is None:
        known = supported_types()
        raise ModelFileError(
            f"{place}: this layer type is not supported.{suggestion(param.type, known)} "
            f"Supported are {', '.join(known)}."
        )
    for bottom in param.bottom:
        if bottom not in graph.blobs:
            raise ModelFileError(
                f"{place}: no layer before it makes its bottom {bottom!r}.{suggestion(bottom, graph.blobs)}"
            )
    bottoms = tuple(graph.blobs[bottom] for bottom in param.bottom)
    try:
        layer = layer_class(param, [graph.shapes[bottom] for bottom in bottoms])
        shapes = top_shapes(layer, [graph.shapes[bottom] for bottom in bottoms])
    except (ValueError, TypeError, IndexError, RuntimeError) as error:
        given = ", ".join(str(graph.shapes[bottom]) for bottom in bottoms)
        raise ModelFileError(f"{place} does not work on {given or 'no bottoms'}: {error}") from error
    if len(shapes) != len(param.top):
        raise ModelFileError(f"{place}: makes {len(shapes)} tops, but {len(param.top)} are named.")
    tops = tuple(range(len(graph.shapes), len(graph.shapes) + len(shapes)))
    graph.shapes.extend(shapes)
    graph.blobs.update(zip(param.top, tops, strict=True))
    node = Node(_unique_name(graph, param.name), param.type, layer, bottoms, tops, tuple(param.top))
    graph.nodes.append(node)
    return node


def _unique_name(graph: Graph, name: str) -> str:
    """Return a name for another layer; to Caffe several may have one, and it finds only the first of them."""
    taken = {node.name for node in graph.nodes}
    candidates = (name if number == 1 else f"{name}#{number}" for number in count(1))
    return next(candidate for candidate in candidates if candidate not in taken)


def top_shapes(layer: Layer, bottoms: list[Shape]) -> list[Shape]:
    """Run a layer on shapes alone (PyTorch's meta device: no memory, no arithmetic)."""
    weights = [torch.empty(weight.shape, device="meta") for weight in layer.weights]
    with torch.no_grad():
        tops = layer.forward(weights, *(torch.empty(shape, device="meta") for shape in bottoms))
    return [tuple(top.shape) for top in (tops if isinstance(tops, tuple) else (tops,))]


def _image_source(net: Message, where: str) -> Message:
    """Return the layer that provides the image: an Input if there is one, else a data layer."""
    for kinds in (("Input",), DATA_TYPES):
        for param in net.layer:
            if param.type in kinds and param.top:
                return param
    raise ModelFileError(
        f"{where}: no data input. Expected an Input layer, 'input:' at the top, or a data layer "
        f"({', '.join(DATA_TYPES)})."
    )


def _image_shape(image: Message, where: str) -> Shape:
    """Return (n, c, h, w) as declared by an Input or data layer."""
    memory, pictures = image.memory_data_param, image.image_data_param
    crops = (image.transform_param, image.data_param, pictures, image.window_data_param)
    crop = max(options.crop_size for options in crops)
    shape: Shape
    if image.input_param.shape:
        shape = tuple(image.input_param.shape[0].dim)
    elif crop:
        shape = (1, 3, crop, crop)
    elif memory.height:
        shape = (1, memory.channels, memory.height, memory.width)
    elif pictures.new_height:
        shape = (1, 3, pictures.new_height, pictures.new_width)
    else:
        raise ModelFileError(f"{where}: the input layer {image.name!r} ({image.type}) declares no size.")
    if len(shape) != 4 or min(shape) < 1:
        raise ModelFileError(
            f"{where}: the input {image.top[0]!r} has the shape {shape}; an image is (n, c, height, width)."
        )
    return shape


def _unavailable(net: Message, image: Message) -> set[str]:
    """Return the blobs that only training provides: labels, and further inputs beside the image."""
    return {
        top
        for param in net.layer
        if param.type == "Input" or param.type in DATA_TYPES
        for top in param.top
        if top != image.top[0]
    }
