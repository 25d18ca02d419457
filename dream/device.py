"""Where and in which arithmetic the network runs."""

from __future__ import annotations

import torch

from ..errors import DeviceError
from ..models.backend import BackendName
from ..models.torch_internals import fast_cpu_bf16


def choose_device(name: str, backend: BackendName = "torch") -> torch.device:
    """Return the device for "auto", "cpu", "cuda" or "mps"; raises DeviceError when it is not there.

    `auto` is the CPU for a real Caffe: few are built for graphics cards.
    """
    available = {
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
        "cpu": True,
    }
    if name == "auto" and backend == "pycaffe":
        name = "cpu"
    if name == "auto":
        name = next(kind for kind, there in available.items() if there)
    if not available.get(name, False):
        there = ", ".join(kind for kind, is_there in available.items() if is_there)
        caffe = ". Caffe's GPU mode wants a PyTorch that sees the card too" if backend == "pycaffe" else ""
        raise DeviceError(f"device {name!r} is not available on this machine; available: {there}{caffe}")
    return torch.device(name)


def use_threads(count: int | None) -> int:
    """Have the CPU compute with `count` threads, or with as many as it does already; return how many."""
    if count is not None and count != torch.get_num_threads():
        torch.set_num_threads(count)
    return torch.get_num_threads()


def choose_dtype(precision: str, device: torch.device, backend: BackendName = "torch") -> torch.dtype:
    """Return the network's arithmetic for "auto", "fp32" or "bf16" on a device.

    `auto` takes bf16 where it is faster than fp32: on CUDA from compute capability 8, on CPUs with AMX, and
    on AMD's with AVX-512's bf16 products. Intel's without AMX have these too, but slow ones; elsewhere bf16
    is emulated. The same device gets the same arithmetic. A real Caffe knows fp32 alone: raises DeviceError
    where it is to compute in another.
    """
    if backend == "pycaffe":
        if precision == "bf16":
            raise DeviceError(f"precision {precision!r}: a real Caffe computes in fp32. Leave precision out.")
        return torch.float32
    if precision == "auto":
        return torch.bfloat16 if fast_bf16(device) else torch.float32
    return torch.bfloat16 if precision == "bf16" else torch.float32


def fast_bf16(device: torch.device) -> bool:
    """Tell whether the device multiplies bf16 faster than fp32."""
    if device.type == "cuda":
        return torch.cuda.get_device_capability(device)[0] >= 8
    return device.type == "cpu" and fast_cpu_bf16()
