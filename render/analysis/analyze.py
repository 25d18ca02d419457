"""What is found out about a frame before it is dreamt: new shots, repeats, and how the picture moved.

A shot may be run in: then some of its frames come first, backwards, to be dreamt and thrown away (`run_in`).

    decoder --(frame, maps)--> scout --Scouted--> engine

It works on a thread of its own, ahead of the engine: flow takes a while, and releases the interpreter.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import TYPE_CHECKING, Protocol, TypeAlias

import numpy as np

from ..frames import Frame, Map, Picture
from .run_in import MOST_AHEAD, LookAhead, places

if TYPE_CHECKING:
    from ..motion.flow import Flow

MeasureFlow = Callable[[Picture, Picture], "Flow"]
"""From the frame before and the frame now to the flow that leads back."""


Decoded: TypeAlias = tuple[Frame, Mapping[str, Map]]
"""A frame with those of its maps that are files."""


class TellsRepeats(Protocol):
    """What tells repeats. The scout says what it keeps: there may be a cut between equal pictures."""

    def is_repeat(self, picture: Picture, /) -> bool:
        """Tell whether a picture shows the same as the kept one."""
        ...

    def keep(self) -> None:
        """Keep the picture that was last asked about."""
        ...


@dataclass(frozen=True, slots=True)
class Scouted:
    """A frame and what is known about it."""

    frame: Frame
    maps: Mapping[str, Map]
    """Those of its maps that are files."""
    begins_shot: bool = False
    """Whether no dream is carried into it: the first of its shot, or of what that is run in over."""
    shot_index: int = 0
    """Number of the first frame of its shot."""
    flow: Flow | None = None
    """Leads back to the last frame that was no repeat; None where no dream is carried into it."""
    left: int = 0
    """How many frames are dreamt and thrown away before the next one of the film, this one among them; 0 for
    a frame of the film."""


class Scout:
    """Looks at every frame in order. Without `measure` there is no flow, without `repeats` no repeat."""

    def __init__(
        self,
        cuts: Collection[int] = (),
        measure: MeasureFlow | None = None,
        repeats: Callable[[], TellsRepeats] | None = None,
        run_in: int = 0,
    ) -> None:
        """`cuts` are the numbers of the frames at which a shot begins; the first one always does.

        `repeats` makes what tells repeats, anew for every run through the frames. `run_in` is how many frames
        are dreamt and thrown away before a shot.
        """
        self.cuts, self.run_in = frozenset(cuts), run_in
        self.measure, self._repeats = measure, repeats

    @property
    def finds_repeats(self) -> bool:
        """Whether repeats are looked for."""
        return self._repeats is not None

    def look(self, frames: Iterable[Decoded], run_in_from: int | None = None) -> Iterator[Scouted]:
        """Yield every frame with what is known about it. The first one is taken for no repeat.

        Shots that begin at frame `run_in_from` or later are run in, by default none.
        """
        last: Scouted | None = None
        telling = None if self._repeats is None else self._repeats()
        coming = LookAhead(frames)
        for frame, maps in coming:
            repeats = telling is not None and telling.is_repeat(frame.picture)
            seen = Scouted(frame, maps, shot_index=self._shot_index(frame.index))
            if last is None or frame.index in self.cuts:
                is_run_in = self.run_in and run_in_from is not None and frame.index >= run_in_from
                before = (yield from self._run_in(seen, coming)) if is_run_in else None
                seen = self._begun(seen, before)
            elif repeats and _same(maps, last.maps):
                seen = replace(seen, frame=replace(frame, repeats=True))
            else:
                seen = replace(seen, flow=self._flow(last.frame.picture, frame.picture))
            if not seen.frame.repeats:
                last = replace(seen, flow=None)
                if telling is not None:
                    telling.keep()
            del frame, maps
            yield seen
            del seen  # or the thread would hold one more frame while it waits for the next

    def _run_in(self, first: Scouted, coming: LookAhead[Decoded]) -> Generator[Scouted, None, Picture]:
        """Yield what the shot that begins with `first` is run in over; return the last one's picture."""
        ahead = coming.coming(min(self.run_in, MOST_AHEAD))
        shot = [(first.frame, first.maps), *takewhile(lambda each: each[0].index not in self.cuts, ahead)]
        last: Picture | None = None
        for done, place in enumerate(places(self.run_in, len(shot) - 1)):
            frame, maps = shot[place]
            seen = Scouted(frame, maps, shot_index=first.shot_index, left=self.run_in - done)
            yield self._begun(seen, last)
            last = frame.picture
        assert last is not None
        return last

    def _begun(self, seen: Scouted, before: Picture | None) -> Scouted:
        """Return a frame that carries on the dream of what it is run in over, or of nothing."""
        if before is None:
            return replace(seen, begins_shot=True)
        return replace(seen, flow=self._flow(before, seen.frame.picture))

    def _flow(self, before: Picture, now: Picture) -> Flow | None:
        if self.measure is None:
            return None
        flow = self.measure(before, now)
        _ = flow.shrunk, flow.share  # worked out here, where nobody waits for them
        return flow

    def _shot_index(self, index: int) -> int:
        return max((cut for cut in self.cuts if cut <= index), default=0)


def _same(maps: Mapping[str, Map], others: Mapping[str, Map]) -> bool:
    """Tell whether two frames are dreamt under the same maps: a mask may move over a still picture."""
    return all(maps[name] is others[name] or np.array_equal(maps[name], others[name]) for name in maps)
