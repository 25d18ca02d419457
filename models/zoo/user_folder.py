"""The folder for this user's data, in which fetched and added networks lie.

It is where the system keeps such things (platformdirs), or where LUCIDREEL_HOME says. Versions before 0.1 had
the same places written down, but took a relative XDG_DATA_HOME, knew none on macOS, and on Windows believed
LOCALAPPDATA more than the system; a folder that they left in such a place goes on being used.
"""

from __future__ import annotations

import errno
import os
import sys
from contextlib import suppress
from pathlib import Path

import platformdirs

from ...errors import ModelFileError
from ..reading.files import is_folder

_NAME = "lucidreel"


def data_folder() -> Path:
    """Return the folder for this user's data. Raises ModelFileError where there is no home to put it in."""
    if named := os.environ.get("LUCIDREEL_HOME"):
        return Path(named)
    if (earlier := _earlier_folder()) is not None and is_folder(earlier):
        return earlier
    with suppress(RuntimeError):  # no home
        folder = platformdirs.user_data_path(_NAME, appauthor=False)
        if folder.is_absolute():  # older versions of platformdirs leave the "~" of a user without a home
            return folder
    raise ModelFileError(
        "this user has no home folder for networks. Name a folder for them in LUCIDREEL_HOME."
    )


def models_folder() -> Path:
    """Return the folder in which each sub-folder is a network of the user's."""
    return data_folder() / "models"


def cannot_write(place: Path, error: OSError) -> ModelFileError:
    """Return the error for a place among the user's networks that cannot be written, with another to name."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return ModelFileError(
            f"{place}: cannot be written, for the disk is full. Make room, or name a folder on another disk "
            "in LUCIDREEL_HOME."
        )
    return ModelFileError(
        f"{place}: cannot be written ({error.strerror or error}). LUCIDREEL_HOME names another place."
    )


def _earlier_folder() -> Path | None:
    """Return where earlier versions had the folder; None for a user without a home."""
    named = {"win32": "LOCALAPPDATA", "darwin": ""}.get(sys.platform, "XDG_DATA_HOME")
    usual = {"win32": "AppData/Local", "darwin": "Library/Application Support"}
    if named and (folder := os.environ.get(named)):
        return Path(folder, _NAME)
    try:
        return Path.home() / usual.get(sys.platform, ".local/share") / _NAME
    except RuntimeError:
        return None
