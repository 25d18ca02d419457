"""Moments of a clip as its film will show them, without waiting for it; or each one dreamt by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..carry.choose import choose_carry
from ..dreamer import Networks, check_dream, load_dreamer, tell_black_maps, tell_loaded
from ..estimate.workload import Workload
from ..events.events import Note, OnEvent, unheard
from ..frames.frames import Picture
from ..maps import MapSupply, settings_maps
from ..media.sources import is_picture, require_source
from ..outputs import check_picture_output
from ..settings.records import write_record
from ..settings.settings import Settings
from ..start import refuse_noise
from .moments import Moment, middle_s, source_moments
from .still import steps_told

if TYPE_CHECKING:
    from ...dream.engine import Dreamer
    from .preroll import Preroll


def dream_moments(
    clip: Path,
    at_s: Sequence[float],
    settings: Settings,
    output: Path | None = None,
    *,
    alone: bool = False,
    overwrite: bool = False,
    networks: Networks | None = None,
    origin: Mapping[str, str] | None = None,
    on_event: OnEvent | None = None,
    estimate: bool = True,
) -> list[Picture]:
    """Return a clip's frames at these times in seconds, dreamt: (3, h, w) RGB float32 in 0..1; with no time
    the one in the middle. With `output`, they are written too, several as one sheet, with a record.

    Some of what leads up to a moment is dreamt too (`preroll`), unless it is dreamt `alone`. The other
    arguments are those of a `RenderJob`. Raises LucidreelError for what is wrong with settings, clip, times
    or output, before the networks are loaded.
    """
    hear = on_event or unheard
    refuse_noise(clip)
    check_dream(settings, hear)
    require_source(clip)
    if output is not None:
        check_picture_output(output, clip, overwrite)
    times_s = list(at_s) or [middle_s(clip, settings)]
    maps = settings_maps(settings, output)
    moments = source_moments(clip, times_s, settings, lambda text: hear(Note(text)))
    preroll = None if alone else _preroll(clip, times_s, settings)
    for text in () if preroll is None else preroll.notes(times_s):
        hear(Note(text))
    dreamer = load_dreamer(settings, networks)
    tell_loaded(dreamer, settings, hear)
    _tell_ahead(moments, preroll, maps, dreamer, hear, estimate and on_event is not None)
    if preroll is None:
        pictures = _dreamt_alone(moments, maps, dreamer, hear)
    else:
        pictures = preroll.dreamt(dreamer, maps, hear)
    if output is not None:
        _write(pictures, output, settings, overwrite)
        at = ", ".join(f"{time_s:g}s" for time_s in times_s)
        made = {"dream": dreamer.description, "at": at, **(origin or {})}
        write_record(output, "preview", str(clip.resolve()), settings, made)
    return pictures


def _preroll(clip: Path, times_s: Sequence[float], settings: Settings) -> Preroll | None:
    """Return what is dreamt before the moments; None where nothing is carried into them."""
    if not choose_carry(settings.clip).carries or (is_picture(clip) and clip.is_file()):
        return None
    from .preroll import Preroll

    return Preroll(clip, times_s, settings)


def _tell_ahead(
    moments: Sequence[Moment],
    preroll: Preroll | None,
    maps: MapSupply,
    dreamer: Dreamer,
    on_event: OnEvent,
    estimates: bool,
) -> None:
    first = moments[0].picture
    its_maps = maps.at(first, moments[0].time_s)
    if len(moments) == 1:
        tell_black_maps(its_maps, on_event)
    if estimates:
        alone: Mapping[float | str, float] = {1.0: len(moments)}
        dreams = alone if preroll is None else preroll.dreams(first)
        Workload(first, its_maps, dreams, len(moments)).tell(dreamer, on_event)


def _dreamt_alone(
    moments: Sequence[Moment], maps: MapSupply, dreamer: Dreamer, on_event: OnEvent
) -> list[Picture]:
    with steps_told(dreamer, on_event, len(moments)):
        return [dreamer.dream(each.picture, maps=maps.at(each.picture, each.time_s)) for each in moments]


def _write(pictures: Sequence[Picture], output: Path, settings: Settings, overwrite: bool) -> None:
    from ..media.encode.tags import tags_of
    from ..media.pictures.pictures import write_picture
    from .contact_sheet import contact_sheet

    write_picture(output, contact_sheet(pictures), overwrite, tags_of(settings))
