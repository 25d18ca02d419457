"""From a gradient to a step of the picture, and the step taken.

    gradient -> decorrelated -> normalised -> momentum -> times step size -> headroom left -> picture
                                  pull to the source, total variation ->

The step is google/deepdream's: the gradient divided by its mean absolute value, so that the step size is the
mean change of a pixel whatever the network's scale. It is normalised once over the whole picture, never tile
by tile (which drew the grid of spikelynch/deepdream), and clamped to what a picture can hold.
"""

from __future__ import annotations

import torch
from torch import Tensor

from ..config.step import StepConfig
from ..reductions import normalise_, row_chunks
from .loops import coast_, mean_magnitude, move_
from .regularizers import add_total_variation_gradient_, gaussian_blur

# Square root of the covariance of ImageNet's colours, rows red, green and blue, columns light, red against
# blue, and green against the others: as published in tensorflow/lucid.
_COLOUR_SPREAD = ((0.26, 0.09, 0.02), (0.27, 0.00, -0.05), (0.27, -0.09, 0.03))


class Optimizer:
    """Moves one octave's picture, (1, 3, h, w) RGB, in place, and remembers what the next step needs.

    `source` is the octave's picture before anything was dreamt: `pull` and `tv` compare with it, and
    without it are left out. `mask`, (1, 1, h, w) 0..1, scales what a step changes, pixel by pixel. `grey`
    changes all channels alike.
    """

    def __init__(
        self,
        picture: Tensor,
        config: StepConfig,
        source: Tensor | None = None,
        mask: Tensor | None = None,
        *,
        grey: bool = False,
    ) -> None:
        self.picture = picture
        self._grey = grey
        self._source = source if config.tv or config.pull else None
        self._mask = mask
        self._config = config
        self._compiled = self._source is None and all(
            map(_is_plain, (picture, *([] if mask is None else [mask])))
        )
        self._velocity = torch.zeros_like(picture) if config.momentum else None
        self._colours = decorrelation(config.decorrelate).to(picture) if config.decorrelate else None

    def step(
        self, region: tuple[slice, slice], gradient: Tensor, step_size: float, blur_px: float = 0.0
    ) -> None:
        """Move a region of the picture along the gradient over it, `step_size` / 255 per pixel on average.

        The gradient is used up. Where `blur_px` is not 0, the region is blurred afterwards.
        """
        at = (..., *region)
        if self._colours is not None:
            gradient = torch.einsum("ij,njhw->nihw", self._colours, gradient)
        if self._compiled:
            self._move(region, gradient.contiguous(), step_size / 255.0)
        else:
            self._move_with_all_tools(at, gradient, step_size / 255.0)
        if blur_px:
            picture = self.picture[at]
            blur = gaussian_blur(picture, blur_px)
            picture.copy_(blur if self._mask is None else picture.lerp(blur, self._mask[at]))

    def _move(self, region: tuple[slice, slice], gradient: Tensor, step: float) -> None:
        """Take a step of mean size `step` by compiled loops (`loops`)."""
        config = self._config
        corner = (region[0].start or 0, region[1].start or 0)
        mean = mean_magnitude(gradient)
        if self._velocity is not None:
            mean = coast_(self._velocity, gradient, corner, mean, config.momentum)
        move_(
            self.picture,
            gradient,
            corner,
            mean,
            step,
            headroom=config.headroom if config.clip else 0.0,
            mask=self._mask,
            grey=self._grey,
            clip=config.clip,
        )

    def _move_with_all_tools(self, at: tuple[object, ...], gradient: Tensor, step: float) -> None:
        """Take a step of mean size `step` on any device, one tool after the other."""
        picture = self.picture[at]  # type: ignore[index]
        change = self._direction(at, gradient).mul_(step)
        if self._config.headroom and self._config.clip:
            for rows in row_chunks(change.shape[-2]):
                part = change[..., rows, :]
                part *= headroom_left(picture[..., rows, :], part, self._config.headroom)
        if self._grey:  # headroom and decorrelation tell channels apart that a grey gradient does not
            change[:] = change.mean(1, keepdim=True)
        if self._source is not None:
            added = picture - self._source[at]  # type: ignore[index]
            if self._config.tv:
                add_total_variation_gradient_(change, added, -self._config.tv * step)
            change -= added.mul_(self._config.pull)
        if self._mask is not None:
            change *= self._mask[at]  # type: ignore[index]
        picture += change
        if self._config.clip:
            picture.clamp_(0.0, 1.0)

    def _direction(self, at: tuple[object, ...], gradient: Tensor) -> Tensor:
        direction = normalise_(gradient)
        if self._velocity is None:
            return direction
        velocity = self._velocity[at]  # type: ignore[index]
        velocity.mul_(self._config.momentum).add_(direction)
        return normalise_(direction.copy_(velocity))


def _is_plain(planes: Tensor) -> bool:
    """Tell whether compiled loops can read and write these planes."""
    return planes.device.type == "cpu" and planes.dtype == torch.float32 and planes.is_contiguous()


def headroom_left(picture: Tensor, step: Tensor, headroom: float) -> Tensor:
    """Return what share of a step is taken, 0..1: less in the last `headroom` of the range it heads for."""
    return torch.where(step > 0, 1.0 - picture, picture).div_(headroom).clamp_(0.0, 1.0)


def decorrelation(amount: float) -> Tensor:
    """Return the (3, 3) matrix that a gradient's colours are multiplied with to be `amount` decorrelated.

    Climbing in colours that do not depend on each other, instead of in red, green and blue, multiplies the
    gradient with the covariance of the colours; `amount` is the power of it, 0 being none.
    """
    spread = torch.tensor(_COLOUR_SPREAD, dtype=torch.float64)
    sizes, axes = torch.linalg.eigh(spread @ spread.T)
    powered: Tensor = axes * (sizes / sizes.max()).pow(amount) @ axes.T
    return powered.float()
