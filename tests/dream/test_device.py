"""Which arithmetic is chosen where."""

from __future__ import annotations

import pytest
import torch

from lucidreel.dream.device import choose_dtype, fast_bf16
from lucidreel.models import torch_internals

CPU = torch.device("cpu")


@pytest.mark.parametrize(
    ("vendor", "features", "dtype"),
    [
        ("GenuineIntel", {"amx_tile": True, "avx512_bf16": True}, torch.bfloat16),
        ("GenuineIntel", {"avx512_bf16": True}, torch.float32),
        ("AuthenticAMD", {"avx512_bf16": True}, torch.bfloat16),
        ("AuthenticAMD", {}, torch.float32),
        ("", {"avx512_bf16": True}, torch.float32),
    ],
)
def test_bf16_is_chosen_where_the_cpu_is_faster_with_it(
    monkeypatch: pytest.MonkeyPatch, vendor: str, features: dict[str, bool], dtype: torch.dtype
) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: features, raising=False)
    monkeypatch.setattr(torch_internals, "cpu_vendor", lambda: vendor)
    assert fast_bf16(CPU) == (dtype == torch.bfloat16)
    assert choose_dtype("auto", CPU) == dtype


def test_a_cpu_that_only_emulates_bf16_computes_in_fp32(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", dict, raising=False)
    assert choose_dtype("auto", CPU) == torch.float32


@pytest.mark.parametrize(("precision", "dtype"), [("fp32", torch.float32), ("bf16", torch.bfloat16)])
def test_a_named_precision_is_taken_everywhere(precision: str, dtype: torch.dtype) -> None:
    assert choose_dtype(precision, CPU) == dtype
