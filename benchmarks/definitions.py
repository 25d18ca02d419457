"""Definitions of networks that are only timed, written from the tables they were published with.

Their weights are made up. Each is as deep as the layer that is dreamt of.

    VGG16            Simonyan and Zisserman, Very Deep Convolutional Networks, 2014, table 1, column D
    SqueezeNet v1.1  Iandola et al., github.com/forresti/SqueezeNet, the table of v1.1
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from lucidreel.models.caffe_network import CaffeNetwork
from lucidreel.models.load import load_definition

_HEAD = 'name: "{name}"\ninput: "data"\ninput_shape {{ dim: 1 dim: 3 dim: 224 dim: 224 }}\n'
_LAYER = 'layer {{ name: "{name}" type: "{kind}" {bottoms} top: "{top}" {rest} }}\n'


def made_up(definition: str, name: str) -> CaffeNetwork:
    """Return the network of a definition with random weights, the same every time."""
    with TemporaryDirectory() as folder:
        path = Path(folder, f"{name}.prototxt")
        path.write_text(definition, encoding="utf-8")
        return load_definition(path, 0)


def vgg16() -> str:
    """Return VGG16 to relu4_3."""
    lines, bottom = [_HEAD.format(name="VGG16")], "data"
    for block, (channels, depth) in enumerate(((64, 2), (128, 2), (256, 3), (512, 3)), 1):
        if block > 1:
            lines.append(_pool(f"pool{block - 1}", bottom, kernel=2))
            bottom = f"pool{block - 1}"
        for number in range(1, depth + 1):
            top = f"conv{block}_{number}"
            lines += _convolution(top, bottom, channels, 3, pad=1, relu=f"relu{block}_{number}")
            bottom = top
    return "".join(lines)


def squeezenet_v1_1() -> str:
    """Return SqueezeNet v1.1 to fire8."""
    lines = [_HEAD.format(name="SqueezeNet v1.1"), *_convolution("conv1", "data", 64, 3, stride=2)]
    lines.append(_pool("pool1", "conv1", kernel=3))
    bottom = "pool1"
    for number, squeezed in enumerate((16, 16, 32, 32, 48, 48, 64), 2):
        lines += _fire(f"fire{number}", bottom, squeezed)
        bottom = f"fire{number}/concat"
        if number in (3, 5):
            lines.append(_pool(f"pool{number}", bottom, kernel=3))
            bottom = f"pool{number}"
    return "".join(lines)


def _fire(name: str, bottom: str, squeezed: int) -> Iterator[str]:
    squeeze, one, three = f"{name}/squeeze1x1", f"{name}/expand1x1", f"{name}/expand3x3"
    yield from _convolution(squeeze, bottom, squeezed, 1)
    yield from _convolution(one, squeeze, 4 * squeezed, 1)
    yield from _convolution(three, squeeze, 4 * squeezed, 3, pad=1)
    yield _layer(f"{name}/concat", "Concat", (one, three))


def _convolution(
    name: str, bottom: str, channels: int, kernel: int, *, pad: int = 0, stride: int = 1, relu: str = ""
) -> Iterator[str]:
    numbers = f"num_output: {channels} kernel_size: {kernel} pad: {pad} stride: {stride}"
    yield _layer(name, "Convolution", (bottom,), f"convolution_param {{ {numbers} }}")
    yield _layer(relu or f"{name}/relu", "ReLU", (name,), top=name)


def _pool(name: str, bottom: str, kernel: int) -> str:
    return _layer(
        name, "Pooling", (bottom,), f"pooling_param {{ pool: MAX kernel_size: {kernel} stride: 2 }}"
    )


def _layer(name: str, kind: str, bottoms: Iterable[str], rest: str = "", top: str = "") -> str:
    read = " ".join(f'bottom: "{bottom}"' for bottom in bottoms)
    return _LAYER.format(name=name, kind=kind, bottoms=read, top=top or name, rest=rest)
