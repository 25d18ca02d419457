"""What becomes of a film's finished frames, and of a film that was begun before."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from ...dream.setting.frozen import FrozenConfig
from ...dream.setting.option import Option

KEEP = "Finished frames, kept so that a stopped render can go on"


class KeepRule(FrozenConfig):
    """How finished frames are kept; as it is by default, until the film is complete."""

    restart: Annotated[
        bool,
        Option("--restart", panel=KEEP, help="Drop the frames kept from an earlier run and start again."),
    ] = False
    """Drop what is kept from before, and start again."""

    keep_frames: Annotated[
        bool,
        Option("--keep-frames", panel=KEEP, help="Leave them in OUT.frames when the film is complete."),
    ] = False
    """Leave the checkpoint where it is when the film is complete."""

    preview_every: Annotated[
        Annotated[int, Field(ge=1)] | None,
        Option(
            "--preview-every",
            panel=KEEP,
            help="Every N frames write what is finished so far to OUT.mp4.frames/so-far.mp4.",
        ),
    ] = None
    """After how many frames a film of what is finished so far is written, again and again."""
