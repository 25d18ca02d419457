"""Pictures out of files: upright, RGB in sRGB's colours, 0..1, whatever the file holds.

    header -> may it be read (`limits`)? -> what do its levels mean (`colour`)?
           -> pixels as levels (`pixels`) -> upright (`exif`)

Of an animation the first picture is taken, and that is reported.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from ...errors import InputNotFoundError, LucidreelError, MediaError, sibling_suggestion
from .colour import PictureColour, picture_colour
from .exif import orientation
from .frames import first_frame_note, shown_frames
from .limits import draft, reduced, reduction, require_readable
from .pixels import (
    DEEP_GREY,
    ORIENTATIONS,
    deep_levels,
    grey_levels,
    is_deep_colour,
    oriented,
    shallow_levels,
    working_mode,
)

Levels = NDArray[np.float32]
Report = Callable[[str], None]

# What opens is what pictures come in: Pillow knows forty more, one of which runs Ghostscript.
FORMATS = ("PNG", "JPEG", "WEBP", "TIFF", "BMP", "GIF", "AVIF", "JPEG2000", "PPM", "PSD")
Image.MAX_IMAGE_PIXELS = None  # `limits` knows better, and Pillow's warning is for no user's eyes

# Where a file of another kind has which bytes.
_OTHERS = (
    ((4, b"ftyphei"), "HEIC"),
    ((4, b"ftyphev"), "HEIC"),
    ((4, b"ftypmif1"), "HEIF"),
    ((0, b"\xff\x0a"), "JPEG XL"),
    ((0, b"\0\0\0\x0cJXL "), "JPEG XL"),
    ((0, b"<svg"), "SVG"),
    ((0, b"<?xml"), "XML (SVG?)"),
    ((0, b"%PDF"), "PDF"),
    ((0, b"\x76\x2f\x31\x01"), "OpenEXR"),
    ((0, b"#?RADIANCE"), "Radiance HDR"),
)


def ignore(_: str) -> None:
    """Take a report that nobody wants."""


def read_levels(
    path: Path,
    what: str = "",
    enough_px: tuple[int, int] | None = None,
    report: Report = ignore,
    is_data: bool = False,
) -> Levels:
    """Return the picture in a file as (h, w, 3), RGB float32 0..1; `what` names its part in messages.

    A large picture may come smaller, but not below twice `enough_px` (width, height, or the other way round).
    `report` hears what a user should know, such as a broken colour profile. `is_data` leaves levels as they
    are stored, for maps. Raises InputNotFoundError when there is no such file, MediaError when it is not a
    readable picture, or too large for what it is wanted for.
    """
    with open_picture(path, what) as opened:
        count = len(opened.shown_frames)
        if count > 1:
            report(f"{path.name} {first_frame_note(opened.image, count)}")
        return opened.levels(enough_px, report, is_data)


def open_picture(path: Path, what: str = "") -> OpenPicture:
    """Open a picture file, reading its header alone. Raises InputNotFoundError or MediaError."""
    try:
        if not path.is_file():
            wrong = "is not a picture file" if path.exists() else "does not exist"
            raise InputNotFoundError(f"{what}{path} {wrong}.{sibling_suggestion(path)}")
        return OpenPicture(path, what)
    except OSError as error:  # a name too long, a folder that may not be entered
        raise _unreadable(path, what, error) from error


class OpenPicture:
    """A picture file that is open, to be used as a context."""

    def __init__(self, path: Path, what: str = "") -> None:
        self.path = path
        self._what = what
        self.file: BinaryIO = path.open("rb")
        try:
            self.image = Image.open(self.file, formats=FORMATS)
        except MemoryError:
            raise
        except Exception as error:  # Pillow lets slip struct.error, KeyError and more about hostile files
            unknown = _unknown_kind(self.file) if isinstance(error, UnidentifiedImageError) else error
            self.file.close()
            raise _unreadable(path, what, unknown) from error

    def __enter__(self) -> OpenPicture:
        return self

    def __exit__(self, *_: object) -> None:
        self.image.close()
        self.file.close()

    @property
    def upright_size_px(self) -> tuple[int, int]:
        """Width and height of the upright picture."""
        width, height = self.image.size
        swaps_axes, *_ = ORIENTATIONS.get(orientation(self.image, self.file), (False,))
        swaps_axes = swaps_axes and self.image.format != "TIFF"
        return (height, width) if swaps_axes else (width, height)  # Pillow turns TIFF by itself

    @cached_property
    def shown_frames(self) -> Sequence[int]:
        """The numbers, for `seek`, of the frames or pages that are shown one after the other."""
        try:
            return shown_frames(self.image)
        except MemoryError:
            raise
        except Exception as error:
            raise _unreadable(self.path, self._what, error) from error

    def seek(self, number: int) -> None:
        """Go to a frame or page. Raises MediaError."""
        try:
            self.image.seek(number)
        except MemoryError:
            raise
        except Exception as error:
            raise _unreadable(self.path, self._what, error) from error

    def levels(
        self, enough_px: tuple[int, int] | None = None, report: Report = ignore, is_data: bool = False
    ) -> Levels:
        """Return what `read_levels` does, of the frame that the image was sought to."""
        try:
            return self._levels(enough_px, lambda words: report(f"{self.path.name}: {words}"), is_data)
        except MemoryError:
            raise
        except LucidreelError as error:
            raise MediaError(f"{self._what}{self.path.name} {error}") from error
        except Exception as error:
            raise _unreadable(self.path, self._what, error) from error

    def _levels(self, enough_px: tuple[int, int] | None, report: Report, is_data: bool) -> Levels:
        image, own_size = self.image, self.image.size
        is_deep = is_deep_colour(image) and not (image.format == "PNG" and len(self.shown_frames) > 1)
        draft(image, enough_px)
        factor = reduction(image.size, enough_px)
        require_readable(image, own_size, is_deep, self.path.stat().st_size, factor)
        colour = PictureColour() if is_data else picture_colour(image, self.file, report)
        if is_deep:
            upright = orientation(image, self.file)
            if image.format == "PNG" and image.tile:
                image.verify()  # OpenCV shows half of a torn file without a word
            else:
                image.load()
            page = image.tell()
            return oriented(deep_levels(self.path, page, factor, colour), upright)
        image.load()
        upright = orientation(image, self.file)  # not before: Pillow turns a TIFF while it loads
        if image.mode in (*DEEP_GREY, "F"):
            return oriented(grey_levels(image, factor, colour), upright)
        small = reduced(image, factor, lambda strip: working_mode(strip, colour))
        return oriented(shallow_levels(small, colour), upright)


def _unknown_kind(file: BinaryIO) -> str:
    """Say of a file that Pillow does not know what it is, as far as its first bytes tell."""
    file.seek(0)
    head = file.read(16)
    kind = next((name for start, name in _OTHERS if head[start[0] :].startswith(start[1])), None)
    if kind is not None:
        return f"it is {kind}. Convert it to PNG, JPEG, WebP or AVIF first"
    return "its first bytes are no picture's. Check that other programs show it, or convert it to PNG"


def _unreadable(path: Path, what: str, error: Exception | str) -> MediaError:
    return MediaError(f"{what}{path.name} cannot be read as a picture ({error}).")
