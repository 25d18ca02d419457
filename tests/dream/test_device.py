"""Which arithmetic is chosen where."""

from __future__ import annotations

import pytest
import torch

from lucidreel.dream.device import choose_dtype, cpu_bf16

CPU = torch.device("cpu")
QUESTIONS = ("_is_amx_tile_supported", "_is_avx512_bf16_supported")


@pytest.mark.parametrize(
    ("answers", "name", "dtype"),
    [
        ((True, True), "AMX", torch.bfloat16),
        ((False, True), "AVX-512", torch.bfloat16),
        ((False, False), "", torch.float32),
    ],
)
def test_bf16_is_chosen_where_the_cpu_multiplies_it_in_hardware(
    monkeypatch: pytest.MonkeyPatch, answers: tuple[bool, bool], name: str, dtype: torch.dtype
) -> None:
    for question, answer in zip(QUESTIONS, answers, strict=True):
        monkeypatch.setattr(torch.cpu, question, lambda answer=answer: answer, raising=False)
    assert cpu_bf16() == name
    assert choose_dtype("auto", CPU) == dtype


def test_a_pytorch_that_cannot_be_asked_computes_in_fp32(monkeypatch: pytest.MonkeyPatch) -> None:
    for question in QUESTIONS:
        monkeypatch.delattr(torch.cpu, question, raising=False)
    assert choose_dtype("auto", CPU) == torch.float32


@pytest.mark.parametrize(("precision", "dtype"), [("fp32", torch.float32), ("bf16", torch.bfloat16)])
def test_a_named_precision_is_taken_everywhere(precision: str, dtype: torch.dtype) -> None:
    assert choose_dtype(precision, CPU) == dtype
