"""The picture a zoom or a still starts from: a file, or noise drawn by the seed."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import InputNotFoundError, LucidreelError, MediaError, UsageError
from ..render.quantities import read_size
from ..render.settings import LARGEST_PX, SMALLEST_PX
from .terminal import noting

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_NOISE_SIZE_PX = (640, 480)


def start_picture(
    word: str, size_px: tuple[int, int] | None, seed: int, quiet: bool = False
) -> NDArray[np.float32]:
    """Return the picture (3, h, w) RGB 0..1 behind "photo.jpg", "noise" or "noise:640x360".

    `size_px` (width, height) overrides the picture's own size. Raises UsageError for a noise size that cannot
    be read or made, InputNotFoundError or MediaError for a file that cannot.
    """
    from ..render.media.pictures import read_picture
    from ..render.noise import noise_picture

    if not is_noise(word):
        try:
            return read_picture(Path(word), size_px, noting(quiet))
        except (InputNotFoundError, MediaError) as error:
            if (said := _what_it_is(Path(word))) is not None:
                raise MediaError(said) from error
            raise
    _, _, size = word.partition(":")
    width_px, height_px = _noise_size_px(size) if size else _NOISE_SIZE_PX
    if not all(SMALLEST_PX <= side <= LARGEST_PX for side in (width_px, height_px)):
        raise UsageError(
            f"noise of {size} cannot be made: width and height go from {SMALLEST_PX} to {LARGEST_PX} pixels."
        )
    return noise_picture(*(size_px or (width_px, height_px)), seed)


def _noise_size_px(size: str) -> tuple[int, int]:
    try:
        return read_size(size)
    except ValueError as failure:
        raise UsageError(f"{failure}.") from failure


def is_noise(word: str) -> bool:
    """Tell whether a word means noise rather than a file."""
    return word == "noise" or word.startswith("noise:")


def refuse_noise(clip: Path) -> None:
    """Raise InputNotFoundError for noise where a clip is wanted, saying which commands take it."""
    if is_noise(str(clip)) and not os.path.lexists(clip):
        raise InputNotFoundError(
            f"{clip} is no clip, and no file has that name. `lucidreel zoom {clip} -o OUT.mp4` makes a "
            f"film of it, `lucidreel still {clip} -o OUT.png` a picture."
        )


def _what_it_is(path: Path) -> str | None:
    """Return what to say of something that is no picture but a film or a folder; None for all else."""
    from ..render.media.probe import probe

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


def absolute_source(word: str) -> str:
    """Return the word as a record keeps it: a path good from any folder, or noise as written."""
    return word if is_noise(word) else str(Path(word).resolve())


def source_file(word: str) -> Path | None:
    """Return the file behind the word, or None for noise."""
    return None if is_noise(word) else Path(word)
