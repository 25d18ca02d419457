"""`lucidreel preview`: moments of a clip as its film will show them, without waiting for the film."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from ..dream.setting.frozen import FrozenConfig
from ..dream.setting.option import Option
from ..errors import UsageError
from ..render.settings.flow import CARRY
from ..render.settings.settings import CLIP, Seconds
from .completion import offered
from .given import Given
from .options import Reads, with_options
from .run_options import MACHINE, PictureOutput, RunFlags, SourceFlags
from .terminal import say


class MomentFlags(FrozenConfig):
    """Which moments of a clip are shown."""

    at: Annotated[
        tuple[Seconds, ...],
        Option(
            "--at",
            everyday=True,
            metavar="TIME",
            repeatable=True,
            unset="the middle",
            help="Moment to show (3.2s, 1:02.5); several make a contact sheet.",
        ),
    ] = ()

    alone: Annotated[
        bool,
        Option(
            "--alone",
            panel=CARRY,
            help="Dream every moment by itself, as if nothing were carried over: quick, and another picture "
            "than the film's.",
        ),
    ] = False


@with_options
def preview(
    clip: Annotated[
        Path | None,
        typer.Argument(
            readable=False,
            metavar="CLIP|IMAGE",
            help="A film, a folder of numbered pictures, or one picture. May be left out with --config.",
            show_default=False,
            autocompletion=offered(()),
        ),
    ] = None,
    *,
    output: PictureOutput,
    moments: MomentFlags,
    run: RunFlags,
    source: SourceFlags,
    given: Annotated[Given, Reads("targets", "dream", "clip", *MACHINE, "output.tags")],
) -> None:
    """Show one moment of a clip as its film will, or several on a sheet: the frames before are dreamt too.

    Examples:

      lucidreel preview clip.mp4 -o look.png --class goldfish
      lucidreel preview clip.mp4 -o sheet.png --preset lucid --at 0s --at 2s --at 3.2s
      lucidreel preview clip.mp4 -o quick.png --class goldfish --alone
      lucidreel preview photo.jpg -o look.png --size 480x270
    """
    from ..render.preview.contact_sheet import contact_sheet
    from ..render.preview.preview import dream_moments
    from .report import picture_summary
    from .resolve import preset_facts, require_input, resolve_settings
    from .run import talking

    settings, record = resolve_settings(source, given)
    _refuse_carry_of_alone(moments.alone, given)
    clip = Path(require_input(clip, record, "preview", "which clip? lucidreel preview CLIP -o OUT.png"))
    _refuse_times_of_a_picture(clip, moments.at, given)
    with talking(output, run.quiet) as talker:
        pictures = dream_moments(
            clip,
            moments.at,
            settings,
            output,
            alone=moments.alone,
            overwrite=run.overwrite,
            origin=preset_facts(source, record),
            on_event=None if run.quiet else talker.hear,
        )
    if not run.quiet:
        say(picture_summary(output, contact_sheet(pictures)))


def _refuse_carry_of_alone(alone: bool, given: Given) -> None:
    """Raise UsageError for a flag of the carry where nothing is carried."""
    carry = given.of_panel(CARRY)
    if alone and carry:
        raise UsageError(
            f"{carry[0].flag} has no effect with --alone, which carries nothing over. Leave one out."
        )


def _refuse_times_of_a_picture(clip: Path, asked_s: Sequence[float], given: Given) -> None:
    """Raise UsageError for a time where there is a single picture, which has none, nor one before it."""
    from ..render.media.sources import is_picture

    if not (is_picture(clip) and clip.is_file()):
        return
    times = [f"--at {time_s:g}s" for time_s in asked_s]
    times += [each.typed for each in given.of_panel(CLIP) if each.flag != "--size"]
    if times:
        raise UsageError(f"{times[0]}: {clip.name} is a single picture without a time. Leave it out.")
    for each in given.of_panel(CARRY):
        raise UsageError(
            f"{each.flag}: {clip.name} is a single picture, and none comes before it. Leave it out."
        )
