"""Writes a trained network as Caffe files: definition, weights, labels, and the facts beside them.

Batch norm is folded into the convolutions, and the scale of the normalised units into the first one, so that
the files ask for nothing but Caffe's customary input: BGR in 0..255 minus a mean colour. Padding stays exact,
because a padded zero means that mean colour before and after.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from ..caffe_files.caffemodel import write_caffemodel
from ..caffe_files.prototxt import write_prototxt
from ..model_folder import DREAMS_FILE
from .catalogue import catalogue
from .net import CLASS_MAP, INPUT_PX, LAYOUT, MEAN_BGR, SCORE, SPREAD, BestiaryNet, Conv

DEFINITION = "deploy.prototxt"
WEIGHTS = "bestiary.caffemodel"
LABELS = "labels.txt"
FACTS = "model.toml"

DREAMS = {
    "conv2_1": "glossy enamel, edged with dark pearls",
    "conv3_1": "molten rims around calm surfaces",
    "conv3_2": "strands that flow along every edge, like hair",
    "conv4_1": "the classic: striped coils, and eyes in every hollow",
    "conv4_2": "stars of needles and down, one in every knot",
}
"""What the layers of the network that comes with lucidreel dream of, as seen in docs/bestiary.md."""

Weights = dict[str, list[NDArray[np.float32]]]


def export(network: BestiaryNet, folder: Path) -> None:
    """Write the four files into ``folder``, made if need be; the same network gives the same bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    write_prototxt(folder / DEFINITION, definition(network.classes.out_channels))
    write_caffemodel(folder / WEIGHTS, folded_weights(network), name="bestiary")
    words = "".join(f"{entry.words}\n" for entry in catalogue())
    (folder / LABELS).write_text(words, encoding="utf-8", newline="\n")
    (folder / FACTS).write_text(_facts(folder), encoding="utf-8", newline="\n")
    (folder / DREAMS_FILE).write_text(_dreams(), encoding="utf-8", newline="\n")


def folded_weights(network: BestiaryNet) -> Weights:
    """Weights (out, in, h, w) and bias (out,) of every convolution, by layer name."""
    weights: Weights = {}
    parts = dict(network.trunk.named_children())
    for part in LAYOUT:
        if not isinstance(part, Conv):
            continue
        convolution, norm = parts[part.name], parts[f"{part.name}_norm"]
        assert isinstance(convolution, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d)
        weights[part.name] = _fold(convolution, norm)
    weights[LAYOUT[0].name][0] /= SPREAD
    head = network.classes
    assert head.bias is not None
    weights[CLASS_MAP] = [_array(head.weight), _array(head.bias)]
    return weights


def definition(classes: int) -> dict[str, Any]:
    """The network in Caffe's field names, with in-place ReLUs and the class map's maximum as its score."""
    layers: list[dict[str, Any]] = [
        {
            "name": "data",
            "type": "Input",
            "top": ["data"],
            "input_param": {"shape": [{"dim": [1, 3, INPUT_PX, INPUT_PX]}]},
        }
    ]
    bottom = "data"
    for part in LAYOUT:
        if isinstance(part, Conv):
            shape = {"num_output": part.channels, "kernel_size": [part.kernel]}
            place = {"pad": [part.kernel // 2], "stride": [part.stride]}
            layers.append(_layer(part.name, "Convolution", bottom, convolution_param=shape | place))
            name = part.name.replace("conv", "relu")
            layers.append({"name": name, "type": "ReLU", "bottom": [part.name], "top": [part.name]})
        else:
            layers.append(
                _layer(
                    part.name, "Pooling", bottom, pooling_param={"pool": "MAX", "kernel_size": 3, "stride": 2}
                )
            )
        bottom = part.name
    layers.append(
        _layer(
            CLASS_MAP, "Convolution", bottom, convolution_param={"num_output": classes, "kernel_size": [1]}
        )
    )
    layers.append(_layer(SCORE, "Pooling", CLASS_MAP, pooling_param={"pool": "MAX", "global_pooling": True}))
    return {"name": "bestiary", "layer": layers}


def _layer(name: str, kind: str, bottom: str, **parameters: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "type": kind, "bottom": [bottom], "top": [name], **parameters}


def _fold(convolution: nn.Conv2d, norm: nn.BatchNorm2d) -> list[NDArray[np.float32]]:
    assert norm.running_mean is not None and norm.running_var is not None
    scale = norm.weight / torch.sqrt(norm.running_var + norm.eps)
    return [
        _array(convolution.weight * scale.view(-1, 1, 1, 1)),
        _array(norm.bias - norm.running_mean * scale),
    ]


def _array(tensor: torch.Tensor) -> NDArray[np.float32]:
    return tensor.detach().to("cpu", torch.float32).contiguous().numpy().copy()


def _facts(folder: Path) -> str:
    """What a program must know to run the files, and what identifies them, as TOML."""
    facts = {
        "title": f"{len(catalogue())} drawn creatures and patterns, trained for clean shapes",
        "licence": "MIT",
        "definition": DEFINITION,
        "weights": WEIGHTS,
        "labels": LABELS,
        "class_layer": SCORE,
        "mean": list(MEAN_BGR),
        "scale": 1.0,
        "sha256": hashlib.sha256((folder / WEIGHTS).read_bytes()).hexdigest(),
    }
    return _as_toml(facts)


def _dreams() -> str:
    """What its layers dream of, as TOML."""
    layers = ({"name": name, "dreams": dreams} for name, dreams in DREAMS.items())
    return "\n".join(f"[[layers]]\n{_as_toml(layer)}" for layer in layers)


def _as_toml(values: Mapping[str, object]) -> str:
    return "".join(f"{key} = {json.dumps(value)}\n" for key, value in values.items())
