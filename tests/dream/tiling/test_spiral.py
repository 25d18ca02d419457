"""The seed's rings of tiles."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from torch import Tensor

from lucidreel.dream.ascent import Ascent, ascend
from lucidreel.dream.config.dream import DreamConfig
from lucidreel.dream.objective import Maps
from lucidreel.dream.tiling.spiral import Spiral, spiral
from lucidreel.dream.transforms.jitter import StepTransform

from .plain_gradient import PlainGradient, options


def test_a_frame_of_640_x_480_takes_the_seeds_25_tiles_from_its_centre_outwards() -> None:
    corners = spiral((480, 640), (227, 227))
    assert corners == [
        (126, 206),
        (13, 93), (240, 93), (240, 320), (13, 320),
        (-101, -21), (126, -21), (353, -21), (353, 206), (353, 433), (126, 433), (-101, 433), (-101, 206),
        (-214, -134), (13, -134), (240, -134), (467, -134), (467, 93), (467, 320), (467, 547),
        (240, 547), (13, 547), (-214, 547), (-214, 320), (-214, 93),
    ]  # fmt: skip


def test_the_tiles_edges_are_where_the_seeds_picture_has_its_seams(shared: Path) -> None:
    """Its 50 iterations left steps of brightness along the edges of its tiles: 1.6 times the usual ones."""
    with Image.open(shared / "reference" / "seed_spiral_golden_gate_jellyfish_50.png") as image:
        seed = np.asarray(image.convert("RGB"), np.float32)
    corners = spiral((480, 640), (227, 227))
    for axis, length in ((0, 480), (1, 640)):
        edges = {corner[axis] + end for corner in corners for end in (0, 227)}
        inside = sorted(edge for edge in edges if 0 < edge < length)
        jumps = np.abs(np.diff(seed, axis=axis)).mean(axis=(1 - axis, 2))
        usual = np.array([np.median(jumps[max(0, at - 8) : at + 9]) for at in range(len(jumps))])
        stands_out = jumps / usual
        assert len(inside) == 5
        assert stands_out[np.array(inside) - 1].mean() > 1.4
        assert np.quantile(stands_out, 0.9) < 1.2


def test_every_tile_sees_what_the_one_before_it_left() -> None:
    class Noting(PlainGradient):
        def __call__(self, pixels: Tensor, scales: tuple[float, ...], maps: Maps | None = None) -> Tensor:
            seen.append(pixels.clone())
            return torch.ones_like(pixels)

    seen: list[Tensor] = []
    config = DreamConfig(octaves=1, iterations=1, spectrum=0.0, step_size=51.0, jitter_px=0)
    tiling = Spiral(Noting(), options(tile=48))
    picture = torch.full((1, 3, 96, 96), 0.2)
    ascend(picture, Ascent(tiling, config, config.plans()[0], {}), [StepTransform((0, 0))])
    assert torch.equal(seen[0], torch.full((1, 3, 48, 48), 0.2))
    # The first tile moved the middle; the second covers the upper left quarter and sees it in its corner.
    assert torch.allclose(seen[1][..., 24:, 24:], torch.tensor(0.4))
    assert torch.equal(seen[1][..., :24, :], torch.full((1, 3, 24, 48), 0.2))


def test_every_tile_is_rolled_by_its_own_draw_within_the_jitter() -> None:
    tiling = Spiral(PlainGradient(), options(tile=48))
    rolls = [each.roll for step in range(20) for each in tiling.views((120, 160), 5, (0, 0), step)]
    assert {value for roll in rolls for value in roll} == set(range(-5, 6))
    assert len(set(rolls)) > 80


def test_a_picture_of_the_tiles_size_is_one_tile() -> None:
    assert spiral((48, 48), (48, 48)) == [(0, 0)]


@given(height=st.integers(1, 300), width=st.integers(1, 300), tile=st.integers(1, 90))
def test_every_pixel_lies_under_a_tile_and_every_tile_over_a_pixel(
    height: int, width: int, tile: int
) -> None:
    if height * width > 2000 * tile * tile:
        return
    covered = np.zeros((height, width), int)
    for top, left in spiral((height, width), (tile, tile)):
        under = covered[max(0, top) : max(0, top + tile), max(0, left) : max(0, left + tile)]
        assert under.size > 0
        under += 1
    assert 1 <= covered.min() <= covered.max() <= 2  # once by odd rings, once by even ones
