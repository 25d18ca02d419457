"""A plan and its execution: forward step by step, and back the same way.

To autograd the whole network is one operation, from the data blob to the values asked for. What goes on
inside is the steps' own business (step.py): they say what to keep for the way back, and it is let go as
the way back passes, unless somebody wants to go it again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from ..graph.graph import Graph
from ..graph.weights import Weights
from ..torch_internals import will_go_back_again
from .fuse import Builder
from .operation import Gradients, Operation
from .torch_operations import AnyLayer


class OperationError(Exception):
    """A layer does not work on what it gets; `__cause__` says why."""

    def __init__(self, layer: str) -> None:
        self.layer = layer
        super().__init__(layer)


@dataclass(frozen=True)
class Program:
    """How to compute some values of a graph."""

    steps: Sequence[Operation]
    wanted: tuple[int, ...]
    """The values asked for, each once, under their real numbers."""
    same: dict[int, int]
    """Value -> the value that it is another name of."""
    needless: Sequence[tuple[int, ...]]
    """For each step, the values that nothing needs after it."""

    @property
    def layers(self) -> tuple[str, ...]:
        """The layers that the steps stand for."""
        return tuple(name for step in self.steps for name in step.names)

    def run(self, data: Tensor) -> dict[int, Tensor]:
        """Return the wanted values of a (n, c, h, w) blob, channels_last; raises OperationError."""
        inner = [value for value in self.wanted if value != 0]
        if data.requires_grad and torch.is_grad_enabled():
            made = _Along.apply(data, self, inner)  # type: ignore[no-untyped-call]
        else:
            values, _ = self.forward(data, keep=False)
            made = [values[value] for value in inner]
        values = {0: data, **dict(zip(inner, made, strict=True))}
        return values | {name: values[value] for name, value in self.same.items() if value in values}

    def forward(self, data: Tensor, *, keep: bool) -> tuple[dict[int, Tensor], list[Any]]:
        """Return the values left after the last step, and with `keep` what each step kept."""
        values, kept = {0: data}, []
        for step, needless in zip(self.steps, self.needless, strict=True):
            try:
                tops, remembered = step.forward([values[value] for value in step.bottoms], keep)
            except (ValueError, RuntimeError, LookupError, ArithmeticError) as error:
                if "memory" in str(error).lower():
                    raise  # for the caller, who may try smaller tiles
                raise OperationError(step.names[0]) from error
            values.update(zip(step.tops, tops, strict=True))
            kept.append(remembered if keep else None)
            for value in needless:
                values.pop(value, None)
        return values, kept

    def flat(self, kept: list[Any]) -> set[int]:
        """Return the values that do not depend smoothly on the data, from what the steps kept."""
        flat: set[int] = set()
        for step, remembered in zip(self.steps, kept, strict=True):
            if all(value in flat for value in step.bottoms):
                flat.update(step.tops)
            elif isinstance(step, AnyLayer):
                pairs = zip(step.tops, remembered[1], strict=True)
                flat.update(value for value, top in pairs if not top.requires_grad)
        return flat


class _Along(torch.autograd.Function):
    """The plan as one operation of autograd."""

    @staticmethod
    def forward(ctx: Any, data: Tensor, plan: Program, wanted: Sequence[int]) -> tuple[Tensor, ...]:
        values, ctx.kept = plan.forward(data.detach(), keep=True)
        ctx.plan, ctx.wanted = plan, wanted
        ctx.set_materialize_grads(False)
        # Aliases, because autograd ties what is returned to ctx, and ctx holds what was kept.
        tops = tuple(values[value].detach() for value in wanted)
        flat = plan.flat(ctx.kept)
        pairs = zip(wanted, tops, strict=True)
        ctx.mark_non_differentiable(*(top for value, top in pairs if value in flat))
        return tops

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *gradients: Tensor | None) -> tuple[Tensor | None, None, None]:
        slopes = Gradients()
        for value, gradient in zip(ctx.wanted, gradients, strict=True):
            if gradient is not None:
                slopes.add(value, gradient, ours=False)
        again = will_go_back_again()
        for index in reversed(range(len(ctx.kept))):
            ctx.plan.steps[index].backward(ctx.kept[index], slopes)
            if not again:
                ctx.kept[index] = None
        slope = slopes.take(0)
        return (None if slope is None else slope.tensor), None, None


def compile_program(
    graph: Graph, weights: Weights, needed: Sequence[int], wanted: Iterable[int], dtype: torch.dtype
) -> Program:
    """Program how to compute the values `wanted` with the nodes at the positions `needed`, in this order."""
    values = set(wanted)
    builder = Builder(graph, weights, needed, values, dtype)
    steps = builder.build()
    last = {value: index for index, step in enumerate(steps) for value in (*step.bottoms, *step.tops)}
    needless: list[list[int]] = [[] for _ in steps]
    for value, index in last.items():
        if value not in builder.wanted:
            needless[index].append(value)
    return Program(steps, tuple(builder.wanted), builder.same, [tuple(values) for values in needless])
