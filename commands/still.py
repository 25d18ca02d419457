"""`lucidreel still`: one picture in, one dream out."""

from __future__ import annotations

from typing import Annotated

import typer

from ..dream.config.schedule import DREAM
from .given import Given
from .options import Reads, with_options
from .run_options import MACHINE, PictureOutput, RunFlags, SourceFlags
from .terminal import say


@with_options
def still(
    picture: Annotated[
        str | None,
        typer.Argument(
            metavar="IMAGE|noise:WxH",
            help="A picture, or noise (noise:640x480) to start from nothing. May be left out with --config.",
            show_default=False,
        ),
    ] = None,
    *,
    output: PictureOutput,
    run: RunFlags,
    source: SourceFlags,
    given: Annotated[
        Given,
        Reads(
            "targets",
            "dream",
            "clip.size_px",
            *MACHINE,
            "output.tags",
            panels={"clip.size_px": DREAM},
        ),
    ],
) -> None:
    """Dream one picture.

    Examples:

      lucidreel still photo.jpg -o dream.png --class flower --class "eye=0.5"
      lucidreel still photo.jpg -o dream.png --preset layers --octaves 6
      lucidreel still noise:640x480 -o spirals.png --preset deepdraw --class spiral
    """
    from ..render.preview.still import dream_still
    from ..render.start import parse_start
    from .report import picture_summary
    from .resolve import preset_facts, require_input, resolve_settings
    from .run import talking

    settings, record = resolve_settings(source, given)
    question = "which picture? lucidreel still IMAGE -o OUT.png, or lucidreel still noise -o OUT.png"
    start = parse_start(require_input(picture, record, "still", question))
    with talking(output, run.quiet) as talker:
        dream = dream_still(
            start,
            settings,
            output,
            overwrite=run.overwrite,
            origin=preset_facts(source, record),
            on_event=None if run.quiet else talker.hear,
        )
    if not run.quiet:
        say(picture_summary(output, dream))
