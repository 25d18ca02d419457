"""Find out what an input path is, and open it as frames."""

from __future__ import annotations

import re
from pathlib import Path

from ...errors import InputNotFoundError, MediaError, sibling_suggestion
from ..settings.settings import ClipConfig
from .clip.clip_source import ClipSource
from .clip.probe import probe
from .containers import READ_SUFFIXES
from .media_source import MediaSource
from .pictures.animation import AnimationSource, is_animation
from .pictures.picture_folder import PictureFolderSource

# Of two letters and more: one is a drive of Windows.
_PROTOCOL = re.compile(r"^[a-z]{2,12}:", re.IGNORECASE)
_PATTERN = re.compile(r"%\d*d|[*?]")


def is_picture(path: Path) -> bool:
    """Tell whether a file is a single picture: by its suffix, unless it is found to be animated."""
    return path.suffix.lower() in READ_SUFFIXES and not is_animation(path)


def is_animated(path: Path) -> bool:
    """Tell whether a file is an animated picture, or has pages, and not a clip."""
    return path.suffix.lower() in READ_SUFFIXES and is_animation(path)


def require_source(path: Path) -> None:
    """Raise InputNotFoundError when there is nothing at `path`."""
    try:
        found = path.exists()
    except OSError as error:  # a name too long, a folder that may not be entered
        raise InputNotFoundError(f"{path} cannot be read ({error.strerror}).") from error
    if not found:
        raise InputNotFoundError(f"{path} does not exist.{_way_out(path)}")


def _way_out(path: Path) -> str:
    """Say, to be put behind the words that there is no such file, what to give instead."""
    if _PROTOCOL.match(str(path)):
        return " It is read as the name of a file: give a clip that lies on a disk, or a folder of pictures."
    if _PATTERN.search(path.name):
        return " Patterns are not read: give the folder in which the numbered pictures lie."
    return sibling_suggestion(path) or " Check the path."


def open_source(path: Path, config: ClipConfig) -> MediaSource:
    """Open a clip, a folder of numbered pictures, or an animated picture.

    Raises InputNotFoundError, MediaError or UsageError, each saying what is wrong with which file or time.
    """
    require_source(path)
    if path.is_dir():
        return PictureFolderSource(path, config)
    if is_picture(path):
        raise MediaError(
            f"{path.name} is a single picture. Dream it with `lucidreel still`, move into it with "
            "`lucidreel zoom`, or give a clip."
        )
    if is_animated(path):
        return AnimationSource(path, config)
    return ClipSource(probe(path), config)
