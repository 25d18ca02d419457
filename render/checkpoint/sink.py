"""A sink through which a checkpoint takes every frame on its way to the film.

    frame --> CheckpointSink --> checkpoint     at once, as the film will show it
                    |
                    +----------> film           first what an earlier run has finished, then what comes

A film file that was being written when its process died is lost; its frames are not. They are encoded again,
which takes a moment, while the next ones are dreamt.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from ...dream.quantize import rgb24, rgb48
from ..frames.frames import FilmSink, Frame, FrameSink
from .checkpoint import Checkpoint
from .frame_files import picture_of


@dataclass
class CheckpointSink:
    """A sink that keeps each frame in the checkpoint before it goes into the film."""

    checkpoint: Checkpoint
    film: FilmSink
    on_kept: Callable[[int], None]
    on_whole: Callable[[Path], None]
    _caught_up: bool = field(default=False, init=False)
    _dreamt_index: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        state = self.checkpoint.last_state
        self._dreamt_index = self.checkpoint.next_index if state is None else state.dreamt_index

    def write(self, frame: Frame) -> None:
        """Keep a frame and send it on. Raises OutputError or MediaError."""
        self._catch_up()
        if not frame.repeats:
            self._dreamt_index = frame.index
        pixels = rgb24(frame.picture) if self.checkpoint.depth_bits == 8 else rgb48(frame.picture)
        self.checkpoint.keep(
            frame.index, frame.time_s, pixels, frame.picture, self._dreamt_index, frame.history
        )
        self.film.write(frame)
        self.on_kept(frame.index + 1)

    def finish(self) -> None:
        """Complete the film."""
        self._catch_up()
        self.on_whole(self.film.complete())
        self.film.finish()

    def discard(self) -> None:
        """Drop the film; what the checkpoint keeps stays."""
        self.film.discard()

    def _catch_up(self) -> None:
        """Send on what is kept from before, once."""
        if not self._caught_up:
            self._caught_up = True
            write_finished(self.checkpoint, self.film)


def write_finished(checkpoint: Checkpoint, film: FrameSink) -> None:
    """Write the frames that are kept by now into a film."""
    for index, time_s, pixels in checkpoint.finished():
        film.write(Frame(index, time_s, picture_of(pixels)))
