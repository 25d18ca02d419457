"""`lucidreel render`: a clip in, the same clip dreaming out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .completion import offered
from .given import Given
from .options import Reads, with_options
from .run_options import MACHINE, FilmFlags, FilmOutput, RunFlags, SourceFlags


@with_options
def render(
    clip: Annotated[
        Path | None,
        typer.Argument(
            readable=False,
            metavar="CLIP",
            help="A film, or a folder of numbered pictures. May be left out with --config.",
            show_default=False,
            autocompletion=offered(()),
        ),
    ] = None,
    *,
    output: FilmOutput,
    run: RunFlags,
    source: SourceFlags,
    given: Annotated[Given, Reads("targets", "dream", "clip", *MACHINE, "output")],
    keep: FilmFlags,
) -> None:
    """Turn a clip into a dream: every frame once, at its own time, with its sound.

    Examples:

      lucidreel render clip.mp4 -o dream.mp4 --class eye --class spiral
      lucidreel render clip.mp4 -o dream.mp4 --preset lucid --start 2s --end 5s
      lucidreel render clip.mp4 -o dream.webm --size 960x540 --iterations 20,20,10,5
      lucidreel render clip.mp4 -o dream.mp4 --model my-googlenet/ --class "jellyfish=-0.5" --class 107
      lucidreel render --config dream.mp4.toml -o again.mp4
    """
    from ..render.job.job import RenderJob
    from ..render.job.sources import Clip
    from .resolve import preset_facts, require_input, resolve_settings
    from .run import make_film

    settings, record = resolve_settings(source, given)
    clip = Path(require_input(clip, record, "render", "which clip? lucidreel render CLIP -o OUT.mp4"))
    job = RenderJob(
        settings,
        Clip(clip),
        output,
        overwrite=run.overwrite,
        keep=keep,
        origin=preset_facts(source, record),
    )
    make_film(job, keep.dry_run, run.quiet)
