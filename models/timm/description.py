"""What can be told of a network of timm without its weights, by one run without numbers (trace.py)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from torch import nn

from ...errors import ModelFileError
from ..description import FileDescription, LayerDescription, NetworkDescription, describe_network
from .network import TimmNetwork
from .trace import TracedLayer

_BYTES_PER_NUMBER = 4
_OPERATIONS_PER_MULTIPLY_ADD = 2


def describe_timm(outline: TimmNetwork, weights: Path | ModelFileError) -> NetworkDescription:
    """Return what a network without numbers tells of itself; `weights` are its file, or why there is none."""
    described = describe_network(outline)
    last = outline.class_layer or described.layers[-1].name
    held = outline.numbers_per_pixel([last]) * _BYTES_PER_NUMBER
    there = isinstance(weights, Path)
    return replace(
        described,
        place=str(weights.parent) if isinstance(weights, Path) else "",
        files=(FileDescription(weights.name, "weights", weights.stat().st_size),)
        if isinstance(weights, Path)
        else (),
        parameters=sum(each.numel() for each in outline.model.parameters()),
        gigabytes_per_megapixel=held / 1e3,
        layers=tuple(_with_costs(outline, described)),
        missing=() if there else (str(weights).partition(": ")[2],),  # without whose they are
    )


def _with_costs(outline: TimmNetwork, described: NetworkDescription) -> Iterator[LayerDescription]:
    """Yield the layers with their costs. A pass runs everything up to a layer, so costs add up in order."""
    height, width = outline.input_size
    to_here, density = 0.0, 1.0
    for layer in described.layers:
        traced, module = outline.trace.layers[layer.name], outline.model.get_submodule(layer.name)
        if len(layer.shape) == 3 and max(layer.shape[1:]) > 1:
            density = math.prod(layer.shape[1:]) / (height * width)
        own = _weights_per_cell(module, traced) * density * _OPERATIONS_PER_MULTIPLY_ADD / 1e3
        to_here += own
        counted = sum(each.numel() for each in module.parameters())
        yield replace(
            layer,
            stride_px=_stride_px(traced),
            parameters=counted,
            gflop_per_megapixel=own,
            gflop_per_megapixel_to_here=to_here,
        )


def _stride_px(layer: TracedLayer) -> float | None:
    return None if layer.fields is None else float(max(field.step for field in layer.fields))


def _weights_per_cell(module: nn.Module, layer: TracedLayer) -> int:
    """Return how many multiply-adds a module by itself makes for a cell of its map.

    What works on the whole picture's average makes them once in a picture, which is next to nothing.
    """
    squeezed = len(layer.info.shape) == 4 and layer.info.shape[2:] == (1, 1)
    if squeezed or not isinstance(module, (nn.Conv2d, nn.Linear)):
        return 0
    return module.weight.numel()
