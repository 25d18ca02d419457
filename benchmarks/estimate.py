"""How true is what the program says a run will take? Real runs, each a process of its own, timed and weighed.

    python -m lucidreel.benchmarks.estimate
    python -m lucidreel.benchmarks.estimate --network squeezenet --size 640x480 --run still --run "zoom 2s"

Runs every network at every size: a still, a zoom, the sample clip with the settings of a preset. Each line of
the table compares what the program said before it started with what happened after: seconds from the estimate
to the summary, and the process's largest resident size as the system counted it. Nothing else should run
meanwhile: what other programs take away, no estimate can know.

SqueezeNet v1.0, photos and GoogLeNet's definition come from the folder `shared` beside the checkout (or the
one named by LUCIDREEL_SHARED); GoogLeNet gets made-up weights, which cost what real ones do.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lucidreel.models.caffe_files.caffemodel import write_caffemodel
from lucidreel.models.caffe_files.prototxt import read_prototxt
from lucidreel.models.graph.build import build_graph
from lucidreel.models.graph.weights import random_weights

ROOT = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("LUCIDREEL_SHARED", ROOT.parent / "shared"))
PHOTO = Path("photos", "golden_gate.jpg")
TARGETS = {
    "bestiary": ("--class", "jellyfish"),
    "squeezenet": ("--class", "jellyfish"),
    "googlenet": ("--layer", "inception_4c/output"),
}
SIZES = ("320x240", "640x480", "1280x720")
RUNS = ("still", "zoom 1s", "clip 0.5s")
_UNITS = {"s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0, "MiB": 1.0, "GiB": 1024.0}


@dataclass(frozen=True)
class Outcome:
    """One run: seconds and MiB as they were told, and as they came; None where nothing was told."""

    told_s: float | None
    told_mib: float | None
    took_s: float
    took_mib: float
    waited_s: float
    """From the last line before the estimate to the estimate: what the test steps cost."""


def main() -> None:
    """Run what the command line asks for, one table row after another."""
    words = parser().parse_args()
    print(
        "| network | size | run | told, s | took, s | ratio | told, MiB | took, MiB | ratio | test steps, s |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|", flush=True)
    with tempfile.TemporaryDirectory() as scratch:
        for network in words.network or TARGETS:
            model = network_folder(network, Path(scratch))
            for size in words.size or SIZES:
                for run in words.run or RUNS:
                    call = [
                        *command(run, network, size, Path(scratch)),
                        "--model",
                        model,
                        *words.more.split(),
                    ]
                    print(row(network, size, run, measured(call)), flush=True)


def parser() -> argparse.ArgumentParser:
    """Return the reader of the command line."""
    first, _, rest = (__doc__ or "").partition("\n\n")
    made = argparse.ArgumentParser(
        description=first, epilog=rest, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    made.add_argument("--network", action="append", choices=list(TARGETS), help="may be repeated")
    made.add_argument("--size", action="append", metavar="WxH", help="may be repeated")
    made.add_argument(
        "--run", action="append", metavar="still|zoom LENGTH|clip LENGTH", help="may be repeated"
    )
    made.add_argument("--more", default="", metavar="FLAGS", help="flags of lucidreel for every run")
    return made


def network_folder(network: str, scratch: Path) -> str:
    """Return what `--model` takes: a name, or a folder, which is made where weights are made up."""
    if network == "bestiary":
        return network
    if network == "squeezenet":
        return str(SHARED / "models" / "squeezenet_v1.0")
    folder = scratch / network
    if not folder.is_dir():
        folder.mkdir()
        definition = SHARED / "models" / "definitions" / "bvlc_googlenet.prototxt"
        (folder / "deploy.prototxt").write_bytes(definition.read_bytes())
        graph = build_graph(read_prototxt(definition), str(definition))
        made_up = zip(graph.nodes, random_weights(graph, 1), strict=True)
        weights = {node.layer.param.name: [one.numpy() for one in tensors] for node, tensors in made_up}
        write_caffemodel(folder / "made_up.caffemodel", weights, network)
    return str(folder)


def command(run: str, network: str, size: str, scratch: Path) -> list[str]:
    """Return the words after `lucidreel` for one run."""
    kind, _, length = run.partition(" ")
    common = ["--size", size, "--overwrite", *TARGETS[network]]
    if kind == "still":
        return ["still", str(SHARED / PHOTO), "-o", str(scratch / "dream.png"), *common]
    if kind == "zoom":
        return ["zoom", str(SHARED / PHOTO), "-o", str(scratch / "dream.mp4"), "--duration", length, *common]
    clip = str(ROOT / "examples" / "nebula.mp4")
    return ["render", clip, "-o", str(scratch / "dream.mp4"), "--end", length, "--preset", "lucid", *common]


def measured(call: list[str]) -> Outcome:
    """Run the program and return what it said and what it took."""
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    words = [sys.executable, "-m", "lucidreel.cli", *call]
    with subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment
    ) as program:
        assert program.stdout is not None
        lines = list(stamped(program.stdout))
        _, status, usage = os.wait4(program.pid, 0)
        program.returncode = os.waitstatus_to_exitcode(status)
    if program.returncode:
        raise SystemExit(f"lucidreel {' '.join(call)}\n" + "".join(line for _, line in lines))
    named_s = next(at for at, line in lines if line.startswith("Dreaming of"))
    told_at, told = next(((at, line) for at, line in lines if line.startswith("About")), (named_s, ""))
    output = call[call.index("-o") + 1]
    over_s = next(at for at, line in lines if line.startswith(f"{output}:"))
    memory = re.search(r"([\d.]+) ([MG]iB) of memory", told)
    whole = re.search(r"(?:About|,) ([^,]*) to go", told)
    return Outcome(
        quantity(whole[1]) if whole else None,
        quantity(memory[0]) if memory else None,
        over_s - told_at,
        usage.ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10),
        told_at - named_s,
    )


def stamped(lines: Iterator[str]) -> Iterator[tuple[float, str]]:
    """Yield each line with the moment it came."""
    for line in lines:
        yield time.perf_counter(), line


def quantity(words: str) -> float:
    """Return the seconds or MiB behind "6 min 43 s" or "1.1 GiB"."""
    return sum(float(number) * _UNITS[unit] for number, unit in re.findall(r"([\d.]+) (\w+)", words))


def row(network: str, size: str, run: str, outcome: Outcome) -> str:
    """Return a line of the table."""
    seconds = compared(outcome.told_s, outcome.took_s, 1)
    memory = compared(outcome.told_mib, outcome.took_mib, 0)
    return f"| {network} | {size} | {run} | {seconds} | {memory} | {outcome.waited_s:.1f} |"


def compared(told: float | None, took: float, digits: int) -> str:
    """Return what was told, what came, and the one over the other."""
    if told is None:
        return f"- | {took:.{digits}f} | -"
    return f"{told:.{digits}f} | {took:.{digits}f} | {told / took:.2f}"


if __name__ == "__main__":
    main()
