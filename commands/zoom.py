"""`lucidreel zoom`: an endless flight into one picture that dreams on and on."""

from __future__ import annotations

from typing import Annotated

import typer

from .options import Given, Reads, with_options
from .run_options import MACHINE, FilmFlags, FilmOutput, RunFlags, SourceFlags
from .terminal import note, say


@with_options
def zoom(
    picture: Annotated[
        str | None,
        typer.Argument(
            metavar="IMAGE|noise",
            help="A picture, or noise (noise:640x360) to start from nothing. May be left out with --config.",
            show_default=False,
        ),
    ] = None,
    *,
    output: FilmOutput,
    run: RunFlags,
    source: SourceFlags,
    given: Annotated[
        Given,
        Reads("zoom", "targets", "dream", *MACHINE, "output", without=["output.sound"]),
    ],
    keep: FilmFlags,
) -> None:
    """Fly into a picture: each frame is the last one moved a little and dreamt on.

    Examples:

      lucidreel zoom photo.jpg -o zoom.mp4 --duration 10s --class butterfly
      lucidreel zoom noise -o zoom.mp4 --size 640x360 --zoom 2/s --rotate 10/s
      lucidreel zoom photo.jpg -o drift.mp4 --zoom 1/s --shift 0,5/s --preset layers
    """
    from .dreamers import check_dream, wake_dreamer
    from .resolve import preset_facts, require_input, resolve_settings

    settings, record = resolve_settings(source, given)
    question = "which picture? lucidreel zoom IMAGE -o OUT.mp4, or lucidreel zoom noise -o OUT.mp4"
    start = require_input(picture, record, "zoom", question)
    check_dream(settings, run.quiet)

    from ..render.checkpoint.session import check_previews
    from ..render.film import prepare_zoom
    from ..render.outputs import check_film_output
    from .filming import FilmOrder, cleared_up, make_film
    from .start_pictures import absolute_source, source_file, start_picture
    from .summaries import film_summary

    check_previews(output, keep.preview_every)
    order = FilmOrder(
        "zoom", absolute_source(start), source_file(start), output, settings, preset_facts(source, record)
    )
    if cleared_up(order, keep, run.quiet):
        return
    check_film_output(output, source_file(start), run.overwrite)
    first = start_picture(start, settings.zoom.size_px, settings.dream.seed, run.quiet)
    prepared = prepare_zoom(first, output, settings, run.overwrite)
    for line in () if run.quiet else prepared.notes_ahead:
        note(line)
    dreamer = wake_dreamer(settings, run.quiet)
    summary = make_film(prepared, order, dreamer, keep, run.quiet)
    if summary is not None and not run.quiet:
        say(film_summary(summary))
