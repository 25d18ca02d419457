"""What becomes of a film's finished frames, and of a film that was begun before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from .flag_groups import flag

KEEP = "Finished frames, kept so that a stopped render can go on"


@dataclass(frozen=True)
class KeepFlags:
    """How finished frames are kept; without any, they are kept until the film is complete."""

    dry_run: Annotated[
        bool,
        flag(
            "--dry-run",
            panel=KEEP,
            help="Say what would be rendered (frames, cuts, time, disk space) and end.",
        ),
    ] = False

    restart: Annotated[
        bool,
        flag("--restart", panel=KEEP, help="Drop the frames kept from an earlier run and start again."),
    ] = False

    keep_frames: Annotated[
        bool,
        flag("--keep-frames", panel=KEEP, help="Leave them in OUT.frames when the film is complete."),
    ] = False

    preview_every: Annotated[
        int | None,
        flag(
            "--preview-every",
            panel=KEEP,
            metavar="N",
            least=1,
            help="Every N frames write what is finished so far to OUT.mp4.frames/so-far.mp4.",
        ),
    ] = None
