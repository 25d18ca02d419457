"""What a run will take, told on stderr before it starts, and a warning where memory is short for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .terminal import note

if TYPE_CHECKING:
    from ..dream.engine import Dreamer
    from ..render.estimate.forecast import Forecast, Work
    from ..render.film import PreparedFilm

# `--memory` counts a pass through the network; what is free has to hold more than that.
_FOR_THE_PASS = 0.6
_LEAST_MEMORY_MIB = 64


def tell_film(film: PreparedFilm, dreamer: Dreamer, done: int = 0) -> None:
    """Say what a film will take, of which `done` frames are there already."""
    from ..render.estimate.forecast import film_work

    work = film_work(film, done)
    if work is not None:
        tell_work(work, dreamer, "frame")


def tell_work(work: Work, dreamer: Dreamer, unit: str = "picture") -> None:
    """Say what a run will take, unless that is a few seconds; times test steps on its first picture."""
    from ..dream.memory import free_mib

    warning = shortage(work.more_mib(dreamer), free_mib(dreamer.device))
    if warning is not None:
        note(warning)
    forecast = work.forecast(dreamer)
    if forecast is not None:
        note(forecast_line(forecast, unit))


def forecast_line(forecast: Forecast, unit: str) -> str:
    """Return "About 4.2 s per frame, 6 min 43 s to go (96 frames), 1.1 GiB of memory."."""
    memory = f"{memory_words(forecast.memory_mib)} of memory."
    if forecast.pictures == 1 and forecast.total_s is not None:
        return f"About {duration_words(forecast.total_s)} to go, {memory}"
    line = f"About {duration_words(forecast.picture_s)} per {unit}, "
    if forecast.total_s is not None:
        repeats = f", about {forecast.repeats} of them repeats" if forecast.repeats else ""
        line += f"{duration_words(forecast.total_s)} to go ({forecast.pictures} {unit}s{repeats}), "
    return line + memory


def shortage(needed_mib: float, free_mib: float | None) -> str | None:
    """Return a warning when less memory is free than is needed, with what to do about it."""
    if free_mib is None or needed_mib <= free_mib:
        return None
    limit_mib = int(free_mib * _FOR_THE_PASS)
    advice = "--size makes pictures smaller."
    if limit_mib >= _LEAST_MEMORY_MIB:
        advice = f"--memory {limit_mib} cuts pictures into smaller tiles, --size makes them smaller."
    return (
        f"Memory is short: this takes about {memory_words(needed_mib)} more, "
        f"and {memory_words(free_mib)} is free. {advice}"
    )


def duration_words(duration_s: float) -> str:
    """Return a duration about as exactly as it is known: "0.42 s", "48 s", "6 min 43 s", "2 h 5 min"."""
    if duration_s < 9.95:
        return f"{duration_s:.2g} s"
    if duration_s < 59.5:
        return f"{duration_s:.0f} s"
    minutes, seconds = divmod(round(duration_s), 60)
    if minutes < 60:
        return f"{minutes} min {seconds} s"
    hours, minutes = divmod(round(duration_s / 60), 60)
    if hours < 24:
        return f"{hours} h {minutes} min"
    days, hours = divmod(round(duration_s / 3600), 24)
    return f"{days} d {hours} h"


def memory_words(memory_mib: float) -> str:
    """Return an amount of memory: "690 MiB", "1.1 GiB"."""
    return f"{memory_mib:.0f} MiB" if memory_mib < 999.5 else f"{memory_mib / 1024:.1f} GiB"
