"""Several networks' gradients, joined: each one's at its size, whatever scale its network lives on."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
import torch
from torch import Tensor

from lucidreel.dream.ascent import balance
from lucidreel.dream.gradient.joint import Inset, JointGradient
from lucidreel.dream.objective import Maps, Objective, Term
from lucidreel.dream.reductions import root_mean_square

from ..tiling.plain_gradient import PlainGradient

WINDOW = torch.rand(1, 3, 32, 40, generator=torch.Generator().manual_seed(4))


class Leaning(PlainGradient):
    """Gives a direction of its own, of any size: the terms' directions, each times its scale."""

    def __init__(self, size: float, seed: int, terms: Sequence[Term] = (Term(1.0),), stride: int = 1) -> None:
        super().__init__()
        self.objective = Objective(tuple(terms))
        self.stride = stride
        random = torch.Generator().manual_seed(seed)
        self.directions = [size * torch.randn(WINDOW.shape, generator=random) for _ in terms]

    def __call__(self, pixels: Tensor, scales: tuple[float, ...], maps: Maps | None = None) -> Tensor:
        self.batches.append(pixels.shape[0])
        return sum((s * d for s, d in zip(scales, self.directions, strict=True)), torch.zeros_like(pixels))


def share_of(part: Tensor, whole: Tensor) -> float:
    """How much of a direction is in a gradient, in units of that direction's size."""
    return float((part * whole).sum() / part.square().sum().sqrt() / whole[0].numel() ** 0.5)


@pytest.mark.parametrize("size", [1e-6, 1.0, 1e6])
def test_a_network_of_steep_scores_pushes_no_harder_than_another(size: float) -> None:
    one, other = Leaning(1.0, 1), Leaning(size, 2)
    joined = JointGradient([one, other], [1.0, 1.0])(WINDOW, (1.0, 1.0))
    assert share_of(one.directions[0], joined) == pytest.approx(1.0, abs=0.05)
    assert share_of(other.directions[0], joined) == pytest.approx(1.0, abs=0.05)


def test_a_networks_weight_and_its_targets_weights_multiply() -> None:
    one, other = Leaning(3.0, 1, [Term(1.0)]), Leaning(0.1, 2, [Term(-4.0)])
    field = JointGradient([one, other], [1.0, 0.5])
    joined = field(WINDOW, balance(field, WINDOW, {}, (0.0, 0.0))[0])
    assert share_of(one.directions[0], joined) == pytest.approx(1.0, abs=0.1)
    assert share_of(other.directions[0], joined) == pytest.approx(-2.0, abs=0.1)


def test_terms_of_one_network_keep_to_their_weights_beside_another_network() -> None:
    one, other = Leaning(3.0, 1, [Term(1.0), Term(0.5)]), Leaning(0.1, 2)
    field = JointGradient([one, other], [1.0, 1.0])
    joined = field(WINDOW, balance(field, WINDOW, {}, (0.0, 0.0, 0.0))[0])
    pushes = [share_of(each, joined) for each in (*one.directions, *other.directions)]
    assert pushes == pytest.approx([1.0, 0.5, 1.0], abs=0.1)


def test_gradients_are_brought_to_size_anew_at_every_step() -> None:
    """A score that has grown tenfold since it was weighed pushes as hard as before."""
    one, other = Leaning(1.0, 1), Leaning(1.0, 2)
    field = JointGradient([one, other], [1.0, 1.0])
    scales, _ = balance(field, WINDOW, {}, (0.0, 0.0))
    before = field(WINDOW, scales)
    other.directions = [10 * each for each in other.directions]
    assert torch.allclose(field(WINDOW, scales), before, atol=1e-5)


def test_a_network_whose_gradient_vanishes_leaves_the_others_theirs() -> None:
    one, silent = Leaning(2.0, 1), Leaning(0.0, 2)
    joined = JointGradient([one, silent], [1.0, 1.0])(WINDOW, (1.0, 1.0))
    assert torch.isfinite(joined).all()
    assert float(root_mean_square(joined)) == pytest.approx(1.0, abs=1e-4)


def test_a_network_without_a_say_is_not_asked_and_nobody_asked_is_no_gradient() -> None:
    one, other = Leaning(2.0, 1), Leaning(1.0, 2)
    field = JointGradient([one, other], [1.0, 1.0])
    assert torch.equal(field(WINDOW, (1.0, 0.0)), one.directions[0])
    assert other.batches == []
    assert not field(WINDOW, (0.0, 0.0)).any()


def test_a_network_that_needs_less_border_looks_at_the_middle_of_the_window() -> None:
    """8 of 10 px are left out on a stride of 4; no more than the network's own size has to stay, 32 by 40."""

    class Looking(PlainGradient):
        def __call__(self, pixels: Tensor, scales: tuple[float, ...], maps: Maps | None = None) -> Tensor:
            assert maps is not None and maps["water"].shape[-2:] == pixels.shape[-2:]
            seen.append((pixels.shape[-2], pixels.shape[-1]))
            return torch.ones_like(pixels)

    seen: list[tuple[int, int]] = []
    near, far = Looking(), Looking()
    near.stride = 4
    wide = torch.zeros(1, 3, 48, 44)
    joined = JointGradient([near, far], [1.0, 1.0], [Inset(10, (32, 40)), Inset()])
    gradient = joined(wide, (1.0, 1.0), {"water": wide[:, :1]})
    assert seen == joined.seen_sizes(48, 44) == [(32, 44), (48, 44)]
    assert joined.passes(48, 44, True) == [32 * 44, 48 * 44]
    assert torch.equal(gradient[..., 8:40, :], torch.full((1, 3, 32, 44), 2.0))
    assert torch.equal(gradient[..., :8, :], torch.ones(1, 3, 8, 44))


def test_a_target_that_keeps_to_a_map_has_its_push_there_alone() -> None:
    """A quarter of the window at a weight of 1 has half of the window's root mean square."""

    class Mapped(Term):
        @property
        def map_names(self) -> tuple[str, ...]:
            return ("water",)

    here = torch.zeros(1, 1, 32, 40)
    here[..., :16, :20] = 1.0
    one, other = Leaning(1.0, 1), Leaning(7.0, 2, [Mapped(1.0)])
    other.directions = [each * here for each in other.directions]
    field = JointGradient([one, other], [1.0, 1.0])
    joined = field(WINDOW, (1.0, 1.0), {"water": here})
    parts = joined - one.directions[0] / root_mean_square(one.directions[0])
    assert float(root_mean_square(parts)) == pytest.approx(0.5, rel=1e-3)


def test_the_window_suits_the_largest_network() -> None:
    joined = JointGradient([Leaning(1.0, 1, stride=16), Leaning(1.0, 2, stride=32)], [1.0, 1.0])
    assert joined.stride == 32
    assert joined.passes(10, 10, True) == [100, 100]
