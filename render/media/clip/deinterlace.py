"""Interlaced frames made whole: one frame for each, at its own time.

An interlaced frame is two pictures taken one after the other, on even and on odd lines. What is shown of it
is the first one, its missing lines found by bwdif from the lines around and from the frames before and after,
which is why each frame comes out when the next has gone in. Frames that are not interlaced pass unchanged.

A decoder flags each frame as interlaced or not. Some codecs cannot say so in their frames; there the word of
the file's header counts.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, TypeAlias

import av
from av.filter import Graph

from ..clip_info import ClipInfo

if TYPE_CHECKING:
    from av.video.frame import VideoFrame

TimedFrame: TypeAlias = "tuple[Fraction, VideoFrame]"


class Deinterlacer:
    """Turns the interlaced frames of one clip into whole ones."""

    def __init__(self, info: ClipInfo) -> None:
        self._info = info
        self._graph: Graph | None = None
        self._graph_input: tuple[str, int, int] | None = None
        self._waiting: deque[tuple[Fraction, bool]] = deque()
        self.frames_changed = 0
        """How many frames were interlaced so far."""

    def whole(self, frames: Iterator[TimedFrame]) -> Iterator[TimedFrame]:
        """Yield every frame at its time, those before the first interlaced one without any delay."""
        for time_s, frame in frames:
            is_interlaced = frame.interlaced_frame or self._info.header_field_order is not None
            if self._graph is None and not is_interlaced:
                yield time_s, frame
                continue
            yield from self._enter(frame)
            self._waiting.append((time_s, is_interlaced))
            assert self._graph is not None
            self._graph.vpush(frame)
            yield from self._ready()
        yield from self._end()

    def _enter(self, frame: VideoFrame) -> Iterator[TimedFrame]:
        """Make the filter for frames like this one; where a stream changes midway, end the one before."""
        kind = (frame.format.name, frame.width, frame.height)
        if kind == self._graph_input:
            return
        yield from self._end()
        order = self._info.header_field_order
        graph = Graph()
        source = graph.add_buffer(
            width=frame.width, height=frame.height, format=frame.format, time_base=self._info.time_base
        )
        options = "deint=interlaced" if order is None else f"deint=all:parity={order}"
        bwdif = graph.add("bwdif", f"mode=send_frame:{options}")
        graph.link_nodes(source, bwdif, graph.add("buffersink")).configure()
        self._graph, self._graph_input = graph, kind

    def _ready(self) -> Iterator[TimedFrame]:
        """Yield what the filter has finished: as many frames as went in, in their order."""
        while self._graph is not None:
            try:
                frame = self._graph.vpull()
            except (BlockingIOError, av.EOFError):
                return
            time_s, was_interlaced = self._waiting.popleft()
            self.frames_changed += was_interlaced
            yield time_s, frame

    def _end(self) -> Iterator[TimedFrame]:
        if self._graph is not None:
            self._graph.vpush(None)
            yield from self._ready()
        self._graph = self._graph_input = None
