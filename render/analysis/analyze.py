"""What is found out about a frame before it is dreamt: new shots, repeats, and how the picture moved.

A shot may be warmed up: then some of its frames come first, backwards, to be dreamt and thrown away
(`warm_up`).

    decoder --(frame, maps)--> analyzer --AnalyzedFrame--> engine

It works on a thread of its own, ahead of the engine: flow takes a while, and releases the interpreter.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import Protocol, TypeAlias

import numpy as np

from ..frames.frames import Frame, Map, Picture
from ..motion.flow import Flow
from .warm_up import MOST_PEEKED, Peekable, warm_up_order

EstimateFlow: TypeAlias = Callable[[Picture, Picture], Flow]
"""From the frame before and the frame now to the flow that leads back."""


DecodedFrame: TypeAlias = tuple[Frame, Mapping[str, Map]]
"""A frame with those of its maps that are files."""


class RepeatDetector(Protocol):
    """What finds repeats. The analyzer says what it keeps: there may be a cut between equal pictures."""

    def is_repeat(self, picture: Picture, /) -> bool:
        """Tell whether a picture shows the same as the kept one."""
        ...

    def keep(self) -> None:
        """Keep the picture that was last asked about."""
        ...


@dataclass(frozen=True, slots=True)
class AnalyzedFrame:
    """A frame and what is known about it."""

    frame: Frame
    maps: Mapping[str, Map]
    """Those of its maps that are files."""
    begins_shot: bool = False
    """Whether no dream is carried into it: the first of its shot, or of what that is warmed up on."""
    shot_index: int = 0
    """Number of the first frame of its shot."""
    flow: Flow | None = None
    """Leads back to the last frame that was no repeat; None where no dream is carried into it."""
    warm_up_left: int = 0
    """How many frames are dreamt and thrown away before the next one of the film, this one among them; 0 for
    a frame of the film."""


class Analyzer:
    """Looks at every frame in order. No flow without `estimate_flow`, no repeats without `repeats`."""

    def __init__(
        self,
        cuts: Collection[int] = (),
        estimate_flow: EstimateFlow | None = None,
        repeats: Callable[[], RepeatDetector] | None = None,
        warm_up_frames: int = 0,
    ) -> None:
        """`cuts` are the numbers of the frames at which a shot begins; the first one always does.

        `repeats` makes what finds repeats, anew for every run through the frames. `warm_up_frames` are dreamt
        and thrown away before a shot.
        """
        self.cuts, self.warm_up_frames = frozenset(cuts), warm_up_frames
        self.estimate_flow, self._repeats = estimate_flow, repeats

    @property
    def finds_repeats(self) -> bool:
        """Whether repeats are looked for."""
        return self._repeats is not None

    def analyze(
        self, frames: Iterable[DecodedFrame], warm_up_from: int | None = None
    ) -> Iterator[AnalyzedFrame]:
        """Yield every frame with what is known about it. The first one is taken for no repeat.

        Shots that begin at frame `warm_up_from` or later are warmed up, by default none.
        """
        last: AnalyzedFrame | None = None
        detector = None if self._repeats is None else self._repeats()
        coming = Peekable(frames)
        for frame, maps in coming:
            repeats = detector is not None and detector.is_repeat(frame.picture)
            seen = AnalyzedFrame(frame, maps, shot_index=self._shot_index(frame.index))
            if last is None or frame.index in self.cuts:
                warms_up = self.warm_up_frames and warm_up_from is not None and frame.index >= warm_up_from
                before = (yield from self._warm_up(seen, coming)) if warms_up else None
                seen = self._begun(seen, before)
            elif repeats and _same(maps, last.maps):
                seen = replace(seen, frame=replace(frame, repeats=True))
            else:
                seen = replace(seen, flow=self._flow(last.frame.picture, frame.picture))
            if not seen.frame.repeats:
                last = replace(seen, flow=None)
                if detector is not None:
                    detector.keep()
            del frame, maps
            yield seen
            del seen  # or the thread would hold one more frame while it waits for the next

    def _warm_up(
        self, first: AnalyzedFrame, coming: Peekable[DecodedFrame]
    ) -> Generator[AnalyzedFrame, None, Picture]:
        """Yield what the shot that begins with `first` is warmed up on; return the last one's picture."""
        ahead = coming.peek(min(self.warm_up_frames, MOST_PEEKED))
        shot = [(first.frame, first.maps), *takewhile(lambda each: each[0].index not in self.cuts, ahead)]
        last: Picture | None = None
        for done, place in enumerate(warm_up_order(self.warm_up_frames, len(shot) - 1)):
            frame, maps = shot[place]
            left = self.warm_up_frames - done
            seen = AnalyzedFrame(frame, maps, shot_index=first.shot_index, warm_up_left=left)
            yield self._begun(seen, last)
            last = frame.picture
        assert last is not None
        return last

    def _begun(self, seen: AnalyzedFrame, before: Picture | None) -> AnalyzedFrame:
        """Return a frame that carries on the dream of what it is warmed up on, or of nothing."""
        if before is None:
            return replace(seen, begins_shot=True)
        return replace(seen, flow=self._flow(before, seen.frame.picture))

    def _flow(self, before: Picture, now: Picture) -> Flow | None:
        if self.estimate_flow is None:
            return None
        flow = self.estimate_flow(before, now)
        _ = flow.shrunk, flow.share  # worked out here, where nobody waits for them
        return flow

    def _shot_index(self, index: int) -> int:
        return max((cut for cut in self.cuts if cut <= index), default=0)


def _same(maps: Mapping[str, Map], others: Mapping[str, Map]) -> bool:
    """Tell whether two frames are dreamt under the same maps: a mask may move over a still picture."""
    return all(maps[name] is others[name] or np.array_equal(maps[name], others[name]) for name in maps)
