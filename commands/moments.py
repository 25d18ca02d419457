"""Moments of a clip are dreamt for `preview`: with what leads up to them, or alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from .terminal import note

if TYPE_CHECKING:
    from ..dream.engine import Dreamer
    from ..render.frames import Picture
    from ..render.maps import MapSupply
    from ..render.preview.lead_up import LeadUp
    from ..render.preview.moments import Moment
    from ..render.settings import Settings


def find_lead_up(clip: Path, times_s: list[float], settings: Settings, quiet: bool) -> LeadUp | None:
    """Find out what is dreamt before the moments, and say so; None where nothing is carried into them."""
    from ..render.carry.choose import choose_carry
    from ..render.media.sources import is_picture

    if not choose_carry(settings.clip).carries or (is_picture(clip) and clip.is_file()):
        return None
    from ..render.preview.lead_up import LeadUp

    lead_up = LeadUp(clip, times_s, settings)
    for line in () if quiet else lead_up_lines(lead_up, times_s):
        note(line)
    return lead_up


def lead_up_lines(lead_up: LeadUp, times_s: Sequence[float]) -> Iterator[str]:
    """Yield a line for every stretch of frames: its moments, where it begins, and how many it takes."""
    for stretch in lead_up.stretches:
        times = [
            f"{at:g} s"
            for at, number in zip(times_s, lead_up.numbers, strict=True)
            if number in stretch.asked
        ]
        moments = times[0] if len(times) == 1 else f"{', '.join(times[:-1])} and {times[-1]}"
        begins = "the beginning of the shot" if stretch.begins_shot else "some seconds before"
        frames = "1 frame" if stretch.count == 1 else f"{stretch.count} frames"
        warm_up = lead_up.analyzer.warm_up_frames
        thrown_away = f" and {warm_up} that are thrown away" if warm_up else ""
        near = "as in the film" if stretch.is_whole else "near to the film, which dreams every frame"
        yield f"{moments}: dreamt from {begins} on, {frames}{thrown_away}: {near}."


def dreamt(
    lead_up: LeadUp, moments: list[Moment], maps: MapSupply, dreamer: Dreamer, quiet: bool, label: str
) -> Picture:
    """Dream what leads up to the moments and them, telling before what it will take."""
    from ..render.estimate.forecast import Work
    from ..render.media.contact_sheet import contact_sheet
    from .dreamers import tell_black_maps
    from .forecast import tell_work
    from .progress import drawing, progress_display

    first = moments[0].picture
    if not quiet:
        its_maps = maps.at(first, moments[0].time_s)
        if len(moments) == 1:
            tell_black_maps(its_maps)
        tell_work(Work(first, its_maps, lead_up.dreams(first), len(moments)), dreamer)
    with progress_display(quiet) as progress:
        progress.start(lead_up.frames, label)
        return contact_sheet(lead_up.dreamt(dreamer, maps, drawing(progress)))


def dreamt_alone(
    moments: list[Moment], maps: MapSupply, dreamer: Dreamer, quiet: bool, label: str
) -> Picture:
    """Dream the moments, telling before what it will take, and return one picture of them all."""
    from ..render.estimate.forecast import Work
    from ..render.media.contact_sheet import contact_sheet
    from .dreamers import steps_display, tell_black_maps
    from .forecast import tell_work

    if not quiet:
        first = maps.at(moments[0].picture, moments[0].time_s)
        if len(moments) == 1:
            tell_black_maps(first)
        tell_work(Work(moments[0].picture, first, {1.0: len(moments)}, len(moments)), dreamer)
    with steps_display(quiet, dreamer, label, len(moments)):
        return contact_sheet(
            [dreamer.dream(each.picture, maps=maps.at(each.picture, each.time_s)) for each in moments]
        )
