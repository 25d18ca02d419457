"""One picture in, one dream out: checked, loaded, told about, dreamt and written as a film is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from ..dreamer import Networks, check_dream, load_dreamer, tell_black_maps, tell_loaded
from ..estimate.workload import Workload
from ..events.events import Note, OnEvent, StepDone, unheard
from ..frames.frames import Picture
from ..maps import settings_maps
from ..outputs import check_picture_output
from ..settings.records import write_record
from ..settings.settings import Settings
from ..start import Start, open_start, start_file, start_name

if TYPE_CHECKING:
    from ...dream.engine import Dreamer


def dream_still(
    start: Start,
    settings: Settings,
    output: Path | None = None,
    *,
    overwrite: bool = False,
    networks: Networks | None = None,
    origin: Mapping[str, str] | None = None,
    on_event: OnEvent | None = None,
    estimate: bool = True,
) -> Picture:
    """Return the dream of a picture, (3, h, w) RGB float32 in 0..1; with `output`, write it and its record.

    `networks`, `origin`, `on_event` and `estimate` are those of a `RenderJob`. Raises LucidreelError for what
    is wrong with settings, picture or output, before the networks are loaded.
    """
    from ..media.encode.tags import tags_of
    from ..media.pictures.pictures import write_picture

    hear = on_event or unheard
    check_dream(settings, hear)
    if output is not None:
        check_picture_output(output, start_file(start), overwrite)
    size_px, seed = settings.clip.size_px, settings.dream.seed
    picture = open_start(start, size_px, seed, lambda text: hear(Note(text)))
    maps = settings_maps(settings, output).at(picture)
    dreamer = load_dreamer(settings, networks)
    tell_loaded(dreamer, settings, hear)
    tell_black_maps(maps, hear)
    if estimate and on_event is not None:
        Workload(picture, maps, {1.0: 1}).tell(dreamer, hear)
    with steps_told(dreamer, hear):
        dream = dreamer.dream(picture, maps=maps)
    if output is not None:
        write_picture(output, dream, overwrite, tags_of(settings))
        made = {"dream": dreamer.description, **(origin or {})}
        write_record(output, "still", start_name(start), settings, made)
    return dream


@contextmanager
def steps_told(dreamer: Dreamer, on_event: OnEvent, pictures: int = 1) -> Iterator[None]:
    """Tell of every step of the next `pictures` dreams, of which each may take minutes."""
    total = pictures * sum(plan.iterations for plan in dreamer.config.plans())
    taken = count(1)
    on_event(StepDone(0, total))
    dreamer.on_step = lambda done, steps: on_event(StepDone(next(taken), total))
    try:
        yield
    finally:
        dreamer.on_step = None
