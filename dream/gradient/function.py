"""What every gradient has in common, whether it is one network's, several networks', or one in tiles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from torch import Tensor

from ..objective import Maps, Objective, Term

Size = tuple[int, int]
"""(height, width), or another pair along (y, x), in pixels."""


class GradientFunction(Protocol):
    """What gives the gradient of an objective over a view's pixels (`network.NetworkGradient` is one)."""

    @property
    def parts(self) -> Sequence[GradientFunction]:
        """Those of the single networks that it is made of, in the order of its terms; itself if one."""

    @property
    def bytes_per_pixel(self) -> float:
        """What a pass is reckoned to take per pixel the network sees."""

    @property
    def objective(self) -> Objective:
        """What is climbed."""

    @property
    def stride(self) -> int:
        """The network's stride in pixels: views are multiples of it."""

    @property
    def period_px(self) -> int | None:
        """By how far a view may be shifted for its gradient to be the same, shifted; None: not at all."""

    @property
    def smallest_view(self) -> Size:
        """The (height, width) that a view has at least."""

    @property
    def max_pixels(self) -> int:
        """How many pixels may be in the network at once."""

    def passes(self, height: int, width: int, on_cpu: bool) -> list[int]:
        """Return how many pixels the network sees in each of the passes that a view takes."""

    def seen_sizes(self, height: int, width: int) -> list[Size]:
        """Return the (height, width) of what each of the parts looks at of a view."""

    def prepare(self, picture: Tensor, maps: Maps) -> Maps:
        """Have the objective choose what depends on the picture of a dream; return the maps it reads."""

    def agree(self, terms: Sequence[Term]) -> None:
        """Have the objective, once prepared, agree with other networks' terms on what is dreamt where."""

    def __call__(self, pixels: Tensor, scales: tuple[float, ...], maps: Maps | None = None) -> Tensor:
        """Return the gradient over (n, 3, H, W) pixels, each of the n on its own, as float32."""
