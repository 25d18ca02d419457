"""What a graphics card makes of dreams: one script for the few minutes that one is at hand.

    python -m lucidreel.benchmarks.card --out card.md
    python -m lucidreel.benchmarks.card --device cpu --small        whether it runs at all

Film frames of 720 and 1080 rows with three networks, in bf16 and float32, plain and played back from CUDA
graphs; tiles in batches; convolutions in either layout; optical flow alone and beside a dream; copies back
between iterations; the plain program of `eager` on the same card. A part that fails says so in its line and
the others go on; parts that would begin after `--minutes` are left out. Every line is written as it comes.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import torch

from lucidreel.benchmarks import eager
from lucidreel.benchmarks.card_measures import (
    Frames,
    copies_per_iteration,
    flow_beside,
    flow_seconds,
    frames,
    layout_seconds,
    product_rate,
    record_passes,
)
from lucidreel.benchmarks.contestants import CONTESTS, GOOGLENET
from lucidreel.benchmarks.machine import machine_line
from lucidreel.benchmarks.picture import NETWORK, SHARED
from lucidreel.benchmarks.races import race, times_faster
from lucidreel.dream.config.dream import DreamConfig
from lucidreel.dream.device import choose_device
from lucidreel.dream.engine import Dreamer
from lucidreel.dream.targets.targets import Targets
from lucidreel.models.network import Network
from lucidreel.models.zoo.registry import load_network
from lucidreel.presets.catalogue import read_preset
from lucidreel.render.frames.noise import noise_picture

Size = tuple[int, int]
SIZES: tuple[Size, ...] = ((1280, 720), (1920, 1080))
SMALL: tuple[Size, ...] = ((96, 64), (128, 80))
NETWORKS: Mapping[str, Callable[[Path], Network]] = {
    "bestiary": lambda shared: load_network("bestiary"),
    "SqueezeNet": lambda shared: load_network(shared / NETWORK),
    "GoogLeNet": lambda shared: load_network(shared / GOOGLENET, random_seed=0),
}
HEAD = ("part", "measured", "notes")


class Card:
    """The parts, in the order of what one would miss most."""

    def __init__(self, words: argparse.Namespace) -> None:
        self.device = choose_device(words.device)
        self.small: bool = words.small
        self.sizes = SMALL if words.small else SIZES
        self.rounds = 1 if words.small else 5
        self.shared: Path = words.shared
        self._rates: dict[torch.dtype, float] = {}
        self._networks: dict[str, Network] = {}

    def parts(self) -> Iterator[tuple[str, Callable[[], tuple[str, str]]]]:
        """Yield each part's name and what measures it, which returns the figure and a note."""
        for dtype in (torch.bfloat16, torch.float32):
            yield f"matrix product, {str(dtype)[6:]}", partial(self._product, dtype)
        for size in self.sizes[::-1]:
            for name in NETWORKS:
                told = f"{name}, {size[0]} x {size[1]}"
                yield told, partial(self._frames, name, size)
                yield f"{told}, CUDA graphs", partial(self._frames, name, size, recorded=True)
        size = self.sizes[0]
        yield "copies back per iteration", self._copies
        yield "SqueezeNet, fp32", partial(self._frames, "SqueezeNet", size, precision="fp32")
        yield "SqueezeNet, grid in batches", partial(self._frames, "SqueezeNet", size, tiles="grid")
        few = partial(self._frames, "SqueezeNet", size, tiles="grid", memory_mib=64)
        yield "SqueezeNet, grid in batches of 64 MiB", few
        for name, plain in (("SqueezeNet", eager.squeezenet_v1_0), ("GoogLeNet", eager.googlenet)):
            yield f"plain {name}, layouts", partial(self._layouts, plain, size)
        for each in self.sizes:
            yield f"flow, {each[0]} x {each[1]}", partial(self._flow, each)
        yield "flow beside a dream", partial(self._flow_beside, size)
        yield "against plain PyTorch, 640 x 480", self._against_the_plain

    def _product(self, dtype: torch.dtype) -> tuple[str, str]:
        rate = self._rates[dtype] = product_rate(self.device, dtype, 128 if self.small else 8192)
        return f"{rate / 1e12:.3g} TFLOP/s", ""

    def _frames(self, name: str, size: Size, *, recorded: bool = False, **settings: Any) -> tuple[str, str]:
        dreamer = self._dreamer(name, **settings)
        if recorded:
            record_passes(dreamer)
        dtype = getattr(torch, dreamer.precision)
        rate = self._rates.get(dtype, float("nan"))
        return _told(frames(dreamer, noise_picture(*size, seed=0), self.rounds, rate), recorded)

    def _layouts(self, plain: Callable[[], torch.nn.Module], size: Size) -> tuple[str, str]:
        dtype = torch.float32 if self.small else torch.bfloat16
        last, first = (
            layout_seconds(plain(), size, self.device, dtype, layout)
            for layout in (torch.channels_last, torch.contiguous_format)
        )
        return f"{1e3 * last:.2f} ms channels_last", f"{1e3 * first:.2f} ms otherwise; forward and back"

    def _flow(self, size: Size) -> tuple[str, str]:
        seconds = flow_seconds(noise_picture(*size, seed=0), self.device, self.rounds)
        return f"{1e3 * seconds:.1f} ms", "with the pictures' copies there and the answer's back"

    def _flow_beside(self, size: Size) -> tuple[str, str]:
        picture, dreamer = noise_picture(*size, seed=0), self._dreamer("SqueezeNet")
        alone = frames(dreamer, picture, self.rounds, 1.0)
        with flow_beside(picture, self.device) as flows:
            beside = frames(dreamer, picture, self.rounds, 1.0)
        flow_ms = 1e3 * sum(flows) / max(1, len(flows))
        return (
            f"{1 / beside.seconds:.1f} frames per second",
            f"{1 / alone.seconds:.1f} without; {flow_ms:.1f} ms per flow, all the time",
        )

    def _copies(self) -> tuple[str, str]:
        count = copies_per_iteration(
            lambda iterations: self._dreamer("bestiary", octaves=1, iterations=iterations),
            noise_picture(*self.sizes[0], seed=0),
            2,
            4 if self.small else 10,
        )
        return f"{count:.2f}", "has to be 0" if self.device.type == "cuda" else "nothing to copy on the CPU"

    def _against_the_plain(self) -> tuple[str, str]:
        contest = CONTESTS["SqueezeNet v1.0, fire8"]
        size = self.sizes[0] if self.small else (640, 480)
        ours, plain = contest.runners(self.shared, noise_picture(*size, seed=0), self.device, "auto")
        spent = race({"ours": ours, "plain": plain}, self.rounds, lambda line: None)
        faster = times_faster(spent["ours"], spent["plain"])["times_faster"]
        walls = {name: min(each.wall for each in some) for name, some in spent.items()}
        return f"{faster:.2f} times", f"fire8, 4 x 10: {walls['ours']:.3f} s, plain {walls['plain']:.3f} s"

    def _dreamer(self, name: str, **settings: Any) -> Dreamer:
        network = self._network(name)
        words = ("jellyfish", "eye", "butterfly") if name == "bestiary" else ("jellyfish",)
        targets = Targets(classes=dict.fromkeys(words, 1.0) if network.labels else {"107": 1.0})
        small = {"octaves": 2, "iterations": 2} if self.small else {}
        config = DreamConfig(**{**read_preset("lucid")["dream"], **small, **settings})
        return Dreamer(network, targets, config, self.device)

    def _network(self, name: str) -> Network:
        if name not in self._networks:
            self._networks[name] = NETWORKS[name](self.shared)
        return self._networks[name]


def _told(found: Frames, recorded: bool) -> tuple[str, str]:
    notes = [f"{found.share_of_ceiling:.0%} of the product's rate"]
    if found.peak_mib:
        notes.append(f"{found.peak_mib:,.0f} MiB at most")
    if recorded:
        notes.append(f"{found.recorded} sizes played back")
    if found.why_not:
        notes.append(f"not recorded: {found.why_not.splitlines()[0]}")
    return f"{1 / found.seconds:.1f} frames per second", "; ".join(notes)


def run(card: Card, minutes: float) -> Iterator[str]:
    """Yield the table's lines as the parts are done."""
    end = time.monotonic() + 60 * minutes
    yield f"| {' | '.join(HEAD)} |"
    yield "|---" * len(HEAD) + "|"
    for name, measure in card.parts():
        if time.monotonic() > end:
            yield f"| {name} | left out | no time |"
            continue
        try:
            told = measure()
        except Exception as error:  # the others go on, whatever it was
            told = ("failed", f"{type(error).__name__}: {' '.join(str(error).split())[:200]}")
        yield f"| {name} | {told[0]} | {told[1]} |"


def main() -> None:
    """Run what the command line asks for."""
    asked = argparse.ArgumentParser(
        prog="python -m lucidreel.benchmarks.card", description="Measure a graphics card in ten minutes."
    )
    asked.add_argument("--device", default="cuda", metavar="auto|cpu|cuda|mps")
    asked.add_argument("--small", action="store_true", help="tiny pictures, to see whether it runs")
    asked.add_argument("--minutes", type=float, default=9.0, help="after which no part begins (%(default)s)")
    asked.add_argument("--shared", type=Path, default=SHARED, metavar="FOLDER", help="default: %(default)s")
    asked.add_argument("--out", type=Path, metavar="FILE", help="write the table there too, line by line")
    words = asked.parse_args()
    card = Card(words)
    lines = [machine_line()]
    if card.device.type == "cuda":
        lines += [torch.cuda.get_device_name(card.device), ""]
    print("\n".join(lines))
    for line in run(card, words.minutes):
        lines.append(line)
        print(line, flush=True)
        if words.out:
            words.out.write_text("\n".join(lines) + "\n", encoding="utf-8")
    if any("| failed |" in line for line in lines):
        sys.exit("some parts failed")


if __name__ == "__main__":
    main()
