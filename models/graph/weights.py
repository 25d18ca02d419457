"""Giving every layer of a graph its tensors: from a file, checked, or made up."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import islice, zip_longest
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ...errors import ModelFileError, cut, suggestion
from ..layers import Weight
from .graph import Graph, Node

Weights = list[list[Tensor]]
"""For each node of a graph, in order, the tensors its layer asked for."""

_COMPARED = 3000
"""How many of a file's layers are looked at for the nearest name; a hostile file has a million."""


def match_weights(graph: Graph, blobs: Mapping[str, Sequence[NDArray[np.float32]]], source: Path) -> Weights:
    """Pick each layer's blobs by name; blobs of layers the graph does not have are ignored.

    Parameters that several layers share (`param { name: ... }`) are one blob, as in Caffe: it is enough that
    one of the layers brings it, and of several the last one in the file counts for all.
    Raises ModelFileError naming file, layer and shapes for what is missing or does not fit.
    """
    own: dict[str, list[Tensor]] = {}
    shared: dict[str, Tensor] = {}
    by_name: dict[str, list[Node]] = {}
    for node in graph.nodes:
        if node.layer.weights:
            by_name.setdefault(node.layer.param.name, []).append(node)
    for name, found in blobs.items():
        for node in by_name.get(name, ()):
            own[node.name] = _checked(node, found, source)
            shared.update(_named(node, own[node.name]))
    result = []
    for node in graph.nodes:
        tensors = _with_shared(node, own.get(node.name, ()), shared, source)
        if len(tensors) < len(node.layer.weights):
            raise ModelFileError(
                f"{_place(node, source)} has no weights in this file; it needs {_wanted_shapes(node)}."
                f"{suggestion(node.name, islice(blobs, _COMPARED))} "
                "Do definition and weights belong together?"
            )
        result.append(tensors)
    return result


def random_weights(graph: Graph, seed: int) -> Weights:
    """Make weights up, the same for the same seed; shared parameters are those of the first layer with them.

    Normal with variance 2 / inputs (He et al., arXiv 1502.01852), so that activations keep their size.
    """
    generator = torch.Generator().manual_seed(seed)
    own = [[_random(weight, generator) for weight in node.layer.weights] for node in graph.nodes]
    shared: dict[str, Tensor] = {}
    for node, tensors in zip(graph.nodes, own, strict=True):
        shared = _named(node, tensors) | shared
    return [
        _with_shared(node, tensors, shared, graph.where)
        for node, tensors in zip(graph.nodes, own, strict=True)
    ]


def _named(node: Node, tensors: Sequence[Tensor]) -> dict[str, Tensor]:
    """Return those of a layer's tensors that have a parameter name, by that name."""
    params = node.layer.param.param
    return {param.name: tensor for param, tensor in zip(params, tensors, strict=False) if param.name}


def _with_shared(
    node: Node, own: Sequence[Tensor], shared: Mapping[str, Tensor], source: Path | str
) -> list[Tensor]:
    """Return a layer's tensors, shared ones in place of its own; fewer than it wants where one is missing."""
    tensors = []
    names = [param.name for param in node.layer.param.param]
    for weight, name, tensor in zip_longest(node.layer.weights, names[: len(node.layer.weights)], own):
        if name in shared:
            tensor = shared[name]
            if tensor.numel() != math.prod(weight.shape):
                raise ModelFileError(
                    f"{_place(node, source)} shares the parameter {name!r} of shape {tuple(tensor.shape)}, "
                    f"but asks for {weight.shape}. Shared parameters have to be of one size."
                )
        if tensor is not None:
            tensors.append(tensor.reshape(weight.shape))
    return tensors


def _checked(node: Node, found: Sequence[NDArray[np.float32]], source: Path) -> list[Tensor]:
    """Return a layer's blobs from the file as tensors; ModelFileError when they are not what it asks for."""
    wanted = node.layer.weights
    if len(found) != len(wanted) or not all(
        _same_shape(weight.shape, blob.shape) for weight, blob in zip(wanted, found, strict=True)
    ):
        given = cut(", ".join(str(blob.shape) for blob in found[:8]) or "nothing", 200)
        raise ModelFileError(
            f"{_place(node, source)} has weights of shape {given}, but the definition asks for "
            f"{_wanted_shapes(node)}. Do definition and weights belong together?"
        )
    for index, blob in enumerate(found):
        if not np.isfinite(blob).all():
            raise ModelFileError(
                f"{_place(node, source)} has weights that are no finite numbers (in blob {index}). "
                "A network with such weights makes pictures of nothing; get the file again."
            )
    return [
        torch.from_numpy(np.array(blob)).reshape(weight.shape)
        for weight, blob in zip(wanted, found, strict=True)
    ]


def _place(node: Node, source: Path | str) -> str:
    return f"{source}: layer {node.name!r} ({node.type})"


def _wanted_shapes(node: Node) -> str:
    return ", ".join(str(weight.shape) for weight in node.layer.weights)


def _same_shape(wanted: Sequence[int], given: Sequence[int]) -> bool:
    """Compare shapes; old files fill up to four dimensions with ones from the left."""
    return tuple(wanted) == tuple(given) or (
        len(given) == 4 and len(wanted) < 4 and (*[1] * (4 - len(wanted)), *wanted) == tuple(given)
    )


def _random(weight: Weight, generator: torch.Generator) -> Tensor:
    if isinstance(weight.initial, float):
        return torch.full(weight.shape, weight.initial)
    spread = math.sqrt(2.0 / max(1, math.prod(weight.shape[1:])))
    return torch.randn(weight.shape, generator=generator) * spread
