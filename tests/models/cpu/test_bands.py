"""Convolution and max pooling in bands of rows, against the two with a whole map between them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import Tensor

from lucidreel.models.caffe_network import CaffeNetwork
from lucidreel.models.cpu.bands import Band, BandSizes, cut_into_bands, in_bands
from lucidreel.models.cpu.convolve_and_pool import ConvolveAndPool

from ..tops import tops_of

MakeNetwork = Callable[..., CaffeNetwork]
CPU = torch.device("cpu")
WHOLE = BandSizes(whole_bytes=2**60)
LEAST = BandSizes(whole_bytes=0, band_bytes=1, least_rows=1)


def layer(kind: str, name: str, bottoms: Sequence[str], more: str = "", top: str | None = None) -> str:
    read = " ".join(f'bottom: "{bottom}"' for bottom in bottoms)
    return f'layer {{ name: "{name}" type: "{kind}" {read} top: "{top or name}" {more} }}'


@dataclass(frozen=True)
class Window:
    kernel: tuple[int, int]
    stride: tuple[int, int]
    pad: tuple[int, int]
    dilation: int = 1

    def text(self) -> str:
        each = zip(("kernel", "stride", "pad"), (self.kernel, self.stride, self.pad), strict=True)
        return " ".join(f"{name}_h: {pair[0]} {name}_w: {pair[1]}" for name, pair in each)


@dataclass(frozen=True)
class Case:
    size: tuple[int, int]
    images: int
    convolution: Window
    pooling: Window
    rectified: bool
    channels: int
    parts: int
    sizes: BandSizes

    def layers(self) -> list[str]:
        names = [f"part{number}" for number in range(self.parts)]
        seen = f"num_output: {self.channels} kernel_size: 1"
        made = [layer("Convolution", name, ["data"], f"convolution_param {{ {seen} }}") for name in names]
        if self.parts > 1:
            made.append(layer("Concat", "joined", names))
        windows = f"{self.convolution.text()} dilation: {self.convolution.dilation}"
        bottom = {0: "data", 1: "part0"}.get(self.parts, "joined")
        made.append(
            layer(
                "Convolution", "c", [bottom], f"convolution_param {{ num_output: {self.channels} {windows} }}"
            )
        )
        if self.rectified:
            made.append(layer("ReLU", "r", ["c"], top="c"))
        return [*made, layer("Pooling", "end", ["c"], f"pooling_param {{ {self.pooling.text()} }}")]


@st.composite
def cases(draw: st.DrawFn) -> Case:
    side, stride = st.integers(1, 5), draw(st.integers(1, 4))
    kernel, dilation = (draw(side), draw(side)), draw(st.integers(1, 2)) if stride == 1 else 1
    reach = [dilation * (length - 1) for length in kernel]
    pad = (draw(st.integers(0, reach[0])), draw(st.integers(0, reach[1])))
    pooled = (draw(st.integers(1, 4)), draw(st.integers(1, 4)))
    pooling = Window(
        pooled,
        (draw(st.integers(1, 4)), draw(st.integers(1, 4))),
        (draw(st.integers(0, pooled[0] - 1)), draw(st.integers(0, pooled[1] - 1))),
    )
    least = [stride * (length - 1) + far + 1 for length, far in zip(pooled, reach, strict=True)]
    return Case(
        (draw(st.integers(least[0], least[0] + 30)), draw(st.integers(least[1], least[1] + 12))),
        draw(st.integers(1, 3)),
        Window(kernel, (stride, stride), pad, dilation),
        pooling,
        draw(st.booleans()),
        draw(st.sampled_from([5, 16])),
        draw(st.integers(0, 2)),
        BandSizes(0, draw(st.sampled_from([1, 500, 2000, 2**20])), draw(st.sampled_from([1, 3]))),
    )


def pooled_and_gradient(network: CaffeNetwork, data: Tensor, sizes: BandSizes) -> tuple[Tensor, Tensor]:
    """Return the pooled map and the gradient of its weighed sum at the data."""
    for operation in network.program(["end"]).operations:
        if isinstance(operation, ConvolveAndPool):
            operation.sizes = sizes
    leaf = data.to(network.dtype).requires_grad_()
    top = tops_of(network, leaf, ["end"])["end"]["end"]
    weighed = torch.randn(top.shape, generator=torch.Generator().manual_seed(1))
    return top.detach(), torch.autograd.grad((top.float() * weighed).sum(), leaf)[0]


def is_pooled_at_once(network: CaffeNetwork) -> bool:
    return any(isinstance(made, ConvolveAndPool) for made in network.program(["end"]).operations)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(case=cases())
def test_bands_make_what_the_whole_map_makes(make_network: MakeNetwork, case: Case) -> None:
    network = make_network(*case.layers(), shape=(1, 3, 64, 64))
    if not is_pooled_at_once(network):
        return  # no oneDNN
    data = torch.randn(case.images, 3, *case.size)
    expected = pooled_and_gradient(network, data, WHOLE)
    for found, right in zip(pooled_and_gradient(network, data, case.sizes), expected, strict=True):
        torch.testing.assert_close(found, right, rtol=1e-4, atol=1e-5 * float(right.abs().max() + 1))


FIRST = Case((61, 45), 2, Window((7, 7), (2, 2), (3, 3)), Window((3, 3), (2, 2), (0, 0)), True, 5, 0, LEAST)
INNER = Case((30, 41), 1, Window((3, 3), (1, 1), (1, 1)), Window((2, 2), (2, 2), (0, 0)), True, 16, 2, LEAST)


@pytest.mark.parametrize("case", [FIRST, INNER])
def test_bands_in_bf16_point_the_same_way(make_network: MakeNetwork, case: Case) -> None:
    network = make_network(*case.layers()).to(CPU, torch.bfloat16)
    data = torch.randn(case.images, 3, *case.size)
    expected = pooled_and_gradient(network, data, WHOLE)
    for found, right in zip(pooled_and_gradient(network, data, case.sizes), expected, strict=True):
        assert torch.cosine_similarity(found.float().flatten(), right.float().flatten(), dim=0) > 0.999


@pytest.mark.parametrize("case", [FIRST, INNER])
def test_bands_have_the_same_bits_every_time(make_network: MakeNetwork, case: Case) -> None:
    network = make_network(*case.layers())
    data = torch.randn(case.images, 3, *case.size)
    first = pooled_and_gradient(network, data, case.sizes)
    for _ in range(5):
        again = pooled_and_gradient(network, data, case.sizes)
        assert torch.equal(first[0], again[0]) and torch.equal(first[1], again[1])


def test_a_bottom_read_twice_gets_both_gradients(make_network: MakeNetwork) -> None:
    def text() -> list[str]:
        conv = "convolution_param { num_output: 4 kernel_size: 3 pad: 1 }"
        pool = "pooling_param { kernel_size: 2 stride: 2 }"
        sides = [
            line
            for name in ("l", "r")
            for line in (
                layer("Convolution", name, ["stem"], conv),
                layer("ReLU", f"{name}_relu", [name], top=name),
                layer("Pooling", f"{name}_pool", [name], pool),
            )
        ]
        return [
            layer("Convolution", "stem", ["data"], conv),
            *sides,
            layer("Concat", "end", ["l_pool", "r_pool"]),
        ]

    network = make_network(*text())
    data = torch.randn(1, 3, 37, 20)
    expected = pooled_and_gradient(network, data, WHOLE)
    found = pooled_and_gradient(network, data, LEAST)
    torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-4)


def test_a_wanted_map_is_not_pooled_at_once(make_network: MakeNetwork) -> None:
    network = make_network(*FIRST.layers())
    asked = network.program(["c", "end"]).operations
    assert not any(isinstance(operation, ConvolveAndPool) for operation in asked)


@given(
    images=st.integers(1, 4), rows=st.integers(1, 200), step=st.integers(1, 4), lead=st.integers(0, 7),
    between=st.integers(1, 4), row_bytes=st.integers(1, 2000), band_bytes=st.integers(1, 20000),
)  # fmt: skip
def test_bands_cover_every_row_once(
    images: int, rows: int, step: int, lead: int, between: int, row_bytes: int, band_bytes: int
) -> None:
    sizes = BandSizes(0, band_bytes, 2)
    found = cut_into_bands(sizes, images, rows, step, lead, between, row_bytes)
    covered = [(band.image, row) for band in found for row in range(band.first, band.last)]
    assert covered == [(image, row) for image in range(images) for row in range(rows)]
    assert all((band.first + lead) % step == 0 for band in found if band.first)


def test_an_error_in_a_band_comes_out() -> None:
    def work(band: Band) -> None:
        if band.first == 3:
            raise MemoryError("no memory for a band")

    with pytest.raises(MemoryError, match="for a band"):
        in_bands(work, [Band(0, row, row + 1) for row in range(8)])
