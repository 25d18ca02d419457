"""A program and its execution: its operations forward one after the other, and backward the same way.

To autograd the whole network is one function, from the data blob to the values asked for. What goes on inside
is the operations' own business (operation.py): they say what to keep for the way back, and it is let go as
the way back passes, unless somebody wants to go it again.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from ..graph.graph import Graph
from ..graph.weights import Weights
from ..torch_internals import will_go_back_again
from .fuse import ProgramBuilder
from .operation import Gradients, Operation, OperationError
from .torch_operations import AutogradLayer


@dataclass(frozen=True)
class Program:
    """How to compute some values of a graph on the CPU."""

    operations: Sequence[Operation]
    wanted: tuple[int, ...]
    """The values asked for, each once, under their real numbers."""
    aliases: dict[int, int]
    """Value -> the value that it is another name of."""
    released: Sequence[tuple[int, ...]]
    """For each operation, the values that nothing needs after it."""
    numbers_made: int
    """The numbers in all tops, for as many images as the definition declares, of the size it declares."""

    @property
    def layers(self) -> tuple[str, ...]:
        """The layers that the operations stand for."""
        return tuple(name for operation in self.operations for name in operation.layers)

    def run(self, data: Tensor) -> dict[int, Tensor]:
        """Return the wanted values of a (n, c, h, w) blob, channels_last; raises OperationError."""
        inner = [value for value in self.wanted if value != 0]
        if data.requires_grad and torch.is_grad_enabled():
            made = _Run.apply(data, self, inner)  # type: ignore[no-untyped-call]
        else:
            values, _ = self.forward(data, keep=False)
            made = [values[value] for value in inner]
        values = {0: data, **dict(zip(inner, made, strict=True))}
        return values | {name: values[value] for name, value in self.aliases.items() if value in values}

    def forward(self, data: Tensor, *, keep: bool) -> tuple[dict[int, Tensor], list[Any]]:
        """Return the values left after the last operation, and with `keep` what each kept."""
        values, kept = {0: data}, []
        for operation, released in zip(self.operations, self.released, strict=True):
            try:
                tops, remembered = operation.forward([values[value] for value in operation.bottoms], keep)
            except (ValueError, RuntimeError, LookupError, ArithmeticError) as error:
                if "memory" in str(error).lower():
                    raise  # for the caller, who may try smaller tiles
                raise OperationError(operation.layers[0]) from error
            values.update(zip(operation.tops, tops, strict=True))
            kept.append(remembered if keep else None)
            for value in released:
                values.pop(value, None)
        return values, kept

    def flat(self, kept: list[Any]) -> set[int]:
        """Return the values that do not depend smoothly on the data, from what the operations kept."""
        flat: set[int] = set()
        for operation, remembered in zip(self.operations, kept, strict=True):
            if all(value in flat for value in operation.bottoms):
                flat.update(operation.tops)
            elif isinstance(operation, AutogradLayer):
                pairs = zip(operation.tops, remembered[1], strict=True)
                flat.update(value for value, top in pairs if not top.requires_grad)
        return flat


class _Run(torch.autograd.Function):
    """A program as one function of autograd."""

    @staticmethod
    def forward(ctx: Any, data: Tensor, program: Program, wanted: Sequence[int]) -> tuple[Tensor, ...]:
        values, ctx.kept = program.forward(data.detach(), keep=True)
        ctx.program, ctx.wanted = program, wanted
        ctx.set_materialize_grads(False)
        # Aliases, because autograd ties what is returned to ctx, and ctx holds what was kept.
        tops = tuple(values[value].detach() for value in wanted)
        flat = program.flat(ctx.kept)
        pairs = zip(wanted, tops, strict=True)
        ctx.mark_non_differentiable(*(top for value, top in pairs if value in flat))
        return tops

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *arriving: Tensor | None) -> tuple[Tensor | None, None, None]:
        gradients = Gradients()
        for value, gradient in zip(ctx.wanted, arriving, strict=True):
            if gradient is not None:
                gradients.add(value, gradient, owned=False)
        again = will_go_back_again()
        for index in reversed(range(len(ctx.kept))):
            ctx.program.operations[index].backward(ctx.kept[index], gradients)
            if not again:
                ctx.kept[index] = None
        at_data = gradients.take(0)
        return (None if at_data is None else at_data.tensor), None, None


def compile_program(
    graph: Graph, weights: Weights, needed: Sequence[int], wanted: Iterable[int], dtype: torch.dtype
) -> Program:
    """Compile what computes the values `wanted` with the nodes at the positions `needed`, in this order."""
    values = set(wanted)
    builder = ProgramBuilder(graph, weights, needed, values, dtype)
    operations = builder.build()
    last = {
        value: index
        for index, operation in enumerate(operations)
        for value in (*operation.bottoms, *operation.tops)
    }
    released: list[list[int]] = [[] for _ in operations]
    for value, index in last.items():
        if value not in builder.wanted:
            released[index].append(value)
    made = sum(math.prod(builder.shapes[value]) for operation in operations for value in operation.tops)
    return Program(
        operations, tuple(builder.wanted), builder.aliases, [tuple(values) for values in released], made
    )
