"""The gradient of an objective with respect to a window's pixels, whole or in tiles.

One forward and one backward pass through the dense network gives what every class window, channel or layer
position asks of every pixel. When the activations of a whole window would exceed the memory allowed, the
window is cut into tiles with a halo (`tiles`) and the parts are joined: same gradient, bounded memory.
"""

from __future__ import annotations

import torch
from torch import Tensor

from ..models.network import Network
from .objective import Objective
from .tiles import Tile, cut

# Memory of a pass over the sum of its activations' sizes: forward values are let go where autograd does not
# need them; gradients and copies come on top. Measured as growth of the resident set at 1280 x 1024, float32,
# PyTorch 2.13: SqueezeNet class 0.91, SqueezeNet fire8 1.00, GoogLeNet inception_4c 1.15; rounded up.
_PEAK_FACTOR = 1.3


class GradientField:
    """Computes gradients of one objective on one dense network.

    `max_pixels` is the largest window or tile, in pixels, that fits the memory allowed.
    """

    def __init__(self, network: Network, objective: Objective, itemsize: int, memory_mib: int) -> None:
        self.objective = objective
        self.footprint = network.footprint(objective.layers)
        self._network = network
        per_pixel = _bytes_per_pixel(network, objective.layers, itemsize)
        self.max_pixels = int(memory_mib * 2**20 / per_pixel)

    def __call__(self, window: Tensor, scales: tuple[float, ...]) -> Tensor:
        """Return the gradient of sum(scale * term) over a (1, 3, H, W) window, RGB 0..1, as float32.

        `scales` holds one factor per term of the objective. Raises OutOfMemoryError when the window cannot be
        cut small enough.
        """
        while True:
            try:
                return self._in_tiles(window, scales)
            except torch.OutOfMemoryError:
                # The device holds less than allowed, such as a GPU that others use too: cut finer from now.
                self.max_pixels = min(self.max_pixels, window.shape[-2] * window.shape[-1]) // 2
                if window.is_cuda:
                    torch.cuda.empty_cache()

    def tiles_for(self, height: int, width: int) -> list[Tile]:
        """Return the tiles a window is computed in; OutOfMemoryError when none is small enough."""
        return cut(height, width, self.max_pixels, self.footprint.stride, self.footprint.halo)

    def _in_tiles(self, window: Tensor, scales: tuple[float, ...]) -> Tensor:
        tiles = self.tiles_for(window.shape[-2], window.shape[-1])
        if len(tiles) == 1:
            return self._of(window, scales)
        gradient = torch.empty_like(window)
        for tile in tiles:
            part = self._of(window[..., tile.rows.outer, tile.columns.outer], scales)
            gradient[..., tile.rows.core, tile.columns.core] = part[
                ..., tile.rows.core_in_outer, tile.columns.core_in_outer
            ]
        return gradient

    def _of(self, pixels: Tensor, scales: tuple[float, ...]) -> Tensor:
        leaf = pixels.detach().requires_grad_(True)
        with torch.enable_grad():
            value = self.objective.value(self._network.activations(leaf, self.objective.layers), scales)
            (gradient,) = torch.autograd.grad(value, leaf)
        return gradient


def _bytes_per_pixel(network: Network, layers: tuple[str, ...], itemsize: int) -> float:
    """Estimate the memory a pass takes per pixel of its input, from the shapes of the layers it runs."""
    height, width = network.input_size
    deepest = max(index for index, layer in enumerate(network.layers) if layer.name in layers)
    elements = sum(
        layer.shape[1] * layer.shape[2] * layer.shape[3]
        for layer in network.layers[: deepest + 1]
        if len(layer.shape) == 4
    )
    return max(elements / (height * width), 1.0) * itemsize * _PEAK_FACTOR
