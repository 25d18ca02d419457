"""Every top of a network by its name, as Caffe has them in its blobs."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor

from lucidreel.models.caffe_network import CaffeNetwork
from lucidreel.models.pycaffe.network import PycaffeNetwork


def tops_of(
    network: CaffeNetwork | PycaffeNetwork, data: Tensor, layers: Sequence[str] | None = None
) -> dict[str, dict[str, Tensor]]:
    """Every top of the named layers (of all by default) by layer and blob name, for what is in the data blob.

    Layers come in order of execution, so the last value under a blob's name is what the blob ends with.
    """
    nodes = network.graph.nodes if layers is None else [network.find_layer(name) for name in layers]
    values = network.evaluate(data, nodes)
    return {
        node.name: {name: values[top] for name, top in zip(node.layer.param.top, node.tops, strict=True)}
        for node in nodes
    }
