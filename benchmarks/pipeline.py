"""How much of a render the engine stands still: for frames, for room behind it, for what it starts from.

    python -m lucidreel.benchmarks.pipeline                       the embedded network, and a trivial engine
    python -m lucidreel.benchmarks.pipeline --frames 2000         does memory grow?

Renders clips made on the spot through the whole program: decoding, analysis (cuts, repeats, flow), the
engine, the checkpoint and the encoder. The trivial engine answers each frame after a fixed time without using
the processor, as one on a GPU would, so that what is measured is everything else.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import torch

from lucidreel.dream.device import choose_device
from lucidreel.dream.engine import Dreamer
from lucidreel.dream.memory import keep_freed_memory, peak_mib
from lucidreel.models.zoo.registry import load_network
from lucidreel.render.carry.carry import Carry, Dreamt, Start
from lucidreel.render.checkpoint.rule import KeepRule
from lucidreel.render.events.events import Event, FrameDone, OnEvent, unheard
from lucidreel.render.film.film import prepare_clip
from lucidreel.render.film.film_checkpoint import checkpoint_plan, open_checkpoint
from lucidreel.render.frames.frames import Frame, FrameDreamer, Picture
from lucidreel.render.motion.flow import Flow
from lucidreel.render.settings.settings import Settings

CPU = torch.device("cpu")


@dataclass(frozen=True)
class TrivialEngine:
    """Inverts every frame and takes a fixed time for it, asleep."""

    frame_s: float

    def dream(self, image: Picture, /, init: Picture | None = None, *_: object, **__: object) -> Picture:
        """Return the negative."""
        began = time.perf_counter()
        picture = np.float32(1) - (image if init is None else init)
        time.sleep(max(0.0, self.frame_s - (time.perf_counter() - began)))
        return picture


class Watched:
    """An engine and its carry, and for how much of the time they are at work."""

    def __init__(self, engine: FrameDreamer, carry: Carry) -> None:
        self._engine, self._carry = engine, carry
        self.carries, self.needs_flow = carry.carries, carry.needs_flow
        self.lasting_frames = carry.lasting_frames
        self._began_s = self._ended_s = self._dreamt_s = self._carried_s = 0.0

    def __str__(self) -> str:
        """Tell the shares of the time between the first dream's start and the last one's end."""
        whole_s = self._ended_s - self._began_s
        idle, carried = 1 - self._dreamt_s / whole_s, self._carried_s / whole_s
        return f"engine idle {idle:5.1%}: carrying {carried:5.1%}, waiting {idle - carried:5.1%}"

    def start(self, frame: Frame, last: Dreamt | None, flow: Flow | None = None) -> Start:
        """Ask the carry."""
        asked_s = time.perf_counter()
        start = self._carry.start(frame, last, flow)
        self._carried_s += time.perf_counter() - asked_s
        return start

    def dream(self, *asked: Any, **named: Any) -> Picture:
        """Ask the engine."""
        asked_s = time.perf_counter()
        self._began_s = self._began_s or asked_s
        picture = self._engine.dream(*asked, **named)
        self._ended_s = time.perf_counter()
        self._dreamt_s += self._ended_s - asked_s
        return picture


class PeakMemory:
    """The process's peak at a tenth of the film and at its end, in MiB."""

    def __init__(self) -> None:
        self.early_mib = self.late_mib = 0.0

    def hear(self, event: Event) -> None:
        """Look at every frame's."""
        if isinstance(event, FrameDone):
            self.late_mib = peak_mib(CPU)
            if event.done <= max(10, (event.total or 0) // 10):
                self.early_mib = self.late_mib


def write_moving_clip(path: Path, width: int, height: int, count: int) -> None:
    """Write coloured clouds that drift, 24 per second, as H.264."""
    noise = np.random.default_rng(1).random((height // 8 + 1, width // 8 + 65, 3)).astype(np.float32)
    clouds = (cv2.resize(noise, None, fx=8, fy=8, interpolation=cv2.INTER_CUBIC) * 255).clip(0, 255)
    whole = clouds.astype(np.uint8)
    with av.open(str(path), mode="w") as container:
        stream = container.add_stream("libx264", rate=Fraction(24))
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for index in range(count):
            left = 2 * (index % 240)
            pixels = np.ascontiguousarray(whole[:height, left : left + width])
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(stream.encode(None))


def rendered(
    clip: Path, output: Path, settings: Settings, engine: FrameDreamer, on_event: OnEvent = unheard
) -> str:
    """Render with everything that a user's render does; return how it went."""
    film = prepare_clip(clip, output, settings, overwrite=True)
    with open_checkpoint(film, checkpoint_plan(film, settings, {}), KeepRule()) as kept:
        watched = Watched(engine, film.carry)
        summary = replace(film, carry=watched).render(watched, kept, on_event)
    return f"{summary.frames} frames, {summary.wall_s / summary.frames * 1000:.1f} ms each; {watched}"


def main() -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--frames", type=int, default=48)
    parser.add_argument("--engine-ms", type=float, action="append", help="of the trivial engine, per frame")
    parser.add_argument("--carry", default="flow")
    parser.add_argument("--size", default="1920x1080", help="for the trivial engine")
    asked = parser.parse_args()
    width, height = map(int, asked.size.split("x"))
    with tempfile.TemporaryDirectory() as folder:
        if not asked.engine_ms:
            _measure_network(Path(folder), asked.carry)
        large = Path(folder) / "large.mp4"
        write_moving_clip(large, width, height, asked.frames)
        for engine_ms in asked.engine_ms or (200.0,):
            settings = Settings.read({"clip": {"carry": asked.carry}}, "the benchmark")
            memory = PeakMemory()
            keep_freed_memory()  # as the real engine does
            engine = TrivialEngine(engine_ms / 1000)
            result = rendered(large, Path(folder) / "film.mp4", settings, engine, memory.hear)
            print(f"trivial engine of {engine_ms:g} ms, {asked.size}, {asked.carry}  {result}")
            print(f"  peak memory {memory.early_mib:.0f} MiB at first, {memory.late_mib:.0f} MiB at the end")


def _measure_network(folder: Path, carry: str) -> None:
    clip = folder / "small.mp4"
    write_moving_clip(clip, 480, 270, 12)
    table = {"targets": {"classes": {"eye": 1.0}}, "clip": {"carry": carry}}
    settings = Settings.read(table, "the benchmark")
    network = load_network()
    dreamer = Dreamer(network, settings.targets, settings.dream, choose_device("auto"))
    result = rendered(clip, folder / "small-dream.mp4", settings, dreamer)
    print(f"bestiary on {dreamer.device}, 480x270, {carry}  {result}")


if __name__ == "__main__":
    main()
