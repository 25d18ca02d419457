"""A convolution whose map max pooling alone reads, with the pooling: in bands of rows, where it is large.

    bottom ====== convolution ------ map ------ max pooling ====== top and taps
            rows                  of a band                  rows

The largest maps of most networks are those between their first convolution and the pooling behind it. Of such
a map there is never more than a band for each thread (bands.py), forward and back: pooling keeps what it
needs for the way back in one byte per cell of its top. Rows of the map that two bands need are computed for
both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import torch
from torch import Tensor

from ..layers.convolution import Convolution
from .bands import Band, BandSizes, cut_into_bands, in_bands
from .convolution import Convolve
from .convolution_rows import ConvolutionRows
from .kernel_operations import MaxPool
from .kernels.compiled import channels_last, empty_map
from .operation import Gradients, OperationError

Pair = tuple[int, int]


@dataclass
class ConvolveAndPool:
    """A convolution, perhaps with a ReLU, and max pooling."""

    convolve: Convolve
    pool: MaxPool
    layer: Convolution
    shares: Sequence[Tensor]
    """The convolution's weights for each part of the bottom."""
    sizes: BandSizes = field(default_factory=BandSizes)

    layers: tuple[str, ...] = field(init=False)
    bottoms: tuple[int, ...] = field(init=False)
    tops: tuple[int, ...] = field(init=False)

    def __post_init__(self) -> None:
        """Stand for the layers of both, from the convolution's bottom to the pooled map."""
        self.layers = self.convolve.layers + self.pool.layers
        self.bottoms, self.tops = self.convolve.bottoms, self.pool.tops

    def forward(self, bottoms: Sequence[Tensor], keep: bool) -> tuple[Sequence[Tensor], Any]:
        """Return the maxima; kept is what both operations keep."""
        below = (bottoms[0].shape[2], bottoms[0].shape[3])
        size = self._map_size(below)
        if self._is_small(len(bottoms[0]), size):
            made, convolved = self.convolve.forward(bottoms, keep)
            try:
                tops, pooled = self.pool.forward(made, keep)
            except ValueError as error:
                raise OperationError(self.pool.layers[0]) from error
            return tops, (convolved, pooled)
        top, pooled = self._forward_in_bands([channels_last(bottom) for bottom in bottoms], size)
        return [top], ((None, below), pooled)

    def backward(self, kept: Any, gradients: Gradients) -> None:
        """Send every cell's gradient to where its maximum was, and through every part's weights."""
        (_, below), (taps, size, _) = kept
        if self._is_small(len(taps), size):
            self.pool.backward(kept[1], gradients)
            self.convolve.backward(kept[0], gradients)
            return
        arriving = gradients.take(self.tops[0])
        if arriving is not None:
            self._backward_in_bands(channels_last(arriving.tensor), kept[1], below, gradients)

    def _forward_in_bands(self, bottoms: Sequence[Tensor], size: Pair) -> tuple[Tensor, Any]:
        rows, kernel = self.pool.windows(size)
        top = empty_map(bottoms[0], len(self.shares[0]), *rows)
        taps = empty_map(bottoms[0], len(self.shares[0]), *rows, dtype=torch.uint8)

        def work(band: Band) -> None:
            read = self.pool.rows_read((band.first, band.last), size[0], kernel)
            made = self.convolve_rows([bottom[band.image : band.image + 1] for bottom in bottoms], read)
            self.pool.forward_rows(made, read[0], band.first, kernel, (band.of(top), band.of(taps)))

        step = self.pool.stride[0]
        in_bands(work, cut_into_bands(self.sizes, len(top), rows[0], 1, 0, step, self._row_bytes(size)))
        return top, (taps, size, kernel)

    def _backward_in_bands(self, gradient: Tensor, pooled: Any, below: Pair, gradients: Gradients) -> None:
        taps, size, kernel = pooled
        found = [gradients.part_to_add_to(value) for value in self.bottoms]
        into = [
            empty_map(gradient, part.channels, *below) if there is None else there.tensor
            for part, there in zip(self._rows, found, strict=True)
        ]

        def work(band: Band) -> None:
            tops = self._rows[0].tops_for((band.first, band.last))
            sent = self.pool.backward_rows(band.image_of(gradient), band.image_of(taps), tops, size, kernel)
            for part, whole, there in zip(self._rows, into, found, strict=True):
                part.backward(sent, (band.first, band.last), band.of(whole), add=there is not None)

        side, pad = self._rows[0].side, self._rows[0].pad
        in_bands(work, cut_into_bands(self.sizes, len(taps), below[0], side, pad, 1, self._row_bytes(size)))
        for value, whole, there in zip(self.bottoms, into, found, strict=True):
            if there is None:
                gradients.add(value, whole)
            else:
                there.masked = False

    def convolve_rows(self, bottoms: Sequence[Tensor], rows: Pair) -> Tensor:
        """Return the rows first..last of the map of one image, whose bottoms are given whole."""
        made: Tensor | None = None
        for number, (part, bottom) in enumerate(zip(self._rows, bottoms, strict=True), 1):
            bias = self.convolve.bias if made is None else None
            activation = self.convolve.activation if number == len(bottoms) else None
            made = part.forward(bottom, rows, bias, made, activation)
        assert made is not None
        return made

    @cached_property
    def _rows(self) -> tuple[ConvolutionRows, ...]:
        return tuple(ConvolutionRows(self.layer, share) for share in self.shares)

    def _map_size(self, below: Pair) -> Pair:
        self.convolve.check(*below)
        height, width = (
            (length + 2 * pad - reach) // stride + 1
            for length, pad, reach, stride in zip(
                below, self.convolve.pad, self.convolve.reach, self.layer.stride, strict=True
            )
        )
        return height, width

    def _is_small(self, images: int, size: Pair) -> bool:
        return images * size[0] * self._row_bytes(size) < self.sizes.whole_bytes

    def _row_bytes(self, size: Pair) -> int:
        return size[1] * len(self.shares[0]) * self.shares[0].element_size()
