"""How a zoom holds over hundreds of frames: tone, range and motion, per network and start, plotted.

    python -m lucidreel.benchmarks.zoom_drift PHOTO noise --model bestiary --model DIR --model imagenet \\
        --size 96x54 --frames 501 --keep FLOWN
    python -m lucidreel.benchmarks.zoom_drift PHOTO --variant before:tone_hold=0,births=0 --variant now:
    python -m lucidreel.benchmarks.zoom_drift --keep FLOWN --plot docs/pictures/zoom_drift.jpg

    mean         of the brightness, in levels of 255
    saturation   mean distance between a pixel's strongest and weakest channel
    contrast     deviation of the brightness under a Gaussian of a twentieth of the height: broad light, dark
    sharpness    mean |brightness minus its Gaussian of 1 px|
    clipped      share of pixels with a channel at 0 or 255
    follows      share of textured pixels that lie within half a pixel of where the camera put them, measured
                 by the flow from the moved frame before to the frame

Each line gives the first second (24 frames) and the last, and how far any half second came away from the
first second at worst. The frames go through the program's own camera, carry and engine.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import asdict, astuple, dataclass, fields
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from scipy.ndimage import gaussian_filter

from lucidreel.benchmarks.measures import clipped, levels, luma
from lucidreel.benchmarks.sheet import captioned_sheet, write_sheet
from lucidreel.dream.device import choose_device
from lucidreel.dream.engine import Dreamer
from lucidreel.models.zoo.registry import load_network
from lucidreel.render.carry.camera import CameraCarry, Motion
from lucidreel.render.carry.carry import Dreamt
from lucidreel.render.frames.frames import Frame, Picture
from lucidreel.render.frames.noise import noise_picture
from lucidreel.render.loop import dream_from
from lucidreel.render.media.pictures.pictures import read_picture
from lucidreel.render.settings.quantities import read_size
from lucidreel.render.settings.settings import Settings

SHOWN = (0, 24, 72, 144, 240, 500)
_FIRST = 24
_WINDOW = 12
_FOLLOWS_EVERY = 12
_KEPT_EVERY = 20
_NEAR_PX = 0.5
_TEXTURED = 3.0
"""Levels per pixel: flow is anybody's guess where there is less to see."""


@dataclass(frozen=True)
class Tone:
    """The measures of one frame, or their means over some; all in levels, `clipped` a share."""

    mean: float
    saturation: float
    contrast: float
    sharpness: float
    clipped: float

    @classmethod
    def of(cls, picture: Picture) -> Tone:
        """Measure one frame."""
        shown = levels(picture)
        bright = luma(shown)
        return cls(
            float(bright.mean()),
            float((shown.max(axis=0) - shown.min(axis=0)).mean()),
            float(gaussian_filter(bright, bright.shape[0] / 20).std()),
            float(np.abs(bright - gaussian_filter(bright, 1)).mean()),
            float(clipped(shown).mean()),
        )

    @classmethod
    def mean_of(cls, tones: Sequence[Tone]) -> Tone:
        """Return the mean over several frames."""
        return cls(*(float(np.mean([getattr(each, key.name) for each in tones])) for key in fields(cls)))


@dataclass(frozen=True)
class Flight:
    """What was measured of one zoom."""

    tones: tuple[Tone, ...]
    follows: float
    shown: Mapping[int, Picture]

    @property
    def first(self) -> Tone:
        """The first second."""
        return Tone.mean_of(self.tones[:_FIRST])

    @property
    def last(self) -> Tone:
        """The last second."""
        return Tone.mean_of(self.tones[-_FIRST:])

    def worst(self) -> Mapping[str, float]:
        """Return how far any half second came from the first one: in levels for the mean, else in shares."""
        starts = range(0, len(self.tones) - _WINDOW + 1, _WINDOW // 2)
        seconds = [asdict(Tone.mean_of(self.tones[at : at + _WINDOW])) for at in starts]
        first = asdict(self.first)
        away = {
            key: max(abs(each[key] - value) / (1 if key == "mean" else value) for each in seconds)
            for key, value in first.items()
            if key != "clipped"
        }
        return away | {"clipped": max(each["clipped"] for each in seconds)}


class Flying:
    """A zoom that is dreamt frame by frame; what it came to is kept in a file, to go on from another day."""

    def __init__(self, start: Picture, dreamer: Dreamer, settings: Settings, kept: Path | None) -> None:
        self._dreamer, self._start, self._kept = dreamer, start, kept
        self._carry = CameraCarry(settings.zoom)
        self._motion = Motion.per_frame(settings.zoom)
        self._tones: list[Tone] = []
        self._follows: list[float] = []
        self._shown: dict[int, Picture] = {}
        self._last: Dreamt | None = None
        if kept is not None and kept.exists():
            self._recall(kept)

    def fly(self, count: int) -> Flight:
        """Dream so many frames, those included that are kept, and return what was measured."""
        while len(self._tones) < count:
            self._dream(len(self._tones), count)
            if self._kept is not None and len(self._tones) % _KEPT_EVERY == 0:
                self._keep(self._kept)
        if self._kept is not None:
            self._keep(self._kept)
        follows = float(np.mean(self._follows)) if self._follows else float("nan")
        return Flight(tuple(self._tones), follows, self._shown)

    def _dream(self, index: int, count: int) -> None:
        frame, last = Frame(index, Fraction(index), self._start), self._last
        picture = dream_from(self._dreamer, self._carry.start(frame, last), {})
        self._tones.append(Tone.of(picture))
        if index in SHOWN or index == count - 1:
            self._shown[index] = picture
        if last is not None and index % _FOLLOWS_EVERY == 0:
            self._follows.append(followed(self._motion.apply(last.picture), picture))
        self._last = Dreamt(frame, picture, None, picture if last is None else last.opening)

    def _keep(self, path: Path) -> None:
        assert self._last is not None and self._last.opening is not None
        np.savez(
            path,
            tones=np.array([astuple(tone) for tone in self._tones]),
            follows=np.array(self._follows),
            last=self._last.picture,
            opening=self._last.opening,
            shown_at=np.array(list(self._shown)),
            shown=np.stack(list(self._shown.values())),
        )

    def _recall(self, path: Path) -> None:
        flight = _flown(path)
        self._tones, self._shown = list(flight.tones), dict(flight.shown)
        with np.load(path) as kept:
            self._follows = list(map(float, kept["follows"]))
            frame = Frame(len(self._tones) - 1, Fraction(0), self._start)
            self._last = Dreamt(frame, kept["last"], None, kept["opening"])


def kept_flights(folder: Path) -> dict[str, Flight]:
    """Return every zoom that was flown into this folder."""
    return {path.stem.replace("-", " "): _flown(path) for path in sorted(folder.glob("*.npz"))}


def _flown(path: Path) -> Flight:
    with np.load(path) as kept:
        tones = tuple(Tone(*map(float, row)) for row in kept["tones"])
        shown = dict(zip(map(int, kept["shown_at"]), kept["shown"], strict=True))
        follows = float(np.mean(kept["follows"])) if len(kept["follows"]) else float("nan")
    return Flight(tones, follows, shown)


def followed(moved: Picture, now: Picture) -> float:
    """Return the share of textured pixels that are where they were moved to; not a number where none is."""
    greys = [np.rint(luma(levels(each))).astype(np.uint8) for each in (moved, now)]
    search: Any = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    flow = search.calc(*greys, None)
    down, right = np.gradient(greys[0].astype(np.float64))
    textured = np.sqrt(gaussian_filter(down**2 + right**2, 2)) > _TEXTURED
    return float((np.hypot(flow[..., 0], flow[..., 1]) < _NEAR_PX)[textured].mean())


def table(name: str, flight: Flight) -> str:
    """Return the lines of one zoom."""
    worst = flight.worst()
    first, last = asdict(flight.first), asdict(flight.last)
    cells = [f"{key} {first[key]:.3g} > {last[key]:.3g}, worst {worst[key]:.3g}" for key in first]
    return f"{name:36} " + "; ".join(cells) + f"; follows {flight.follows:.3f}"


def plot(path: Path, flights: Mapping[str, Flight]) -> None:
    """Draw a curve per zoom and measure, each over its first second (the mean: minus it)."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot

    keys = [key.name for key in fields(Tone)]
    figure, axes = pyplot.subplots(1, len(keys), figsize=(16, 3.6), layout="constrained")
    for axis, key in zip(axes, keys, strict=True):
        for name, flight in flights.items():
            first = getattr(flight.first, key)
            values = np.array([getattr(each, key) for each in flight.tones])
            smooth = np.convolve(values, np.ones(_WINDOW) / _WINDOW, mode="valid")
            match key:
                case "mean":
                    smooth = smooth - first
                case "clipped":
                    smooth = smooth * 100
                case _:
                    smooth = smooth / first
            axis.plot(smooth, label=name, linewidth=1)
        limits = {"mean": (-10, 10), "clipped": (0, 5)}.get(key, (0.8, 1.2))
        for limit in limits:
            axis.axhline(limit, color="grey", linewidth=0.7, linestyle="dotted")
        unit = {"mean": "levels above the first second", "clipped": "% of pixels"}
        axis.set_title(f"{key}, {unit.get(key, 'over the first second')}", fontsize=8)
        axis.set_xlabel("frame", fontsize=8)
        axis.tick_params(labelsize=7)
    axes[0].legend(fontsize=6)
    figure.savefig(path, dpi=100)
    pyplot.close(figure)


def parse_variant(words: str) -> tuple[str, dict[str, float | str]]:
    """Return name and keys of [zoom] behind "before:tone_hold=0,births=0"."""
    name, _, rest = words.partition(":")
    pairs = (part.partition("=") for part in filter(None, rest.split(",")))
    return name, {key: value if ">" in value else float(value) for key, _, value in pairs}


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("starts", nargs="*", help="photos, or noise; none: all that --keep holds")
    parser.add_argument("--model", action="append", help="default: bestiary")
    parser.add_argument("--class", dest="class_name", help="default: jellyfish, where no --layer is given")
    parser.add_argument("--layer", help="dream of a layer instead")
    parser.add_argument("--size", default="96x54")
    parser.add_argument("--border", type=int, help="border_px: small frames are mostly border otherwise")
    parser.add_argument("--octaves", type=int, help="fewer are quicker, where frames are small")
    parser.add_argument("--precision", default="auto")
    parser.add_argument("--frames", type=int, default=501)
    parser.add_argument("--variant", action="append", help="NAME:KEY=VALUE,… of [zoom]")
    parser.add_argument("--keep", type=Path, help="folder of what was flown, to go on from and to plot again")
    parser.add_argument("--plot", type=Path)
    parser.add_argument("--sheet", type=Path)
    args = parser.parse_args()
    flights = {}
    if not args.starts:
        if args.keep is None:
            parser.error("which photos? Name some, or noise, or with --keep the folder of what was flown")
        flights = kept_flights(args.keep)
        for name, flight in flights.items():
            print(table(name, flight), flush=True)
        _draw(args, flights)
        return
    for model in args.model or ["bestiary"]:
        network = load_network(model)
        for variant, keys in map(parse_variant, args.variant or ["now"]):
            for start in args.starts:
                name = f"{Path(model).name} {Path(start).stem} {variant}"
                settings = _settings(args, variant, keys)
                dreamer = Dreamer(network, settings.targets, settings.dream, choose_device("cpu"))
                kept = None if args.keep is None else args.keep / f"{name.replace(' ', '-')}.npz"
                picture = _picture(start, *read_size(args.size))
                flights[name] = Flying(picture, dreamer, settings, kept).fly(args.frames)
                print(table(name, flights[name]), flush=True)
                _draw(args, flights)


def _settings(args: argparse.Namespace, variant: str, keys: Mapping[str, float | str]) -> Settings:
    dream = {"border_px": args.border, "octaves": args.octaves, "precision": args.precision}
    dream = {key: value for key, value in dream.items() if value is not None}
    class_name = args.class_name or ("" if args.layer else "jellyfish")
    targets = {"classes": {class_name: 1.0}} if class_name else {"layers": {args.layer: 1.0}}
    return Settings.read({"zoom": dict(keys), "dream": dream, "targets": targets}, variant)


def _picture(start: str, width_px: int, height_px: int) -> Picture:
    if start == "noise":
        return noise_picture(width_px, height_px, 0)
    return read_picture(Path(start), (width_px, height_px))


def _draw(args: argparse.Namespace, flights: Mapping[str, Flight]) -> None:
    if args.plot is not None:
        plot(args.plot, flights)
    if args.sheet is not None:
        longest = max((each.shown for each in flights.values()), key=len)
        columns = [index for index in SHOWN if index in longest] or list(longest)
        rows = [
            [(f"{name}, {index}", each.shown[index]) for index in columns]
            for name, each in flights.items()
            if each.shown.keys()
            >= set(columns)  # a zoom that was stopped early has no place beside the others
        ]
        write_sheet(args.sheet, captioned_sheet(rows, 256))


if __name__ == "__main__":
    main()
