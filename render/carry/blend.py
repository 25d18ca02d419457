"""Carry `blend`: a share of the last dream stays where it is, in the picture that the next starts from."""

from __future__ import annotations

from typing import Literal

import numpy as np

from ..frames.frames import Frame
from ..motion.flow import Flow
from .carry import Dreamt, Start, frames_until_faded

# How many frames a share takes to go up and down once.
_LOOP_FRAMES = 20


class BlendCarry:
    """A share of the last dream stays in the picture that the next one starts from."""

    carries, needs_flow = True, False

    def __init__(self, share: float, habit: Literal["constant", "random", "loop"] = "constant") -> None:
        self._share, self._habit = share, habit
        self.lasting_frames = frames_until_faded(share)

    def start(self, frame: Frame, last: Dreamt | None, flow: Flow | None = None) -> Start:
        """Start from (1 - share) * frame + share * last dream."""
        if last is None:
            return Start(frame.picture)
        init = frame.picture + np.float32(self.share_at(frame.index)) * (last.picture - frame.picture)
        return Start(frame.picture, np.ascontiguousarray(init, dtype=np.float32))

    def share_at(self, index: int) -> float:
        """Return the share of a frame.

        `random` draws it anew for every frame, evenly between 0 and twice the configured share; `loop` climbs
        and falls between these in even steps. Both are the configured one on average, and end at 1.
        """
        highest = min(1.0, 2 * self._share)
        lowest = 2 * self._share - highest
        match self._habit:
            case "constant":
                return self._share
            case "random":
                return float(np.random.default_rng(index).uniform(lowest, highest))
            case "loop":
                way = index % _LOOP_FRAMES / (_LOOP_FRAMES / 2)
                return lowest + (highest - lowest) * (1 - abs(1 - way))
