"""How fast does the engine dream? Against the plain program of `eager`, and where its time and memory go.

    python -m lucidreel.benchmarks.engine
    python -m lucidreel.benchmarks.engine --rounds 5 --json engine.json --only fire8 --only VGG16
    python -m lucidreel.benchmarks.engine --spiral

One run, side by side, on a photo of 640 x 480; see `contestants` for the dreams. `--spiral` races the
defaults against the project's own faithful spiral as well. Lines on stderr tell what is done, tables in
Markdown come on stdout at the end. The figures are in docs/performance.md; graphics cards have `card`.

    outside     share of the processor's time that is not spent in convolutions and what is fused with them
    faults      pages touched for the first time, per iteration
    new MiB     of tensors made per iteration, and how many; those that are used again do not count
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import torch

from lucidreel.benchmarks.clock import Seconds, share_outside_convolutions
from lucidreel.benchmarks.contestants import CLASS, CONTESTS
from lucidreel.benchmarks.footprint import allocated
from lucidreel.benchmarks.machine import machine, machine_line
from lucidreel.benchmarks.picture import NETWORK, SHARED
from lucidreel.benchmarks.races import Racer, Runner, Spent, middle, race, runner, times_faster
from lucidreel.dream.device import choose_device
from lucidreel.dream.targets.targets import Targets
from lucidreel.errors import LucidreelError
from lucidreel.models.zoo.registry import load_network
from lucidreel.render.frames.frames import Picture
from lucidreel.render.media.pictures.pictures import read_picture

PHOTO = Path("photos", "golden_gate.jpg")
SIZE = (640, 480)

Figures = dict[str, Any]


def main() -> None:
    """Run what the command line asks for."""
    words = parser().parse_args()
    print(machine_line(), flush=True)
    try:
        figures = measure(words)
    except LucidreelError as error:
        raise SystemExit(str(error)) from error
    print(report(figures))
    if words.json:
        told = {**machine(), "command": sys.argv[1:], **figures}
        words.json.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    asked = argparse.ArgumentParser(
        prog="python -m lucidreel.benchmarks.engine", description="Time dreams side by side."
    )
    add = asked.add_argument
    add("--rounds", type=int, default=3, metavar="N", help="times that everything is timed (%(default)s)")
    add("--only", action="append", metavar="WORDS", help="dreams with these words in their name, repeatable")
    add("--precision", default="auto", metavar="auto|fp32|bf16")
    add("--spiral", action="store_true", help="race the spiral too, at full size")
    add("--iterations", type=int, default=4, metavar="N", help="of the spiral's race (%(default)s)")
    add("--shared", type=Path, default=SHARED, metavar="FOLDER", help="default: %(default)s")
    add("--json", type=Path, metavar="FILE", help="write the figures")
    return asked


def measure(words: argparse.Namespace) -> Figures:
    """Return all the figures, in seconds."""
    device = choose_device("cpu")
    photo = read_picture(words.shared / PHOTO, SIZE)
    chosen = {
        name: contest
        for name, contest in CONTESTS.items()
        if not words.only or any(part in name for part in words.only)
    }
    figures: Figures = {"contests": {}}
    for name, contest in chosen.items():
        ours, plain = contest.runners(words.shared, photo, device, words.precision)
        figures["contests"][name] = against_the_plain(name, ours, plain, words.rounds)
    if words.spiral:
        figures["spiral"] = against_the_spiral(words.shared, photo, device, words.iterations, words.rounds)
    return figures


def against_the_plain(name: str, ours: Runner, plain: Racer, rounds: int) -> Figures:
    """Race the engine and the plain program, then look where the engine's time and memory go."""
    spent = race({f"{name}: ours": ours, f"{name}: plain": plain}, rounds, say)
    own, others = spent.values()
    made = allocated(ours.dream)
    parts = ours.parts()
    return {
        "ours": {**middle(own), "faults": _faults(own, ours)},
        "plain": {**middle(others), "faults": _faults(others, plain)},
        **times_faster(own, others),
        "iterations": ours.iterations,
        "precision": ours.dreamer.precision,
        "tensors_per_iteration": made.tensors / ours.iterations,
        "new_mib_per_iteration": made.mib / ours.iterations,
        "outside_convolutions": share_outside_convolutions(parts),
        "cpu_s_per_iteration_by_part": parts,
    }


def against_the_spiral(
    shared: Path, photo: Picture, device: torch.device, iterations: int, rounds: int
) -> Figures:
    """Race the defaults against spikelynch/deepdream's spiral in float32, at full size, step for step."""
    network, targets = load_network(shared / NETWORK), Targets(classes={CLASS: 1.0})
    steps = {"octaves": 1, "iterations": iterations}
    runners = {
        "default": runner(network, targets, photo, device, **steps),
        "default in fp32": runner(network, targets, photo, device, **steps, precision="fp32"),
        "spiral in fp32": runner(network, targets, photo, device, **steps, tiles="spiral", precision="fp32"),
    }
    spent = race(runners, rounds, say)
    slowest = spent["spiral in fp32"]
    return {
        name: {**middle(each, 1 / iterations), **times_faster(each, slowest)} for name, each in spent.items()
    }


def report(figures: Figures) -> str:
    """Return the figures as Markdown tables."""
    lines = _contests_table(figures["contests"])
    lines += _parts_table(
        {name: each["cpu_s_per_iteration_by_part"] for name, each in figures["contests"].items()}
    )
    if "spiral" in figures:
        lines += ["", "| at full size | ms per iteration | CPU ms | times the spiral | by CPU time |"]
        lines.append("|---|---|---|---|---|")
        lines += [
            f"| {name} | {1e3 * each['s']:.0f} | {1e3 * each['cpu_s']:.0f} | {each['times_faster']:.1f} | "
            f"{each['times_faster_cpu']:.1f} |"
            for name, each in figures["spiral"].items()
        ]
    return "\n".join(lines)


def _contests_table(contests: Mapping[str, Figures]) -> list[str]:
    heads = """dream of 640 x 480|iterations|ours, s|plain, s|times plain|ours, CPU s|plain, CPU s|by CPU time
        |outside|faults|plain's|new tensors|new MiB"""
    lines = [_row([head.strip() for head in heads.split("|")]), "|---" * (heads.count("|") + 1) + "|"]
    for name, each in contests.items():
        ours, plain = each["ours"], each["plain"]
        lines.append(
            _row(
                [
                    name,
                    f"{each['iterations']}",
                    *(f"{who['s']:.2f}" for who in (ours, plain)),
                    f"{each['times_faster']:.2f}",
                    *(f"{who['cpu_s']:.2f}" for who in (ours, plain)),
                    f"{each['times_faster_cpu']:.2f}",
                    f"{each['outside_convolutions']:.0%}",
                    *(f"{who['faults']:,.0f}" for who in (ours, plain)),
                    f"{each['tensors_per_iteration']:.0f}",
                    f"{each['new_mib_per_iteration']:.0f}",
                ]
            )
        )
    return lines


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _parts_table(parts: Mapping[str, Seconds]) -> list[str]:
    """Return the table of milliseconds per iteration by part, largest first; nothing for none."""
    names = sorted({part for each in parts.values() for part in each}, key=lambda part: -_most(parts, part))
    if not names:
        return []
    rows = [
        f"| {part} | " + " | ".join(f"{1e3 * each.get(part, 0.0):.1f}" for each in parts.values()) + " |"
        for part in names
    ]
    return ["", f"| CPU ms per iteration | {' | '.join(parts)} |", "|---" * (len(parts) + 1) + "|", *rows]


def _most(parts: Mapping[str, Seconds], part: str) -> float:
    return max(each.get(part, 0.0) for each in parts.values())


def _faults(spent: Sequence[Spent], racer: Racer) -> float:
    return median(each.faults for each in spent) / racer.iterations


def say(line: str) -> None:
    """Tell on stderr what is done."""
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
