"""Wiring up a definition: from a NetParameter to a graph of layers that fit each other.

Where the image comes in is an Input layer, or the data layer of a training file (input_layer.py). Losses,
accuracies and whatever else needs labels are left out; `Graph.omitted` says which and why.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from ...errors import ModelFileError, cut, suggestion
from ..caffe_files.definition_layers import (
    DATA_TYPES,
    SOFTMAX_TYPES,
    places_boxes,
    provides_data,
    reason_to_omit,
)
from ..caffe_files.input_layer import (
    AXIS_LIMIT,
    VALUE_LIMIT,
    declared_preprocess,
    image_shape,
    image_source,
)
from ..caffe_files.schema import Message
from ..caffe_files.variants import unknown_fields
from ..layers import Layer, find_layer_type, supported_types
from ..layers.base import Shape
from .graph import Graph, Node

NAME_LIMIT = 1000
"""How long a layer's or blob's name may be; real ones have under a hundred characters."""

ENDS_LIMIT = 1000
"""How many bottoms and tops a layer may have; in GoogLeNet five is the most."""


def build_graph(net: Message, where: str) -> Graph:
    """Wire up a definition as `prototxt.read_prototxt` returns it; `where` names its file in errors."""
    graph = Graph(where)
    image = image_source(net, where)
    graph.image_name = image.top[0]
    graph.blobs[graph.image_name] = 0
    graph.shapes.append(image_shape(image, where))
    graph.declared = declared_preprocess(image, graph.input_shape[1], where)
    given = _unavailable(net, image)
    missing = dict(given)
    for param in net.layer:
        if provides_data(param):
            continue
        absent = next((missing[bottom] for bottom in param.bottom if bottom in missing), "")
        if param.type in SOFTMAX_TYPES and param.bottom[:1] and param.bottom[0] in graph.blobs:
            graph.score_blobs.append(graph.blobs[param.bottom[0]])
        if reason := reason_to_omit(param) or absent:
            graph.omitted[param.name] = reason
            if reason == absent and reason not in given.values():
                graph.cut_off.append(param.name)
            missing.update(
                (top, f"needs {top!r}, which layer {param.name!r} ({cut(param.type)}) would make")
                for top in param.top
                if top not in graph.blobs
            )
        else:
            add_node(graph, param)
            for top in param.top:  # now it is there, whatever else was to make a blob of that name
                missing.pop(top, None)
    graph.places_boxes = places_boxes(net)
    if graph.places_boxes:
        graph.score_blobs.clear()
    if not graph.nodes:
        raise ModelFileError(f"{where}: no layer works on the image {graph.image_name!r}.")
    return graph


def add_node(graph: Graph, param: Message) -> Node:
    """Append a layer to the graph, finding out the shapes it makes; ModelFileError when it does not fit."""
    place = f"{graph.where}: layer {param.name!r} ({cut(param.type)})"
    _check_names(place, (param.name, *param.top))
    if len(param.bottom) + len(param.top) > ENDS_LIMIT:
        raise ModelFileError(f"{place}: has more than {ENDS_LIMIT:,} bottoms and tops.")
    layer_class = find_layer_type(param.type)
    if layer_class is None:
        known = supported_types()
        raise ModelFileError(
            f"{place}: this layer type is not supported.{suggestion(cut(param.type), known)} To dream of the "
            "layers before it, remove it from the definition, with all that works on what it makes. "
            f"Supported are {', '.join(known)}."
        )
    if unknown := unknown_fields(param):
        raise ModelFileError(f"{place}, {unknown}")
    for bottom in param.bottom:
        if bottom not in graph.blobs:
            raise ModelFileError(
                f"{place}: no layer before it makes its bottom {bottom!r}."
                f"{suggestion(cut(bottom), list(graph.blobs)[-2000:])}"
            )
    bottoms = tuple(graph.blobs[bottom] for bottom in param.bottom)
    layer, shapes = _made(layer_class, param, [graph.shapes[bottom] for bottom in bottoms], place)
    if len(shapes) != len(param.top):
        raise ModelFileError(f"{place}: makes {len(shapes)} tops, but {len(param.top)} are named.")
    tops = tuple(range(len(graph.shapes), len(graph.shapes) + len(shapes)))
    graph.shapes.extend(shapes)
    graph.blobs.update(zip(param.top, tops, strict=True))
    node = Node(graph.names.free(param.name), param.type, layer, bottoms, tops)
    graph.add(node)
    return node


def _made(
    layer_class: type[Layer], param: Message, bottoms: list[Shape], place: str
) -> tuple[Layer, list[Shape]]:
    """Return a layer and the shapes of its tops.

    Layers check what their parameters have to be, and whether the bottoms' shapes fit. Whatever they refuse
    and however, the file does not hold together.
    """
    given = cut(", ".join(map(str, bottoms[:4])) or "no bottoms", 120)
    least, most = layer_class.bottoms
    if not least <= len(bottoms) <= (len(bottoms) if most is None else most):
        wanted = f"{least} or more" if most is None else f"{least} to {most}" if most > least else str(least)
        raise ModelFileError(f"{place}: has {len(bottoms)} bottoms, and takes {wanted}.")
    try:
        layer = layer_class(param, bottoms)
        _check_sizes([weight.shape for weight in layer.weights])
        shapes = layer.shapes(*bottoms)
        _check_sizes(shapes)
    except Exception as error:
        reason = "the blob has too few axes" if isinstance(error, IndexError) else str(error) or repr(error)
        raise ModelFileError(
            f"{place} does not work on {given}: {cut(' '.join(reason.split()), 300)}"
        ) from error
    return layer, shapes


def _check_names(place: str, names: Iterable[str]) -> None:
    for name in names:
        if len(name) > NAME_LIMIT or not name.isprintable():
            raise ModelFileError(
                f"{place}: the name {name!r} is too long or has characters that cannot be printed."
            )


def _check_sizes(shapes: Iterable[Shape]) -> None:
    """Hold shapes against what Caffe's blobs can be. Raises ValueError."""
    for shape in shapes:
        if len(shape) > AXIS_LIMIT:
            raise ValueError(f"it makes a blob of {len(shape)} axes; Caffe's have at most {AXIS_LIMIT}")
        if min(shape, default=1) < 1:
            raise ValueError(f"it makes a blob without values, {cut(str(shape))}")
        if math.prod(shape) > VALUE_LIMIT:
            raise ValueError(f"it makes a blob of {cut(str(shape))}, more values than Caffe's blobs can hold")


def _unavailable(net: Message, image: Message) -> dict[str, str]:
    """Return the blobs that only training provides, and further inputs beside the image, with the reason."""
    return {
        top: f"needs {top!r}, which only training has"
        if param.type in DATA_TYPES
        else f"needs {top!r}, an input beside the image"
        for param in net.layer
        if provides_data(param)
        for top in param.top
        if top != image.top[0]
    }
