"""Where and in which arithmetic the network runs."""

from __future__ import annotations

import os

import torch

from ..errors import DeviceError


def choose_device(name: str) -> torch.device:
    """Return the device for "auto", "cpu", "cuda" or "mps"; raises DeviceError when it is not there."""
    available = {
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
        "cpu": True,
    }
    if name == "auto":
        name = next(kind for kind, there in available.items() if there)
    if not available.get(name, False):
        there = ", ".join(kind for kind, is_there in available.items() if is_there)
        raise DeviceError(f"device {name!r} is not available on this machine; available: {there}")
    return torch.device(name)


def use_threads(count: int | None) -> int:
    """Have the CPU compute with `count` threads, or with as many as it does already; return how many."""
    if count is not None and count != torch.get_num_threads():
        torch.set_num_threads(count)
    return torch.get_num_threads()


def choose_dtype(precision: str, device: torch.device) -> torch.dtype:
    """Return the network's arithmetic for "auto", "fp32" or "bf16" on a device.

    `auto` takes bf16 where the device multiplies it in hardware: CUDA from compute capability 8, and CPUs
    with AMX tiles or AVX-512's bf16 products. Elsewhere bf16 is emulated and slower than fp32.
    """
    if precision == "auto":
        return torch.bfloat16 if fast_bf16(device) else torch.float32
    return torch.bfloat16 if precision == "bf16" else torch.float32


def fast_bf16(device: torch.device) -> bool:
    """Tell whether the device multiplies bf16 faster than fp32."""
    if device.type == "cuda":
        return torch.cuda.get_device_capability(device)[0] >= 8
    return device.type == "cpu" and bool(cpu_bf16())


def cpu_bf16() -> str:
    """Return what this machine's CPU multiplies bf16 with: "AMX", "AVX-512", or "" for nothing.

    Measured on two cores of an AMD EPYC with AVX-512's bf16 products and no AMX: a pass takes 0.4 of the time
    of fp32.
    """
    for name, question in (("AMX", "_is_amx_tile_supported"), ("AVX-512", "_is_avx512_bf16_supported")):
        ask = getattr(torch.cpu, question, None)  # not in every PyTorch
        if ask is not None and ask():
            return name
    return ""


def half_of_memory_mib(device: torch.device) -> int:
    """Return half of the memory of the device's machine or card, in MiB; 4096 where the system does not tell.

    Half of what is there, not of what is free: the same machine cuts the same frame into the same tiles.
    """
    if device.type == "cuda":
        return torch.cuda.get_device_properties(device).total_memory // 2**21
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**21
    except (AttributeError, ValueError, OSError):  # Windows has no sysconf
        return 4096
