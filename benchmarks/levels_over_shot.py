"""How level a dream stays over its shots: how sharp, how colourful and how near to the clip every frame is.

    python -m lucidreel.benchmarks.levels_over_shot CLIP ... --size 240x136 --preset lucid --plot levels.png
    python -m lucidreel.benchmarks.levels_over_shot CLIP --class jellyfish --model DIR --run-in 0 --run-in 8

    sharpness    mean difference between neighbours in a row, levels of 255
    saturation   mean distance between a pixel's strongest and weakest channel, levels of 255
    clipped      share of pixels with a channel at 0 or 255
    psnr_db      how near the dream stays to the clip

For every shot and every `--run-in` it prints the first frame, the mean and the last one, and how far below
and above the shot's own mean its frames go. The lines `the clip` say what the clip itself does.
With `--at` it prints how near previews of these moments come to the frames of the last film, in dB, and how
near the moments dreamt by themselves do.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lucidreel.benchmarks.measures import clipped, levels, psnr_db
from lucidreel.benchmarks.sheet import captioned_sheet
from lucidreel.benchmarks.stability import Gathered, Kept
from lucidreel.dream.device import choose_device
from lucidreel.dream.engine import Dreamer
from lucidreel.models.zoo.registry import load_network
from lucidreel.presets.catalogue import read_preset
from lucidreel.render.analysis.clip_analysis import ClipAnalysis
from lucidreel.render.analysis.cuts import find_cuts
from lucidreel.render.carry.choose import choose_carry
from lucidreel.render.frames.frames import Picture
from lucidreel.render.loop import render_frames
from lucidreel.render.maps import MapSupply
from lucidreel.render.media.pictures.pictures import write_picture
from lucidreel.render.media.sources import open_source
from lucidreel.render.preview.moments import source_moments
from lucidreel.render.preview.preroll import Preroll
from lucidreel.render.settings.quantities import read_size
from lucidreel.render.settings.settings import Settings

MEASURES = ("sharpness", "saturation", "clipped", "psnr_db")
Curves = dict[str, NDArray[np.float64]]
"""A value per frame, by measure."""


@dataclass(frozen=True)
class Levels:
    """A film and its curves."""

    name: str
    pictures: Sequence[Picture]
    curves: Curves


def curves(pictures: Sequence[Picture], sources: Sequence[Picture]) -> Curves:
    """Return every measure of every frame."""
    values = [
        _of_frame(levels(picture), levels(source)) for picture, source in zip(pictures, sources, strict=True)
    ]
    return {name: np.array([each[place] for each in values]) for place, name in enumerate(MEASURES)}


def _of_frame(picture: NDArray[np.float64], source: NDArray[np.float64]) -> tuple[float, ...]:
    sharpness = float(np.abs(np.diff(picture.mean(axis=0), axis=1)).mean())
    saturation = float((picture.max(axis=0) - picture.min(axis=0)).mean())
    return sharpness, saturation, float(clipped(picture).mean()), psnr_db(picture, source)


def dreamt(
    clip: Kept, path: Path, settings: Settings, cuts: tuple[int, ...], dreamer: Dreamer
) -> list[Picture]:
    """Return the dreams of all frames, as a render makes them."""
    sink, carry = Gathered(), choose_carry(settings.clip)
    analyzer = ClipAnalysis(path, carry, settings.clip, cuts, dreamer.device.type).analyzer()
    render_frames(clip, carry, dreamer, lambda: sink, analyzer=analyzer)
    return sink.pictures


def shots(cuts: Sequence[int], count: int) -> Iterator[slice]:
    """Yield the frames of each shot."""
    for begin, end in pairwise((0, *cuts, count)):
        yield slice(begin, end)


def lines(film: Levels, cuts: Sequence[int]) -> Iterator[str]:
    """Yield a line for every shot and measure."""
    for number, shot in enumerate(shots(cuts, len(film.pictures)), 1):
        for name in MEASURES:
            curve = film.curves[name][shot]
            mean = float(curve.mean())
            if not np.isfinite(mean):
                continue
            low, high = (float(value) / mean - 1 if mean else 0.0 for value in (curve.min(), curve.max()))
            places = (
                f"{curve[0]:8.2f} {mean:8.2f} {curve[-1]:8.2f}"
                if name != "clipped"
                else (f"{curve[0]:8.1%} {mean:8.1%} {curve[-1]:8.1%}")
            )
            yield f"{film.name:14} {number:4}  {name:11}{places}   {low:+5.0%} {high:+5.0%}"


def write_plot(
    path: Path, films: Sequence[tuple[str, Sequence[Levels]]], cuts: Sequence[Sequence[int]]
) -> None:
    """Draw the curves: a row per clip, a column per measure."""
    from matplotlib import pyplot

    shown = [name for name in MEASURES if name != "clipped"]
    figure, axes = pyplot.subplots(
        len(films),
        len(shown),
        figsize=(4 * len(shown), 2.4 * len(films)),
        squeeze=False,
        layout="constrained",
    )
    for (clip, of_clip), row, clip_cuts in zip(films, axes, cuts, strict=True):
        for name, axis in zip(shown, row, strict=True):
            for place, film in enumerate(of_clip):
                if np.isfinite(film.curves[name]).all():
                    axis.plot(film.curves[name], f"C{place}", label=film.name)
            for cut in clip_cuts:
                axis.axvline(cut, color="0.7", linestyle=":")
            axis.set_ylim(bottom=0)
            axis.set_title(f"{clip}: {name}", fontsize=9)
        row[0].legend(fontsize=8, loc="lower right")
    figure.savefig(path, dpi=90)
    pyplot.close(figure)


def write_sheet(path: Path, films: Sequence[Levels], cuts: Sequence[int]) -> None:
    """Write the frames around each cut, or at the beginning: a row per film."""
    count = len(films[0].pictures)
    places = sorted({at for cut in (0, *cuts) for at in (cut - 1, cut, cut + 6, cut + 24) if 0 <= at < count})
    rows = [[(f"{film.name}, frame {at + 1}", film.pictures[at]) for at in places] for film in films]
    write_picture(path, captioned_sheet(rows, min(240, rows[0][0][1].shape[2])), True)


def preview_lines(
    path: Path, times_s: Sequence[float], settings: Settings, dreamer: Dreamer, film: Sequence[Picture]
) -> Iterator[str]:
    """Yield a line for every moment: how near its preview is to the film, and the moment by itself."""
    for time_s in times_s:
        preroll = Preroll(path, [time_s], settings)
        shown = levels(film[preroll.numbers[0]])
        (preview,) = preroll.dreamt(dreamer, MapSupply())
        (moment,) = source_moments(path, [time_s], settings)
        near, alone, source = (
            psnr_db(levels(picture), shown)
            for picture in (preview, dreamer.dream(moment.picture), moment.picture)
        )
        yield (
            f"{time_s:g} s: preview {near:.1f} dB from the film, of {preroll.frames} frames; "
            f"alone {alone:.1f} dB, the clip {source:.1f} dB"
        )


def measured(
    path: Path, table: dict[str, Any], run_ins: Sequence[int], times_s: Sequence[float] = ()
) -> tuple[list[Levels], tuple[int, ...]]:
    """Dream a clip with each warm-up, printing what came of it; return all with the clip's cuts."""
    settings = Settings.read(table, "the command line")
    dreamer = Dreamer(
        load_network(str(table["model"])), settings.targets, settings.dream, choose_device(settings.device)
    )
    source = open_source(path, settings.clip)
    clip = Kept(source.film, tuple(source.frames()))
    sources, cuts = [frame.picture for frame in clip.kept], find_cuts(path, settings.clip)
    films = [Levels("the clip", sources, curves(sources, sources))]
    print(f"{path.name}: {len(sources)} frames, cuts at {', '.join(map(str, cuts)) or 'none'}")
    print(
        f"{'film':14} shot  {'measure':11}{'first':>8} {'mean':>8} {'last':>8}   lowest, highest", flush=True
    )
    print("\n".join(lines(films[0], cuts)), flush=True)
    for run_in in run_ins:
        clip_config = settings.clip.model_copy(update={"run_in_frames": run_in})
        settings = settings.model_copy(update={"clip": clip_config})
        pictures = dreamt(clip, path, settings, cuts, dreamer)
        films.append(Levels(f"run-in {run_in}", pictures, curves(pictures, sources)))
        print("\n".join(lines(films[-1], cuts)), flush=True)
    for line in preview_lines(path, times_s, settings, dreamer, films[-1].pictures):
        print(line, flush=True)
    return films, cuts


def main() -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("clips", type=Path, nargs="+", metavar="CLIP")
    parser.add_argument("--start", type=float)
    parser.add_argument("--end", type=float)
    parser.add_argument("--size", default="240x136")
    parser.add_argument("--preset")
    parser.add_argument("--model", default="bestiary")
    parser.add_argument("--class", dest="class_name")
    parser.add_argument("--run-in", type=int, action="append", help="may be given several times")
    parser.add_argument("--at", type=float, action="append", help="a moment, in seconds, to preview")
    parser.add_argument("--plot", type=Path, help="a picture of the curves")
    parser.add_argument("--sheet", type=Path, help="a picture of frames around the cuts of the last clip")
    asked = parser.parse_args()
    table: dict[str, Any] = {} if asked.preset is None else dict(read_preset(asked.preset))
    part = {"start_s": asked.start, "end_s": asked.end, "size_px": read_size(asked.size)}
    table["clip"] = table.get("clip", {}) | {key: value for key, value in part.items() if value is not None}
    table["model"] = asked.model
    if asked.class_name is not None:
        table["targets"] = {"classes": {asked.class_name: 1.0}}
    films = [measured(path, table, asked.run_in or [0, 8], asked.at or []) for path in asked.clips]
    if asked.plot is not None:
        named = [(path.name, of_clip) for path, (of_clip, _) in zip(asked.clips, films, strict=True)]
        write_plot(asked.plot, named, [cuts for _, cuts in films])
    if asked.sheet is not None:
        write_sheet(asked.sheet, *films[-1])


if __name__ == "__main__":
    main()
