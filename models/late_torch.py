"""PyTorch, imported when it is first asked for something.

A network's layers state shapes, windows and weights by arithmetic on integers, for which nobody should wait a
second until PyTorch is loaded: `models info` and every wrong word are answered before. Modules that compute
besides write

    if TYPE_CHECKING:
        import torch
    else:
        from ..late_torch import torch

and use it in their functions alone.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any


class _Late:
    """A module that is imported when one of its names is wanted; the names it gave are kept."""

    def __init__(self, module: str) -> None:
        self._module = module

    def __getattr__(self, name: str) -> Any:
        found = getattr(import_module(self._module), name)
        setattr(self, name, found)
        return found


torch = _Late("torch")
F = _Late("torch.nn.functional")
