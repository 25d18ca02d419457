"""Which arithmetic is chosen where."""

from __future__ import annotations

import pytest
import torch

from lucidreel.dream.device import choose_dtype, fast_bf16
from lucidreel.models.torch_internals import cpu_bf16

CPU = torch.device("cpu")


def test_bf16_is_chosen_where_the_cpu_multiplies_it_in_hardware() -> None:
    assert fast_bf16(CPU) == (cpu_bf16() != "")
    assert choose_dtype("auto", CPU) == (torch.bfloat16 if cpu_bf16() else torch.float32)


def test_a_cpu_that_only_emulates_bf16_computes_in_fp32(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", dict, raising=False)
    assert choose_dtype("auto", CPU) == torch.float32


@pytest.mark.parametrize(("precision", "dtype"), [("fp32", torch.float32), ("bf16", torch.bfloat16)])
def test_a_named_precision_is_taken_everywhere(precision: str, dtype: torch.dtype) -> None:
    assert choose_dtype(precision, CPU) == dtype
