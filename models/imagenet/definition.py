"""What EfficientNet-Lite0 computes, written as a definition in Caffe's form.

A stem, sixteen blocks, a head: each block widens its map sixfold with a 1x1 convolution, convolves every
channel by itself, narrows again, and adds what it began with where the shapes allow (MobileNetV2's inverted
residuals, arXiv 1801.04381; EfficientNet, arXiv 1905.11946; the Lite variants have ReLU6 throughout and no
squeeze-and-excitation). The normalisations after the convolutions are in their weights (checkpoint.py).

`network/deploy.prototxt` is this written out: `python -m lucidreel.models.imagenet.definition`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..caffe_files.prototxt import write_prototxt

FILE = Path(__file__).parent / "network" / "deploy.prototxt"
SIDE_PX = 224
CLASSES = 1000
STEM, HEAD = 32, 1280

LEAK_BELOW, LEAK_ABOVE = 0.1, 0.3
"""How much of a gradient passes a ReLU6 that is at 0, and one that is at 6.

A dream starts from a picture for which most cells of a deep layer are at an end of their range and would
never hear what is asked of them."""

STAGES = (
    (1, 3, 1, 16),
    (2, 3, 2, 24),
    (2, 5, 2, 40),
    (3, 3, 2, 80),
    (3, 5, 1, 112),
    (4, 5, 2, 192),
    (1, 3, 1, 320),
)
"""Blocks, kernel, stride of the first block, channels."""

Layer = dict[str, Any]


@dataclass(frozen=True)
class Block:
    """One block: `name` is that of the layer which ends it; they are counted from 1."""

    name: str
    inputs: int
    outputs: int
    kernel: int
    stride: int

    @property
    def width(self) -> int:
        """The channels in its middle."""
        return self.inputs * (1 if self.name == "block1" else 6)

    @property
    def has_shortcut(self) -> bool:
        """Whether what it begins with is added to what it ends with."""
        return self.stride == 1 and self.inputs == self.outputs


def blocks() -> Iterator[Block]:
    """Yield the blocks in order."""
    inputs, number = STEM, 1
    for count, kernel, stride, outputs in STAGES:
        for index in range(count):
            yield Block(f"block{number}", inputs, outputs, kernel, stride if index == 0 else 1)
            inputs, number = outputs, number + 1


def definition() -> dict[str, Any]:
    """Return the definition as plain values in Caffe's field names."""
    shape = {"dim": [1, 3, SIDE_PX, SIDE_PX]}
    layers: list[Layer] = [
        {"name": "data", "type": "Input", "top": ["data"], "input_param": {"shape": [shape]}}
    ]
    layers += _rectified(_convolution("stem", "data", STEM, 3, 2))
    bottom = "stem"
    for block in blocks():
        layers += _block(block, bottom)
        bottom = block.name
    layers += _rectified(_convolution("head", bottom, HEAD, 1))
    layers += [
        {"name": "pool", "type": "Pooling", "bottom": ["head"], "top": ["pool"],
         "pooling_param": {"pool": "AVE", "global_pooling": True}},
        {"name": "logits", "type": "InnerProduct", "bottom": ["pool"], "top": ["logits"],
         "inner_product_param": {"num_output": CLASSES}},
        {"name": "prob", "type": "Softmax", "bottom": ["logits"], "top": ["prob"]},
    ]  # fmt: skip
    return {"name": "EfficientNet-Lite0", "layer": layers}


def _block(block: Block, bottom: str) -> Iterator[Layer]:
    name, start = block.name, bottom
    if block.width != block.inputs:
        yield from _rectified(_convolution(f"{name}/expand", bottom, block.width, 1))
        bottom = f"{name}/expand"
    depthwise = _convolution(
        f"{name}/depthwise", bottom, block.width, block.kernel, block.stride, block.width
    )
    yield from _rectified(depthwise)
    end = f"{name}/project" if block.has_shortcut else name
    yield _convolution(end, f"{name}/depthwise", block.outputs, 1)
    if block.has_shortcut:
        yield {"name": name, "type": "Eltwise", "bottom": [end, start], "top": [name]}


def _convolution(name: str, bottom: str, outputs: int, kernel: int, stride: int = 1, group: int = 1) -> Layer:
    options: dict[str, Any] = {"num_output": outputs, "kernel_size": [kernel]}
    if stride > 1:
        options["stride"] = [stride]
    elif kernel > 1:
        options["pad"] = [kernel // 2]
    if group > 1:
        options["group"] = group
    kind = "Convolution" if stride == 1 else "SameConvolution"
    return {"name": name, "type": kind, "bottom": [bottom], "top": [name], "convolution_param": options}


def _rectified(convolution: Layer) -> Iterator[Layer]:
    """Yield a convolution, and the ReLU6 that works in its place."""
    yield convolution
    leaks = {"leak_below": LEAK_BELOW, "leak_above": LEAK_ABOVE}
    blob = convolution["top"]
    yield {"name": f"{blob[0]}/relu", "type": "ReLU6", "bottom": blob, "top": blob, "relu6_param": leaks}


if __name__ == "__main__":
    write_prototxt(FILE, definition())
