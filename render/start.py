"""What a zoom or a still starts from: a picture's file, noise drawn by the seed, or a picture in memory."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from ..dream.picture_files.reading import Report, ignore
from ..errors import InputNotFoundError, LucidreelError, MediaError, UsageError
from .checkpoint.fingerprints import picture_facts, source_facts
from .frames.frames import Picture
from .settings.quantities import read_size
from .settings.settings import LARGEST_PX, SMALLEST_PX

_USUAL_SIZE_PX = (640, 480)


@dataclass(frozen=True)
class Noise:
    """A picture of nothing yet (`noise`), of a size that settings may override."""

    size_px: tuple[int, int] = _USUAL_SIZE_PX
    """Width and height."""
    word: str = "noise"
    """How it was asked for, as a record keeps it."""


Start: TypeAlias = Path | Noise | Picture
"""Pictures are (3, h, w) RGB float32, 0..1."""


def is_noise(word: str) -> bool:
    """Tell whether a word means noise rather than a file."""
    return word == "noise" or word.startswith("noise:")


def parse_start(word: str) -> Path | Noise:
    """Return what is meant by "photo.jpg", "noise" or "noise:640x360".

    Raises UsageError for a size of noise that cannot be read or made.
    """
    if not is_noise(word):
        return Path(word)
    _, _, size = word.partition(":")
    if not size:
        return Noise(word=word)
    try:
        width_px, height_px = read_size(size)
    except ValueError as failure:
        raise UsageError(f"{failure}.") from failure
    if not all(SMALLEST_PX <= side <= LARGEST_PX for side in (width_px, height_px)):
        raise UsageError(
            f"noise of {size} cannot be made: width and height go from {SMALLEST_PX} to {LARGEST_PX} pixels."
        )
    return Noise((width_px, height_px), word)


def open_start(start: Start, size_px: tuple[int, int] | None, seed: int, tell: Report = ignore) -> Picture:
    """Return the picture, (3, h, w) RGB float32 in 0..1.

    `size_px` (width, height) overrides the size of a file's or noise; `tell` hears what a user should know of
    a file. Raises InputNotFoundError or MediaError for one that cannot be read.
    """
    from .frames.noise import noise_picture
    from .media.pictures.pictures import read_picture

    if isinstance(start, Noise):
        return noise_picture(*(size_px or start.size_px), seed)
    if not isinstance(start, Path):
        return start
    try:
        return read_picture(start, size_px, tell)
    except (InputNotFoundError, MediaError) as error:
        if (words := _what_it_is(start)) is not None:
            raise MediaError(words) from error
        raise


def start_file(start: Start) -> Path | None:
    """Return the file that is read, if it is one."""
    return start if isinstance(start, Path) else None


def start_name(start: Start) -> str | None:
    """Return how a record names it: a path good from any folder, or noise; None for a picture in memory."""
    if isinstance(start, Path):
        return str(start.resolve())
    return start.word if isinstance(start, Noise) else None


def start_facts(start: Start) -> Mapping[str, str]:
    """Return what tells it from every other, by contents. Raises InputNotFoundError."""
    if isinstance(start, Path):
        return source_facts(start)
    return {"word": start.word} if isinstance(start, Noise) else picture_facts(start)


def refuse_noise(clip: Path) -> None:
    """Raise InputNotFoundError for noise where a clip is wanted, saying which commands take it."""
    if is_noise(str(clip)) and not os.path.lexists(clip):
        raise InputNotFoundError(
            f"{clip} is no clip, and no file has that name. `lucidreel zoom {clip} -o OUT.mp4` makes a "
            f"film of it, `lucidreel still {clip} -o OUT.png` a picture."
        )


def _what_it_is(path: Path) -> str | None:
    """Return what to say of something that is no picture but a film or a folder; None for all else."""
    from .media.clip.probe import probe

    name = shlex.quote(str(path))
    try:
        if path.is_dir():
            return (
                f"{path} is a folder, and one picture is wanted. Name a picture in it, or dream all of them "
                f"with `lucidreel render {name} -o OUT.mp4`."
            )
        probe(path)
    except (LucidreelError, OSError):
        return None
    return (
        f"{path} is a film, and one picture is wanted. Dream a moment of it with `lucidreel preview {name} "
        f"-o OUT.png --at 2s`, or all of it with `lucidreel render {name} -o OUT.mp4`."
    )
