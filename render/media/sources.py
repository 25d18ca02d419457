"""Find out what an input path is, and open it as frames."""

from __future__ import annotations

from pathlib import Path

from ...errors import InputNotFoundError, MediaError, sibling_suggestion
from ..settings import ClipConfig
from .clip_source import ClipSource
from .containers import PICTURE_SUFFIXES
from .picture_folder import PictureFolderSource
from .probe import probe


def is_picture(path: Path) -> bool:
    """Tell by its suffix whether a file is a single picture; an animated gif is a clip."""
    return path.suffix.lower() in PICTURE_SUFFIXES


def require_source(path: Path) -> None:
    """Raise InputNotFoundError when there is nothing at `path`."""
    try:
        found = path.exists()
    except OSError as error:  # a name too long, a folder that may not be entered
        raise InputNotFoundError(f"{path} cannot be read ({error.strerror}).") from error
    if not found:
        raise InputNotFoundError(f"{path} does not exist.{sibling_suggestion(path) or ' Check the path.'}")


def open_source(path: Path, config: ClipConfig) -> ClipSource | PictureFolderSource:
    """Open a clip, or a folder of numbered pictures.

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
    return ClipSource(probe(path), config)
