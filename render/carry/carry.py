"""What each frame's dream starts from: the source alone, or the source with something of the last dream.

The loop asks the carry before every frame. Whatever a carry needs to know of what was is in `Dreamt`, the
last frame with its dream; at the first frame of a shot there is none. What a carry chooses at random
depends on the frame's number alone, so that a render which is taken up again goes on the same way.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ..frames.frames import Frame, Map, Picture
from ..motion.flow import Flow
from .disocclusion import DisocclusionFill

# What is left of a dream when it has faded, and the longest that one is taken to last.
_FADED, _LONGEST_FRAMES = 0.1, 1000


@dataclass(frozen=True, slots=True)
class Dreamt:
    """A frame of the source and the dream made of it."""

    frame: Frame
    picture: Picture
    history: NDArray[np.float32] | None = None
    """What the carry has found out about the shot so far, as it gave it; None after its first frame."""
    opening: Picture | None = None
    """The dream of the shot's first frame. After a stop it is what the film shows of it: perhaps 8 bits."""


@dataclass(frozen=True, slots=True)
class Damping:
    """Smoothing, so that a dream changes slowly: dream + amount * (target - dream)."""

    target: Picture
    """What the frame would be if it were not dreamt on."""
    amount: Map
    """0 lets the dream go where it likes, 1 keeps the target."""

    def applied(self, dream: Picture, mask: Map | None = None) -> Picture:
        """Return the dream, smoothed; where the mask is 0 it stays as it is, to the bit."""
        from ..frames.pixels import damped  # loads torch and numba, for which a bad clip need not wait

        return damped(dream, self.target, self.amount if mask is None else self.amount * mask)


@dataclass(frozen=True, slots=True)
class Start:
    """Where one frame's dream starts."""

    image: Picture
    """The picture to dream about."""
    init: Picture | None = None
    """The picture to start changing from; None starts from `image`."""
    iterations_share: float | str = 1.0
    """Share of the configured iterations to spend; "0.1..0.5" from the coarsest octave to the finest."""
    fill: DisocclusionFill | None = None
    """Extra work, done first, for newly visible areas."""
    damping: Damping | None = None
    """How the dream is smoothed; None lets it go where it likes."""
    history: NDArray[np.float32] | None = None
    """What is to be remembered of the shot so far for the frame after this one: maps (n, h, w) of a quarter
    of the frame's size (`motion.shrink`). A render that is taken up again finds it as it was, to the bit."""
    spectrum_added: float = 0.0
    """Added to the configured spectrum, in the extra work too: more paints broader strokes."""
    sigma_added_px: float = 0.0
    """Deviation of a further blur of the gradient, in the extra work too."""
    evenness: float = 0.0
    """How far steps are spread over the picture: 0 leaves most of each to where most is seen already."""


class Carry(Protocol):
    """Decides what of the last dream comes along."""

    @property
    def carries(self) -> bool:
        """Whether anything comes along at all; where nothing does, a film needs no cuts."""
        ...

    @property
    def needs_flow(self) -> bool:
        """Whether `start` is to be given the source's flow."""
        ...

    @property
    def lasting_frames(self) -> int:
        """For how many frames something is left of a dream that is not dreamt on."""
        ...

    def start(self, frame: Frame, last: Dreamt | None, flow: Flow | None = None) -> Start:
        """Return where the dream of `frame` starts, after `last` (None at the first frame of a shot).

        `flow` leads from `frame` back to `last.frame`.
        """
        ...


class NoCarry:
    """Every frame is dreamt by itself."""

    carries, needs_flow, lasting_frames = False, False, 0

    def start(self, frame: Frame, last: Dreamt | None, flow: Flow | None = None) -> Start:
        """Start from the frame."""
        return Start(frame.picture)


def frames_until_faded(share: float) -> int:
    """Return how many times a dream comes along by a share until hardly any of it is left."""
    if not 0 < share < 1:
        return _LONGEST_FRAMES if share else 0
    return min(_LONGEST_FRAMES, math.ceil(math.log(_FADED) / math.log(share)))
