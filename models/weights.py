"""Giving every layer of a graph its tensors: from a file, checked, or made up."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ..errors import ModelFileError, suggestion
from .graph import Graph, Node
from .layers import Weight

Weights = list[list[Tensor]]
"""For each node of a graph, in order, the tensors its layer asked for."""


def match_weights(graph: Graph, blobs: Mapping[str, Sequence[NDArray[np.float32]]], source: Path) -> Weights:
    """Pick each layer's blobs by name; blobs of layers the graph does not have are ignored.

    A layer that shares its weights (`param { name: ... }`) may be missing where another one brings them.
    Raises ModelFileError naming file, layer and shapes for what is missing or does not fit.
    """
    shared: dict[str, Tensor] = {}
    result = []
    for node in graph.nodes:
        wanted = node.layer.weights
        found = blobs.get(node.name)
        names = [param.name for param in node.layer.param.param][: len(wanted)]
        if not wanted:
            tensors = []
        elif found is None and len(names) == len(wanted) and all(name in shared for name in names):
            tensors = [shared[name].reshape(w.shape) for name, w in zip(names, wanted, strict=True)]
        else:
            tensors = _checked(node, found, blobs, source)
        for name, tensor in zip(names, tensors, strict=False):
            if name:
                shared.setdefault(name, tensor)
        result.append(tensors)
    return result


def random_weights(graph: Graph, seed: int) -> Weights:
    """Make weights up, the same for the same seed.

    Normal with variance 2 / inputs (He et al., arXiv 1502.01852), so that activations keep their size.
    """
    generator = torch.Generator().manual_seed(seed)
    return [[_random(weight, generator) for weight in node.layer.weights] for node in graph.nodes]


def _checked(
    node: Node, found: Sequence[NDArray[np.float32]] | None, blobs: Mapping[str, object], source: Path
) -> list[Tensor]:
    wanted = node.layer.weights
    place = f"{source}: layer {node.name!r} ({node.type})"
    shapes = ", ".join(str(weight.shape) for weight in wanted)
    if found is None:
        raise ModelFileError(
            f"{place} has no weights in this file; it needs {shapes}.{suggestion(node.name, blobs)} "
            "Do definition and weights belong together?"
        )
    if len(found) != len(wanted) or not all(
        _same_shape(weight.shape, blob.shape) for weight, blob in zip(wanted, found, strict=True)
    ):
        given = ", ".join(str(blob.shape) for blob in found)
        raise ModelFileError(
            f"{place} has weights of shape {given}, but the definition asks for {shapes}. "
            "Do definition and weights belong together?"
        )
    return [
        torch.from_numpy(np.array(blob)).reshape(weight.shape)
        for weight, blob in zip(wanted, found, strict=True)
    ]


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
