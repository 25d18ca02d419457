"""How the picture is moved before the network looks, drawn for a whole octave at once.

Drawn from the seed alone, so that every frame of a film is met in the same way and nothing flickers. Turns
are drawn after the shifts and only where they are asked for, so that they change no shift of their octave.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .turning import STRAIGHT, Turn


@dataclass(frozen=True)
class Move:
    """One step's shift (y, x), in pixels from 0 to the octave's jitter, and its turn."""

    shift: tuple[int, int]
    turn: Turn = STRAIGHT


def draw_moves(
    random: np.random.Generator, steps: int, jitter_px: int, rotate_deg: float, scale: float
) -> list[Move]:
    """Draw one move per step: shifts in 0..jitter_px, angles within rotate_deg, scales within 1 + `scale`."""
    shifts = [(int(y), int(x)) for y, x in random.integers(0, jitter_px, (steps, 2), endpoint=True)]
    if rotate_deg == 0 and scale == 0:
        return [Move(shift) for shift in shifts]
    turns = random.uniform(-1.0, 1.0, (steps, 2))
    return [
        Move(shift, Turn(float(angle) * rotate_deg, (1.0 + scale) ** float(size)))
        for shift, (angle, size) in zip(shifts, turns, strict=True)
    ]
