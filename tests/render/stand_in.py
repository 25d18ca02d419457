"""A dreamer that stands in for the engine: it follows one rule, keeps count, and can be slow or break."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from lucidreel.dream.setting.varying import Ramp
from lucidreel.errors import MediaError
from lucidreel.render.frames.frames import Frame, Map, Picture


@dataclass(frozen=True)
class Asked:
    """What a dreamer was asked for."""

    image: Picture
    init: Picture | None
    share: float
    """Of the finest octave."""
    maps: Mapping[str, Map]
    where: Map | None
    spectrum_added: float = 0.0
    sigma_added_px: float = 0.0

    @property
    def start(self) -> Picture:
        """The picture that dreaming starts from."""
        return self.image if self.init is None else self.init

    @property
    def map(self) -> Map:
        """The only map there is."""
        ((_, whole),) = self.maps.items()
        return whole


class StandIn:
    """Dreams by a rule; without one, nothing: every frame comes back as it was."""

    def __init__(
        self,
        rule: Callable[[Asked], Picture] = lambda asked: asked.start,
        delay_s: float = 0.0,
        fail_at: int | None = None,
        error: Exception | None = None,
    ) -> None:
        """`fail_at` is the number of the dream, from 0, that raises `error` instead."""
        self._rule, self._delay_s, self._fail_at = rule, delay_s, fail_at
        self._error = error or MediaError("the engine broke")
        self.shares: list[float] = []
        """Of every dream that was asked for, those that catch up included."""
        self.dreamt = 0
        """How many frames were dreamt."""

    def dream(
        self,
        image: Picture,
        /,
        init: Picture | None = None,
        iterations_share: float | str = 1.0,
        maps: Mapping[str, Map] | None = None,
        where: Map | None = None,
        spectrum_added: float = 0.0,
        sigma_added_px: float = 0.0,
        evenness: float = 0.0,
    ) -> Picture:
        """Follow the rule."""
        if self.dreamt == self._fail_at:
            raise self._error
        share = Ramp.of(iterations_share).end
        self.shares.append(share)
        time.sleep(self._delay_s)
        asked = Asked(image, init, share, maps or {}, where, spectrum_added, sigma_added_px)
        dream = self._rule(asked)
        self.dreamt += where is None  # catching up comes before, for the same frame
        return dream


def unwanted() -> StandIn:
    """Return a dreamer that must not be asked."""
    return StandIn(fail_at=0, error=AssertionError("dreamt although the output is impossible"))


class Gathered:
    """A sink that keeps what it gets; it can be slow, or full at the frame of a number."""

    def __init__(self, delay_s: float = 0.0, fail_at: int | None = None) -> None:
        self.frames: list[Frame] = []
        self.finished = self.discarded = False
        self._delay_s, self._fail_at = delay_s, fail_at

    def write(self, frame: Frame) -> None:
        time.sleep(self._delay_s)
        if frame.index == self._fail_at:
            raise OSError("no space left")
        self.frames.append(frame)

    def finish(self) -> None:
        self.finished = True

    def discard(self) -> None:
        self.discarded = True

    @property
    def levels(self) -> list[float]:
        return [round(float(frame.picture.mean()), 4) for frame in self.frames]
