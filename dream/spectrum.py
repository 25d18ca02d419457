"""Filters of the gradient's spectrum before the step: less speckle, broader strokes.

A network's gradient is dominated by the finest grain, which looks like noise and which photos do not have.
Everything here is one way through the spectrum, G(f), and back:

    spectrum p    G / f^p                        natural pictures have amplitudes that fall as 1/f: this goes
                                                 part of the way there (tensorflow/lucid's pictures are
                                                 spectra over f: a step there is one with p = 2 here)
    sigma_px s    G * exp(-2 (pi s f)^2)         a Gaussian blur, for its look
    scales        G * mean of several blurs      averaged over blur scales, as in pytorch-deepdream
    laplacian     bands an octave wide, each     coarse and fine equally strong, whatever the network likes
                  over its own size              best: Laplacian-normalised gradients, as in TensorFlow's
                                                 deep dream tutorial
    fourier       every frequency over its own   the step Adam takes where the picture is its spectrum, as in
                  running size                   lucid: of the gradient, only the phase counts

Channels are done one by one, since a large frame's spectrum is as large as the frame. On a CPU the usual
filters go a shorter way (`models.cpu.kernels.half_spectrum`).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import count, pairwise

import torch
from torch import Tensor

from ..models.cpu.kernels.half_spectrum import filtered_by_halves
from .config.step import Gradient
from .reductions import normalise_, sum_dtype

_SCALES_PX = (0.5, 1.0, 2.0)
# Edges of `laplacian`'s bands, as blurs: what 1 px takes away, what 2 px takes away from that, and so on.
_BANDS_PX = (0.0, 1.0, 2.0, 4.0)
_DECAY = 0.9  # of `fourier`, per step
# How much of what lies beside a part its weighing takes in: of 1/f^0.4, all but little.
_MARGIN_PX = 32

Part = tuple[slice, slice]
_WHOLE: Part = (slice(None), slice(None))


class SpectralFilter:
    """Filters gradients of one octave; remembers the sizes of frequencies where `fourier` needs them."""

    def __init__(self, gradient: Gradient, spectrum: float) -> None:
        self._gradient = gradient
        self._spectrum = spectrum
        self._squares: dict[tuple[int, ...], tuple[Tensor, int]] = {}
        self._blurred: tuple[tuple[int, int, float], Tensor] | None = None

    def __call__(self, gradient: Tensor, sigma_px: float = 0.0, at: Part = _WHOLE) -> Tensor:
        """Return the part `at` (rows, columns) of a (n, 3, h, w) gradient, filtered.

        What lies up to 32 px beside the part has its say in it, what lies further off has none. The gradient
        is used up.
        """
        if self._gradient == "plain" and self._spectrum == 0 and sigma_px == 0:
            return gradient[(..., *at)]
        beside, inside = _with_margin(gradient.shape[-2:], at)
        gradient = gradient[(..., *beside)]
        size = (_fast_length(gradient.shape[-2]), _fast_length(gradient.shape[-1]))
        weights = self._weights(size, sigma_px, gradient.device)
        filtered = torch.empty_like(gradient[(..., *inside)], memory_format=torch.contiguous_format)
        if self._is_usual(gradient, size):
            padded = gradient.new_zeros(size)
            for channel, result in zip(gradient[0], filtered[0], strict=True):
                padded[: channel.shape[0], : channel.shape[1]] = channel
                result[:] = filtered_by_halves(padded, weights)[inside]
            return filtered
        if self._gradient in ("laplacian", "fourier"):
            normalise_(gradient)  # squares of small gradients would vanish
        if self._gradient == "laplacian":
            weights = weights * _band_weights(gradient, size)
        for channel in range(gradient.shape[1]):
            spectrum = torch.fft.rfft2(gradient[:, channel], s=size)
            if self._gradient == "fourier":
                spectrum /= self._running_size(channel, spectrum)
            filtered[:, channel] = torch.fft.irfft2(spectrum.mul_(weights), s=size)[(..., *inside)]
        return filtered

    def _is_usual(self, gradient: Tensor, size: tuple[int, int]) -> bool:
        """Tell whether the short way is open: one gradient on the CPU, an even width, fixed weights."""
        fixed = self._gradient in ("plain", "scales")
        on_cpu = gradient.device.type == "cpu" and gradient.dtype == torch.float32
        return fixed and on_cpu and len(gradient) == 1 and size[1] % 2 == 0

    def _weights(self, size: tuple[int, int], sigma_px: float, device: torch.device) -> Tensor:
        """Return the weights of a real spectrum, those of the blur included; made anew where that changes."""
        weights = _fixed_weights(*size, self._spectrum, self._gradient == "scales", device)
        if sigma_px == 0:
            return weights
        if self._blurred is None or self._blurred[0] != (*size, sigma_px):
            self._blurred = (*size, sigma_px), _blurred(weights, size[1], sigma_px)
        return self._blurred[1]

    def _running_size(self, channel: int, spectrum: Tensor) -> Tensor:
        """Return the root of the mean square of every coefficient over the last steps, this one included."""
        place = (channel, *spectrum.shape)
        squares, steps = self._squares.get(place, (torch.zeros_like(spectrum.real), 0))
        squares.mul_(_DECAY).add_(spectrum.abs().square_(), alpha=1 - _DECAY)
        self._squares[place] = squares, steps + 1
        unbiased = squares / (1 - _DECAY ** (steps + 1))
        return unbiased.sqrt_().clamp_(min=torch.finfo(squares.dtype).tiny)


@lru_cache
def _fast_length(length: int) -> int:
    """Return the next length, this one included, that has no prime factors but 2, 3 and 5.

    Transforms of such lengths take little over half of the time that others do (docs/performance.md). The
    gradient ends in zeros up to there.
    """
    return next(each for each in count(length) if pow(30, 64, each) == 0)  # divides a power of 2 * 3 * 5


def _with_margin(size: Sequence[int], at: Part) -> tuple[Part, Part]:
    """Return a part with its margins, as far as there are any, and where in that the part itself lies."""
    beside, inside = [], []
    for length, part in zip(size, at, strict=True):
        start, stop, _ = part.indices(length)
        first = max(0, start - _MARGIN_PX)
        beside.append(slice(first, min(length, stop + _MARGIN_PX)))
        inside.append(slice(start - first, stop - first))
    return (beside[0], beside[1]), (inside[0], inside[1])


def _blurred(weights: Tensor, width: int, sigma_px: float) -> Tensor:
    """Return weights of a real spectrum times a Gaussian blur's: of deviation s, exp(-2 (pi s f)^2)."""
    fy = torch.fft.fftfreq(weights.shape[0], device=weights.device)[:, None]
    fx = torch.fft.rfftfreq(width, device=weights.device)
    along_y, along_x = (torch.exp(-2.0 * (torch.pi * sigma_px * f).square()) for f in (fy, fx))
    return (weights * along_y).mul_(along_x)


def _band_weights(gradient: Tensor, size: tuple[int, int]) -> Tensor:
    """Return the weights that bring every band of a (n, c, h, w) gradient's spectrum to the same size.

    `size` is that of the transform, (height, width).
    """
    height, width = size
    frequency = _frequency(height, width, gradient.device)
    energy = torch.zeros_like(frequency)
    for channel in gradient.unbind(1):
        energy += torch.fft.rfft2(channel, s=size).abs().square_().sum(0)
    energy[:, 1 : (width + 1) // 2] *= 2.0  # the half of the spectrum that a real picture leaves unsaid
    blurs = [*(_blur(frequency, sigma) for sigma in _BANDS_PX), torch.zeros_like(frequency)]
    result = torch.zeros_like(frequency)
    wide = sum_dtype(energy.device)
    for finer, coarser in pairwise(blurs):
        band = finer - coarser
        size_of_band = (energy * band.square()).sum(dtype=wide).sqrt().to(band.dtype)
        result += torch.where(
            size_of_band > 0, band / size_of_band.clamp(min=torch.finfo(band.dtype).tiny), 0.0
        )
    return result


@lru_cache(maxsize=8)
def _fixed_weights(height: int, width: int, spectrum: float, scales: bool, device: torch.device) -> Tensor:
    """Return the (height, width // 2 + 1) weights of a real spectrum that stay the same for an octave.

    The mean (f = 0) is weighed as the lowest frequency of the shorter side.
    """
    frequency = _frequency(height, width, device)
    weights: Tensor = frequency.clamp(min=1.0 / min(height, width)).pow(-spectrum)
    if scales:
        weights *= torch.stack([_blur(frequency, sigma) for sigma in _SCALES_PX]).mean(0)
    return weights


def _frequency(height: int, width: int, device: torch.device) -> Tensor:
    """Return the frequencies of a real spectrum, in cycles per pixel."""
    fy = torch.fft.fftfreq(height, device=device)[:, None]
    fx = torch.fft.rfftfreq(width, device=device)[None, :]
    frequency: Tensor = (fy.square() + fx.square()).sqrt()
    return frequency


def _blur(frequency: Tensor, sigma_px: float) -> Tensor:
    blur: Tensor = torch.exp(-2.0 * (torch.pi * sigma_px * frequency).square())
    return blur
