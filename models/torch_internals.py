"""The parts of PyTorch that it does not document, in one place, each with a plain way to do the same.

    FusedConvolution       oneDNN's convolution with what follows it (torch.ops.mkldnn), else F.conv2d
    relu_backward          the way back through a ReLU (torch.ops.aten), else a masked fill
    will_go_back_again     whether autograd was told to keep the graph (torch._C), else taken for granted
    cpu_bf16               what multiplies bf16 here (torch.cpu), else nothing that is known
    fast_cpu_bf16          whether that is faster than float32

Such parts may change from one release to the next, so pyproject.toml has an upper bound for torch. Where one
is missing or raises, its work is done plainly: the same within rounding, but slower.
"""

from __future__ import annotations

import math
import platform
import re
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

Pair = tuple[int, int]
_KEPT_SIZES = 32  # a window per octave and tile size; more is a long life of changes
_UNAVAILABLE = (RuntimeError, AttributeError, TypeError, NotImplementedError)


class FusedConvolution:
    """One convolution with its weights in oneDNN's order, which depends on the map's size.

    Weights are (outputs, inputs per group, height, width); stride, padding and dilation are (height, width).
    """

    def __init__(self, weight: Tensor, stride: Pair, pad: Pair, dilation: Pair, group: int) -> None:
        self._weight = weight.contiguous(memory_format=torch.channels_last)
        self._where = (pad, stride, dilation, group)
        self._packed: dict[tuple[int, ...], Tensor] = {}
        self._fuses = True

    def __call__(self, x: Tensor, bias: Tensor | None, into: Tensor | None, limit: float | None) -> Tensor:
        """Return the convolution of x, added to `into` (in place) where given.

        Where there is a `limit`, the result is held between 0 and that: a ReLU, where it is infinite.
        """
        if self._fuses and fuses_convolutions(x.dtype):
            try:
                return self._fused(x, bias, into, limit)
            except _UNAVAILABLE as error:
                _unless_memory(error)
        pad, stride, dilation, group = self._where
        top = convolve(x, self._weight, bias, into, limit, stride, pad, dilation, group)
        self._fuses = False  # it would have raised again, and not because of what was asked of it
        return top

    def _fused(self, x: Tensor, bias: Tensor | None, into: Tensor | None, limit: float | None) -> Tensor:
        weight = self._for(tuple(x.shape))
        if into is None:
            after: tuple[str, list[float]] = ("none", [])
            if limit is not None:
                after = ("relu", []) if limit == math.inf else ("hardtanh", [0.0, limit])
            top = torch.ops.mkldnn._convolution_pointwise(x, weight, bias, *self._where, *after, "")
            return _channels_last(top)
        after_sum = None if limit is None else "relu"
        torch.ops.mkldnn._convolution_pointwise_.binary(
            into, x, weight, bias, *self._where, "add", 1.0, after_sum, [], None
        )
        return into if limit is None or limit == math.inf else into.clamp_(max=limit)

    def _for(self, shape: tuple[int, ...]) -> Tensor:
        packed = self._packed.get(shape)  # bands ask on several threads at once (models/cpu/bands.py)
        if packed is None:
            if len(self._packed) >= _KEPT_SIZES:
                self._packed.clear()
            packed = self._packed[shape] = torch.ops.aten.mkldnn_reorder_conv2d_weight(
                self._weight.to_mkldnn(), *self._where, shape
            )
        return packed


def convolve(
    x: Tensor, weight: Tensor, bias: Tensor | None, into: Tensor | None, limit: float | None,
    stride: Pair, pad: Pair, dilation: Pair, group: int,
) -> Tensor:  # fmt: skip
    """Do what a FusedConvolution does with PyTorch's documented operations, one after the other."""
    top = F.conv2d(x, weight, bias, stride, pad, dilation, group)
    top = top if into is None else into.add_(top)
    return _channels_last(top if limit is None else top.clamp_(0, limit))


@lru_cache
def fuses_convolutions(dtype: torch.dtype) -> bool:
    """Tell whether this machine and this PyTorch have oneDNN's fused convolutions for a type."""
    try:
        if not torch.backends.mkldnn.is_available() or not torch.ops.mkldnn._convolution_pointwise:  # type: ignore[no-untyped-call]
            return False
        if dtype == torch.bfloat16:
            return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())
    except _UNAVAILABLE:
        return False
    return dtype == torch.float32


def relu_backward(gradient: Tensor, value: Tensor, *, in_place: bool) -> Tensor:
    """Return the gradient in front of a ReLU whose output is `value`; `in_place`, it may be overwritten."""
    try:
        if in_place:
            return torch.ops.aten.threshold_backward.grad_input(gradient, value, 0, grad_input=gradient)  # type: ignore[no-any-return]
        return torch.ops.aten.threshold_backward(gradient, value, 0)  # type: ignore[no-any-return]
    except _UNAVAILABLE as error:
        _unless_memory(error)
        fill: Callable[[Tensor, int], Tensor] = gradient.masked_fill_ if in_place else gradient.masked_fill
        return fill(value <= 0, 0)


def will_go_back_again() -> bool:
    """Tell, on the way back, whether the same graph may be gone back along again (`retain_graph`)."""
    try:
        return bool(torch._C._autograd._get_current_graph_task_keep_graph())
    except _UNAVAILABLE:
        return True  # what is kept then goes with the graph


def cpu_bf16() -> str:
    """Return what this machine's CPU multiplies bf16 with: "AMX", "AVX-512", or "" for nothing."""
    for name, feature in (("AMX", "amx_tile"), ("AVX-512", "avx512_bf16")):
        if _has_feature(feature):
            return name
    return ""


def fast_cpu_bf16() -> bool:
    """Tell whether this machine's CPU computes faster in bf16 than in float32: with AMX, or on AMD.

    AMD's AVX-512 takes half of float32's time; Intel's takes half as long again (docs/performance.md).
    """
    return cpu_bf16() == "AMX" or (cpu_bf16() == "AVX-512" and cpu_vendor() == "AuthenticAMD")


def cpu_vendor(root: Path = Path("/")) -> str:
    """Return the maker of an x86 CPU as it calls itself ("GenuineIntel", "AuthenticAMD"), or "".

    `root` is where Linux's /proc is; Windows tells it in the processor's name.
    """
    try:
        told = (root / "proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        told = platform.processor()
    found = re.search(r"vendor_id\s*:\s*(\w+)|, (\w+)$", told)
    return (found[1] or found[2]) if found else ""


def _has_feature(feature: str) -> bool:
    capabilities: Any = getattr(torch.cpu, "get_capabilities", None)  # not in PyTorch 2.8
    if capabilities is not None:
        return bool(capabilities().get(feature, False))
    question = getattr(torch.cpu, f"_is_{feature}_supported", None)
    return question is not None and bool(question())


def _unless_memory(error: Exception) -> None:
    """Raise an error that is about memory, for a caller who may try smaller tiles."""
    if "memory" in str(error).lower():
        raise error


def _channels_last(tensor: Tensor) -> Tensor:
    return tensor.contiguous(memory_format=torch.channels_last)
