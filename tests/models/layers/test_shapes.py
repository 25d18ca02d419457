"""The shapes that every layer type tells by arithmetic are those of the tops that it makes."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lucidreel.models.caffe_files.prototxt import parse_prototxt
from lucidreel.models.layers import Layer, find_layer_type, supported_types
from lucidreel.models.layers.base import Shape, broadcast

Case = tuple[str, list[Shape], int]
"""A layer's parameters as in a definition, its bottoms' shapes, and how many tops it names."""

_REFUSED = (ValueError, IndexError, RuntimeError)


def lengths(most: int = 7) -> st.SearchStrategy[int]:
    return st.integers(1, most)


def blobs(least: int = 1, most: int = 5) -> st.SearchStrategy[Shape]:
    return st.lists(lengths(), min_size=least, max_size=most).map(tuple)


def maps(most: int = 9) -> st.SearchStrategy[Shape]:
    return st.tuples(st.integers(1, 2), st.sampled_from([1, 2, 3, 4, 6]), lengths(most), lengths(most))


MOSTLY_MAPS = st.one_of(maps(), maps(), maps(), blobs())


def options(name: str, always: str = "", **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[str]:
    """Parameters of which each field may be left out; a list is a field that is given several times."""

    def written(given: dict[str, Any]) -> str:
        lines = [
            f"{field}: {str(value).lower() if isinstance(value, bool) else value}"
            for field, values in given.items()
            for value in (values if isinstance(values, list) else [values])
        ]
        return f"{name} {{ {always} {' '.join(lines)} }}"

    return st.fixed_dictionaries({}, optional=fields).map(written)


def alone(
    text: st.SearchStrategy[str], bottoms: st.SearchStrategy[Shape] = MOSTLY_MAPS, tops: int = 1
) -> st.SearchStrategy[Case]:
    return st.tuples(text, bottoms.map(lambda shape: [shape]), st.just(tops))


@st.composite
def alike(draw: st.DrawFn, text: st.SearchStrategy[str], least: int = 1, most: int = 3) -> Case:
    """Several bottoms: of one shape, or one of them with one other length, or with an axis more."""
    first = draw(MOSTLY_MAPS)
    bottoms = [first] * draw(st.integers(least, most))
    if draw(st.booleans()):
        changed = list(draw(st.sampled_from([first, first, (*first, 1)])))
        changed[draw(st.integers(0, len(changed) - 1))] = draw(lengths())
        bottoms[draw(st.integers(0, len(bottoms) - 1))] = tuple(changed)
    return draw(text), bottoms, 1


NOTHING = st.just("")
AXIS = st.integers(-5, 5)
FLAG = st.booleans()
SMALL = st.integers(0, 4)
SIDES = st.one_of(st.lists(st.integers(0, 4), min_size=1, max_size=2), st.integers(1, 3).map(lambda n: [n]))


def sliding(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[str]:
    name = "convolution_param"
    return st.one_of(
        options(name, "num_output: 6 kernel_size: 2", **fields, stride=SIDES, pad=SIDES, axis=AXIS),
        options(name, "num_output: 4", **fields, kernel_size=SIDES, dilation=SIDES, pad=SIDES),
        options(name, "num_output: 2 kernel_h: 3 kernel_w: 1", stride_h=SMALL, stride_w=SMALL, pad_w=SMALL),
    )


@st.composite
def convolved(draw: st.DrawFn, text: st.SearchStrategy[str]) -> Case:
    first = draw(st.one_of(maps(), maps(), blobs(2, 5)))
    bottoms = [first] * draw(st.integers(1, 2))
    if draw(st.booleans()):
        bottoms[-1] = (*first[:2], *(draw(lengths()) for _ in first[2:]))
    return draw(text), bottoms, len(bottoms)


@st.composite
def parts(draw: st.DrawFn) -> Case:
    tops = draw(st.integers(1, 4))
    points = st.lists(st.integers(0, 7), min_size=tops - 1, max_size=tops - 1)
    return draw(options("slice_param", axis=AXIS, slice_point=points)), [draw(MOSTLY_MAPS)], tops


@st.composite
def laid_over(draw: st.DrawFn, text: st.SearchStrategy[str]) -> Case:
    """One bottom, or a second one that mostly is a stretch of the first one's axes."""
    first = draw(MOSTLY_MAPS)
    begin = draw(st.integers(0, len(first)))
    stretch = first[begin : draw(st.integers(begin, len(first)))]
    second = draw(st.one_of(st.just(stretch), st.just(stretch), blobs(0, 3)))
    return draw(text), draw(st.sampled_from([[first], [first, second]])), 1


@st.composite
def factors(draw: st.DrawFn) -> Case:
    x, y = draw(maps()), draw(maps(2))
    factor = draw(st.sampled_from([(*x[:2], 1, 1), x[:2], (x[0], 1, 1, 1), x, y[:2]]))
    return "", [factor, x, draw(st.sampled_from([x, x, y]))], 1


@st.composite
def cropped(draw: st.DrawFn) -> Case:
    text = options("crop_param", axis=AXIS, offset=st.lists(st.integers(0, 2), min_size=1, max_size=3))
    return draw(text), [draw(maps()), draw(st.one_of(maps(4), blobs()))], 1


@st.composite
def chosen(draw: st.DrawFn) -> Case:
    first = draw(MOSTLY_MAPS)
    count = draw(st.integers(1, 2))
    return "", [*[first] * count, (first[0], 1)], draw(st.sampled_from([count, count, 2]))


RESHAPED = st.lists(st.sampled_from([0, 0, -1, 1, 2, 3, 6, -2]), min_size=1, max_size=4).map(
    lambda dims: "{ " + " ".join(f"dim: {length}" for length in dims) + " }"
)
POOL = st.sampled_from(["MAX", "AVE"])
POOLED = st.one_of(
    options("pooling_param", kernel_size=st.integers(1, 5), stride=st.integers(1, 6), pad=SMALL,
            pool=st.sampled_from(["MAX", "AVE", "STOCHASTIC"]), round_mode=st.sampled_from(["FLOOR"])),
    options("pooling_param", global_pooling=st.just(True), pool=POOL),
    options("pooling_param", "kernel_size: 3", stride_h=SMALL, stride_w=SMALL, pad_h=SMALL),
)  # fmt: skip
COVERED = st.integers(-1, 3)

CASES: dict[str, st.SearchStrategy[Case]] = {
    **{
        name: alone(NOTHING)
        for name in (
            "AbsVal", "BNLL", "Clip", "Dropout", "ELU", "Exp", "Log", "Mish", "ReLU", "ReLU6", "Sigmoid",
            "Swish", "TanH", "Threshold",
        )
    },
    "ArgMax": alone(options("argmax_param", axis=AXIS, top_k=SMALL, out_max_val=FLAG)),
    "Axpy": factors(),
    "BN": alone(options("bn_param", bn_mode=st.sampled_from(["LEARN", "INFERENCE"]))),
    "BatchNorm": alone(options("batch_norm_param", use_global_stats=FLAG, scale_bias=FLAG)),
    "BatchReindex": alike(NOTHING, 2, 2),
    "Bias": laid_over(options("bias_param", axis=AXIS, num_axes=COVERED)),
    "Concat": alike(options("concat_param", axis=AXIS)),
    "Convolution": convolved(sliding(group=st.sampled_from([1, 1, 2, 3]), bias_term=FLAG)),
    "Crop": cropped(),
    "Deconvolution": convolved(sliding(group=st.sampled_from([1, 1, 2, 3]), bias_term=FLAG)),
    "DummyData": st.tuples(
        options("dummy_data_param", shape=st.just("{ dim: 2 dim: 3 }")), st.just([]), st.integers(1, 2)
    ),
    "Eltwise": alike(options("eltwise_param", operation=st.sampled_from(["PROD", "SUM", "MAX"])), 2),
    "Embed": alone(options("embed_param", "num_output: 3 input_dim: 2", bias_term=FLAG), blobs()),
    "Filter": chosen(),
    "Flatten": alone(options("flatten_param", axis=AXIS, end_axis=AXIS)),
    "Im2col": convolved(sliding()),
    "InnerProduct": alone(
        options("inner_product_param", "num_output: 3", axis=AXIS, transpose=FLAG, bias_term=FLAG)
    ),
    "Interp": alone(
        options("interp_param", height=SMALL, width=SMALL, zoom_factor=SMALL, shrink_factor=SMALL,
                pad_beg=st.integers(-4, 0), pad_end=st.integers(-4, 0))
    ),
    "LRN": alone(
        options("lrn_param", local_size=st.integers(1, 6), norm_region=st.sampled_from(["WITHIN_CHANNEL"]))
    ),
    "MVN": alone(options("mvn_param", across_channels=FLAG, normalize_variance=FLAG)),
    "Normalize": alone(options("norm_param", across_spatial=FLAG, channel_shared=FLAG)),
    "PReLU": alone(options("prelu_param", channel_shared=FLAG)),
    "Parameter": st.tuples(st.just("parameter_param { shape { dim: 2 dim: 3 } }"), st.just([]), st.just(1)),
    "Permute": alone(options("permute_param", order=st.lists(st.integers(0, 4), max_size=4, unique=True))),
    "Pooling": st.one_of(alone(POOLED), alone(POOLED, tops=2)),
    "Power": alone(options("power_param", power=st.integers(0, 2))),
    "Reduction": alone(options("reduction_param", axis=AXIS, operation=st.sampled_from(["ASUM", "MEAN"]))),
    "Reshape": alone(
        options("reshape_param", shape=RESHAPED, axis=AXIS, num_axes=st.sampled_from([-1, -1, 0, 1, 2]))
    ),
    "SPP": alone(options("spp_param", pyramid_height=st.integers(1, 4), pool=POOL)),
    "SameConvolution": convolved(
        options("convolution_param", "num_output: 2", kernel_size=SIDES, stride=SIDES)
    ),
    "Scale": laid_over(options("scale_param", axis=AXIS, num_axes=COVERED, bias_term=FLAG)),
    "ShuffleChannel": alone(options("shuffle_channel_param", group=st.integers(1, 3))),
    "Silence": st.tuples(NOTHING, st.lists(blobs(), min_size=1, max_size=3), st.just(0)),
    "Slice": parts(),
    "Softmax": alone(options("softmax_param", axis=AXIS)),
    "Split": alone(NOTHING, tops=3),
    "Tile": alone(options("tile_param", "tiles: 3", axis=AXIS)),
    "Upsample": alone(options("upsample_param", scale=SMALL)),
}  # fmt: skip
CASES["ConvolutionDepthwise"] = CASES["DepthwiseConvolution"] = CASES["Convolution"]


def test_every_layer_type_is_drawn() -> None:
    assert set(CASES) == set(supported_types())


def built(name: str, case: Case) -> Layer | None:
    """Return the layer, or None where its parameters and shapes are refused before it could be asked."""
    text, bottoms, tops = case
    layer_class = find_layer_type(name)
    assert layer_class is not None
    ends = "bottom: 'b' " * len(bottoms) + "top: 't' " * tops
    net = parse_prototxt(f"layer {{ name: 'l' type: '{name}' {ends} {text} }}")
    try:
        return layer_class(net.layer[0], bottoms)
    except _REFUSED:
        return None


def stated(layer: Layer, bottoms: Sequence[Shape]) -> list[Shape] | None:
    """Return the shapes by arithmetic; None where the layer refuses its bottoms, or would make empty tops."""
    try:
        shapes = layer.shapes(*bottoms)
    except (ValueError, IndexError):
        return None
    return None if any(min(shape, default=1) < 1 for shape in shapes) else shapes


def made(name: str, layer: Layer, bottoms: Sequence[Shape]) -> list[Shape] | None:
    """Return the shapes of the tops that the layer really makes, or None as `stated` does."""
    number = 1.0 if name == "Filter" else 0.0  # choose all images; look up the first row
    weights = [torch.ones(weight.shape) for weight in layer.weights]
    try:
        tops = layer.forward(weights, *(torch.full(shape, number) for shape in bottoms))
    except _REFUSED:
        return None
    tensors = tops if isinstance(tops, tuple) else (tops,)
    return [tuple(top.shape) for top in tensors] if all(top.numel() for top in tensors) else None


@pytest.mark.parametrize("name", sorted(CASES))
def test_shapes_are_those_that_the_layer_makes(name: str) -> None:
    compared = []

    @settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))
    @given(CASES[name])
    def compare(case: Case) -> None:
        layer = built(name, case)
        if layer is not None:
            compared.append(stated(layer, case[1]))
            assert compared[-1] == made(name, layer, case[1])

    compare()
    assert any(shapes is not None for shapes in compared), "nothing was drawn that this layer can make"


@given(st.lists(blobs(0, 4), min_size=1, max_size=3))
def test_broadcasting_is_pytorchs(shapes: list[Shape]) -> None:
    try:
        expected: Shape | None = tuple(reduce(torch.add, map(torch.zeros, shapes)).shape)
    except RuntimeError:
        expected = None
    try:
        told: Shape | None = broadcast(*shapes)
    except ValueError:
        told = None
    assert told == expected
