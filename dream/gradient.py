"""The gradient of an objective with respect to a window's pixels, whole or in tiles.

One forward and one backward pass through the dense network gives what every class window, channel or layer
position asks of every pixel. When the activations of a whole window would exceed the memory allowed, the
window is cut into tiles with a halo (`tiles`) and the parts are joined: same gradient, bounded memory.
"""

from __future__ import annotations

import torch
from torch import Tensor

from ..errors import TargetError
from ..models.network import Footprint, Network
from .objective import Objective
from .tiles import Tile, cut

# Memory of a pass over the sum of its activations' sizes: forward values are let go where autograd does not
# need them; gradients and copies come on top. Measured as growth of the resident set, float32, PyTorch 2.13,
# 0.8 to 1.3 megapixels: SqueezeNet class 0.91, fire8 1.00, GoogLeNet class 1.06, inception_4c 1.15, bestiary
# 1.09, ResNet-50 class 1.12 (without what the set below leaves out, 0.56 with it); rounded up.
_PEAK_FACTOR = 1.3
_LET_GO = frozenset({"BatchNorm", "Bias", "Dropout", "Flatten", "Reshape", "Scale", "Split"})


class GradientField:
    """Computes gradients of one objective on one dense network.

    `max_pixels` is the largest window or tile, in pixels, that fits the memory allowed; `stride` is the
    network's, in pixels (1 where the objective reads something of the whole image).
    """

    def __init__(self, network: Network, objective: Objective, itemsize: int, memory_mib: int) -> None:
        self.objective = objective
        self.max_pixels = int(memory_mib * 2**20 / _bytes_per_pixel(network, objective.layers, itemsize))
        self._network = network
        self._footprint: Footprint | None = None
        self._why_whole = ""
        try:
            self._footprint = network.footprint(objective.layers)
        except TargetError as error:
            self._why_whole = str(error)
        self.stride = self._footprint.stride if self._footprint is not None else 1

    def __call__(self, window: Tensor, scales: tuple[float, ...]) -> Tensor:
        """Return the gradient of sum(scale * term) over a (1, 3, H, W) window, RGB 0..1, as float32.

        `scales` holds one factor per term of the objective. Raises OutOfMemoryError when the window cannot be
        cut small enough, TargetError when it would have to be cut and must not be, or when no gradient
        reaches the pixels.
        """
        while True:
            try:
                return self._in_tiles(window, scales)
            except RuntimeError as error:
                if not _is_out_of_memory(error):
                    raise
                # The device holds less than allowed, such as a GPU that others use too: cut finer from now.
                self.max_pixels = min(self.max_pixels, window.shape[-2] * window.shape[-1]) // 2
                if window.is_cuda:
                    torch.cuda.empty_cache()

    def tiles_for(self, height: int, width: int) -> list[Tile]:
        """Return the tiles a window is computed in; OutOfMemoryError when none is small enough."""
        if self._footprint is not None:
            return cut(height, width, self.max_pixels, self._footprint.stride, self._footprint.halo)
        if height * width > self.max_pixels:
            raise TargetError(self._why_whole)
        return cut(height, width, self.max_pixels, stride=1, halo=0)

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
        if not any(scales):
            return torch.zeros_like(pixels)
        leaf = pixels.detach().requires_grad_(True)
        with torch.enable_grad():
            value = self.objective.value(self._network.activations(leaf, self.objective.layers), scales)
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


def _bytes_per_pixel(network: Network, layers: tuple[str, ...], itemsize: int) -> float:
    """Estimate the memory a pass takes per pixel of its input, from the shapes of the layers it runs."""
    height, width = network.input_size
    deepest = max(index for index, layer in enumerate(network.layers) if layer.name in layers)
    elements = sum(
        layer.shape[1] * layer.shape[2] * layer.shape[3]
        for layer in network.layers[: deepest + 1]
        if len(layer.shape) == 4 and layer.type not in _LET_GO
    )
    return max(elements / (height * width), 1.0) * itemsize * _PEAK_FACTOR
