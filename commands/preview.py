"""`lucidreel preview`: moments of a clip as its film will show them, without waiting for the film."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..errors import UsageError
from .carry_flags import CARRY, CarryFlags
from .completion import offered
from .dream_flags import DreamFlags
from .film_flags import ClipFlags
from .flag_groups import flag, given_flags, with_flag_groups
from .machine_flags import MachineFlags
from .parsing import parse_time
from .run_flags import PictureOutput, RunFlags, SourceFlags
from .target_flags import TargetFlags
from .terminal import noting, say
from .where_flags import WhereFlags


@with_flag_groups
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
    at: Annotated[
        list[str] | None,
        flag(
            "--at",
            everyday=True,
            panel=None,
            metavar="TIME",
            default="the middle",
            help="Moment to show (3.2s, 1:02.5); several make a contact sheet.",
        ),
    ] = None,
    alone: Annotated[
        bool,
        flag(
            "--alone",
            panel=CARRY,
            help="Dream every moment by itself, as if nothing were carried over: quick, and another picture "
            "than the film's.",
        ),
    ] = False,
    run: RunFlags,
    source: SourceFlags,
    what: TargetFlags,
    how: DreamFlags,
    where: WhereFlags,
    part: ClipFlags,
    carry: CarryFlags,
    machine: MachineFlags,
) -> None:
    """Show one moment of a clip as its film will, or several on a sheet: the frames before are dreamt too.

    Examples:

      lucidreel preview clip.mp4 -o look.png --class goldfish
      lucidreel preview clip.mp4 -o sheet.png --preset lucid --at 0s --at 2s --at 3.2s
      lucidreel preview clip.mp4 -o quick.png --class goldfish --alone
      lucidreel preview photo.jpg -o look.png --size 480x270
    """
    from .dreamers import check_dream, wake_dreamer
    from .moments import dreamt, dreamt_alone, find_lead_up
    from .resolve import preset_facts, require_input, resolve_settings
    from .start_pictures import refuse_noise

    settings, record = resolve_settings(source, run, what, how, where, part, carry, machine)
    asked_s = [_moment(word) for word in at or []]
    _refuse_carry_of_alone(alone, carry)
    clip = Path(require_input(clip, record, "preview", "which clip? lucidreel preview CLIP -o OUT.png"))
    refuse_noise(clip)
    check_dream(settings, run.quiet)

    from ..render.maps import settings_maps
    from ..render.media.pictures import write_picture
    from ..render.media.sources import require_source
    from ..render.media.tags import tags_of
    from ..render.outputs import check_picture_output
    from ..render.preview.moments import middle_s, source_moments
    from ..render.records import write_record
    from .summaries import picture_summary

    require_source(clip)
    check_picture_output(output, clip, run.overwrite)
    _refuse_times_of_a_picture(clip, asked_s, part, carry)
    times_s = asked_s or [middle_s(clip, settings)]
    maps = settings_maps(settings, output)
    moments = source_moments(clip, times_s, settings, noting(run.quiet))
    lead_up = None if alone else find_lead_up(clip, times_s, settings, run.quiet)
    dreamer = wake_dreamer(settings, run.quiet)
    if lead_up is None:
        sheet = dreamt_alone(moments, maps, dreamer, run.quiet, output.name)
    else:
        sheet = dreamt(lead_up, moments, maps, dreamer, run.quiet, output.name)
    write_picture(output, sheet, run.overwrite, tags_of(settings))
    moments_s = ", ".join(f"{time_s:g}s" for time_s in times_s)
    made = {"dream": dreamer.description, "at": moments_s, **preset_facts(source, record)}
    write_record(output, "preview", str(clip.resolve()), settings, made)
    if not run.quiet:
        say(picture_summary(output, sheet))


def _refuse_carry_of_alone(alone: bool, carry: CarryFlags) -> None:
    """Raise UsageError for a flag of the carry where nothing is carried."""
    given = next(given_flags(carry), None)
    if alone and given is not None:
        raise UsageError(
            f"{given.name} has no effect with --alone, which carries nothing over. Leave one out."
        )


def _refuse_times_of_a_picture(clip: Path, asked_s: list[float], part: ClipFlags, carry: CarryFlags) -> None:
    """Raise UsageError for a time where there is a single picture, which has none, nor one before it."""
    from ..render.media.sources import is_picture

    if not (is_picture(clip) and clip.is_file()):
        return
    times = [f"--at {time_s:g}s" for time_s in asked_s]
    times += [f"{each.name} {each.value}" for each in given_flags(part) if each.name != "--size"]
    if times:
        raise UsageError(f"{times[0]}: {clip.name} is a single picture without a time. Leave it out.")
    for each in given_flags(carry):
        raise UsageError(
            f"{each.name}: {clip.name} is a single picture, and none comes before it. Leave it out."
        )


def _moment(word: str) -> float:
    try:
        return parse_time(word)
    except UsageError as failure:
        raise UsageError(f"--at {failure}") from None
