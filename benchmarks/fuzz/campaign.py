"""One target for so many minutes: workers one after the other, and what came of it, in numbers."""

from __future__ import annotations

import re
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

_COVERAGE = re.compile(r"\bcov: (\d+)")
_EXECUTED = re.compile(r"^(?:stat::number_of_executed_units: (\d+)|#(\d+)\t)", re.MULTILINE)
_SHORTEST_S = 5


@dataclass(frozen=True)
class Outcome:
    """What a campaign did."""

    target: str
    executions: int
    processor_s: float
    wall_s: float
    coverage: int
    """Counters of lines and comparisons that were reached, as libFuzzer counts them."""
    findings: int
    """Different faults that are in the target's folder, older ones included."""
    restarts: int
    """How often a worker ended before its time: a crash, a hang, too much memory."""

    def __str__(self) -> str:
        day = datetime.now(UTC).date().isoformat()
        return (
            f"{day} {self.target}: {self.executions:,} executions, {self.processor_s:.0f} s of CPU in "
            f"{self.wall_s:.0f} s, coverage {self.coverage}, {self.findings} findings, "
            f"{self.restarts} restarts"
        )


def run_campaign(target: str, folder: Path, minutes: float) -> Outcome:
    """Feed a target for some minutes; logs, corpus and findings are in the folder `target` of `folder`."""
    own = folder / target
    own.mkdir(parents=True, exist_ok=True)
    start_s, processor_s = time.monotonic(), _children_s()
    executions = coverage = restarts = 0
    while (left_s := minutes * 60 - (time.monotonic() - start_s)) >= _SHORTEST_S:
        log, succeeded = _worker(target, own, int(left_s))
        executions += _executed(log)
        coverage = max([coverage, *map(int, _COVERAGE.findall(log))])
        if not succeeded:
            restarts += 1
    kept = {path.stem for path in (own / "findings").iterdir()}
    return Outcome(
        target,
        executions,
        _children_s() - processor_s,
        time.monotonic() - start_s,
        coverage,
        len(kept),
        restarts,
    )


def _worker(target: str, own: Path, seconds: int) -> tuple[str, bool]:
    """Run one worker to its end; return what it said, and whether it came to the end of its time."""
    command = [sys.executable, "-m", f"{__package__}.worker", target, str(own), str(seconds)]
    path = own / "log.txt"
    with path.open("w", encoding="utf-8") as log:
        ended = subprocess.run(command, stdout=log, stderr=subprocess.STDOUT, check=False)
    return path.read_text(encoding="utf-8", errors="replace"), ended.returncode == 0


def _executed(log: str) -> int:
    return max((int(final or running) for final, running in _EXECUTED.findall(log)), default=0)


def _children_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
