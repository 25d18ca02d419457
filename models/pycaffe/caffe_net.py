"""One of Caffe's nets, and a pass through it as an operation that autograd knows.

Caffe holds the values of its last pass, and goes back through these alone. A pass that somebody goes back
through later, after another one, is run again first.
"""

from __future__ import annotations

import tempfile
import weakref
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ..layers.base import Shape
from .definition import IMAGE, Definition
from .running_caffe import RunningCaffe, places, seconds_for
from .shared_file import SharedFile, bytes_of

_SLOWEST_DISK = 5e6
"""Bytes a second."""


class CaffeNet:
    """A net in a running Caffe, built when it is first run, and again when its process was another one."""

    def __init__(self, caffe: RunningCaffe, definition: Definition, like: CaffeNet | None = None) -> None:
        """`like` is a net of the same network, whose weights this one shares as far as it has them."""
        self.caffe, self.definition = caffe, definition
        self.like = like
        self._life = self._number = 0
        self._passes = 0
        self._let_go: weakref.finalize[Any, Any] | None = None

    def __call__(self, data: Tensor, shapes: Mapping[int, Shape], products: float) -> dict[int, Tensor]:
        """Return what is wanted, by value number, for a data blob (n, c, h, w) of float32 on the CPU.

        `shapes` are the values' shapes for it, `products` the multiplications that this takes.
        """
        wanted = list(self.definition.wanted)
        values = _Pass.apply(data, self, [shapes[value] for value in wanted], seconds_for(products))  # type: ignore[no-untyped-call]
        return dict(zip(wanted, values, strict=True))

    def forward(self, data: Tensor, shapes: Sequence[Shape], work_s: float) -> list[Tensor]:
        """Run the net, and return copies of what is wanted."""
        with self.caffe.lock:
            self.caffe.revive()
            self._build()
            image, *tops = self._placed(data, shapes)
            memory = self._memory(data, shapes)
            memory.array(*image).copy_(data)
            blobs = [wanted.blob for wanted in self.definition.wanted.values()]
            self._passes += 1
            self.caffe.ask(
                "forward",
                work_s,
                net=self._number,
                input=[IMAGE, *image],
                tops=[[blob, *top] for blob, top in zip(blobs, tops, strict=True)],
            )
            return [memory.array(*top).clone() for top in tops]

    def backward(
        self, data: Tensor, shapes: Sequence[Shape], seeds: Sequence[Tensor | None], work_s: float
    ) -> Tensor:
        """Return the gradient of sum(seed * wanted value) of the last pass, which was over `data`."""
        with self.caffe.lock:
            image, *tops = self._placed(data, shapes)
            memory = self._memory(data, shapes)
            asked = []
            for wanted, (shape, offset), seed in zip(
                self.definition.wanted.values(), tops, seeds, strict=True
            ):
                if seed is not None:
                    memory.array(shape, offset).copy_(seed)
                if wanted.moves:
                    given = -1 if seed is None else offset
                    asked.append([wanted.layer, wanted.blob, wanted.adds, shape, given])
            self.caffe.ask("backward", work_s, net=self._number, seeds=asked[::-1], gradient=[IMAGE, *image])
            return memory.array(*image).clone()

    def is_at(self, token: tuple[int, int]) -> bool:
        """Tell whether a pass is the last one that this net made."""
        return self.caffe.process.alive and token == self.token

    @property
    def token(self) -> tuple[int, int]:
        """What marks the last pass."""
        return self.caffe.life, self._passes

    @property
    def is_built(self) -> bool:
        """Whether Caffe has it."""
        return self._life == self.caffe.life and self._number > 0

    def _placed(self, data: Tensor, shapes: Sequence[Shape]) -> list[tuple[list[int], int]]:
        """Return shape and place in the shared memory of the data blob and of what is wanted."""
        every = [list(data.shape), *map(list, shapes)]
        return list(zip(every, places([bytes_of(shape) for shape in every]), strict=True))

    def _memory(self, data: Tensor, shapes: Sequence[Shape]) -> SharedFile:
        return self.caffe.shared(bytes_of(data.shape) + sum(map(bytes_of, shapes)))

    def _build(self) -> None:
        """Have Caffe make the net, if it has not; files for it are there only as long as it reads them."""
        if self.is_built:
            return
        like = self.like if self.like is not None and self.like.is_built else None
        there = {(layer, place) for layer, place, _ in like.definition.weights} if like else set()
        weights = [each for each in self.definition.weights if each[:2] not in there]
        begins = places([bytes_of(tensor.shape) for *_, tensor in weights])
        source = SharedFile(sum(bytes_of(tensor.shape) for *_, tensor in weights))
        for (_, _, tensor), begin in zip(weights, begins, strict=True):
            source.array(tensor.shape, begin).copy_(tensor)
        number = self.caffe.number()
        path = _written(self.definition.image + self.definition.layers)
        try:
            self.caffe.ask(
                "build",
                source.size / _SLOWEST_DISK,
                net=number,
                definition=str(path),
                like=like._number if like else None,
                path=str(source.path),
                bytes=source.size,
                weights=[
                    [layer, place, list(tensor.shape), begin]
                    for (layer, place, tensor), begin in zip(weights, begins, strict=True)
                ],
            )
        finally:
            source.unlink()
            with suppress(OSError):
                path.unlink()
        self._number, self._life = number, self.caffe.life
        self._let_go = weakref.finalize(self, self.caffe.drop, number, self._life)
        self._let_go.atexit = False


def _written(text: str) -> Path:
    with tempfile.NamedTemporaryFile("w", suffix=".prototxt", prefix="lucidreel-", delete=False) as file:
        file.write(text)
    return Path(file.name)


class _Pass(torch.autograd.Function):
    """Values of a net, with the gradient that Caffe computes."""

    @staticmethod
    def forward(
        ctx: Any, data: Tensor, net: CaffeNet, shapes: Sequence[Shape], work_s: float
    ) -> tuple[Tensor, ...]:
        values = net.forward(data, shapes, work_s)
        ctx.save_for_backward(data)
        ctx.net, ctx.shapes, ctx.work_s, ctx.token = net, shapes, work_s, net.token
        ctx.set_materialize_grads(False)
        still = [
            value
            for value, wanted in zip(values, net.definition.wanted.values(), strict=True)
            if not wanted.moves
        ]
        ctx.mark_non_differentiable(*still)
        return tuple(values)

    @staticmethod
    def backward(ctx: Any, *seeds: Tensor | None) -> tuple[Tensor | None, ...]:
        (data,) = ctx.saved_tensors
        net: CaffeNet = ctx.net
        with net.caffe.lock:
            if not net.is_at(ctx.token):
                net.forward(data, ctx.shapes, ctx.work_s)
                ctx.token = net.token
            return net.backward(data, ctx.shapes, seeds, ctx.work_s), None, None, None
