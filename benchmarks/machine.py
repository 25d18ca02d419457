"""Which machine the figures are of: processor, cards, threads, arithmetic and load."""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from pathlib import Path

import torch

from lucidreel.models.torch_internals import cpu_bf16


def machine() -> dict[str, object]:
    """Return date and machine as figures are written with."""
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {
            "system": platform.platform(),
            "processor": processor(),
            "cores": os.cpu_count(),
            "torch": torch.__version__,
            "threads": torch.get_num_threads(),
            "capability": torch.backends.cpu.get_cpu_capability(),
            "bf16": cpu_bf16() or "emulated",
            "load": load(),
            "cards": [torch.cuda.get_device_name(index) for index in range(torch.cuda.device_count())],
        },
    }


def machine_line() -> str:
    """Return the machine in a line."""
    return (
        f"{processor()}, {os.cpu_count()} cores, {torch.backends.cpu.get_cpu_capability()}, "
        f"bf16: {cpu_bf16() or 'emulated'}, {torch.get_num_threads()} threads, PyTorch {torch.__version__}, "
        f"load {load():.1f}, {datetime.now(UTC):%Y-%m-%d}"
    )


def processor() -> str:
    """Return the processor's model as the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    told = dict(line.split(":", 1) for line in lines if ":" in line)
    fields = {key.strip(): value.strip() for key, value in told.items()}
    name = fields.get("model name", platform.machine())
    return f"{name}, family {fields['cpu family']} model {fields['model']}" if "model" in fields else name


def load() -> float:
    """Return how many programs wanted the processor in the last minute; 0 where the system does not tell."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
