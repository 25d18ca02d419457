"""`lucidreel zoom`: an endless flight into one picture that dreams on and on."""

from __future__ import annotations

from typing import Annotated

import typer

from .given import Given
from .options import Reads, with_options
from .run_options import MACHINE, FilmFlags, FilmOutput, RunFlags, SourceFlags


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
    from ..render.job.job import RenderJob
    from ..render.job.sources import Zoom
    from ..render.start import parse_start
    from .resolve import preset_facts, require_input, resolve_settings
    from .run import make_film

    settings, record = resolve_settings(source, given)
    question = "which picture? lucidreel zoom IMAGE -o OUT.mp4, or lucidreel zoom noise -o OUT.mp4"
    job = RenderJob(
        settings,
        Zoom(parse_start(require_input(picture, record, "zoom", question))),
        output,
        overwrite=run.overwrite,
        keep=keep,
        origin=preset_facts(source, record),
    )
    make_film(job, keep.dry_run, run.quiet)
