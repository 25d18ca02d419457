"""Feed readers of files from strangers with what nobody would write.

    python -m lucidreel.benchmarks.fuzz                              lists the targets
    python -m lucidreel.benchmarks.fuzz prototxt --minutes 60        an hour of one
    python -m lucidreel.benchmarks.fuzz all --minutes 15 --into /tmp/fuzz | tee record.txt
    python -m lucidreel.benchmarks.fuzz --table record.txt           adds up what was done

Each target has a folder below --into with its corpus (with which the next run goes on), its log and its
findings: a file that shows the fault, and what it is in a text beside it. A line per target says what was
done.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from .campaign import run_campaign
from .record import table
from .table import NAMES


def main() -> int:
    """Run the campaigns that are asked for; 1 where a target has findings."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("targets", nargs="*", choices=[*NAMES, "all", []], metavar="TARGET", default=[])
    parser.add_argument("--minutes", type=float, default=60, help="for each target (default: 60)")
    parser.add_argument("--into", type=Path, default=Path(tempfile.gettempdir()) / "lucidreel-fuzz")
    parser.add_argument("--table", type=Path, help="print the table of what these lines tell, and end")
    asked = parser.parse_args()
    if asked.table is not None:
        print(table(asked.table.read_text(encoding="utf-8").splitlines()))
        return 0
    if not asked.targets:
        print(*NAMES, sep="\n")
        return 0
    found = 0
    for name in NAMES if "all" in asked.targets else asked.targets:
        outcome = run_campaign(name, asked.into, asked.minutes)
        print(outcome, flush=True)
        found += outcome.findings
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
