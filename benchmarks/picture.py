"""How good are the dreams? Every variant of the settings against every photo and class, judged and measured.

    python -m lucidreel.benchmarks.picture
    python -m lucidreel.benchmarks.picture --variant default --variant soft:spectrum=0.6 --sheet soft.jpg
    python -m lucidreel.benchmarks.picture --case golden_gate:jellyfish --seeds 3 --json figures.json

Each dream is one line on stderr as soon as it is done, the tables come on stdout at the end. What the columns
mean is told in docs/picture.md; `measures.py`, `grid.py` and `judge.py` have the formulas.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from lucidreel.benchmarks.bench import Bench, Result, Row
from lucidreel.benchmarks.cases import CASES, SIZE_PX, Case, Variant, parse_case, parse_size, parse_variant
from lucidreel.benchmarks.judge import JUDGES, STRIDE_PX, call_judges
from lucidreel.benchmarks.sheet import captioned_sheet
from lucidreel.benchmarks.tables import line, tables, write_figures
from lucidreel.dream.ensemble import Ensemble
from lucidreel.errors import LucidreelError, UsageError
from lucidreel.models.labels import read_labels
from lucidreel.models.network import Network
from lucidreel.models.zoo.choices import read_choices
from lucidreel.models.zoo.registry import load_network
from lucidreel.render.frames.frames import Picture
from lucidreel.render.media.pictures.pictures import write_picture

SHARED = Path(os.environ.get("LUCIDREEL_SHARED", Path(__file__).resolve().parents[2] / "shared"))
NETWORK = Path("models", "squeezenet_v1.0")


def main() -> None:
    """Run what the command line asks for."""
    words = parser().parse_args()
    try:
        run(words)
    except LucidreelError as error:
        raise SystemExit(str(error)) from error


def run(words: argparse.Namespace) -> None:
    """Dream, tell and write everything that is asked for; figures are written after every dream."""
    size_px = parse_size(words.size)
    cases = [parse_case(text, words.shared / "photos", size_px) for text in words.case or CASES]
    variants = [parse_variant(text) for text in words.variant or ["default"]]
    _check_names(cases, variants)
    results: list[Result] = []
    for result in dreams(words, cases, variants):
        results.append(result)
        print(line(result), file=sys.stderr, flush=True)
        if words.json:
            write_figures(words.json, results, sys.argv[1:])
        if words.save:
            _save(words.save, result)
    print(tables(results))
    if words.sheet:
        write_picture(words.sheet, sheet(cases, variants, results, words.cell, words.columns))


def dreams(words: argparse.Namespace, cases: Sequence[Case], variants: Sequence[Variant]) -> Iterator[Result]:
    """Yield spikelynch/deepdream's own picture, then every variant of every case with every seed."""
    judges = call_judges([] if words.judges == "none" else words.judges.split(","), words.stride)
    imagenet = read_labels(words.shared / NETWORK / "synset_words.txt")
    usual = tuple(words.model or [str(words.shared / NETWORK)])
    benches = {
        models: Bench(networks(models), judges, imagenet, words.device, words.psnr)
        for models in dict.fromkeys((usual, *(variant.models or usual for variant in variants)))
    }
    for bench in benches.values():
        for case in cases:
            bench.check(case)
    yield from benches[usual].seeds_own(cases, words.shared)
    for variant in variants:
        for case in cases:
            for seed in range(words.seeds):
                yield benches[variant.models or usual].dream(variant, case, seed)


def networks(names: Sequence[str]) -> Ensemble[Network]:
    """Load the networks that are named as after `--model`."""
    chosen = read_choices(names)
    return Ensemble.of([load_network(each.name) for each in chosen], [each.weight for each in chosen])


def sheet(
    cases: Sequence[Case],
    variants: Sequence[Variant],
    results: Sequence[Result],
    cell_px: int,
    columns: int | None = None,
) -> Picture:
    """Return a sheet with a row per case: the source, then the first seed's dream of every variant."""
    first = {(result.variant, result.case): result for result in results if result.seed == 0}
    rows = []
    for case in cases:
        shown = [first[variant.name, case.name] for variant in variants]
        told = [(f"{each.variant} ({_caption(each.row)})", each.picture) for each in shown]
        rows.append([(case.name, case.source()), *told])
    return captioned_sheet(rows, cell_px, columns)


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    asked = argparse.ArgumentParser(
        prog="python -m lucidreel.benchmarks.picture", description="Measure and judge dreams."
    )
    add = asked.add_argument
    add("--case", action="append", metavar="PHOTO:CLASS", help=f"default: {', '.join(CASES)}")
    add("--variant", action="append", metavar="NAME:KEY=VALUE,…", help="settings; a name alone: the defaults")
    add("--seeds", type=int, default=1, metavar="N", help="dreams of each case, with seeds 0 to N-1")
    add(
        "--judges",
        default=",".join(JUDGES),
        metavar="NAMES|none",
        help="default: %(default)s; a .tflite file of an ImageNet classifier is one, too",
    )
    add("--stride", type=int, default=STRIDE_PX, metavar="PX", help="between windows; default: %(default)s")
    add("--size", default="x".join(map(str, SIZE_PX)), metavar="WxH", help="default: %(default)s")
    add("--psnr", type=float, metavar="DB", help="scale every dream's change to this nearness to its photo")
    add("--shared", type=Path, default=SHARED, metavar="FOLDER", help="default: %(default)s")
    add(
        "--model",
        action="append",
        metavar="NAME|FOLDER[=WEIGHT]",
        help=f"who dreams, several together; default: {NETWORK} of the shared folder",
    )
    add("--device", default="auto", metavar="auto|cpu|cuda|mps")
    add("--json", type=Path, metavar="FILE", help="write every dream's figures")
    add("--sheet", type=Path, metavar="FILE", help="write a contact sheet: a row per case")
    add("--cell", type=int, default=480, metavar="PX", help="width of the sheet's pictures")
    add("--columns", type=int, metavar="N", help="pictures per line of the sheet; default: one line per case")
    add("--save", type=Path, metavar="FOLDER", help="write every dream as a picture")
    return asked


def _check_names(cases: Sequence[Case], variants: Sequence[Variant]) -> None:
    """Refuse two of the same name, whose rows nobody could tell apart."""
    for what, names in (
        ("case", [each.name for each in cases]),
        ("variant", [each.name for each in variants]),
    ):
        if twice := next((name for name in names if names.count(name) > 1), None):
            raise UsageError(f"--{what} {twice} is given twice: give every {what} a name of its own.")


def _caption(row: Row) -> str:
    seen = f"{row['among_five']:.0%} of windows, " if "among_five" in row else ""
    return f"{seen}{row['psnr_db']:.1f} dB"


def _save(folder: Path, result: Result) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{result.case}-{result.variant}-{result.seed}"
    write_picture(folder / f"{name.translate(str.maketrans(': /', '-__', chr(39)))}.png", result.picture)


if __name__ == "__main__":
    main()
