"""An ONNX classifier as a folder of Caffe's files, so that everything that is done with those works.

What a node computes, the layers that it becomes compute exactly, at the declared size of pictures to the
last rounding; or it is refused in words. At other sizes windows at a map's far edge may be one more or less.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import tomli_w

from ...errors import ModelFileError, cut, one_line, suggestion
from ..caffe_files.caffemodel import write_caffemodel
from ..caffe_files.definition_layers import TRANSPARENT_TYPES
from ..caffe_files.input_layer import VALUE_LIMIT
from ..caffe_files.prototxt import LAYER_LIMIT, write_prototxt
from ..graph.graph import Graph, find_class_layer
from ..layers.base import Shape
from ..model_folder import METADATA_FILE, ChannelOrder
from .constants import Constants
from .joining import joined
from .model_file import OnnxModel, opset, read_onnx
from .nodes import OnnxNode, read_nodes
from .operators import OPERATORS
from .pictures import OnnxPictures, usual_pictures
from .translation import Translation

USUAL_SIDE_PX = 224
"""Height and width where a file leaves them open."""

LABELS_FILE = "imagenet_classes.txt"
IMAGENET_CLASSES = 1000
IMAGENET_LABELS = Path(__file__).parents[1] / "imagenet" / "network" / "synset_words.txt"
"""Their words, in the order that all networks of ImageNet's 1000 classes have."""


@dataclass(frozen=True)
class ConvertedNetwork:
    """What was written, and what was assumed on the way, in words."""

    folder: Path
    layers: int
    class_layer: str | None
    notes: tuple[str, ...]
    """A sentence for each thing that the file does not say and that was assumed."""


def convert_onnx(
    file: Path,
    folder: Path,
    pictures: OnnxPictures | None = None,
    *,
    channel_order: ChannelOrder | None = None,
    has_labels: bool = False,
) -> ConvertedNetwork:
    """Write an ONNX file's network into a new folder, as a definition, weights and model.toml.

    `pictures` says what is done to pictures; by default what is usual with the file's exporter, in
    `channel_order` if that is known. Unless it
    `has_labels` already, a thousand classes are taken for ImageNet's. Notes say what was taken for granted.
    Raises ModelFileError, and leaves nothing, for a file that cannot be read or
    translated, naming the node, and where the folder cannot be written.
    """
    notes: list[str] = []
    translation, output, pictures = _translated(file, pictures, channel_order, notes)
    class_layer = _class_layer(translation.graph, output)
    known = not has_labels and _classes(translation.graph, class_layer) == IMAGENET_CLASSES
    if known:
        notes.append("Its 1000 classes are taken for ImageNet's, in their usual order.")
    translation.constants.forget()
    _write(folder, file, translation, pictures, class_layer, IMAGENET_LABELS if known else None)
    return ConvertedNetwork(folder, len(translation.layers), class_layer, tuple(notes))


def _translated(
    file: Path, pictures: OnnxPictures | None, channel_order: ChannelOrder | None, notes: list[str]
) -> tuple[Translation, int, OnnxPictures]:
    """Return the layers, the number of the value that comes out, and what is done to pictures."""
    model = read_onnx(file)
    image, shape, turned = _image(model, file, notes)
    if pictures is None:
        pictures = usual_pictures(model.producer_name, shape[1])
        pictures = pictures.in_order(channel_order or pictures.channel_order)
        notes.append(f"The file does not say how it wants pictures: they are given {_said(pictures)}.")
    constants = Constants(model.graph.initializer, str(file))
    translation = Translation(image, shape, constants, opset(model, file), file)
    _scale_channels(translation, image, pictures)
    weights = {tensor.name for tensor in model.graph.initializer}
    results = [value.name for value in model.graph.output]
    with np.errstate(all="ignore"):  # numbers that are no finite ones are told when the network loads
        for node in joined(read_nodes(model, file), weights, set(results)):
            if turned and node.inputs[:1] == (image,):
                translation.done(node, translation.bottom(node))
            else:
                _translate(translation, node)
    if not translation.weights:
        raise ModelFileError(f"{file}: has no weights; nothing in it was learned.")
    if not results:
        raise ModelFileError(f"{file}: has no output.")
    return translation, translation.graph.blobs[translation.blob_of(results[0])], pictures


def _image(model: OnnxModel, file: Path, notes: list[str]) -> tuple[str, Shape, bool]:
    """Return the name and shape (1, c, h, w) of the picture that goes in; and whether its channels come last.

    They may where they are brought to the front at once, as tf2onnx does. Raises ModelFileError.
    """
    weights = {tensor.name for tensor in model.graph.initializer}
    inputs = [value for value in model.graph.input if value.name not in weights]
    if len(inputs) != 1:
        names = cut(", ".join(repr(value.name) for value in inputs) or "none", 200)
        raise ModelFileError(f"{file}: has {len(inputs)} inputs ({names}); one, the picture, is expected.")
    (value,) = inputs
    sides = [dim.dim_value for dim in value.type.tensor_type.shape.dim]  # 0 where they are left open
    turned = len(sides) == 4 and sides[3] in (1, 3) and _is_turned_at_once(model, value.name)
    if turned:
        sides = [sides[0], sides[3], *sides[1:3]]
    if len(sides) != 4 or sides[1] not in (1, 3):
        hint = " Its channels come last; export it with channels first." if sides[3:] in ([1], [3]) else ""
        raise ModelFileError(
            f"{file}: its input {cut(value.name)!r} has the shape {cut(str(tuple(sides)))}; "
            f"(n, 3, height, width) or (n, 1, height, width) is expected.{hint}"
        )
    height, width = (side or USUAL_SIDE_PX for side in sides[2:])
    if min(height, width) < 1 or sides[1] * height * width > VALUE_LIMIT:
        raise ModelFileError(f"{file}: its input {cut(value.name)!r} is {height} x {width} cells large.")
    if 0 in sides[2:]:
        notes.append(f"The file leaves the size of pictures open: {width}x{height} is taken.")
    return value.name, (1, sides[1], height, width), turned


def _is_turned_at_once(model: OnnxModel, image: str) -> bool:
    """Tell whether all that reads the picture brings its channels from the end to the front."""
    readers = [node for node in model.graph.node if image in node.input]
    perms = [[list(said.ints) for said in node.attribute if said.name == "perm"] for node in readers]
    turns = all(node.op_type == "Transpose" for node in readers)
    return bool(readers) and turns and all(perm == [[0, 3, 1, 2]] for perm in perms)


def _said(pictures: OnnxPictures) -> str:
    numbers = f"minus {_listed(pictures.mean)}, times {_listed(pictures.scale)}"
    return f"{pictures.told} ({pictures.channel_order}, 0 to 255, {numbers})"


def _listed(numbers: tuple[float, ...]) -> str:
    return ", ".join(f"{number:.6g}" for number in numbers)


def _scale_channels(translation: Translation, image: str, pictures: OnnxPictures) -> None:
    """Put a layer in front that multiplies each channel by its own factor, where they differ."""
    if len(set(pictures.scale)) > 1:
        node = OnnxNode("Scale", (image,), (image,), name="pixels", where=translation.graph.where)
        made = translation.add(node, "Scale", ["data"], weights=[np.array(pictures.scale)])
        translation.image_is(image, made)


def _translate(translation: Translation, node: OnnxNode) -> None:
    if len(translation.layers) > LAYER_LIMIT:
        raise node.refusal(f"the network has more than {LAYER_LIMIT:,} layers")
    if not node.outputs or not node.outputs[0]:
        raise node.refusal("makes nothing")
    if translation.constants.work_out(node, translation.shape_of):
        return
    known = OPERATORS.get(node.operator)
    if known is None:
        raise node.refusal(
            f"this operator is not translated.{suggestion(cut(node.operator), OPERATORS)} Plain "
            "convolutional classifiers are"
        )
    if unknown := sorted(node.attributes.keys() - known.attributes):
        raise node.refusal(f"its attribute {cut(unknown[0])!r} is not known")
    known.translate(translation, node)


def _class_layer(graph: Graph, output: int) -> str | None:
    """Return the layer with a score per class: what goes into the softmax, or what comes out as a vector."""
    if found := find_class_layer(graph):
        return found
    shape = graph.shapes[output]
    return _maker(graph, output) if shape[1] > 1 and shape[2:] in ((), (1, 1)) else None


def _maker(graph: Graph, value: int) -> str | None:
    """Return the layer that makes a value, apart from those that pass it on as it is."""
    node = graph.producer(value)
    while node is not None and node.type in TRANSPARENT_TYPES:
        node = graph.producer(node.bottoms[0])
    return None if node is None else node.name


def _classes(graph: Graph, class_layer: str | None) -> int:
    """Return how many classes a layer scores; none without one."""
    return next((graph.shapes[node.tops[0]][1] for node in graph.nodes if node.name == class_layer), 0)


def _write(
    folder: Path,
    file: Path,
    translation: Translation,
    pictures: OnnxPictures,
    class_layer: str | None,
    labels: Path | None,
) -> None:
    called = one_line(file.name)
    dims = {"shape": [{"dim": list(translation.graph.input_shape)}]}
    image = {"name": "data", "type": "Input", "top": ["data"], "input_param": dims}
    one_scale = pictures.scale[0] if len(set(pictures.scale)) == 1 else 1.0
    told: dict[str, Any] = {
        "title": f"Translated from {called}",
        "channel_order": pictures.channel_order,
        "mean": list(pictures.mean),
        "scale": one_scale,
        **({} if class_layer is None else {"class_layer": class_layer}),
        **({} if labels is None else {"labels": LABELS_FILE}),
    }
    made = False
    try:
        folder.mkdir(parents=True)
        made = True
        write_prototxt(folder / "deploy.prototxt", {"name": called, "layer": [image, *translation.layers]})
        write_caffemodel(folder / "weights.caffemodel", translation.weights, called)
        if labels is not None:
            shutil.copyfile(labels, folder / LABELS_FILE)
        (folder / METADATA_FILE).write_text(tomli_w.dumps(told), encoding="utf-8")
    except OSError as error:
        if made:
            shutil.rmtree(folder, ignore_errors=True)
        raise ModelFileError(f"{folder}: cannot be written: {error.strerror or error}.") from error
