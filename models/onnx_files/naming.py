"""What a layer is called: as its weights are, or the module of the program that the node was exported from.

layer1.0.conv1.weight                          PyTorch's weights; exporters keep their names, or most
conv1/7x7_s2_w_0                               Caffe2's
/layer1/layer1.0/relu/Relu                     PyTorch's older exporter, as the name of the node
['', 'layer1', 'layer1.0', 'layer1.0.relu', 'relu_1']    its newer one, in what is said of the node
conv1/7x7_s2_2                                 Caffe2's values, counted
"""

from __future__ import annotations

import re

from .constants import Constants
from .nodes import OnnxNode

_LENGTH = 100
_WEIGHT = re.compile(
    r"(?:gpu_0/)?(.+?)[._](?:w|weight|slope|s|scale|mean|running_mean)(?:_0)?", re.IGNORECASE
)
_SCOPE = re.compile(r"'([^']*)'")
_COUNT = re.compile(r"_\d+$")


def layer_name(node: OnnxNode, constants: Constants) -> str:
    """Return a name for what becomes of a node, of characters that the command line takes; never empty."""
    return _readable(_told(node, constants)) or node.operator.lower()


def _told(node: OnnxNode, constants: Constants) -> str:
    """Return what a node is best called, in its exporter's words."""
    if node.has_input(1) and node.inputs[1] in constants:
        named = _WEIGHT.fullmatch(node.inputs[1])
        if named is not None and "::" not in named[1]:
            return named[1]
    scopes: list[str] = _SCOPE.findall(node.scopes)
    if scopes:
        return next((module for module in reversed(scopes[:-1]) if module), scopes[-1])
    if node.name.startswith("/"):
        return _module(node.name)
    return node.name or _COUNT.sub("", next(iter(node.outputs), ""))


def _module(name: str) -> str:
    """Return the module in a node's name: "/layer1/layer1.0/Conv" is "layer1.0"."""
    full, last = "", ""
    *modules, own = name.strip("/").split("/")
    for module in modules:
        if last and module.startswith(f"{last}."):
            full = full.removesuffix(last) + module
        else:
            full = f"{full}.{module}" if full else module
        last = module
    return full or own


def _readable(name: str) -> str:
    return re.sub(r"[^\w./+-]+", "_", name[:_LENGTH], flags=re.ASCII).strip("/_")
