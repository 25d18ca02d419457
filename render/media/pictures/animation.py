"""Animated pictures as film: WebP, PNG and AVIF, every frame at its own time; and the pages of a TIFF.

FFmpeg reads no animated WebP, and of an AVIF the cover alone, so Pillow decodes them. Their times it rounds,
or only tells when it has decoded everything: they are read as exact fractions, from the chunks of PNG and
WebP, from the packets of an AVIF. A page of a TIFF has no time: it is shown like a picture of a folder.

A frame that is to be shown for no time at all lasts a tenth of a second, as in browsers.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from fractions import Fraction
from itertools import accumulate
from pathlib import Path
from typing import BinaryIO

import av

from ....dream.picture_files.frames import ANIMATIONS
from ....dream.picture_files.png_chunks import kept_place, png_chunks
from ....dream.picture_files.reading import open_picture
from ....errors import LucidreelError, MediaError
from ...frames.frames import Picture, frame_rate
from ...settings.settings import ClipConfig
from .pictures import scaled
from .timed_pictures import TimedPictures

_TIMELESS_S = Fraction(1, 10)
_DEFAULT_RATE = "24"
_MOST_CHUNKS = 1_000_000


class AnimationSource(TimedPictures):
    """The frames of an animated picture, or the pages of a TIFF.

    Raises InputNotFoundError or MediaError for what cannot be read, UsageError for times outside it.
    """

    def __init__(self, path: Path, config: ClipConfig, is_data: bool = False) -> None:
        """`is_data` leaves levels as they are stored, for maps."""
        self._path, self._is_data = path, is_data
        with open_picture(path) as opened:
            self._numbers = opened.shown_frames
            size = opened.upright_size_px
            durations = _durations(path, opened.file, str(opened.image.format))
        has_times = durations is not None
        if durations is None:
            durations = [1 / frame_rate(config.fps or _DEFAULT_RATE)] * len(self._numbers)
        if len(durations) != len(self._numbers):
            counts = f"{len(self._numbers)} frames and the times of {len(durations)}"
            raise MediaError(f"{path.name} is damaged: it has {counts}. Get the file again.")
        times = [Fraction(0), *accumulate(each or _TIMELESS_S for each in durations)]
        super().__init__(path.name, times, size, config, has_times)

    def _reopened(self, config: ClipConfig) -> AnimationSource:
        return AnimationSource(self._path, config, self._is_data)

    def _pictures(self, first: int, stop: int) -> Iterator[Picture]:
        with open_picture(self._path) as opened:
            for number in self._numbers[first:stop]:
                opened.seek(number)
                levels = opened.levels(
                    self._size_px, lambda words: self._hear(self._path.name, words), self._is_data
                )
                picture = scaled(levels, self._size_px)
                if picture.shape[1:] != (self._height, self._width):
                    sizes = f"{self._width}x{self._height} and {picture.shape[2]}x{picture.shape[1]}"
                    raise MediaError(
                        f"{self._path.name} holds pictures of different sizes: {sizes}. A film needs one: "
                        "give a --size."
                    )
                yield picture


def is_animation(path: Path) -> bool:
    """Tell whether a picture file holds several to be shown; False where it cannot be read."""
    try:
        with open_picture(path) as opened:
            return len(opened.shown_frames) > 1
    except LucidreelError:
        return False


def _durations(path: Path, file: BinaryIO, kind: str) -> list[Fraction] | None:
    """Return how long each frame is shown, in seconds; None for pages."""
    if kind not in ANIMATIONS:
        return None
    with kept_place(file):
        try:
            if kind == "PNG":
                return list(_of_png(file))
            if kind == "WEBP":
                return list(_of_webp(file))
            return _of_packets(path)
        except (struct.error, ValueError, OSError, av.FFmpegError) as error:
            raise MediaError(f"{path.name} is damaged: the times of its frames cannot be read.") from error


def _of_png(file: BinaryIO) -> Iterator[Fraction]:
    """Yield the delays of an animated PNG's fcTL chunks; a denominator of 0 stands for 100."""
    for kind, size in png_chunks(file):
        if kind == b"fcTL" and size == 26:
            above, below = struct.unpack_from(">HH", file.read(26), 20)
            yield Fraction(above, below or 100)


def _of_webp(file: BinaryIO) -> Iterator[Fraction]:
    """Yield the durations of a WebP's ANMF chunks, in milliseconds there."""
    place = 12  # RIFF, size, WEBP
    for _ in range(_MOST_CHUNKS):
        file.seek(place)
        head = file.read(8)
        if len(head) < 8:
            return
        kind, size = struct.unpack("<4sI", head)
        if kind == b"ANMF":
            yield Fraction(int.from_bytes(file.read(16)[12:15], "little"), 1000)
        place += 8 + size + size % 2


def _of_packets(path: Path) -> list[Fraction]:
    """Return the durations in the track of an AVIF or GIF that has most frames; its cover is another one."""
    from ..film_formats import open_clip

    with open_clip(path) as container:
        stream = max(container.streams.video, key=lambda each: each.frames)
        return [
            (packet.duration or 0) * packet.time_base
            for packet in container.demux(stream)
            if packet.size and packet.time_base is not None
        ]
