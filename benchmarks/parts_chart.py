"""Where an iteration's time goes, before and after, drawn as bars from what `engine --json` wrote.

    python -m lucidreel.benchmarks.parts_chart before.json after.json docs/pictures/iteration.png

One pair of bars for each dream that both files have; their length is the processor's time of one iteration,
all threads together, mean of all octaves.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from pathlib import Path

from lucidreel.benchmarks.clock import CONVOLUTION, REST, Seconds

_SHADES = ("#4477aa", "#ee6677", "#ccbb44", "#aa3377", "#66ccee", "#228833", "#ee9955", "#88bbaa")
_LITTLE = 0.01
"""Parts that take less than this share of the longest bar are told as rest."""


def read_parts(path: Path) -> dict[str, Seconds]:
    """Return the seconds of one iteration by part, for every dream of the file."""
    contests = json.loads(path.read_text(encoding="utf-8"))["contests"]
    return {name: each["cpu_s_per_iteration_by_part"] for name, each in contests.items()}


def gathered(parts: Mapping[str, Seconds]) -> list[str]:
    """Return the parts worth a shade: convolutions first, the largest after them, the rest last."""
    largest: dict[str, float] = {}
    for seconds in parts.values():
        for part, spent in seconds.items():
            largest[part] = max(largest.get(part, 0.0), spent)
    longest = max(sum(seconds.values()) for seconds in parts.values())
    known = [part for part, spent in largest.items() if part not in (CONVOLUTION, REST)]
    worth = sorted(
        (part for part in known if largest[part] > _LITTLE * longest), key=lambda part: -largest[part]
    )
    return [CONVOLUTION, *worth[: len(_SHADES) - 1], REST]


def bars(before: Mapping[str, Seconds], after: Mapping[str, Seconds]) -> dict[str, Seconds]:
    """Return the bars from top to bottom, by name."""
    both = [name for name in after if name in before]
    pairs = (((name, "before", before[name]), (name, "after", after[name])) for name in both)
    return {f"{name}: {when}": seconds for pair in pairs for name, when, seconds in pair}


def draw(path: Path, parts: Mapping[str, Seconds]) -> None:
    """Draw the bars into a file."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot

    shown = gathered(parts)
    figure, axis = pyplot.subplots(figsize=(9, 0.36 * len(parts) + 1.4), layout="constrained")
    left = [0.0] * len(parts)
    for part, shade in zip(shown, (*_SHADES[: len(shown) - 1], "#bbbbbb"), strict=True):
        widths = [1e3 * _spent(seconds, part, shown) for seconds in parts.values()]
        axis.barh(range(len(parts)), widths, left=left, color=shade, label=part)
        left = [start + width for start, width in zip(left, widths, strict=True)]
    axis.set_yticks(range(len(parts)), labels=list(parts), fontsize=8)
    axis.invert_yaxis()
    axis.set_xlabel("CPU ms per iteration", fontsize=8)
    axis.tick_params(axis="x", labelsize=8)
    axis.legend(fontsize=7, loc="upper right")
    figure.savefig(path, dpi=100)
    pyplot.close(figure)


def _spent(seconds: Seconds, part: str, shown: list[str]) -> float:
    if part != REST:
        return seconds.get(part, 0.0)
    return sum(spent for name, spent in seconds.items() if name == REST or name not in shown)


def main() -> None:
    """Draw what the command line asks for."""
    asked = argparse.ArgumentParser(
        prog="python -m lucidreel.benchmarks.parts_chart", description="Draw where an iteration's time goes."
    )
    asked.add_argument("before", type=Path)
    asked.add_argument("after", type=Path)
    asked.add_argument("picture", type=Path)
    words = asked.parse_args()
    draw(words.picture, bars(read_parts(words.before), read_parts(words.after)))


if __name__ == "__main__":
    main()
