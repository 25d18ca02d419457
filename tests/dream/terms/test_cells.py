"""Where a layer's cells lie in the picture."""

from __future__ import annotations

import pytest
import torch

from lucidreel.dream.terms.cells import CellGrid
from lucidreel.errors import TargetError
from lucidreel.models.network import Network


def test_weights_are_means_over_the_boxes_of_cells() -> None:
    """Boxes of 4 pixels from pixel 2 on; beyond the picture's edge, its last pixel goes on."""
    whole = torch.arange(12.0).expand(1, 1, 12, 12).contiguous()
    weights = CellGrid(4, (2, 2)).weights(whole, torch.zeros(1, 7, 3, 3))
    assert weights.shape == (1, 1, 3, 3)
    assert weights[0, 0, 0].tolist() == [3.5, 7.5, (10 + 11 + 11 + 11) / 4]


def test_every_pixel_of_a_map_counts_once_inside() -> None:
    grid = CellGrid(4, (0, 0))
    for pixel in range(12):
        whole = torch.zeros(1, 1, 12, 12)
        whole[..., pixel, 5] = 16.0
        assert float(grid.weights(whole, torch.zeros(1, 1, 3, 3)).sum()) == 1.0


@pytest.mark.parametrize("layer", ["conv1", "pool1", "conv2"])
def test_cells_lie_where_the_network_looks(network: Network, layer: str) -> None:
    """The gradient of one cell is centred on its box, to half a stride."""
    grid = CellGrid.of(network, layer)
    leaf = torch.rand(1, 3, 96, 96, generator=torch.Generator().manual_seed(1)).requires_grad_(True)
    value = network.activations(leaf, [layer])[layer]
    row, column = value.shape[-2] // 2, value.shape[-1] // 2 - 2
    (gradient,) = torch.autograd.grad(value[0, :, row, column].abs().sum(), leaf)
    seen = gradient.abs().sum(dim=(0, 1)).nonzero().float()
    middle = (seen.amin(0) + seen.amax(0)) / 2 + 0.5
    for axis, cell in enumerate((row, column)):
        centre = grid.first[axis] + (cell + 0.5) * grid.stride
        assert float(middle[axis]) == pytest.approx(centre, abs=grid.stride / 2 + 1)


def test_layers_without_places_have_no_grid(network: Network) -> None:
    with pytest.raises(TargetError, match="depends on the whole image"):
        CellGrid.of(network, "score")
