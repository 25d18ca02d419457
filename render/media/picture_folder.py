"""Folders of numbered pictures, as film in and film out."""

from __future__ import annotations

import re
import shutil
from bisect import bisect_right
from collections.abc import Iterator
from fractions import Fraction
from functools import partial
from pathlib import Path
from unicodedata import decimal

from ...dream.picture_file import open_picture
from ...errors import InputNotFoundError, MediaError, OutputError, UsageError
from ..frames import FilmFormat, Frame, Picture, exact_seconds, frame_rate
from ..interrupt import remember_for_sudden_end
from ..settings import ClipConfig
from .atomic import followed, partial_path, publish
from .clip_part import past_the_end
from .containers import PICTURE_SUFFIXES
from .pictures import png, png_of_16_bits, read_picture

_DEFAULT_RATE = "24"


class PictureFolderSource:
    """The pictures of a folder as frames, in natural order ("9.png" before "10.png").

    They are shown at `ClipConfig.fps`, or 24 per second. Raises InputNotFoundError for a folder without
    pictures, MediaError for pictures of different sizes, UsageError for times outside the film.
    """

    def __init__(self, folder: Path, config: ClipConfig) -> None:
        self._rate = frame_rate(config.fps or _DEFAULT_RATE)
        self._folder = folder
        self._size_px = config.size_px
        self._all = natural_order(folder)
        own_size = _common_size(self._all)
        self._width, self._height = config.size_px or own_size
        self._beyond_s: Fraction | None = None
        self._told: dict[str, list[str]] = {}
        self._wanted = self._part(config)
        self._paths = self._all[self._wanted]

    @property
    def film(self) -> FilmFormat:
        """The film these pictures make up."""
        period = 1 / self._rate
        zero_s = self._wanted.start * period
        return FilmFormat(self._width, self._height, period, period, len(self._paths), zero_s=zero_s)

    @property
    def past_the_end(self) -> str | None:
        """What to say of an end that was asked for beyond the last picture's."""
        return past_the_end(self._folder.name, len(self._all) / self._rate, self._beyond_s)

    @property
    def notes(self) -> tuple[str, ...]:
        """What was told of the pictures read so far, each thing once."""
        return tuple(
            f"{names[0]}{f' and {len(names) - 1} more' if len(names) > 1 else ''}: {words}"
            for words, names in self._told.items()
        )

    def frames(self, first: int = 0) -> Iterator[Frame]:
        """Yield every wanted picture once, in order; number 0 is at zero."""
        for index, path in enumerate(self._paths[first:], first):
            yield Frame(index, index / self._rate, self._read(path))

    def at(self, time_s: float) -> Frame:
        """Return the frame shown at `time_s` of the whole folder's film.

        Raises UsageError outside it, or outside the part that was asked for.
        """
        index = int(exact_seconds(time_s) * self._rate // 1)
        if not 0 <= index < len(self._all):
            raise UsageError(f"there is no frame at {time_s:g} s: {self._length()}.")
        if not self._wanted.start <= index < self._wanted.stop:
            raise UsageError(
                f"the film has no frame at {time_s:g} s: it shows {len(self._paths)} pictures from "
                f"{self._paths[0].name} to {self._paths[-1].name}, as --start and --end say."
            )
        number = index - self._wanted.start
        return Frame(number, number / self._rate, self._read(self._all[index]))

    def _read(self, path: Path) -> Picture:
        return read_picture(path, self._size_px, lambda words: self._hear(path.name, words))

    def _hear(self, name: str, words: str) -> None:
        names = self._told.setdefault(words.removeprefix(f"{name}: "), [])
        if name not in names:
            names.append(name)

    def _part(self, config: ClipConfig) -> slice:
        times = [index / self._rate for index in range(len(self._all) + 1)]
        start = exact_seconds(config.start_s or 0)
        end = times[-1] if config.end_s is None else exact_seconds(config.end_s)
        if start >= times[-1]:
            raise UsageError(
                f"the start {float(start):g} s is not inside: {self._length()}. Give an earlier --start."
            )
        if end > times[-1]:
            self._beyond_s, end = end, times[-1]
        first = bisect_right(times, start - Fraction(1, 10**9))
        last = bisect_right(times, end - Fraction(1, 10**9))
        if first == last:
            raise UsageError(f"no picture begins between {float(start):g} s and {float(end):g} s.")
        return slice(first, last)

    def _length(self) -> str:
        seconds = float(len(self._all) / self._rate)
        return f"{self._folder.name} lasts {seconds:.4g} s at {float(self._rate):.5g} pictures per second"


class PictureFolderWriter:
    """A sink of numbered PNG files in a folder that appears under its name only when it is complete.

    They have 8 bits per channel, or 16 for any `bit_depth` above.
    """

    def __init__(self, folder: Path, bit_depth: int = 8, overwrite: bool = False) -> None:
        self._folder, self._overwrite = followed(folder), overwrite
        self._encode = png if bit_depth == 8 else png_of_16_bits
        self._partial = partial_path(self._folder)
        try:
            self._partial.mkdir()
        except OSError as error:
            raise OutputError(f"{folder}: cannot be made ({error.strerror}).") from error
        self._forget_sudden_end = remember_for_sudden_end(partial(_remove_folder, self._partial))

    def write(self, frame: Frame) -> None:
        """Write one frame as 000001.png and so on. Raises OutputError."""
        path = self._partial / f"{frame.index + 1:06d}.png"
        try:
            path.write_bytes(self._encode(frame.picture))
        except OSError as error:
            raise OutputError(f"{self._folder}: {path.name} cannot be written ({error.strerror}).") from error

    def finish(self) -> None:
        """Put the folder in its place; with `overwrite`, of an older one with numbered PNGs nothing remains.

        Raises OutputError, and then the older one is still there.
        """
        publish(self._partial, self._folder, self._overwrite)
        self._forget_sudden_end()

    def discard(self) -> None:
        """Remove what was written."""
        shutil.rmtree(self._partial, ignore_errors=True)
        self._forget_sudden_end()


def _remove_folder(folder: Path) -> None:
    """Remove a folder that another thread may be writing a picture into."""
    for _ in range(3):
        shutil.rmtree(folder, ignore_errors=True)


def natural_order(folder: Path) -> list[Path]:
    """Return the pictures in a folder, numbers in their names compared as numbers.

    Raises InputNotFoundError when there are none.
    """
    paths = [
        path
        for path in folder.iterdir()
        if path.suffix.lower() in PICTURE_SUFFIXES and not path.name.startswith(".")
    ]
    if not paths:
        raise InputNotFoundError(
            f"the folder {folder} holds no pictures ({', '.join(PICTURE_SUFFIXES)}). "
            "Give a clip, or a folder of numbered pictures."
        )
    return sorted(paths, key=lambda path: (_natural_key(path.name), path.name))


def _natural_key(name: str) -> list[tuple[int, str]]:
    """Return texts and numbers by turns; a number is its count of digits, then the digits.

    Decimal digits of every script count ("３" is 3). Others, such as ① and ², are text: they have no places.
    """
    parts = re.split(r"(\d+)", name.casefold())
    parts[1::2] = ["".join(str(decimal(digit)) for digit in part).lstrip("0") for part in parts[1::2]]
    return [(len(part) if place % 2 else -1, part) for place, part in enumerate(parts)]


def _common_size(paths: list[Path]) -> tuple[int, int]:
    """Return the one upright size of all pictures, from their headers. Raises MediaError if they differ."""
    first: tuple[int, int] | None = None
    for path in paths:
        size = _upright_size(path)
        if first is not None and size != first:
            raise MediaError(
                f"{path.parent} holds pictures of different sizes: {paths[0].name} is {first[0]}x{first[1]}, "
                f"{path.name} is {size[0]}x{size[1]}. A film needs one size: scale them first."
            )
        first = size
    assert first is not None  # natural_order refuses an empty folder
    return first


def _upright_size(path: Path) -> tuple[int, int]:
    with open_picture(path) as opened:
        return opened.upright_size_px
