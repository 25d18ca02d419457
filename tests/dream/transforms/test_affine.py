"""Turns of what the network sees, and the gradient's way back."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from lucidreel.dream.transforms.affine import IDENTITY, AffineJitter
from lucidreel.dream.transforms.jitter import draw_transforms


def test_no_turn_hands_back_the_very_picture() -> None:
    picture = torch.rand(1, 3, 20, 30)
    assert IDENTITY.apply(picture) is picture
    assert IDENTITY.undo(picture) is picture


def test_a_quarter_turn_of_a_square_equals_rot90() -> None:
    picture = torch.rand(2, 3, 21, 21)
    assert torch.allclose(AffineJitter(90.0).apply(picture), picture.rot90(1, (-2, -1)), atol=1e-4)


def test_pictures_that_are_not_square_keep_their_angles() -> None:
    line = torch.zeros(1, 1, 41, 81)
    line[..., 20, :] = 1.0
    turned = AffineJitter(45.0).apply(line)[0, 0]
    assert torch.diagonal(turned.flip(0), offset=20).mean() > 0.9


def test_a_mirrored_look_exchanges_left_and_right_and_the_gradient_comes_back() -> None:
    picture = torch.rand(1, 3, 20, 30)
    looked_at = AffineJitter(mirrored=True).apply(picture)
    assert torch.equal(looked_at, picture.flip(-1))
    assert torch.equal(AffineJitter(mirrored=True).undo(looked_at), picture)


def test_there_and_back_is_where_it_started() -> None:
    y, x = torch.meshgrid(torch.arange(600.0), torch.arange(80.0), indexing="ij")
    smooth = torch.stack([torch.sin(x / 9) + torch.cos(y / 12)] * 3)[None]
    turn = AffineJitter(7.0, 1.15)
    assert torch.allclose(
        turn.undo(turn.apply(smooth))[..., 250:350, 25:55], smooth[..., 250:350, 25:55], atol=0.02
    )


def test_back_is_the_adjoint_of_there_for_smooth_pictures() -> None:
    """<there(p), g> = <p, adjoint(g)>, and the adjoint is `back` over the turn's determinant."""
    y, x = torch.meshgrid(torch.linspace(-1, 1, 96), torch.linspace(-1, 1, 128), indexing="ij")
    bump = torch.exp(-12 * ((x - 0.2) ** 2 + (y + 0.1) ** 2))[None, None]
    other = torch.exp(-9 * ((x + 0.1) ** 2 + (y - 0.2) ** 2))[None, None]
    turn = AffineJitter(-20.0, 1.2)
    there, back = float((turn.apply(bump) * other).sum()), float((bump * turn.undo(other)).sum())
    assert there == pytest.approx(back * 1.2**2, rel=1e-3)


def test_moves_stay_within_their_bounds_and_turns_change_no_shift() -> None:
    straight = draw_transforms(np.random.default_rng(5), 200, 8, 0.0, 0.0)
    turned = draw_transforms(np.random.default_rng(5), 200, 8, 10.0, 0.25)
    assert [transform.shift for transform in straight] == [transform.shift for transform in turned]
    assert all(transform.affine == IDENTITY for transform in straight)
    assert {value for transform in straight for value in transform.shift} == set(range(9))
    angles = [transform.affine.angle_deg for transform in turned]
    scales = [transform.affine.scale for transform in turned]
    assert -10 <= min(angles) < -9 and 9 < max(angles) <= 10
    assert 0.8 <= min(scales) < 0.82 and 1.22 < max(scales) <= 1.25
