"""The words of a schedule on the command line: ramps, and the name of a file."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from ..errors import ConfigError, UsageError
from .parsing import parse_counts, parse_numbers

_ENDS = re.compile(r">|(?<!\.)\.\.(?!\.)")


def parse_ramps(text: str) -> float | str | list[float | str]:
    """Return a number or a ramp ("2.5>0.8"), or a list of them from "2.5..0.8,1,0.5", one per octave.

    A ramp is written 2.5..0.8 or "2.5>0.8", in quotes there, since a shell would take > for a file.
    """
    values = [_ramp(part, text) for part in text.split(",")]
    return values[0] if len(values) == 1 else values


def parse_counts_or_ramp(text: str) -> int | str | list[int]:
    """Return a whole number, a ramp over the octaves ("30..12"), or a list with one number per octave."""
    try:
        ends = [parse_counts(each.strip()) for each in _ENDS.split(text)]
    except UsageError:
        ends = []
    match ends:
        case [int() | list() as only]:
            return only
        case [int(start), int(end)]:
            return f"{start}>{end}"
    raise UsageError(
        f"{text!r}: write a whole number, or start..end over the octaves, like 30..12, or one number per "
        "octave, coarsest first: 20,20,10,10."
    )


def parse_schedule(text: str) -> list[dict[str, Any]]:
    """Return the tables of a schedule's file; raises UsageError for one that holds none, or a wrong one."""
    from ..dream.config.schedule import ScheduleConfig
    from ..dream.config.schedule_files import read_schedule
    from ..render.named_files import with_absolute_paths

    try:
        tables = read_schedule(Path(text))
        full = with_absolute_paths({"dream": {"schedule": tables}}, Path(text).absolute().parent, text)
        ScheduleConfig.read(full["dream"], text)  # so that a complaint names the file
    except ConfigError as failure:
        raise UsageError(str(failure)) from failure
    spread: list[dict[str, Any]] = full["dream"]["schedule"]
    return spread


def _ramp(part: str, text: str) -> float | str:
    try:
        ends = [parse_numbers(end.strip()) for end in _ENDS.split(part)]
    except UsageError:
        ends = []
    match ends:
        case [float(only)]:
            return only
        case [float(start), float(end)]:
            return f"{start:g}>{end:g}"
    raise UsageError(
        f"{text!r}: write a number, or start..end, or one of them per octave, coarsest first: 2.5..0.8,1,0.5."
    )
