"""`lucidreel still`: one picture in, one dream out."""

from __future__ import annotations

from typing import Annotated

import typer

from ..dream.config.schedule import DREAM
from .options import Given, Reads, with_options
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
    from .dreamers import check_dream, steps_display, tell_black_maps, wake_dreamer
    from .resolve import preset_facts, require_input, resolve_settings

    settings, record = resolve_settings(source, given)
    question = "which picture? lucidreel still IMAGE -o OUT.png, or lucidreel still noise -o OUT.png"
    start = require_input(picture, record, "still", question)
    check_dream(settings, run.quiet)

    from ..render.estimate.forecast import Work
    from ..render.maps import settings_maps
    from ..render.media.pictures import write_picture
    from ..render.media.tags import tags_of
    from ..render.outputs import check_picture_output
    from ..render.records import write_record
    from .forecast import tell_work
    from .start_pictures import absolute_source, source_file, start_picture
    from .summaries import picture_summary

    check_picture_output(output, source_file(start), run.overwrite)
    first = start_picture(start, settings.clip.size_px, settings.dream.seed, run.quiet)
    maps = settings_maps(settings, output).at(first)
    dreamer = wake_dreamer(settings, run.quiet)
    if not run.quiet:
        tell_black_maps(maps)
        tell_work(Work(first, maps, {1.0: 1}), dreamer)
    with steps_display(run.quiet, dreamer, output.name):
        dream = dreamer.dream(first, maps=maps)
    write_picture(output, dream, run.overwrite, tags_of(settings))
    write_record(
        output,
        "still",
        absolute_source(start),
        settings,
        {"dream": dreamer.description, **preset_facts(source, record)},
    )
    if not run.quiet:
        say(picture_summary(output, dream))
