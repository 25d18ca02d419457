"""Folders of numbered pictures, as film in and film out."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from fractions import Fraction
from functools import partial
from pathlib import Path
from unicodedata import decimal

from ....dream.picture_files.reading import open_picture
from ....errors import InputNotFoundError, MediaError, OutputError
from ...files.atomic import followed, partial_path, publish
from ...files.disk_space import why_not_written
from ...frames.frames import Frame, Picture, frame_rate
from ...settings.settings import ClipConfig
from ...signals import remember_for_sudden_end
from ..containers import READ_SUFFIXES
from ..encode.tags import Tags, png_with_tags
from .pictures import png, png_of_16_bits, read_picture
from .timed_pictures import TimedPictures

_DEFAULT_RATE = "24"


class PictureFolderSource(TimedPictures):
    """The pictures of a folder as frames, in natural order ("9.png" before "10.png").

    They are shown at `ClipConfig.fps`, or 24 per second. Raises InputNotFoundError for a folder without
    pictures, MediaError for pictures of different sizes, UsageError for times outside the film.
    """

    def __init__(self, folder: Path, config: ClipConfig) -> None:
        self._folder = folder
        self._constant = frame_rate(config.fps or _DEFAULT_RATE)
        self._all = natural_order(folder)
        times_s = [index / self._constant for index in range(len(self._all) + 1)]
        super().__init__(folder.name, times_s, _common_size(self._all), config, is_resampled=False)

    @property
    def tick_s(self) -> Fraction:
        """How long each picture is shown."""
        return 1 / self._constant

    def _reopened(self, config: ClipConfig) -> PictureFolderSource:
        return PictureFolderSource(self._folder, config)

    def _pictures(self, first: int, stop: int) -> Iterator[Picture]:
        for path in self._all[first:stop]:
            yield read_picture(path, self._size_px, partial(self._hear, path.name))

    def _length(self) -> str:
        return f"{super()._length()} at {float(self._constant):.5g} pictures per second"

    def _shown(self, part: range) -> str:
        first, last = self._all[part.start].name, self._all[part.stop - 1].name
        return f"{part.stop - part.start} pictures from {first} to {last}"


class PictureFolderWriter:
    """A sink of numbered PNG files in a folder that appears under its name only when it is complete.

    They have 8 bits per channel, or 16 for any `bit_depth` above.
    """

    def __init__(
        self, folder: Path, bit_depth: int = 8, overwrite: bool = False, tags: Tags | None = None
    ) -> None:
        self._folder, self._overwrite = followed(folder), overwrite
        self._tags = tags
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
        data = png_with_tags(self._encode(frame.picture), self._tags)
        try:
            path.write_bytes(data)
        except OSError as error:
            why = why_not_written(error, self._folder, len(data))
            raise OutputError(f"{self._folder}: {path.name} cannot be written ({why}).") from error

    def complete(self) -> Path:
        """Return where the pictures lie until `finish`."""
        return self._partial

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

    Raises InputNotFoundError when there are none, MediaError where nobody may look.
    """
    try:
        inside = list(folder.iterdir())
    except OSError as error:
        raise MediaError(f"the folder {folder} cannot be read ({error.strerror}).") from error
    paths = [
        path for path in inside if path.suffix.lower() in READ_SUFFIXES and not path.name.startswith(".")
    ]
    if not paths:
        raise InputNotFoundError(
            f"the folder {folder} holds no pictures ({', '.join(READ_SUFFIXES)}). "
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
