"""How still a dream holds on real clips, one line per clip and carry, measured side by side in one run.

    python -m lucidreel.benchmarks.stability CLIP ... --frames 24 --size 427x240 --class jellyfish --model DIR
    python -m lucidreel.benchmarks.stability CLIP --carry none --carry flow --carry flow:strength=0.8,hold=0
    python -m lucidreel.benchmarks.stability CLIP --still 100

    flicker      what the dream adds to the clip's own restlessness, in levels of 255 (`flicker`); late: in
                 the last half of the frames; with --regions in each kind of place, too
    recognised   share of windows in which another network sees the class first (needs --judge)
    psnr_db      how near the dream stays to the clip
    fine         deviation of what the dream added that is finer than some 6 px: falls where holding smears it
    s/frame      seconds of processor time per frame, decoding and flow included

The frames go through the program's own loop, decoded and with their flow measured once for all carries.
`--still N` dreams the first frame N times instead, with repeats not recognised, and says how the picture
changes from frame to frame.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

import numpy as np
from scipy.ndimage import gaussian_filter

from lucidreel.benchmarks.flicker import added_by_region, flicker
from lucidreel.benchmarks.judge import JUDGES, Verdict, call_judges
from lucidreel.benchmarks.measures import levels, psnr_db
from lucidreel.benchmarks.second_network import BestiaryJudge
from lucidreel.benchmarks.sheet import captioned_sheet
from lucidreel.dream.device import choose_device
from lucidreel.dream.engine import Dreamer
from lucidreel.models.network import Network
from lucidreel.models.zoo.registry import load_network
from lucidreel.render.analysis.analyze import Analyzer
from lucidreel.render.carry.choose import choose_carry
from lucidreel.render.frames.frames import FilmFormat, Frame, Picture
from lucidreel.render.loop import render_frames
from lucidreel.render.media.pictures.pictures import write_picture
from lucidreel.render.media.sources import open_source
from lucidreel.render.motion.choose import choose_estimator
from lucidreel.render.motion.flow import Flow, FlowEstimator
from lucidreel.render.settings.flow import FlowConfig
from lucidreel.render.settings.quantities import read_size
from lucidreel.render.settings.settings import ClipConfig, Settings

Look = Callable[[Picture], Verdict]

_FINE_SIGMA_PX = 1.2
_SLIT_PX = 8


@dataclass(frozen=True)
class Kept:
    """A clip's frames held in memory, to be dreamt several times."""

    film: FilmFormat
    kept: tuple[Frame, ...]

    def frames(self, first: int = 0) -> Iterator[Frame]:
        """Yield them."""
        yield from self.kept[first:]

    def stilled(self, count: int) -> Kept:
        """Return the first frame, `count` times."""
        first, step = self.kept[0], self.film.last_frame_s
        frames = tuple(replace(first, index=index, time_s=index * step) for index in range(count))
        return Kept(self.film, frames)


class Gathered:
    """A sink that keeps the pictures."""

    def __init__(self) -> None:
        self.pictures: list[Picture] = []

    def write(self, frame: Frame) -> None:
        """Keep it."""
        self.pictures.append(frame.picture)

    def finish(self) -> None:
        """Nothing is left to do."""

    def discard(self) -> None:
        """Nothing is left behind."""


class MeasuredOnce:
    """Measures the flow between two pictures that are held in memory once, however often it is asked for."""

    def __init__(self, estimator: FlowEstimator) -> None:
        self._estimator = estimator
        self._known: dict[tuple[int, int], tuple[Flow, Picture, Picture]] = {}

    def between(self, before: Picture, now: Picture) -> Flow:
        """Return the flow from the picture now back to the one before."""
        pair = id(before), id(now)
        if pair not in self._known:
            self._known[pair] = self._estimator.between(before, now), before, now
        return self._known[pair][0]


def dreamt(
    clip: Kept, config: ClipConfig, dreamer: Dreamer, measured: MeasuredOnce
) -> tuple[list[Picture], float]:
    """Return the dreams of all frames with one carry, and the processor seconds that one took."""
    sink, carry = Gathered(), choose_carry(config)
    run_in = min(config.run_in_frames, carry.lasting_frames)
    analyzer = Analyzer(estimate_flow=measured.between if carry.needs_flow else None, warm_up_frames=run_in)
    began = time.process_time()
    render_frames(clip, carry, dreamer, lambda: sink, analyzer=analyzer)
    return sink.pictures, (time.process_time() - began) / len(sink.pictures)


def parse_carry(words: str) -> ClipConfig:
    """Return the settings behind "none", "blend:carry_share=0.5" or "flow:strength=0.8,hold=0"."""
    name, _, rest = words.partition(":")
    given: dict[str, Any] = {}
    for part in filter(None, rest.split(",")):
        key, _, value = part.partition("=")
        given[key] = value if value.isalpha() else float(value)
    table = {"flow": given} if name == "flow" else given
    return Settings.read({"clip": {"carry": name, **table}}, words).clip


def fine(pictures: Sequence[Picture], sources: Sequence[Picture]) -> float:
    """Return the deviation of what dreams added that is finer than some 6 px, in levels of 255."""
    added = [(picture - source).mean(axis=0) * 255 for picture, source in zip(pictures, sources, strict=True)]
    return float(np.mean([(each - gaussian_filter(each, _FINE_SIGMA_PX)).std() for each in added]))


def stability_table(
    name: str, clip: Kept, carries: Sequence[str], dreamer: Dreamer, look: Look | None, regions: bool = False
) -> dict[str, list[Picture]]:
    """Print a line per carry, as soon as it is known; return the dreams of each."""
    measured = MeasuredOnce(choose_estimator(FlowConfig(), dreamer.device.type))
    sources = [frame.picture for frame in clip.kept]
    flows = [measured.between(*pair) for pair in pairwise(sources)]
    half = len(flows) // 2
    own, own_late = flicker(sources, flows), flicker(sources[half:], flows[half:])
    print(f"{name}: {len(sources)} frames; the source's own flicker is {own:.2f}")
    print(f"{'clip, carry':44} flicker  late  recognised  belief  psnr_db  fine  s/frame")
    dreams = {}
    for words in carries:
        pictures, each_s = dreamt(clip, parse_carry(words), dreamer, measured)
        verdicts = [] if look is None else [look(picture) for picture in pictures]
        seen = np.mean([verdict.recognised for verdict in verdicts]) if verdicts else float("nan")
        belief = np.mean([verdict.belief for verdict in verdicts]) if verdicts else float("nan")
        near = np.mean([psnr_db(levels(a), levels(b)) for a, b in zip(pictures, sources, strict=True)])
        above = flicker(pictures, flows) - own
        late = flicker(pictures[half:], flows[half:]) - own_late
        figures = f"{above:7.2f} {late:5.2f}  {seen:10.0%}  {belief:6.3f}  {near:7.1f}"
        print(f"{f'{name}, {words}':44} {figures} {fine(pictures, sources):5.2f}  {each_s:7.2f}", flush=True)
        if regions:
            kinds = added_by_region(pictures, sources, flows)
            print("    " + "  ".join(f"{kind} {value:.2f}" for kind, value in kinds.items()), flush=True)
        dreams[words] = pictures
    return dreams


def write_sheet(path: Path, dreams: Mapping[str, Sequence[Picture]]) -> None:
    """Write the first, the middle and the last frame of every carry."""
    rows = []
    for words, pictures in dreams.items():
        places = (0, len(pictures) // 2, len(pictures) - 1)
        rows.append([(f"{words}, frame {at}", pictures[at]) for at in places])
    write_picture(path, captioned_sheet(rows, rows[0][0][1].shape[2]))


def write_slits(path: Path, films: Mapping[str, Sequence[Picture]]) -> None:
    """Write what a slit at a third of the width sees: a column for each frame, a picture for each film."""
    slits = []
    for words, pictures in films.items():
        place = pictures[0].shape[2] // 3
        columns = np.stack([picture[:, :, place] for picture in pictures], axis=2)
        slits.append((words, np.repeat(columns, _SLIT_PX, axis=2)))
    write_picture(path, captioned_sheet([slits], slits[0][1].shape[2], columns=2))


def stillness_table(clip: Kept, carries: Sequence[str], dreamer: Dreamer) -> None:
    """Print, for every carry, mean, spread, sharpness, and the change since the frame before."""
    print(f"{'carry':36} frame   mean  spread  sharpness  change")
    measured = MeasuredOnce(choose_estimator(FlowConfig(), dreamer.device.type))
    for words in carries:
        pictures, _ = dreamt(clip, parse_carry(words), dreamer, measured)
        for at in (each for each in (1, 2, 5, 10, 20, 50, 100, 200, 500) if each <= len(pictures)):
            now, before = pictures[at - 1], pictures[max(at - 2, 0)]
            sharp, change = np.abs(np.diff(now, axis=2)).mean() * 255, np.abs(now - before).mean() * 255
            figures = f"{now.mean() * 255:6.1f} {now.std() * 255:7.1f} {sharp:10.2f} {change:7.3f}"
            print(f"{words:36} {at:5} {figures}", flush=True)


def _eyes(judge: str, network: Network, class_name: str) -> Look:
    """Return what tells how well a picture shows the class."""
    if judge in JUDGES:
        index = network.labels.find(class_name)
        other = call_judges([judge])[0]
        return lambda picture: other.verdict(picture, index)
    drawn = BestiaryJudge(Path(judge))
    place = drawn.names.index(class_name)
    return lambda picture: drawn.verdict(picture, place)[1]


def main() -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("clips", type=Path, nargs="+", metavar="CLIP")
    parser.add_argument("--start", type=float, default=0.0)
    parser.add_argument("--end", type=float)
    parser.add_argument("--frames", type=int, help="no more than so many of each clip")
    parser.add_argument("--size", default="427x240")
    parser.add_argument("--model", default="bestiary")
    parser.add_argument("--class", dest="class_name", default="eye")
    parser.add_argument("--carry", action="append", help="may be given several times")
    parser.add_argument("--judge", help="lite0, lite1 or lite2, for ImageNet; a bestiary judge's folder")
    parser.add_argument("--regions", action="store_true", help="tell where it flickers, too")
    parser.add_argument("--still", type=int, metavar="N")
    parser.add_argument("--sheet", type=Path, help="a picture of the first, middle and last frames")
    parser.add_argument("--slits", type=Path, help="a picture of one column of each frame, side by side")
    asked = parser.parse_args()
    part = {"start_s": asked.start, "end_s": asked.end, "size_px": read_size(asked.size)}
    table = {"model": asked.model, "targets": {"classes": {asked.class_name: 1.0}}}
    clip_part = {key: value for key, value in part.items() if value is not None}
    settings = Settings.read({**table, "clip": clip_part}, "the command line")
    network = load_network(asked.model)
    dreamer = Dreamer(network, settings.targets, settings.dream, choose_device(settings.device))
    look = None if asked.judge is None else _eyes(asked.judge, network, asked.class_name)
    carries = asked.carry or ["none", "blend", "flow"]
    for path in asked.clips:
        source = open_source(path, settings.clip)
        clip = Kept(source.film, tuple(islice(source.frames(), asked.frames)))
        if asked.still:
            stillness_table(clip.stilled(asked.still), carries, dreamer)
            continue
        dreams = stability_table(path.name, clip, carries, dreamer, look, asked.regions)
        if asked.sheet is not None:
            write_sheet(asked.sheet, dreams)
        if asked.slits is not None:
            write_slits(asked.slits, {"the clip": [frame.picture for frame in clip.kept], **dreams})


if __name__ == "__main__":
    main()
