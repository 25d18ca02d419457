"""What PyTorch does not document does the same as the plain way, which is taken where it is missing."""

from __future__ import annotations

import math
import platform
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from torch import Tensor

from lucidreel.models.torch_internals import (
    FusedConvolution,
    convolve,
    cpu_bf16,
    cpu_vendor,
    fuses_convolutions,
    relu_backward,
    will_go_back_again,
)
from lucidreel.models.zoo.registry import load_network

ASK = ("_is_amx_tile_supported", "_is_avx512_bf16_supported")
TYPES = [torch.float32, torch.bfloat16]


@pytest.fixture(autouse=True)
def _asked_anew() -> Iterator[None]:
    yield
    fuses_convolutions.cache_clear()


def take_away(how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make PyTorch one whose undocumented operations are missing, or raise."""

    def raises(*_: object) -> Tensor:
        raise NotImplementedError("no such kernel")

    gone = SimpleNamespace()
    if how == "raising":
        fused = SimpleNamespace(binary=raises)
        gone.mkldnn = SimpleNamespace(
            _convolution_pointwise=raises,
            _convolution_pointwise_=fused,
            _is_mkldnn_bf16_supported=lambda: True,
        )
        gone.aten = SimpleNamespace(
            threshold_backward=raises, mkldnn_reorder_conv2d_weight=lambda weight, *_: weight
        )
        raises.grad_input = raises  # type: ignore[attr-defined]
    monkeypatch.setattr(torch, "ops", gone)
    monkeypatch.setattr(torch._C, "_autograd", SimpleNamespace())
    fuses_convolutions.cache_clear()


@pytest.fixture(params=["missing", "raising"])
def without(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    take_away(request.param, monkeypatch)


def noise(*shape: int, dtype: torch.dtype = torch.float32) -> Tensor:
    return torch.randn(shape).to(dtype).contiguous(memory_format=torch.channels_last)


def both_ways(
    dtype: torch.dtype, limit: float | None, *, adding: bool, group: int = 1, bias: bool = True
) -> tuple[Tensor, Tensor]:
    """A strided, dilated convolution of a map of 8 channels, fused and plainly."""
    stride, pad, dilation = (2, 1), (1, 2), (1, 2)
    x, weight = noise(2, 8, 15, 17, dtype=dtype), noise(16, 8 // group, 3, 3, dtype=dtype)
    there = convolve(x, weight, None, None, None, stride, pad, dilation, group)
    added = torch.randn(16, dtype=dtype) if bias else None
    into = [noise(*there.shape, dtype=dtype) for _ in range(2)]
    into[1].copy_(into[0])
    fused = FusedConvolution(weight, stride, pad, dilation, group)
    made = fused(x, added, into[0] if adding else None, limit)
    plain = convolve(x, weight, added, into[1] if adding else None, limit, stride, pad, dilation, group)
    assert (made is into[0]) == adding
    return made, plain


def distance(made: Tensor, plain: Tensor) -> float:
    return float((made.float() - plain.float()).abs().max() / plain.float().abs().max())


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("limit", [None, math.inf, 6.0, 0.5])
@pytest.mark.parametrize("adding", [False, True])
def test_a_fused_convolution_is_the_plain_one(dtype: torch.dtype, limit: float | None, adding: bool) -> None:
    if not fuses_convolutions(dtype):
        pytest.skip(f"nothing is fused for {dtype} here")
    made, plain = both_ways(dtype, limit, adding=adding, bias=not adding)
    assert distance(made, plain) < (1e-5 if dtype == torch.float32 else 2e-2)
    if limit is not None:
        assert float(made.min()) >= 0 and float(made.max()) <= limit


def test_channels_by_themselves_are_fused_too() -> None:
    made, plain = both_ways(torch.float32, None, adding=False, group=8)
    assert distance(made, plain) < 1e-5


@pytest.mark.usefixtures("without")
@pytest.mark.parametrize("limit", [None, math.inf, 0.5])
@pytest.mark.parametrize("adding", [False, True])
def test_without_the_fused_operation_the_plain_one_is_taken(limit: float | None, adding: bool) -> None:
    made, plain = both_ways(torch.float32, limit, adding=adding)
    assert torch.equal(made, plain)


def test_an_error_about_memory_is_for_the_caller(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who would compute the same plainly would run out of memory again, or worse."""

    def full(*_: object) -> Tensor:
        raise RuntimeError("can't allocate memory: you tried to allocate 1 byte")

    if not fuses_convolutions(torch.float32):
        pytest.skip("nothing is fused here")
    monkeypatch.setattr(torch.ops.mkldnn, "_convolution_pointwise", full)
    with pytest.raises(RuntimeError, match="memory"):
        both_ways(torch.float32, None, adding=False)


def test_what_cannot_be_convolved_at_all_is_an_error_and_spoils_nothing() -> None:
    """The next map goes the way that it would have gone, to the bit."""
    weight, x = noise(4, 8, 3, 3), noise(1, 8, 9, 9)
    spoilt, fresh = (FusedConvolution(weight, (1, 1), (0, 0), (1, 1), 1) for _ in range(2))
    with pytest.raises(RuntimeError):
        spoilt(noise(1, 5, 9, 9), None, None, None)
    assert torch.equal(spoilt(x, None, None, None), fresh(x, None, None, None))


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("in_place", [False, True])
@pytest.mark.parametrize("how", ["as it is", "missing", "raising"])
def test_no_gradient_passes_a_relu_where_nothing_did(
    monkeypatch: pytest.MonkeyPatch, dtype: torch.dtype, in_place: bool, how: str
) -> None:
    if how != "as it is":
        take_away(how, monkeypatch)
    value = torch.tensor([[[[-1.0, 0.0, 2.0, 0.5]]]], dtype=dtype)
    gradient = torch.tensor([[[[3.0, math.nan, -5.0, 0.0]]]], dtype=dtype)
    made = relu_backward(gradient, value, in_place=in_place)
    assert made.tolist() == [[[[0.0, 0.0, -5.0, 0.0]]]]
    assert (made.data_ptr() == gradient.data_ptr()) == in_place


class _Asking(torch.autograd.Function):
    answers: list[bool]

    @staticmethod
    def forward(ctx: object, x: Tensor) -> Tensor:
        return x.clone()

    @staticmethod
    def backward(ctx: object, *gradients: Tensor) -> Tensor:
        _Asking.answers.append(will_go_back_again())
        return gradients[0]


def answers_on_the_way_back() -> list[bool]:
    _Asking.answers = []
    for again in (True, False):
        end = _Asking.apply(torch.ones(1, requires_grad=True)).sum()  # type: ignore[no-untyped-call]
        end.backward(retain_graph=again)
    return _Asking.answers


def test_the_way_back_knows_whether_it_will_be_gone_again() -> None:
    assert answers_on_the_way_back() == [True, False]


@pytest.mark.usefixtures("without")
def test_who_cannot_know_keeps_everything() -> None:
    assert answers_on_the_way_back() == [True, True]


def class_scores_and_gradient(picture: Tensor) -> tuple[Tensor, Tensor]:
    network = load_network().dense()
    image = picture.clone().requires_grad_()
    layer = str(network.class_layer)
    scores = network.activations(image, [layer])[layer]
    (gradient,) = torch.autograd.grad(scores.sum(), image)
    return scores.detach(), gradient


def test_a_whole_network_runs_without_them(monkeypatch: pytest.MonkeyPatch) -> None:
    picture = torch.rand(1, 3, 150, 170)
    usual = class_scores_and_gradient(picture)
    monkeypatch.setattr(torch.ops, "mkldnn", SimpleNamespace())
    monkeypatch.setattr(torch._C, "_autograd", SimpleNamespace())
    fuses_convolutions.cache_clear()
    for made, plain in zip(usual, class_scores_and_gradient(picture), strict=True):
        assert distance(made, plain) < 1e-4


@pytest.mark.parametrize(
    ("features", "name"),
    [
        ({"amx_tile": True, "avx512_bf16": True}, "AMX"),
        ({"amx_tile": False, "avx512_bf16": True}, "AVX-512"),
        ({}, ""),
    ],
)
@pytest.mark.parametrize("documented", [True, False])
def test_the_processor_is_asked_what_multiplies_bf16(
    monkeypatch: pytest.MonkeyPatch, features: dict[str, bool], name: str, documented: bool
) -> None:
    if documented:
        monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: features, raising=False)
    else:  # PyTorch 2.8
        monkeypatch.delattr(torch.cpu, "get_capabilities", raising=False)
        for question, feature in zip(ASK, ("amx_tile", "avx512_bf16"), strict=True):
            answer = features.get(feature, False)
            monkeypatch.setattr(torch.cpu, question, lambda answer=answer: answer, raising=False)
    assert cpu_bf16() == name


def test_a_pytorch_that_cannot_be_asked_knows_of_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    for question in ("get_capabilities", *ASK):
        monkeypatch.delattr(torch.cpu, question, raising=False)
    assert cpu_bf16() == ""


def test_the_processor_says_who_made_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "processor", lambda: "AMD64 Family 25 Model 97 Stepping 2, AuthenticAMD")
    assert cpu_vendor(tmp_path) == "AuthenticAMD"  # Windows
    monkeypatch.setattr(platform, "processor", lambda: "arm")
    assert cpu_vendor(tmp_path) == ""  # macOS
    (tmp_path / "proc").mkdir()
    (tmp_path / "proc/cpuinfo").write_text("processor\t: 0\nvendor_id\t: GenuineIntel\ncpu family\t: 6\n")
    assert cpu_vendor(tmp_path) == "GenuineIntel"
    (tmp_path / "proc/cpuinfo").write_text("processor\t: 0\nCPU implementer\t: 0x41\n")
    assert cpu_vendor(tmp_path) == ""  # ARM
