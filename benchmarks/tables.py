"""The benchmark's figures as Markdown tables, and as JSON with machine, date and command."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from lucidreel.benchmarks.bench import Result, Row
from lucidreel.benchmarks.machine import machine


def _percent(value: float) -> str:
    return f"{value:.0%}"


def _per_mille(value: float) -> str:
    return f"{value:.1%}"


def _tenths(value: float) -> str:
    return f"{value:.1f}"


def _hundredths(value: float) -> str:
    return f"{value:.2f}"


COLUMNS: dict[str, tuple[str, Callable[[float], str]]] = {
    "recognised": ("first", _percent),
    "among_five": ("top 5", _percent),
    "belief": ("belief", _percent),
    "margin": ("margin", _hundredths),
    "psnr_db": ("PSNR", _tenths),
    "clipped": ("clip", _per_mille),
    "newly_clipped": ("new clip", _per_mille),
    "rim_change": ("rim", _hundredths),
    "rim_spread": ("rim sd", _hundredths),
    "rim_contrast": ("rim contrast", _hundredths),
    "grid_z": ("grid z", _tenths),
    "drift": ("drift", _tenths),
    "colour_drift": ("colour", _tenths),
    "grain": ("grain", _hundredths),
    "neon": ("neon", _per_mille),
    "detail": ("detail", _hundredths),
    "scaled": ("scaled", _hundredths),
    "seconds": ("s", _tenths),
}
"""The measure behind each column, its heading, and how its values are written."""


def line(result: Result) -> str:
    """Return one dream's figures on one line."""
    row = result.row
    told = [f"{head} {say(row[key])}" for key, (head, say) in COLUMNS.items() if key in row]
    return f"{result.variant}, {result.case}, seed {result.seed}: {', '.join(told)}"


def mean_row(rows: Sequence[Row]) -> Row:
    """Return the mean of every measure that all rows have."""
    shared = [key for key in rows[0] if all(key in row for row in rows)]
    return {key: float(np.mean([row[key] for row in rows])) for key in shared}


def tables(results: Sequence[Result]) -> str:
    """Return the table of the variants' means over all cases, then one table for each case."""
    cases = list(dict.fromkeys(result.case for result in results))
    told = [_table(f"mean of {len(cases)} cases", _means(results, cases))] if len(cases) > 1 else []
    return "\n\n".join([*told, *(_table(case, _means(results, [case])) for case in cases)])


def write_figures(path: Path, results: Sequence[Result], command: Sequence[str]) -> None:
    """Write every dream's figures, with machine, date and command."""
    figures = {
        **machine(),
        "command": list(command),
        "results": [{"variant": r.variant, "case": r.case, "seed": r.seed, **r.row} for r in results],
    }
    path.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


def _means(results: Sequence[Result], cases: Sequence[str]) -> dict[str, Row]:
    """Return the mean row of every variant that met all the cases."""
    means: dict[str, Row] = {}
    for name in dict.fromkeys(result.variant for result in results):
        found = [result for result in results if result.variant == name and result.case in cases]
        if {result.case for result in found} == set(cases):
            means[name] = mean_row([result.row for result in found])
    return means


def _table(title: str, rows: dict[str, Row]) -> str:
    """Return a Markdown table of named rows, with the columns that any of them has."""
    used = {key: told for key, told in COLUMNS.items() if any(key in row for row in rows.values())}
    lines = [f"| {title} | " + " | ".join(head for head, _ in used.values()) + " |"]
    lines.append("|---" * (len(used) + 1) + "|")
    for name, row in rows.items():
        told = (say(row[key]) if key in row else "" for key, (_, say) in used.items())
        lines.append(f"| {name} | " + " | ".join(told) + " |")
    return "\n".join(lines)
