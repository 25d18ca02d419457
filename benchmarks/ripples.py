"""How much of a dream is ripples: rings of a few pixels round stars and edges, dots on a network's grid.

    python -m lucidreel.benchmarks.ripples PHOTO --class jellyfish --variant soft:spectrum=0.8
    python -m lucidreel.benchmarks.ripples CLIP --size 320x180 --carry flow:spectrum_added=0 --carry flow
    python -m lucidreel.benchmarks.ripples PHOTO --layer conv4_1 --crop 90,60,80,60 --sheet crops.png

All of it is told from the residual, dream minus source, of which the brightness goes through a Fourier
transform. Nyquist is half a cycle per pixel:

    ripples      RMS of what lies from 0.4 to 0.7 of Nyquist (periods of 5 to 2.9 px), in levels of 255
    share        its power over that of everything coarser
    lattice      what repeats every 4, 8 or 16 px, as strides do, over what repeats beside that: 1 is no grid
    recognised   share of windows in which a judge sees the class first (needs --judge)
    psnr_db      how near the dream stays to its source

A clip goes through the program's own loop, once with every --carry, and its last third counts; of a picture
that is dreamt once, a variant is a name and keys of [dream]. A sheet shows the crop of each, enlarged.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.ndimage import gaussian_filter

from lucidreel.benchmarks.cases import Variant, parse_variant
from lucidreel.benchmarks.grid import Plane
from lucidreel.benchmarks.judge import call_judges
from lucidreel.benchmarks.measures import levels, luma, psnr_db
from lucidreel.benchmarks.sheet import captioned_sheet
from lucidreel.benchmarks.stability import Kept, Look, MeasuredOnce, dreamt, parse_carry
from lucidreel.dream.device import choose_device
from lucidreel.dream.engine import Dreamer
from lucidreel.dream.targets.targets import Targets
from lucidreel.models.network import Network
from lucidreel.models.zoo.registry import load_network
from lucidreel.render.frames.frames import Picture
from lucidreel.render.media.pictures.pictures import read_picture, write_picture
from lucidreel.render.media.sources import is_picture, open_source
from lucidreel.render.motion.choose import choose_estimator
from lucidreel.render.settings.flow import FlowConfig
from lucidreel.render.settings.quantities import read_size
from lucidreel.render.settings.settings import ClipConfig

Crop = tuple[int, int, int, int]

_BAND = (0.4, 0.7)
_MEAN_COLOUR = 0.02
"""Of Nyquist; what is coarser is the brightness of whole regions."""
_STRIDES_PX = (4, 8, 16)
_ENLARGED = 4


@dataclass(frozen=True)
class Ripples:
    """The measures of a residual."""

    ripples: float
    share: float
    lattice: float


def measure_ripples(dream: Picture, source: Picture) -> Ripples:
    """Return the measures of one dream, (3, h, w) RGB in 0..1, against its source."""
    residual = luma(levels(dream) - levels(source))
    power, frequency = power_spectrum(residual)
    low, high = _BAND
    ripples = power[(frequency >= low) & (frequency < high)].sum()
    coarser = power[(frequency >= _MEAN_COLOUR) & (frequency < low)].sum()
    return Ripples(float(np.sqrt(ripples)), float(ripples / max(coarser, 1e-12)), lattice(residual))


def power_spectrum(residual: Plane) -> tuple[Plane, Plane]:
    """Return the power of every frequency and the frequencies, as shares of Nyquist, under a Hann window.

    The powers add up to the variance of the residual.
    """
    height, width = residual.shape
    window = np.outer(np.hanning(height), np.hanning(width))
    transformed = np.fft.fft2((residual - residual.mean()) * window)
    power = np.abs(transformed) ** 2 / ((window**2).sum() * residual.size)
    along = np.fft.fftfreq(height)[:, None], np.fft.fftfreq(width)[None, :]
    return power, 2 * np.hypot(*along)


def lattice(residual: Plane) -> float:
    """Return how far the residual repeats itself with a stride's period, for the stride that does most.

    All of its cells, laid over one another, average to a pattern. What counts is that pattern's strength over
    the one that cells a pixel narrower and wider leave: noise, and what repeats at other places, leave 1.
    """
    return max(
        _folded(residual, stride)
        / max((_folded(residual, stride - 1) + _folded(residual, stride + 1)) / 2, 1e-9)
        for stride in _STRIDES_PX
    )


def _folded(residual: Plane, side: int) -> float:
    """Return the variance of the mean cell of that side, times the number of cells."""
    fine = residual - gaussian_filter(residual, side / 2, mode="reflect")
    rows, columns = (length // side for length in fine.shape)
    cells = fine[: rows * side, : columns * side].reshape(rows, side, columns, side)
    return float(cells.mean(axis=(0, 2)).var() * rows * columns)


@dataclass(frozen=True)
class Dreams:
    """What one line of the table is about: dreams, and the pictures that they were dreamt of."""

    name: str
    dreams: Sequence[Picture]
    sources: Sequence[Picture]

    def line(self, look: Look | None) -> str:
        """Return the figures, means over the dreams."""
        pairs = list(zip(self.dreams, self.sources, strict=True))
        found = [measure_ripples(*pair) for pair in pairs]
        ripples, share, grid = (
            float(np.mean([getattr(each, name) for each in found]))
            for name in ("ripples", "share", "lattice")
        )
        near = np.mean([psnr_db(levels(dream), levels(source)) for dream, source in pairs])
        seen = float("nan") if look is None else np.mean([look(dream).recognised for dream in self.dreams])
        return f"{self.name:36} {ripples:7.2f}  {share:6.3f}  {grid:7.1f}  {seen:10.0%}  {near:7.1f}"


class Bench:
    """One network and target, with which pictures and clips are dreamt."""

    def __init__(self, network: Network, targets: Targets) -> None:
        self._network, self._targets = network, targets

    def still(self, picture: Picture, variant: Variant) -> Dreams:
        """Dream one picture."""
        return Dreams(variant.name, [self._dreamer(variant).dream(picture)], [picture])

    def film(self, clip: Kept, variant: Variant, carry: str) -> Dreams:
        """Dream a clip; its last third counts, where what is carried has settled."""
        measured = MeasuredOnce(choose_estimator(FlowConfig(), "cpu"))
        dreams, _ = dreamt(clip, parse_carry(carry), self._dreamer(variant), measured)
        last = -(-len(dreams) // 3)
        sources = [frame.picture for frame in clip.kept]
        name = carry if variant.name == "default" else f"{variant.name}, {carry}"
        return Dreams(name, dreams[-last:], sources[-last:])

    def _dreamer(self, variant: Variant) -> Dreamer:
        return Dreamer(self._network, self._targets, variant.config(0), choose_device("cpu"))


def enlarged(picture: Picture, crop: Crop) -> Picture:
    """Return a crop (x, y, width, height) with every pixel as a square of 4."""
    x, y, width, height = crop
    part = picture[:, y : y + height, x : x + width]
    return np.ascontiguousarray(part.repeat(_ENLARGED, axis=1).repeat(_ENLARGED, axis=2))


def parse_crop(words: str) -> Crop:
    """Return x, y, width and height of "90,60,80,60"."""
    x, y, width, height = (int(part) for part in words.split(","))
    return x, y, width, height


def _parser() -> argparse.ArgumentParser:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = asked.add_argument
    add("source", type=Path, help="a picture, or a clip")
    add("--start", type=float, default=0.0)
    add("--end", type=float)
    add("--size", help="WxH; default: the source's own")
    add("--model", default="bestiary")
    add("--class", dest="class_name")
    add("--layer")
    add("--variant", action="append", metavar="NAME:KEY=VALUE,…", help="settings; a name alone: the defaults")
    add("--carry", action="append", help="for clips, as in benchmarks.stability")
    add("--judge", help="lite0, lite1 or lite2, for ImageNet's classes")
    add("--crop", type=parse_crop, metavar="X,Y,W,H", help="what the sheet shows of each dream")
    add("--beside", action="append", default=[], metavar="CAPTION=PICTURE", help="a dream of the last frame")
    add("--sheet", type=Path, help="write the crops, enlarged")
    return asked


def _targets(asked: argparse.Namespace) -> Targets:
    layers = {} if asked.layer is None else {asked.layer: 1.0}
    classes = {} if asked.class_name is None else {asked.class_name: 1.0}
    return Targets.read({"layers": layers, "classes": classes}, "the command line")


def _all_dreams(asked: argparse.Namespace, bench: Bench) -> Iterator[Dreams]:
    """Yield the source as it is, dreams that were made elsewhere, and what the command line asks for."""
    variants = [parse_variant(words) for words in asked.variant or ["default"]]
    size = None
    if asked.size is not None:
        width, height = read_size(asked.size)
        size = (width, height)
    clip = None if is_picture(asked.source) else _clip(asked, size)
    last = read_picture(asked.source, size) if clip is None else clip.kept[-1].picture
    yield Dreams("source", [last], [last])
    for caption, _, file in (each.partition("=") for each in asked.beside):
        yield Dreams(caption, [read_picture(Path(file))], [last])
    for variant in variants:
        if clip is None:
            yield bench.still(last, variant)
        else:
            yield from (bench.film(clip, variant, carry) for carry in asked.carry or ["flow"])


def _clip(asked: argparse.Namespace, size: tuple[int, int] | None) -> Kept:
    part = {"start_s": asked.start, "end_s": asked.end, "size_px": size}
    given = {key: value for key, value in part.items() if value is not None}
    source = open_source(asked.source, ClipConfig.read(given, "the command line"))
    return Kept(source.film, tuple(source.frames()))


def _look(judge: str | None, network: Network, class_name: str | None) -> Look | None:
    if judge is None or class_name is None:
        return None
    index, eyes = network.labels.find(class_name), call_judges([judge])[0]
    return lambda picture: eyes.verdict(picture, index)


def main() -> None:
    """Measure what the command line asks for."""
    asked = _parser().parse_args()
    network = load_network(asked.model)
    look = _look(asked.judge, network, asked.class_name)
    print(f"{'dream':36} ripples   share  lattice  recognised  psnr_db")
    cells = []
    for dreams in _all_dreams(asked, Bench(network, _targets(asked))):
        print(dreams.line(look), flush=True)
        cells.append((dreams.name, dreams.dreams[-1]))
    if asked.sheet is not None:
        shown = [(caption, enlarged(each, asked.crop) if asked.crop else each) for caption, each in cells]
        write_picture(asked.sheet, captioned_sheet([shown], shown[0][1].shape[2]))


if __name__ == "__main__":
    main()
