"""How fast does the engine dream? Its defaults against its own faithful spiral, and where the time goes.

    python -m lucidreel.benchmarks.engine
    python -m lucidreel.benchmarks.engine --rounds 5 --json engine.json

One run, side by side: SqueezeNet v1.0 and GoogLeNet (its definition with random weights, which take the same
time) on a photo of 640 x 480. Lines on stderr tell what is done, the tables come on stdout at the end. On
CUDA, film frames of 720 and 1080 rows are timed too. The figures are in docs/performance.md.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from lucidreel.benchmarks.card import SIZES, frame_rate, product_rate
from lucidreel.benchmarks.clock import Seconds, share_outside_convolutions
from lucidreel.benchmarks.picture import NETWORK, SHARED
from lucidreel.benchmarks.races import Runner, Spent, middle, race, runner, times_faster
from lucidreel.benchmarks.tables import machine
from lucidreel.dream.device import choose_device, choose_dtype
from lucidreel.dream.targets.targets import Targets
from lucidreel.errors import LucidreelError
from lucidreel.models.network import Network
from lucidreel.models.zoo.registry import load_network
from lucidreel.presets.catalogue import read_preset
from lucidreel.render.frames.frames import Picture
from lucidreel.render.media.pictures.pictures import read_picture

GOOGLENET = Path("models", "definitions", "bvlc_googlenet.prototxt")
PHOTO = Path("photos", "golden_gate.jpg")
SIZE = (640, 480)
CLASS = Targets(classes={"jellyfish": 1.0})
LAYERS = (("SqueezeNet", "fire8/concat"), ("GoogLeNet", "inception_4c/output"))
STILL: dict[str, Any] = {}  # nothing but the defaults
LAYER_DREAM = {"octaves": 4, "iterations": 10}

Figures = dict[str, Any]


def main() -> None:
    """Run what the command line asks for."""
    words = parser().parse_args()
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
    add("--iterations", type=int, default=4, metavar="N", help="of the race, at full size (%(default)s)")
    add("--shared", type=Path, default=SHARED, metavar="FOLDER", help="default: %(default)s")
    add("--device", default="auto", metavar="auto|cpu|cuda|mps")
    add("--json", type=Path, metavar="FILE", help="write the figures")
    return asked


def measure(words: argparse.Namespace) -> Figures:
    """Return all the figures, in seconds."""
    device = choose_device(words.device)
    networks = {
        "SqueezeNet": load_network(words.shared / NETWORK),
        "GoogLeNet": load_network(words.shared / GOOGLENET, random_seed=0),
    }
    photo = read_picture(words.shared / PHOTO, SIZE)
    figures: Figures = {
        "race": against_the_spiral(networks["SqueezeNet"], photo, device, words.iterations, words.rounds),
        "pictures": whole_pictures(networks, photo, device, words.rounds),
    }
    if device.type == "cuda":
        figures["frames"] = film_frames(networks, words.shared / PHOTO, device, words.rounds)
    return figures


def against_the_spiral(
    network: Network, photo: Picture, device: torch.device, iterations: int, rounds: int
) -> Figures:
    """Race the defaults against spikelynch/deepdream's spiral in float32, at full size, step for step."""
    steps = {"octaves": 1, "iterations": iterations}
    runners = {
        "default": runner(network, CLASS, photo, device, **steps),
        "default in fp32": runner(network, CLASS, photo, device, **steps, precision="fp32"),
        "spiral in fp32": runner(network, CLASS, photo, device, **steps, tiles="spiral", precision="fp32"),
    }
    spent = race(runners, rounds, say)
    slowest = spent["spiral in fp32"]
    return {
        name: {**middle(each, 1 / iterations), **times_faster(each, slowest)} for name, each in spent.items()
    }


def whole_pictures(
    networks: Mapping[str, Network], photo: Picture, device: torch.device, rounds: int
) -> dict[str, Figures]:
    """Time whole pictures, and on the CPU the parts of their iterations."""
    still = runner(networks["SqueezeNet"], CLASS, photo, device, **STILL)
    runners = {"SqueezeNet, jellyfish, defaults": still}
    for name, layer in LAYERS:
        targets = Targets(layers={layer: 1.0})
        runners[f"{name}, {layer}, 4 x 10"] = runner(networks[name], targets, photo, device, **LAYER_DREAM)
    spent = race(runners, rounds, say)
    return {name: _picture(runners[name], each, device) for name, each in spent.items()}


def _picture(timed: Runner, spent: Sequence[Spent], device: torch.device) -> Figures:
    figures: Figures = {**middle(spent), "iterations": timed.iterations}
    if device.type == "cpu":
        parts = timed.parts()
        figures["outside_convolutions"] = share_outside_convolutions(parts)
        figures["cpu_s_per_iteration_by_part"] = parts
    return figures


def film_frames(
    networks: Mapping[str, Network], photo: Path, device: torch.device, rounds: int
) -> dict[str, Figures]:
    """Time film frames on a card, dreamt as the preset `lucid` does."""
    settings = read_preset("lucid")["dream"]
    ceiling = product_rate(device, choose_dtype("auto", device))
    found: dict[str, Figures] = {"product": {"operations_per_s": ceiling}}
    for name, network in networks.items():
        targets = CLASS if network.labels else Targets(classes={"107": 1.0})
        for size in SIZES:
            frames = runner(network, targets, read_picture(photo, size), device, **settings)
            rate = frame_rate(frames, rounds, ceiling)
            found[f"{name}, {size[0]} x {size[1]}"] = {**asdict(rate), "fps": rate.fps}
            say(f"{name}, {size[0]} x {size[1]}: {rate.fps:.1f} frames per second")
    return found


def report(figures: Figures) -> str:
    """Return the figures as Markdown tables."""
    lines = ["| at full size | ms per iteration | CPU ms | times as fast as the spiral | by CPU time |"]
    lines.append("|---|---|---|---|---|")
    lines += [
        f"| {name} | {1e3 * each['s']:.0f} | {1e3 * each['cpu_s']:.0f} | {each['times_faster']:.1f} | "
        f"{each['times_faster_cpu']:.1f} |"
        for name, each in figures["race"].items()
    ]
    lines += [
        "",
        "| whole picture | s | CPU s | iterations | outside convolutions |",
        "|---|---|---|---|---|",
    ]
    for name, each in figures["pictures"].items():
        outside = f"{each['outside_convolutions']:.0%}" if "outside_convolutions" in each else ""
        lines.append(f"| {name} | {each['s']:.1f} | {each['cpu_s']:.1f} | {each['iterations']} | {outside} |")
    parts = {name: each.get("cpu_s_per_iteration_by_part", {}) for name, each in figures["pictures"].items()}
    lines += _parts_table(parts)
    frames = {name: each for name, each in figures.get("frames", {}).items() if "fps" in each}
    if frames:
        lines += ["", "| film | frames per second | share of a large product's rate |", "|---|---|---|"]
        lines += [
            f"| {name} | {each['fps']:.1f} | {each['share_of_ceiling']:.0%} |"
            for name, each in frames.items()
        ]
    return "\n".join(lines)


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


def say(line: str) -> None:
    """Tell on stderr what is done."""
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
