"""How long an old dream lasts when its shot dissolves into another one.

    python -m lucidreel.benchmarks.dissolves CLIP|PICTURE CLIP|PICTURE --frames 12

A film shows the first input, then a crossfade of so many frames, then the second; a picture stands still, and
a bit of noise lies over all. As the crossfade begins, a random pattern lies over the film for a dream, and is
carried on without anything dreamt, by the carry's own flow, fading and smoothing. Told is what is left of it,
as a share of its mean deviation. `black` is a black picture, for fades.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import islice
from pathlib import Path

import numpy as np
from scipy.ndimage import gaussian_filter

from lucidreel.render.carry.carry import Dreamt
from lucidreel.render.carry.flow_carry import FlowCarry
from lucidreel.render.frames.frames import Frame, Picture
from lucidreel.render.media.pictures.pictures import read_picture
from lucidreel.render.media.sources import open_source
from lucidreel.render.motion.choose import choose_estimator
from lucidreel.render.settings.flow import FlowConfig
from lucidreel.render.settings.quantities import read_size
from lucidreel.render.settings.settings import Settings

# How many frames a shot has gone on before it dissolves, and how many the film goes on afterwards.
_BEFORE, _AFTER = 26, 24
_NOISE, _DREAM = 1 / 255, 0.08
_PICTURES = (".jpg", ".jpeg", ".png")


def crossfade(before: Sequence[Picture], after: Sequence[Picture], frames: int) -> Iterator[Picture]:
    """Yield the film, on the levels of 8 bits; inputs that are too short stop at their last picture."""
    noise = np.random.default_rng(0)
    for index in range(_BEFORE + frames + _AFTER):
        share = min(1.0, max(0.0, (index - _BEFORE + 1) / frames))
        old, new = (each[min(index, len(each) - 1)] for each in (before, after))
        mixed = (1 - share) * old + share * new + noise.normal(0, _NOISE, old.shape)
        yield (np.rint(np.clip(mixed, 0, 1) * 255) / 255).astype(np.float32)


def left_over(film: Iterator[Picture], config: FlowConfig) -> list[float]:
    """Return what is left of a dream in each frame from the last one before the crossfade on, 0..1."""
    estimator, carry = choose_estimator(config, "cpu"), FlowCarry(config)
    last: Dreamt | None = None
    left: list[float] = []
    for index, picture in enumerate(film):
        frame = Frame(index, Fraction(index, 25), picture)
        flow = None if last is None else estimator.between(last.frame.picture, picture)
        start = carry.start(frame, last, flow)
        dream = picture if start.init is None else start.init
        if start.damping is not None:
            dream = start.damping.applied(dream)
        if index == _BEFORE - 1:
            dream = np.clip(picture + _pattern(picture.shape), 0, 1).astype(np.float32)
        if index >= _BEFORE - 1:
            left.append(float(np.abs(dream - picture).mean()))
        last = Dreamt(frame, dream, start.history)
    return [each / left[0] for each in left]


def _pattern(shape: tuple[int, ...]) -> Picture:
    noise = gaussian_filter(np.random.default_rng(1).normal(size=shape), (0, 3, 3))
    pattern: Picture = (noise / noise.std() * _DREAM).astype(np.float32)
    return pattern


def _shown(name: str, size: tuple[int, int], count: int) -> list[Picture]:
    width, height = size
    if name == "black":
        return [np.zeros((3, height, width), np.float32)]
    if Path(name).suffix.lower() in _PICTURES:
        return [read_picture(Path(name), size)]
    settings = Settings.read({"clip": {"size_px": size}}, "the command line")
    frames = open_source(Path(name), settings.clip).frames()
    return [frame.picture for frame in islice(frames, count)]


def main() -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("before")
    parser.add_argument("after")
    parser.add_argument("--frames", type=int, default=12)
    parser.add_argument("--size", default="320x180")
    parser.add_argument("--likeness", type=float, default=FlowConfig().likeness)
    asked = parser.parse_args()
    width, height = read_size(asked.size)
    size = width, height
    count = _BEFORE + asked.frames + _AFTER
    film = crossfade(_shown(asked.before, size, count), _shown(asked.after, size, count), asked.frames)
    left = left_over(film, FlowConfig(likeness=asked.likeness))
    gone = next((str(number) for number, each in enumerate(left) if each < 0.1), "never")
    print(f"under 10 % after {gone} frames; {left[asked.frames]:.0%} as the crossfade ends,", end=" ")
    print(f"{left[asked.frames + 12]:.0%} a dozen frames later")


if __name__ == "__main__":
    main()
