"""Whose the folder beside an output is: lucidreel's, whatever has happened to it, or somebody else's.

What tells is the beginning of a file that nobody else writes: the plan, the journal, a carried dream, the
note of a film that is whole. One of them is enough, so that `--restart` helps when others are missing, torn,
or folders. Without any, nothing in the folder is touched.

    refuse_foreign     not a checkpoint at all           whatever is asked
    refuse_damaged     a checkpoint that cannot be read  unless it is begun again
"""

from __future__ import annotations

from pathlib import Path

from ...errors import OutputError, ResumeMismatchError
from .carried_dream import begins_a_state
from .completion import begins_a_note
from .folder import (
    HOLDER_NAME,
    JOURNAL_NAME,
    LOCK_NAME,
    NOTE_NAME,
    PLAN_NAME,
    STATE_NAME,
    is_frame,
    is_passing,
    is_plain_file,
)
from .journal import begins_a_journal
from .plan import looks_like_a_plan

_SIGNS = {
    PLAN_NAME: looks_like_a_plan,
    JOURNAL_NAME: begins_a_journal,
    STATE_NAME: begins_a_state,
    NOTE_NAME: begins_a_note,
}


def refuse_foreign(folder: Path) -> None:
    """Raise OutputError where something else than a checkpoint is, which nothing here may touch."""
    if not folder.is_dir():
        return
    inside = next((path.name for path in sorted(folder.iterdir()) if not is_passing(path)), None)
    if inside is None or any(_tells(folder / name) for name in _SIGNS):
        return
    raise OutputError(
        f"{folder} is where finished frames are kept, and it holds {inside} and nothing that lucidreel "
        "wrote. Move the folder away, or name another output."
    )


def refuse_damaged(folder: Path) -> None:
    """Raise ResumeMismatchError for a checkpoint that nobody can go on with; `--restart` begins it again."""
    for name in (*_SIGNS, LOCK_NAME, HOLDER_NAME):
        path = folder / name
        if (path.exists() or path.is_symlink()) and not is_plain_file(path):
            sort = "a link" if path.is_symlink() else "a folder" if path.is_dir() else "no file"
            raise ResumeMismatchError(
                f"{path} is {sort}, where a file of lucidreel's belongs. Start again with --restart, which "
                "drops the frames kept there; a folder is moved aside."
            )
    if not (folder / PLAN_NAME).exists() and _holds_frames(folder):
        raise ResumeMismatchError(
            f"{folder / PLAN_NAME} is missing: nobody can tell which render the frames beside it belong to. "
            "Start again with --restart, which drops them."
        )


def _holds_frames(folder: Path) -> bool:
    return folder.is_dir() and any(
        is_frame(path) or path.name in (JOURNAL_NAME, STATE_NAME) for path in folder.iterdir()
    )


def _tells(path: Path) -> bool:
    """Tell whether a file is there that lucidreel has written; one that may not be read counts too."""
    if not is_plain_file(path):
        return False
    try:
        return _SIGNS[path.name](path)
    except OSError:
        return True
