"""What several campaigns did together, target by target, as the table of docs/security.md."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

_LINE = re.compile(
    r"\S+ (?P<target>\w+): (?P<executions>[\d,]+) executions, (?P<processor_s>\d+) s of CPU(?: in|,) "
    r"(?P<wall_s>\d+) s, coverage (?P<coverage>\d+), (?P<findings>\d+) findings, \d+ restarts"
)


@dataclass
class Total:
    """Sums over the campaigns of a target."""

    executions: int = 0
    processor_s: int = 0
    wall_s: int = 0
    coverage: int = 0

    def add(self, line: re.Match[str]) -> None:
        """Add a campaign, told by its line."""
        self.executions += int(line["executions"].replace(",", ""))
        self.processor_s += int(line["processor_s"])
        self.wall_s += int(line["wall_s"])
        self.coverage = max(self.coverage, int(line["coverage"]))


def table(lines: Iterable[str]) -> str:
    """Return the table in Markdown; lines that tell of no campaign are passed over."""
    totals: dict[str, Total] = {}
    for line in lines:
        if match := _LINE.fullmatch(line.strip()):
            totals.setdefault(match["target"], Total()).add(match)
    rows = [
        f"| `{target}` | {each.executions:,} | {each.processor_s / 60:.1f} | {each.wall_s / 60:.0f} | "
        f"{each.coverage} |"
        for target, each in totals.items()
    ]
    head = ["| target | files | minutes of the processor | minutes | reached |", "|---|---|---|---|---|"]
    return "\n".join([*head, *rows])
