"""The random transforms of an octave's steps, drawn all at once.

Drawn from the random seed alone, so that every frame of a film is met in the same way and nothing flickers.
Affine jitter and the offsets of mixed images are drawn after the shifts and only where they are asked for, so
that they change no shift of their octave.

A network with strides looks at every second, fourth or sixteenth pixel, and what a step adds lies on that
grid. Shifts spread it, and few steps at random leave some phases of the grid out: of an octave's twelve, the
sixteen phases of a stride of 4 px see eight or nine. So shifts go through the phases in order:

    4 steps in a row     every phase of a stride of 2, and four well apart of a stride of 4, 8 or 16
    16 steps in a row    every phase of a stride of 4, and sixteen well apart of a stride of 8 or 16
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from .affine import IDENTITY, AffineJitter

# (y, x) of four steps, and of four fours.
_PAIRS = ((0, 0), (1, 1), (0, 1), (1, 0))
# Odd, so that steps differ by it in every stride, and about a third of 16 and two thirds of 8.
_APART_PX = 5
_LARGEST_STRIDE_PX = 16


@dataclass(frozen=True)
class StepTransform:
    """What is done to the picture before the network sees it in one step.

    `shift` (y, x) is in pixels from 0 to the octave's jitter; `mixing_offset` says by which shares of its
    size (y, x) the image is moved that is mixed in (`image_mixing`).
    """

    shift: tuple[int, int]
    affine: AffineJitter = IDENTITY
    mixing_offset: tuple[float, float] = (0.0, 0.0)


def draw_transforms(
    random: np.random.Generator,
    steps: int,
    jitter_px: int,
    rotate_deg: float,
    scale: float,
    mixes: bool = False,
) -> list[StepTransform]:
    """Draw one transform per step: shifts in 0..jitter_px, angles within rotate_deg, scales within 1 + scale.

    Where an image is mixed in (`mixes`), its offsets are drawn, too, and every second look is at the mirror
    image, so that what grows looks right either way.
    """
    shifts = _draw_shifts(random, steps, jitter_px)
    affine = [IDENTITY] * steps
    if rotate_deg or scale:
        affine = [
            AffineJitter(float(angle) * rotate_deg, (1.0 + scale) ** float(size))
            for angle, size in random.uniform(-1.0, 1.0, (steps, 2))
        ]
    offsets = [(0.0, 0.0)] * steps
    if mixes:
        offsets = [(float(y), float(x)) for y, x in random.random((steps, 2))]
        affine[1::2] = [replace(each, mirrored=True) for each in affine[1::2]]
    return [StepTransform(*each) for each in zip(shifts, affine, offsets, strict=True)]


def _draw_shifts(random: np.random.Generator, steps: int, jitter_px: int) -> list[tuple[int, int]]:
    """Draw shifts through all phases in order; where phases begin, and what lies beside, is random."""
    period = _LARGEST_STRIDE_PX
    while period > jitter_px + 1:
        period //= 2
    least = random.integers(0, jitter_px + 1 - period, (steps, 2), endpoint=True)
    begun = random.integers(0, period, (steps // 16 + 1, 2))
    shifts = []
    for number in range(steps):
        pair, of_pairs = _PAIRS[number % 4], _PAIRS[number // 4 % 4]
        y, x = (
            int(low + (start + _APART_PX * (one + 2 * four) - low) % period)
            for low, start, one, four in zip(least[number], begun[number // 16], pair, of_pairs, strict=True)
        )
        shifts.append((y, x))
    return shifts
