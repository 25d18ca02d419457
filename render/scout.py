"""What is found out about a frame before it is dreamt: new shots, repeats, and how the picture moved.

    decoder --(frame, maps)--> scout --Scouted--> engine

It works on a thread of its own, ahead of the engine: flow takes a while, and releases the interpreter.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

import numpy as np

from .frames import Frame, Map, Picture

if TYPE_CHECKING:
    from .flow import Flow

MeasureFlow = Callable[[Picture, Picture], "Flow"]
"""From the frame before and the frame now to the flow that leads back."""


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
    shot_index: int = 0
    """Number of the first frame of its shot."""
    flow: Flow | None = None
    """Leads back to the last frame that was no repeat; None at the first one of a shot."""


class Scout:
    """Looks at every frame in order. Without `measure` there is no flow, without `repeats` no repeat."""

    def __init__(
        self,
        cuts: Collection[int] = (),
        measure: MeasureFlow | None = None,
        repeats: Callable[[], TellsRepeats] | None = None,
    ) -> None:
        """`cuts` are the numbers of the frames at which a shot begins; the first one always does.

        `repeats` makes what tells repeats, anew for every run through the frames.
        """
        self.cuts = frozenset(cuts)
        self.measure, self._repeats = measure, repeats

    @property
    def finds_repeats(self) -> bool:
        """Whether repeats are looked for."""
        return self._repeats is not None

    def look(self, frames: Iterable[tuple[Frame, Mapping[str, Map]]]) -> Iterator[Scouted]:
        """Yield every frame with what is known about it. The first one is taken for no repeat."""
        last: Scouted | None = None
        telling = None if self._repeats is None else self._repeats()
        for frame, maps in frames:
            repeats = telling is not None and telling.is_repeat(frame.picture)
            seen = Scouted(frame, maps, shot_index=self._shot_index(frame.index))
            if last is None or frame.index in self.cuts:
                seen = replace(seen, begins_shot=True)
            elif repeats and _same(maps, last.maps):
                seen = replace(seen, frame=replace(frame, repeats=True))
            elif self.measure is not None:
                flow = self.measure(last.frame.picture, frame.picture)
                _ = flow.shrunk  # worked out here, where nobody waits for it
                seen = replace(seen, flow=flow)
            if not seen.frame.repeats:
                last = replace(seen, flow=None)
                if telling is not None:
                    telling.keep()
            del frame, maps
            yield seen
            del seen  # or the thread would hold one more frame while it waits for the next

    def _shot_index(self, index: int) -> int:
        return max((cut for cut in self.cuts if cut <= index), default=0)


def _same(maps: Mapping[str, Map], others: Mapping[str, Map]) -> bool:
    """Tell whether two frames are dreamt under the same maps: a mask may move over a still picture."""
    return all(maps[name] is others[name] or np.array_equal(maps[name], others[name]) for name in maps)
