"""Renders that survive: a ledger beside the output takes every finished frame, and gives them back later.

    frame --> KeepingSink --> ledger        kept at once, as the film will show it
                    |
                    +-------> film          first what is kept from before, then what comes

A film file that was being written when its process died is lost; its frames are not. They are encoded again,
which takes a moment, while the next ones are dreamt.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ..frames import FilmSink, Frame, FrameSink, Picture
from ..loop import Resumption
from ..media.levels import rgb24, rgb48
from .frame_files import Pixels
from .ledger import Ledger


@dataclass(frozen=True)
class Kept:
    """The finished frames of one render: where it goes on, and the sink that keeps the others too."""

    ledger: Ledger
    on_kept: Callable[[int], None] = lambda count: None
    """Is told after every frame how many are kept."""
    notes: Callable[[], tuple[str, ...]] = tuple
    """What went wrong beside the render, for the end of it."""
    on_whole: Callable[[Path], None] = lambda film: None
    """Is told where the film lies when it is whole, before it gets its name."""

    @property
    def resumption(self) -> Resumption | None:
        """Where the loop goes on; None at the first frame."""
        ledger = self.ledger
        if not ledger.next_index:
            return None
        if not ledger.carries:
            first, pixels = ledger.last_picture()  # all that a frame which repeats it needs
            return Resumption(ledger.next_index, first, picture_of(pixels), None, ledger.time_of)
        if ledger.last_state is None:  # a shot begins
            return Resumption(ledger.next_index, ledger.next_index, None, None, ledger.time_of)
        state = ledger.last_state
        return Resumption(
            ledger.next_index, state.dreamt_index, state.picture, state.history, ledger.time_of, self._shown
        )

    def _shown(self, index: int) -> Picture:
        return picture_of(self.ledger.pixels_of(index))

    def sink(self, open_film: Callable[[], FilmSink]) -> FrameSink:
        """Open the film, to go through the ledger."""
        return KeepingSink(self.ledger, open_film(), self.on_kept, self.on_whole)


@dataclass
class KeepingSink:
    """A sink that keeps each frame in the ledger before it goes into the film."""

    ledger: Ledger
    film: FilmSink
    on_kept: Callable[[int], None]
    on_whole: Callable[[Path], None]
    _caught_up: bool = field(default=False, init=False)
    _dreamt_index: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        state = self.ledger.last_state
        self._dreamt_index = self.ledger.next_index if state is None else state.dreamt_index

    def write(self, frame: Frame) -> None:
        """Keep a frame and send it on. Raises OutputError or MediaError."""
        self._catch_up()
        if not frame.repeats:
            self._dreamt_index = frame.index
        pixels = rgb24(frame.picture) if self.ledger.depth_bits == 8 else rgb48(frame.picture)
        self.ledger.keep(frame.index, frame.time_s, pixels, frame.picture, self._dreamt_index, frame.history)
        self.film.write(frame)
        self.on_kept(frame.index + 1)

    def finish(self) -> None:
        """Complete the film."""
        self._catch_up()
        self.on_whole(self.film.complete())
        self.film.finish()

    def discard(self) -> None:
        """Drop the film; what the ledger keeps stays."""
        self.film.discard()

    def _catch_up(self) -> None:
        """Send on what is kept from before, once."""
        if not self._caught_up:
            self._caught_up = True
            write_kept(self.ledger, self.film)


def write_kept(ledger: Ledger, film: FrameSink) -> None:
    """Write the frames that are kept by now into a film."""
    for index, time_s, pixels in ledger.finished():
        film.write(Frame(index, time_s, picture_of(pixels)))


def picture_of(pixels: Pixels) -> Picture:
    """Return kept pixels (height, width, 3) as a picture that becomes the same pixels again."""
    white = np.float32(np.iinfo(pixels.dtype).max)
    return np.ascontiguousarray(pixels.transpose(2, 0, 1), dtype=np.float32) / white
