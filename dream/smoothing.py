"""Smoothing of the gradient before the step: less speckle, broader strokes.

A network's gradient is dominated by the finest grain, which looks like noise and which photos do not have.
Natural pictures have amplitudes that fall with frequency as 1/f; weighting the gradient's spectrum by 1/f^p
moves the step part of the way there (the idea of tensorflow/lucid's Fourier-space pictures, applied to the
gradient so that any base picture can be dreamt on). Deepdraw's Gaussian blur is there for its look.
"""

from __future__ import annotations

from functools import lru_cache

import torch
from torch import Tensor


def smoothed(gradient: Tensor, spectrum: float, sigma_px: float) -> Tensor:
    """Return a (1, 3, h, w) gradient with its spectrum weighted by 1/f^spectrum, then blurred by sigma_px."""
    if spectrum == 0 and sigma_px == 0:
        return gradient
    height, width = gradient.shape[-2:]
    weights = _spectral_weights(height, width, spectrum, sigma_px, gradient.device)
    spectra = torch.fft.rfft2(gradient) * weights
    result: Tensor = torch.fft.irfft2(spectra, s=(height, width))
    return result


@lru_cache(maxsize=32)
def _spectral_weights(
    height: int, width: int, spectrum: float, sigma_px: float, device: torch.device
) -> Tensor:
    """Return the (height, width // 2 + 1) weights of a real spectrum.

    Frequencies are in cycles per pixel. The mean (f = 0) is weighed as the lowest frequency of the shorter
    side. A Gaussian blur of deviation s is exp(-2 (pi s f)^2) in the spectrum.
    """
    fy = torch.fft.fftfreq(height, device=device)[:, None]
    fx = torch.fft.rfftfreq(width, device=device)[None, :]
    frequency = (fy.square() + fx.square()).sqrt()
    floor = 1.0 / min(height, width)
    power: Tensor = frequency.clamp(min=floor).pow(-spectrum)
    blur: Tensor = torch.exp(-2.0 * (torch.pi * sigma_px * frequency).square())
    return power * blur
