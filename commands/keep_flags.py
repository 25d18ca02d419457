"""What becomes of a film's finished frames, and of a film that was begun before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import typer

KEEP = "Finished frames, kept so that a stopped render can go on"


@dataclass(frozen=True)
class KeepFlags:
    """How finished frames are kept; without any, they are kept until the film is complete."""

    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run",
            help="Say what would be rendered (frames, cuts, time, room) and end.",
            rich_help_panel=KEEP,
        ),
    ] = False

    restart: Annotated[
        bool,
        typer.Option(
            "--restart", help="Drop the frames kept from an earlier run and begin anew.", rich_help_panel=KEEP
        ),
    ] = False

    keep_frames: Annotated[
        bool,
        typer.Option(
            "--keep-frames",
            help="Leave them in OUT.frames when the film is complete.",
            rich_help_panel=KEEP,
        ),
    ] = False

    preview_every: Annotated[
        int | None,
        typer.Option(
            "--preview-every",
            metavar="N",
            min=1,
            show_default=False,
            help="Every N frames write what is finished so far to OUT.mp4.frames/so-far.mp4.",
            rich_help_panel=KEEP,
        ),
    ] = None
