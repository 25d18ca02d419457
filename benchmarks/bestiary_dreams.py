"""Every class's dream with the bestiary, from noise and on photos, named by the judge and laid out.

    python -m lucidreel.benchmarks.bestiary_dreams --judge DIR --grid dreams.jpg
    python -m lucidreel.benchmarks.bestiary_dreams --judge DIR --network /tmp/midway --class owl --class shark
    python -m lucidreel.benchmarks.bestiary_dreams --judge DIR --photo boat.jpg --grid boat.jpg

The settings are the program's defaults, or those of `--variant` (see `cases.py`). DIR is what
`bestiary_judge.py` was given as `--work`. The table says what the judge takes each dream for, and in which
share of its windows of 128 px it sees the class first or among its first five.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lucidreel.benchmarks.cases import Variant, parse_variant
from lucidreel.benchmarks.judge import Verdict
from lucidreel.benchmarks.second_network import BestiaryJudge
from lucidreel.benchmarks.sheet import captioned_sheet
from lucidreel.dream.device import choose_device
from lucidreel.dream.engine import Dreamer
from lucidreel.errors import LucidreelError
from lucidreel.models.network import Network
from lucidreel.models.zoo.registry import load_network
from lucidreel.render.frames.frames import Picture
from lucidreel.render.frames.noise import noise_picture
from lucidreel.render.media.pictures.pictures import read_picture, write_picture


@dataclass(frozen=True)
class Dream:
    """One dream, of which class and over what, and what the judge says."""

    source: str
    class_name: str
    picture: Picture
    answer: str
    verdict: Verdict

    @property
    def named(self) -> bool:
        """Whether the judge takes the whole for the class."""
        return self.answer == self.class_name


def dreams(
    network: Network,
    judge: BestiaryJudge,
    variant: Variant,
    sources: dict[str, Picture],
    names: Sequence[str],
    device: str,
) -> Iterator[Dream]:
    """Yield the dream of every class over every source."""
    for source, picture in sources.items():
        for name in names:
            dreamer = Dreamer(network, variant.targets_for(name), variant.config(0), choose_device(device))
            dreamt = dreamer.dream(picture)
            answer, verdict = judge.verdict(dreamt, judge.names.index(name))
            yield Dream(source, name, dreamt, answer, verdict)


def table(results: Sequence[Dream]) -> str:
    """Return a line per dream and, for every source, how many were named right."""
    told = [f"{'source':16} {'class':20} {'judge says':20} first  five  belief"]
    for each in results:
        seen = each.verdict
        figures = f"{seen.recognised:5.0%} {seen.among_five:5.0%}  {seen.belief:.3f}"
        told.append(f"{each.source:16.16} {each.class_name:20.20} {each.answer:20.20} {figures}")
    for source in dict.fromkeys(each.source for each in results):
        here = [each for each in results if each.source == source]
        right = sum(each.named for each in here)
        first, five = (
            float(np.mean([getattr(each.verdict, name) for each in here]))
            for name in ("recognised", "among_five")
        )
        told.append(f"{source}: {right} of {len(here)} named; windows: {first:.1%} first, {five:.1%} in five")
    return "\n".join(told)


def grid(results: Sequence[Dream], cell_px: int, columns: int) -> Picture:
    """Return a sheet of all dreams, each with its class and, where the judge sees another, that too."""
    cells = [
        (each.class_name if each.named else f"{each.class_name} ({each.answer}?)", each.picture)
        for each in results
    ]
    return captioned_sheet([cells], cell_px, columns)


def sources(words: argparse.Namespace) -> dict[str, Picture]:
    """Return noise, unless its size is 0x0, and the photos, scaled to a width with their shape kept."""
    found: dict[str, Picture] = {}
    width, height = (int(length) for length in words.noise.split("x"))
    if width and height:
        found["noise"] = noise_picture(width, height, seed=0)
    for path in words.photo or []:
        tall, wide = read_picture(path).shape[1:]
        found[path.stem] = read_picture(path, (words.width, round(tall * words.width / wide)))
    return found


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    asked = argparse.ArgumentParser(
        prog="python -m lucidreel.benchmarks.bestiary_dreams", description="Dream every class and judge it."
    )
    add = asked.add_argument
    add("--judge", type=Path, required=True, metavar="DIR", help="work folder of bestiary_judge")
    add("--network", metavar="FOLDER", help="who dreams; default: the bestiary that is shipped")
    add("--class", dest="classes", action="append", metavar="NAME", help="default: every class")
    add("--photo", type=Path, action="append", metavar="FILE", help="dream on a photo too, repeatable")
    add("--width", type=int, default=480, metavar="PX", help="of the photos; default: %(default)s")
    add(
        "--noise", default="384x384", metavar="WxH", help="size of the noise, 0x0: none; default: %(default)s"
    )
    add("--variant", default="default", metavar="NAME:KEY=VALUE,…", help="settings; default: the program's")
    add("--device", default="auto", metavar="auto|cpu|cuda|mps")
    add("--grid", type=Path, metavar="FILE", help="write a contact sheet of all dreams")
    add("--cell", type=int, default=256, metavar="PX", help="width of the sheet's pictures")
    add("--columns", type=int, default=8, metavar="N", help="pictures per line of the sheet")
    return asked


def main() -> None:
    """Dream, judge, tell and lay out what the command line asks for."""
    words = parser().parse_args()
    try:
        judge = BestiaryJudge(words.judge)
        network, variant = load_network(words.network), parse_variant(words.variant)
        names = words.classes or judge.names
        if unknown := [name for name in names if name not in judge.names]:
            raise SystemExit(f"{unknown[0]!r} is no class of the judge; it knows {', '.join(judge.names)}.")
        results = []
        for each in dreams(network, judge, variant, sources(words), names, words.device):
            results.append(each)
            print(f"{each.source}: {each.class_name} -> {each.answer}", file=sys.stderr, flush=True)
    except LucidreelError as error:
        raise SystemExit(str(error)) from error
    print(table(results))
    if words.grid:
        write_picture(words.grid, grid(results, words.cell, words.columns))


if __name__ == "__main__":
    main()
