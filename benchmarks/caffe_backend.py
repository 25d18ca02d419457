"""What it costs to have a real Caffe run a network: the backends, and pycaffe by itself, side by side.

    LUCIDREEL_CAFFE_PYTHON=/opt/caffe/bin/python python -m lucidreel.benchmarks.caffe_backend
    python -m lucidreel.benchmarks.caffe_backend --rounds 9 --threads 2 --size 640x480 --json caffe.json

A pass is forward to a layer and back to the pixels, for half of the layer's squared length. Four take turns:

    torch       the backend torch, in float32
    pycaffe     the backend pycaffe
    in process  the net that the backend pycaffe has Caffe make, run by Caffe's own Python (plain_pycaffe.py):
                what pycaffe has over it is what the worker costs
    plain       the published definition with force_backward, run in the same way, as programs of 2015 do

Ratios are medians of the rounds' own ratios. The figures are in docs/caffe.md.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import numpy as np
import psutil
import torch

from lucidreel.benchmarks.cases import parse_size
from lucidreel.benchmarks.machine import machine, machine_line
from lucidreel.benchmarks.picture import NETWORK, SHARED
from lucidreel.errors import LucidreelError
from lucidreel.models.caffe_files.caffemodel import write_caffemodel
from lucidreel.models.caffe_network import CaffeNetwork
from lucidreel.models.load import load_definition, load_folder
from lucidreel.models.network import Network
from lucidreel.models.pycaffe.definition import write_definition
from lucidreel.models.pycaffe.find_python import find_caffe_python
from lucidreel.models.pycaffe.load import run_with_pycaffe
from lucidreel.models.pycaffe.network import PycaffeNetwork

CONTESTS = {
    "SqueezeNet v1.0, fire8/concat": (NETWORK, "fire8/concat"),
    "GoogLeNet, inception_4c/output": (
        Path("models", "definitions", "bvlc_googlenet.prototxt"),
        "inception_4c/output",
    ),
}
"""Folder, or definition for made-up weights, and layer."""
LOOP = Path(__file__).with_name("plain_pycaffe.py")

Passes = Callable[[int], "Spent"]


@dataclass(frozen=True)
class Spent:
    """Seconds by the clock on the wall, and of the processor's time, of all processes together."""

    s: float
    cpu_s: float


def main() -> None:
    """Run what the command line asks for."""
    asked = argparse.ArgumentParser(prog="python -m lucidreel.benchmarks.caffe_backend")
    add = asked.add_argument
    add("--rounds", type=int, default=5, metavar="N", help="turns of everyone (%(default)s)")
    add("--passes", type=int, default=4, metavar="N", help="passes in a turn (%(default)s)")
    add("--size", default="640x480", metavar="WxH", help="%(default)s")
    add("--threads", type=int, default=1, metavar="N", help="%(default)s")
    add("--only", metavar="WORD", default="", help="contests with this in their name")
    add("--shared", type=Path, default=SHARED, metavar="FOLDER", help="default: %(default)s")
    add("--json", type=Path, metavar="FILE", help="write the figures")
    words = asked.parse_args()
    torch.set_num_threads(words.threads)
    print(machine_line(), flush=True)
    try:
        figures = {name: contest(words, *what) for name, what in CONTESTS.items() if words.only in name}
    except LucidreelError as error:
        raise SystemExit(str(error)) from error
    print(table(figures))
    if words.json:
        told = {**machine(), "command": sys.argv[1:], "contests": figures}
        words.json.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


def contest(words: argparse.Namespace, files: Path, layer: str) -> dict[str, dict[str, float]]:
    """Return what one pass takes everyone, in seconds, and how that compares with Caffe in process."""
    path, (width, height) = words.shared / files, parse_size(words.size)
    ours = load_folder(path) if path.is_dir() else load_definition(path, 0)
    caffe = run_with_pycaffe(ours, threads=words.threads)
    definition = next(path.glob("deploy*.prototxt")) if path.is_dir() else path
    with TemporaryDirectory() as folder:
        same = same_net(caffe, layer, (height, width), Path(folder))
        plain = published_net(ours, definition, layer, Path(folder))
        with (
            in_process(same, (height, width), words.threads) as same_loop,
            in_process(plain, (height, width), words.threads) as plain_loop,
        ):
            runners: dict[str, Passes] = {
                "torch": passes_of(ours, layer, (height, width)),
                "pycaffe": passes_of(caffe, layer, (height, width), caffe.caffe.process.pid),
                "in process": same_loop,
                "plain": plain_loop,
            }
            return compared(take_turns(runners, words.rounds, words.passes))


def take_turns(runners: Mapping[str, Passes], rounds: int, passes: int) -> dict[str, list[Spent]]:
    """Return what one pass took everyone in each round; a first pass is not counted."""
    for run in runners.values():
        run(1)
    spent: dict[str, list[Spent]] = {name: [] for name in runners}
    for _ in range(rounds):
        for name, run in runners.items():
            whole = run(passes)
            spent[name].append(Spent(whole.s / passes, whole.cpu_s / passes))
    return spent


def compared(spent: Mapping[str, Sequence[Spent]]) -> dict[str, dict[str, float]]:
    """Return medians, and the medians of the rounds' own ratios to Caffe in process."""
    base = spent["in process"]
    return {
        name: {
            "s": median(each.s for each in own),
            "cpu_s": median(each.cpu_s for each in own),
            "ratio": median(each.s / other.s for each, other in zip(own, base, strict=True)),
            "cpu_ratio": median(each.cpu_s / other.cpu_s for each, other in zip(own, base, strict=True)),
        }
        for name, own in spent.items()
    }


def passes_of(network: Network, layer: str, size: tuple[int, int], worker: int | None = None) -> Passes:
    """Return what takes passes through a network; the processor's time of its `worker` counts too."""
    picture = torch.from_numpy(np.random.default_rng(0).random((1, 3, *size), dtype=np.float32))

    def cpu_s() -> float:
        other = 0.0 if worker is None else sum(psutil.Process(worker).cpu_times()[:2])
        return time.process_time() + other

    def run(count: int) -> Spent:
        start, start_cpu = time.perf_counter(), cpu_s()
        for _ in range(count):
            leaf = picture.clone().requires_grad_()
            value = network.activations(leaf, [layer])[layer]
            torch.autograd.grad(value, leaf, value.detach())
        return Spent(time.perf_counter() - start, cpu_s() - start_cpu)

    return run


@dataclass(frozen=True)
class Net:
    """A net as files for Caffe, and the names of its image, of the layer to go to, and of that one's blob."""

    definition: Path
    weights: Path
    image: str
    layer: str
    blob: str


def same_net(network: PycaffeNetwork, layer: str, size: tuple[int, int], folder: Path) -> Net:
    """Write the net that the backend has Caffe make for a layer."""
    graph, node = network.graph, network.find_layer(layer)
    shapes: dict[int, tuple[int, ...]] = {0: (1, 3, *size)}
    for index in graph.ancestors([node]):
        each = graph.nodes[index]
        made = each.layer.shapes(*(shapes[bottom] for bottom in each.bottoms))
        shapes.update(zip(each.tops, made, strict=True))
    made_for = write_definition(graph, network.weights, [node], shapes, network.caffe.facts.types)
    definition, weights = folder / "same.prototxt", folder / "same.caffemodel"
    definition.write_text(made_for.image + made_for.layers, encoding="utf-8")
    blobs: dict[str, list[np.ndarray[tuple[int, ...], np.dtype[np.float32]]]] = {}
    for name, _, tensor in made_for.weights:
        blobs.setdefault(name, []).append(tensor.numpy())
    write_caffemodel(weights, blobs)
    wanted = made_for.wanted[node.tops[0]]
    return Net(definition, weights, "0", wanted.layer, wanted.blob)


def published_net(network: CaffeNetwork, definition: Path, layer: str, folder: Path) -> Net:
    """Write a published definition as programs that dream with pycaffe have it, and its weights."""
    copy, weights = folder / "plain.prototxt", folder / "plain.caffemodel"
    copy.write_text("force_backward: true\n" + definition.read_text(encoding="utf-8"), encoding="utf-8")
    pairs = zip(network.graph.nodes, network.weights, strict=True)
    write_caffemodel(weights, {node.name: [each.numpy() for each in own] for node, own in pairs if own})
    return Net(copy, weights, "data", layer, layer)


@contextmanager
def in_process(net: Net, size: tuple[int, int], threads: int) -> Iterator[Passes]:
    """Start Caffe's Python with the loop of plain_pycaffe.py, and yield what has it take passes."""
    names = [str(net.definition), str(net.weights), net.image, net.layer, net.blob, *map(str, size)]
    environment = os.environ | dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), str(threads))
    with subprocess.Popen(
        [str(find_caffe_python()), str(LOOP), *names],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**environment, "GLOG_minloglevel": "2"},
    ) as process:
        assert process.stdin is not None and process.stdout is not None
        facts = json.loads(process.stdout.readline())
        print(f"Caffe {facts['caffe']} on Python {facts['python']}", file=sys.stderr, flush=True)

        def run(count: int) -> Spent:
            assert process.stdin is not None and process.stdout is not None
            print(count, file=process.stdin, flush=True)
            return Spent(**json.loads(process.stdout.readline()))

        yield run
        process.stdin.close()


def table(figures: Mapping[str, Mapping[str, Mapping[str, float]]]) -> str:
    """Return the figures as a table in Markdown."""
    lines = ["| | ms per pass | CPU ms | times Caffe in process | by CPU time |", "|---|---|---|---|---|"]
    for name, contest_figures in figures.items():
        for who, own in contest_figures.items():
            lines.append(
                f"| {name}: {who} | {1e3 * own['s']:.0f} | {1e3 * own['cpu_s']:.0f} | {own['ratio']:.3f} | "
                f"{own['cpu_ratio']:.3f} |"
            )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
