"""Settings laid over one another: a preset or a record underneath, what is given by hand on top.

    defaults  <  preset or record  <  flags of the command line, or keywords of a Python call

Everything is a plain nested dict until it is validated, once. Targets that are given replace all targets
underneath: a preset's eyes do not creep into a dream of goldfish.
"""

from __future__ import annotations

from typing import Any

from ..dream.config.schedule import ScheduleConfig
from ..errors import UsageError

Tree = dict[str, Any]


def lay_over(base: Tree, top: Tree) -> Tree:
    """Return `base` with the leaves of `top` laid over it; any targets in `top` replace those of `base`."""
    merged = dict(base)
    for key, value in top.items():
        under = merged.get(key)
        if isinstance(value, dict) and isinstance(under, dict) and key != "targets":
            merged[key] = lay_over(under, value)
        else:
            merged[key] = value
    return merged


def with_schedule(base: Tree, flags: Tree) -> Tree:
    """Return `base` with schedules, its own or that of the flags, spread over lists, and taken from `flags`.

    So a flag such as --iterations wins over a schedule, and targets in `flags` over those a schedule of
    `base` has per octave. A schedule in `flags` replaces all octaves of `base`: only what is the same for
    all of them stays. Raises UsageError for a schedule that does not hold together.
    """
    dream: Tree = dict(base.get("dream", {}))
    tables = flags.get("dream", {}).pop("schedule", None)
    if tables is not None:
        dream = {key: value for key, value in dream.items() if not isinstance(value, list)}
        dream = {**dream, "schedule": tables}
        dream.pop("octaves", None)
        dream |= {key: value for key, value in flags["dream"].items() if key == "octaves"}
    try:
        dream = ScheduleConfig.spread(dream)
    except ValueError as failure:
        raise UsageError(f"{failure}.") from failure
    octaves = dream.get("octave_targets")
    if "targets" in flags and tables is None:
        dream.pop("octave_targets", None)
    elif octaves and all(octaves) and tables is not None:  # nothing is left for a preset's own targets
        base = {key: value for key, value in base.items() if key != "targets"}
    return {**base, "dream": dream} if dream else base
