"""The gradient of an objective with respect to a view's pixels, whole or in tiles.

One forward and one backward pass through the dense network gives what every class's window, channel or layer
position asks of every pixel. When the activations of a whole view would exceed the memory allowed, the
view is cut into tiles with a halo (`tiling.cut`) and the parts are joined: same gradient, bounded memory.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from ...errors import OutOfMemoryError, TargetError
from ...models.network import Network, ReceptiveField
from ..objective import Maps, Objective, Scales, Term
from .memory_tiles import Tile, cut
from .recordings import Recordings

# Smaller tiles save memory; how many times over they may compute every pixel for it.
_LITTLE_WORK = 2.0


class NetworkGradient:
    """Computes gradients of one objective on one dense network.

    `max_pixels` is the largest view or tile, in pixels, that fits the memory allowed; `stride` is the
    network's, in pixels, `halo` how far a position looks (1 and 0 where the objective reads something of the
    whole image; then no shift is like another, and `period_px` is None). `enough_mib`, where given, is memory
    that tiles make do with as long as their halos do not more than double the work.
    `smallest_view` is the size that the network was made for, or as much as a position looks at, where that
    is less. `bytes_per_pixel` is what a pass is reckoned to take per pixel the network sees. `recordings`,
    where set, play passes back (`recordings`).
    """

    recordings: Recordings | None = None

    def __init__(
        self,
        network: Network,
        objective: Objective,
        itemsize: int,
        memory_mib: float,
        enough_mib: int | None = None,
    ) -> None:
        self.bytes_per_pixel = per_pixel = max(1.0, itemsize * network.numbers_per_pixel(objective.layers))
        self.objective = objective
        self.max_pixels = int(memory_mib * 2**20 / per_pixel)
        self._enough_pixels = int(min(enough_mib or memory_mib, memory_mib) * 2**20 / per_pixel)
        self._network = network
        self.receptive_field: ReceptiveField | None = None
        self._why_whole = ""
        try:
            self.receptive_field = network.receptive_field(objective.layers)
        except TargetError as error:
            self._why_whole = str(error)
        field = self.receptive_field
        self.period_px = None if field is None else field.stride
        self.stride, self.halo = (1, 0) if field is None else (field.stride, field.halo)
        enough = None if field is None else field.halo + field.stride
        height, width = network.input_size
        self.smallest_view = (min(height, enough or height), min(width, enough or width))

    @property
    def parts(self) -> tuple[NetworkGradient, ...]:
        """Itself: it is one network's."""
        return (self,)

    def seen_sizes(self, height: int, width: int) -> list[tuple[int, int]]:
        """Return what it looks at of a view: all of it."""
        return [(height, width)]

    def prepare(self, picture: Tensor, maps: Maps) -> Maps:
        """Let the objective choose what depends on the picture a dream starts from; return the maps it reads.

        `picture` is (1, 3, h, w) RGB 0..1; see `Objective.prepared`.
        """
        self.objective, read = self.objective.prepared(self._network, picture, maps)
        return read

    def agree(self, terms: Sequence[Term]) -> None:
        """Have the objective, once prepared, agree with other networks' terms on what is dreamt where."""
        self.objective = self.objective.agreed(terms)

    def __call__(self, pixels: Tensor, scales: tuple[float, ...], maps: Maps | None = None) -> Tensor:
        """Return the gradient of sum(scale * term) over a (1, 3, H, W) view, RGB 0..1, as float32.

        `scales` holds one factor per term of the objective, `maps` the weight maps its terms read, of the
        view's size. Raises OutOfMemoryError when the view cannot be cut small enough, TargetError when it
        would have to be cut and must not be, or when no gradient reaches the pixels.
        """
        while True:
            try:
                return self._in_tiles(pixels, scales, maps or {})
            except RuntimeError as error:
                if not _is_out_of_memory(error):
                    raise
                # The device holds less than allowed, such as a GPU that others use too: cut finer from now.
                self.max_pixels = min(self.max_pixels, pixels.shape[-2] * pixels.shape[-1]) // 2
                if self.recordings is not None:
                    self.recordings.clear()
                if pixels.is_cuda:
                    torch.cuda.empty_cache()

    def passes(self, height: int, width: int, on_cpu: bool) -> list[int]:
        """Return how many pixels the network sees in each of the passes that a view takes."""
        return [tile.pixels for tile in self.tiles_for(height, width)]

    def tiles_for(self, height: int, width: int) -> list[Tile]:
        """Return the tiles a view is computed in; OutOfMemoryError when none is small enough."""
        if self.receptive_field is not None:
            return self._cut_cheaply(height, width, self.receptive_field)
        if height * width > self.max_pixels:
            raise TargetError(self._why_whole)
        return cut(height, width, self.max_pixels, stride=1, halo=0)

    def _cut_cheaply(self, height: int, width: int, field: ReceptiveField) -> list[Tile]:
        limit = self._enough_pixels
        while limit < self.max_pixels:
            try:
                tiles = cut(height, width, limit, field.stride, field.halo)
            except OutOfMemoryError:
                tiles = []
            if tiles and sum(tile.pixels for tile in tiles) <= _LITTLE_WORK * height * width:
                return tiles
            limit *= 2
        return cut(height, width, self.max_pixels, field.stride, field.halo)

    def _in_tiles(self, pixels: Tensor, scales: tuple[float, ...], maps: Maps) -> Tensor:
        tiles = self.tiles_for(pixels.shape[-2], pixels.shape[-1])
        if len(tiles) == 1:
            return self._of(pixels, scales, maps)
        gradient = torch.empty_like(pixels)
        for tile in tiles:
            outer = (..., tile.rows.outer, tile.columns.outer)
            part = self._of(pixels[outer], scales, {name: whole[outer] for name, whole in maps.items()})
            gradient[..., tile.rows.core, tile.columns.core] = part[
                ..., tile.rows.core_in_outer, tile.columns.core_in_outer
            ]
        return gradient

    def _of(self, pixels: Tensor, scales: tuple[float, ...], maps: Maps) -> Tensor:
        if not any(scales):
            return torch.zeros_like(pixels)
        if self.recordings is not None:
            return self.recordings(pixels, scales, maps, self.objective.terms)
        return self.run(pixels, scales, maps)

    def run(self, pixels: Tensor, scales: Scales, maps: Maps) -> Tensor:
        """Return the gradient of one pass over pixels that fit the memory (see `__call__`)."""
        leaf = pixels.detach().requires_grad_(True)
        with torch.enable_grad():
            value = self.objective.value(self._network.activations(leaf, self.objective.layers), scales, maps)
            if not value.requires_grad:
                raise TargetError(
                    f"{', '.join(self.objective.layers)} of {self._network.name} does not depend smoothly on "
                    "the picture, so there is nothing to climb: name an earlier layer"
                )
            (gradient,) = torch.autograd.grad(value, leaf)
        return gradient


def _is_out_of_memory(error: RuntimeError) -> bool:
    """Tell CUDA's own exception, and the plain ones of the CPU's and MPS's allocators, from other errors."""
    words = str(error).lower()
    return isinstance(error, torch.OutOfMemoryError) or ("alloc" in words and "memory" in words)
