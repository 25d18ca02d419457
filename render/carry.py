"""What each frame's dream starts from: the source alone, or the source with something of the last dream.

The loop asks the carry before every frame. Whatever a carry needs to know of the past is in `Dreamt`, the
last frame with its dream; at the film's first frame there is none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from .frames import Frame, Picture
from .settings import ClipConfig


@dataclass(frozen=True, slots=True)
class Dreamt:
    """A frame of the source and the dream made of it."""

    frame: Frame
    picture: Picture


@dataclass(frozen=True, slots=True)
class Start:
    """Where one frame's dream starts."""

    image: Picture
    """The picture to dream about."""
    init: Picture | None = None
    """The picture to start changing from; None starts from `image`."""
    iterations_share: float = 1.0
    """Share of the configured iterations to spend."""


class Carry(Protocol):
    """Decides what of the last dream comes along."""

    def start(self, frame: Frame, last: Dreamt | None) -> Start:
        """Return where the dream of `frame` starts, after `last` (None at the first frame)."""
        ...


class NoCarry:
    """Every frame is dreamt by itself."""

    def start(self, frame: Frame, last: Dreamt | None) -> Start:
        """Start from the frame."""
        return Start(frame.picture)


class BlendCarry:
    """A constant share of the last dream stays in the picture that the next one starts from."""

    def __init__(self, share: float) -> None:
        self._share = np.float32(share)

    def start(self, frame: Frame, last: Dreamt | None) -> Start:
        """Start from (1 - share) * frame + share * last dream."""
        if last is None:
            return Start(frame.picture)
        init = frame.picture + self._share * (last.picture - frame.picture)
        return Start(frame.picture, np.ascontiguousarray(init, dtype=np.float32))


def carry_for(config: ClipConfig) -> Carry:
    """Return the carry that the configuration names."""
    match config.carry:
        case "none":
            return NoCarry()
        case "blend":
            return BlendCarry(config.carry_share)
