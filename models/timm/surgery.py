"""Copies of a model in which some modules are others. What is not replaced shares its numbers."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from torch import Tensor, nn


def copied(model: nn.Module, convert: Callable[[Tensor], Tensor] | None = None) -> nn.Module:
    """Return a model with the same code, whose parameters and buffers are the converted ones, or the same."""
    made: dict[int, Any] = {}
    for parameter in model.parameters():
        value = parameter if convert is None else _parameter(convert(parameter))
        made[id(parameter)] = value
    for buffer in model.buffers():
        made[id(buffer)] = buffer if convert is None else convert(buffer)
    return copy.deepcopy(model, made)


def _parameter(value: Tensor) -> nn.Parameter:
    return nn.Parameter(value.detach(), requires_grad=False)


def replaced(model: nn.Module, replacement: Callable[[str, nn.Module], nn.Module | None]) -> nn.Module:
    """Return a copy that shares its numbers, with other modules where `replacement` gives any.

    It is asked for every module by name, and not for what is inside of one that it replaced.
    """
    made = copied(model)
    for name, module in list(made.named_modules()):
        if not name or not _is_part(made, name, module):
            continue
        other = replacement(name, module)
        if other is not None:
            parent, _, last = name.rpartition(".")
            setattr(made.get_submodule(parent), last, other)
    return made


def _is_part(model: nn.Module, name: str, module: nn.Module) -> bool:
    try:
        return model.get_submodule(name) is module
    except AttributeError:  # what it was in has gone
        return False
