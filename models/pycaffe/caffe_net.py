"""One of Caffe's nets, and a pass through it as an operation that autograd knows.

Caffe holds the values of its last pass, and goes back through these alone. A pass that somebody goes back
through later, after another one, is run again first.
"""

from __future__ import annotations

import weakref
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any
from weakref import WeakSet

import torch
from torch import Tensor

from ..layers.base import Shape
from .definition import IMAGE, Definition, Wanted
from .running_caffe import RunningCaffe
from .shared_file import SharedFile, bytes_of

_SLOWEST_DISK = 5e6
"""Bytes a second."""


@dataclass(frozen=True)
class Run:
    """What is wanted of a net's pass over images of one size, and what is known of it beforehand."""

    image: str
    """The layer that brings such images; what a net is built for, it keeps memory for."""
    wanted: Mapping[int, Wanted]
    """By value number, in order of execution."""
    shapes: tuple[Shape, ...]
    """Of what is wanted."""
    products: float
    """How many multiplications it takes, roughly."""
    held: float
    """How many numbers Caffe holds then."""

    @property
    def at_most_s(self) -> float:
        """How long it may take, forth or back, on the slowest of machines."""
        return self.products / 1e8


class CaffeNet:
    """A net in a running Caffe, built when it is run and Caffe does not have it, or has it no longer."""

    def __init__(self, caffe: RunningCaffe, definition: Definition, siblings: WeakSet[CaffeNet]) -> None:
        """`siblings` are nets of the same network, whose weights this one shares as far as they have them."""
        self.caffe, self.definition, self.siblings = caffe, definition, siblings
        siblings.add(self)
        self._number = self._passes = 0

    def __call__(self, data: Tensor, run: Run) -> dict[int, Tensor]:
        """Return what is wanted, by value number, for a data blob (n, c, h, w) of float32 on the CPU."""
        values = _Pass.apply(data, self, run)  # type: ignore[no-untyped-call]
        return dict(zip(run.wanted, values, strict=True))

    def forward(self, data: Tensor, run: Run) -> list[Tensor]:
        """Run the net, and return copies of what is wanted."""
        with self.caffe.lock:
            self.caffe.revive()
            self._build(run.image)
            self.caffe.make_room(self._number, run.held)
            image, *tops = self._placed(data, run)
            memory = self._memory(data, run)
            memory.array(*image).copy_(data)
            blobs = [wanted.blob for wanted in run.wanted.values()]
            self._passes += 1
            self.caffe.ask(
                "forward",
                run.at_most_s,
                net=self._number,
                input=[IMAGE, *image],
                tops=[[blob, *top] for blob, top in zip(blobs, tops, strict=True)],
            )
            return [memory.array(*top).clone() for top in tops]

    def backward(self, data: Tensor, run: Run, seeds: Sequence[Tensor | None]) -> Tensor:
        """Return the gradient of sum(seed * wanted value) of the last pass, which was over `data`."""
        with self.caffe.lock:
            image, *tops = self._placed(data, run)
            memory = self._memory(data, run)
            asked = []
            for wanted, (shape, offset), seed in zip(run.wanted.values(), tops, seeds, strict=True):
                if seed is not None:
                    memory.array(shape, offset).copy_(seed)
                if wanted.moves:
                    given = -1 if seed is None else offset
                    asked.append([wanted.layer, wanted.blob, wanted.adds, shape, given])
            self.caffe.ask(
                "backward", run.at_most_s, net=self._number, seeds=asked[::-1], gradient=[IMAGE, *image]
            )
            return memory.array(*image).clone()

    def is_at(self, token: tuple[int, int]) -> bool:
        """Tell whether a pass is the last one that this net made."""
        return self.is_built and token == self.token

    @property
    def token(self) -> tuple[int, int]:
        """What marks the last pass."""
        return self._number, self._passes

    @property
    def is_built(self) -> bool:
        """Whether Caffe has it."""
        return self.caffe.process.alive and self._number in self.caffe.nets

    def _placed(self, data: Tensor, run: Run) -> list[tuple[list[int], int]]:
        """Return shape and place in the shared memory of the data blob and of what is wanted."""
        every = [list(data.shape), *map(list, run.shapes)]
        return list(zip(every, places([bytes_of(shape) for shape in every]), strict=True))

    def _memory(self, data: Tensor, run: Run) -> SharedFile:
        return self.caffe.shared(bytes_of(data.shape) + sum(map(bytes_of, run.shapes)))

    def _build(self, image: str) -> None:
        """Have Caffe make the net, if it has not."""
        if self.is_built:
            return
        like = next((each for each in self.siblings if each.is_built), None)
        there = {(layer, place) for layer, place, _ in like.definition.weights} if like else set()
        weights = [each for each in self.definition.weights if each[:2] not in there]
        sizes = [bytes_of(tensor.shape) for *_, tensor in weights]
        begins = places(sizes)
        memory = self.caffe.shared(sum(sizes))
        for (_, _, tensor), begin in zip(weights, begins, strict=True):
            memory.array(tensor.shape, begin).copy_(tensor)
        number = self.caffe.number()
        self.caffe.ask(
            "build",
            sum(sizes) / _SLOWEST_DISK,
            net=number,
            definition=image + self.definition.layers,
            like=like._number if like else None,
            weights=[
                [layer, place, list(tensor.shape), begin]
                for (layer, place, tensor), begin in zip(weights, begins, strict=True)
            ],
        )
        self.caffe.drop_memory()
        self._number = number
        self.caffe.nets[number] = 0.0
        weakref.finalize(self, self.caffe.drop, number).atexit = False


def places(sizes: Sequence[int]) -> list[int]:
    """Return where things of so many bytes begin, one behind the other."""
    return [0, *accumulate(sizes)][:-1]


class _Pass(torch.autograd.Function):
    """Values of a net, with the gradient that Caffe computes."""

    @staticmethod
    def forward(ctx: Any, data: Tensor, net: CaffeNet, run: Run) -> tuple[Tensor, ...]:
        values = net.forward(data, run)
        ctx.save_for_backward(data)
        ctx.net, ctx.run, ctx.token = net, run, net.token
        ctx.set_materialize_grads(False)
        still = [value for value, wanted in zip(values, run.wanted.values(), strict=True) if not wanted.moves]
        ctx.mark_non_differentiable(*still)
        return tuple(values)

    @staticmethod
    def backward(ctx: Any, *seeds: Tensor | None) -> tuple[Tensor | None, ...]:
        (data,) = ctx.saved_tensors
        net: CaffeNet = ctx.net
        with net.caffe.lock:
            if not net.is_at(ctx.token):
                net.forward(data, ctx.run)
                ctx.token = net.token
            return net.backward(data, ctx.run, seeds), None, None
