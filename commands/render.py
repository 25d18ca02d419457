"""`lucidreel render`: a clip in, the same clip dreaming out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .completion import offered
from .options import Given, Reads, with_options
from .run_options import MACHINE, FilmFlags, FilmOutput, RunFlags, SourceFlags
from .terminal import note, say


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
    from .dreamers import check_dream, wake_dreamer
    from .resolve import preset_facts, require_input, resolve_settings
    from .start_pictures import refuse_noise

    settings, record = resolve_settings(source, given)
    clip = Path(require_input(clip, record, "render", "which clip? lucidreel render CLIP -o OUT.mp4"))
    refuse_noise(clip)
    check_dream(settings, run.quiet)

    from ..render.checkpoint.session import check_previews
    from ..render.film import prepare_clip
    from .filming import FilmOrder, cleared_up, make_film
    from .summaries import film_summary

    check_previews(output, keep.preview_every)
    order = FilmOrder("render", str(clip.resolve()), clip, output, settings, preset_facts(source, record))
    if cleared_up(order, keep, run.quiet):
        return
    prepared = prepare_clip(clip, output, settings, run.overwrite)
    for line in () if run.quiet else prepared.notes_ahead:
        note(line)
    dreamer = wake_dreamer(settings, run.quiet)
    summary = make_film(prepared, order, dreamer, keep, run.quiet)
    if summary is not None and not run.quiet:
        say(film_summary(summary))
