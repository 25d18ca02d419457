"""What can be told of a folder's network from its definition, without its weights and without PyTorch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from ..errors import ModelFileError
from .caffe_files.definition_layers import PICTURE_TYPES
from .caffe_files.input_layer import image_source
from .caffe_files.prototxt import read_prototxt
from .description import FileDescription, LayerDescription, NetworkDescription
from .graph.build import build_graph
from .graph.costs import HELD_OF_MAPS, LayerCost, layer_costs, maps_per_pixel, parameter_count
from .graph.graph import Graph, Node, find_class_layer
from .graph.receptive_field import CellField, cell_fields
from .labels import Labels, read_labels
from .model_folder import (
    METADATA_FILE,
    DreamLayer,
    Metadata,
    labels_file,
    one_file,
    read_dreams,
    read_metadata,
    weights_in,
)
from .preprocess import Preprocess, find_preprocess

_OPERATIONS_PER_MULTIPLY_ADD = 2


def describe_folder(
    folder: Path,
    name: str,
    files: Mapping[str, Path],
    *,
    weights_elsewhere: bool = False,
    definition: Path | None = None,
) -> NetworkDescription:
    """Return what is known of a folder's network; `files` are those it is made of.

    With `definition` it is this one's of several. Missing weights, labels and means are told among the rest.
    Raises ModelFileError for a folder without a definition, and for files that cannot be read.
    """
    metadata, told, alone = read_metadata(folder), read_dreams(folder), definition is not None
    if definition is None:
        definition = one_file(folder, ".prototxt", metadata.definition)
    net = read_prototxt(definition)
    graph = build_graph(net, str(definition))
    preprocess = find_preprocess(folder, metadata, graph.declared, graph.input_shape[1])
    labels_path = labels_file(folder, metadata)
    labels = Labels() if labels_path is None else read_labels(labels_path)
    class_node = _class_node(graph, metadata.class_layer)
    classes = None if class_node is None else graph.shapes[class_node.tops[0]][1]
    trains = image_source(net, str(definition)).type in PICTURE_TYPES
    height, width = graph.input_shape[2:]
    way = graph.ancestors([class_node or graph.nodes[-1]])
    held = HELD_OF_MAPS * maps_per_pixel(graph, [graph.nodes[index] for index in way])
    layers = tuple(_layers(graph, class_node, told.layers))
    return NetworkDescription(
        name=name,
        title=metadata.title,
        source=metadata.source,
        licence=metadata.licence,
        dreams=told.dreams,
        place=str(folder),
        files=tuple(_file(each, path) for each, path in files.items()),
        input_size=(height, width),
        input_channels=graph.input_shape[1],
        pictures=str(preprocess),
        parameters=parameter_count(graph),
        gigabytes_per_megapixel=held * 4 / 1e3,
        layers=layers,
        good_layers=tuple(each for each in told.layers if any(each.name == one.name for one in layers)),
        class_layer=None if class_node is None else class_node.name,
        labels=labels,
        omitted={name: why for name, why in graph.omitted.items() if name not in graph.cut_off},
        cut_off=tuple(graph.cut_off),
        missing=() if weights_elsewhere else tuple(_missing(folder, metadata, classes, labels, alone)),
        advice=tuple(_advice(graph, preprocess, classes, labels, trains)),
    )


def _class_node(graph: Graph, named: str | None) -> Node | None:
    """Return the node of the class layer, which model.toml may name by a blob; ModelFileError for none."""
    name = named or find_class_layer(graph)
    if name is None:
        return None
    node = next((node for node in graph.nodes if node.name == name and node.tops), None)
    node = node or graph.producer(graph.blobs.get(name, 0))
    if node is None:
        raise ModelFileError(
            f"{METADATA_FILE} names the class layer {name!r}, which {graph.where} does not have."
        )
    return node


def _layers(graph: Graph, class_node: Node | None, good: Sequence[DreamLayer]) -> Iterator[LayerDescription]:
    dreams = {each.name: each.dreams for each in good}
    told = zip(graph.nodes, cell_fields(graph), layer_costs(graph), strict=True)
    for node, cell, cost in told:
        if node.tops:
            yield _layer(graph, node, cell, cost, node is class_node, dreams.get(node.name, ""))


def _layer(
    graph: Graph, node: Node, cell: CellField | None, cost: LayerCost, scores: bool, dreams: str
) -> LayerDescription:
    return LayerDescription(
        node.name,
        node.type,
        tuple(graph.shapes[node.tops[0]][1:]),
        scores,
        dreams,
        None if cell is None else cell.stride_px,
        None if cell is None else cell.size_px,
        cost.parameters,
        _gflop_per_megapixel(cost.own),
        _gflop_per_megapixel(cost.way),
    )


def _gflop_per_megapixel(multiply_adds_per_pixel: float) -> float:
    return multiply_adds_per_pixel * _OPERATIONS_PER_MULTIPLY_ADD / 1e3


def _file(name: str, path: Path) -> FileDescription:
    size: int | None = None
    with suppress(OSError):
        size = path.stat().st_size
    return FileDescription.of(name, size)


def _missing(
    folder: Path, metadata: Metadata, classes: int | None, labels: Labels, alone: bool
) -> Iterator[str]:
    """Yield what a dream needs and is not there, and what to do about it."""
    if alone:
        yield (
            "weights. This is a definition alone. Put the .caffemodel that belongs to it into a folder with "
            "it, and give the folder."
        )
        return
    try:
        weights_in(folder, metadata)
    except ModelFileError as error:
        yield f"weights. {error}"
    if classes is not None and len(labels) not in (0, classes):
        yield (
            f"a name for each class: there are {classes} classes and {len(labels)} labels. Correct the file, "
            f"or name another as labels in {METADATA_FILE}."
        )


def _advice(
    graph: Graph, preprocess: Preprocess, classes: int | None, labels: Labels, trains: bool
) -> Iterator[str]:
    """Yield what is assumed or done without, and what to do about it."""
    if trains:
        yield (
            "This is the definition for training. Its TEST phase is dreamt with, and pictures are prepared "
            "as its data layer says; no deploy.prototxt is needed."
        )
    if not preprocess.is_stated:
        named, written = graph.declared.mean_file, f"mean = [104, 117, 123] in {METADATA_FILE}"
        if named:
            yield (
                f"Its mean is in {named}, which is not here, so ImageNet's is taken. Put that file into the "
                f"folder, or write its averages as {written}."
            )
        else:
            yield (
                "No file states a mean, so ImageNet's is taken. If it was trained with another, say so as "
                f"{written}, or put its mean file into the folder."
            )
    if graph.places_boxes and classes is None:
        yield (
            "It finds objects and places boxes around them, which is left out. The layers before can be "
            "dreamt of."
        )
    elif classes is None and graph.cut_off:
        yield (
            "What comes behind the layers that are left out is left out too, so no layer is known to score "
            "classes. Dream of layers."
        )
    elif classes is None:
        yield (
            "It does not end like a classifier, so it is asked for layers. If one of them has a score for "
            f'each class, name it as class_layer = "…" in {METADATA_FILE}.'
        )
    elif not len(labels):
        yield (
            f"Its classes have no names, so they are called by number. For names, put a file labels.txt with "
            f"a line for each of the {classes} into the folder, in the network's order."
        )
