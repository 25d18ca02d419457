"""Preroll: moments of a clip as the film will show them, since some of what leads up to them is dreamt too.

    the film      |0 1 2 3 4 5 6 7 8 … the shot … 36 |
    moment 4       0 1 2 3 4                              every frame: the film's very frame
    moment 36      0   2   4   6   8 … 32  34  36         some frames on the way: near to it

What a frame of a film shows has come along from its shot's first frame: that settles where the creatures
are. So a shot is begun as in the film, warmed up (`warm_up`), and followed to the moment in at most eighteen
strides, along the flow from one to the next. Flow does not bridge many frames: a moment some seconds into its
shot is approached from a few seconds before. Moments that lie near one another share the way.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import islice, pairwise
from pathlib import Path

from ...errors import MediaError
from ..analysis.analyze import Analyzer, DecodedFrame
from ..analysis.clip_analysis import ClipAnalysis
from ..analysis.warm_up import MOST_PEEKED
from ..carry.carry import Carry, Dreamt
from ..carry.choose import choose_carry
from ..events.events import Event, OnEvent, PreviewFrameDone, WarmUpFrame, unheard
from ..frames.frames import Frame, FrameDreamer, Picture
from ..loop import FrameLoop, Resumption, with_maps
from ..maps import MapSupply
from ..media.sources import open_source
from ..motion.flow import still_flow
from ..settings.settings import ClipConfig, Settings

# How many strides lead to a moment, and how long one is, at most: longer ones come less near to the film.
_MOST_STRIDES, _LONGEST_STRIDE = 18, 4
_MOST_FRAMES = _MOST_STRIDES * _LONGEST_STRIDE


@dataclass(frozen=True)
class Segment:
    """Frames of the film that are dreamt one after another, for moments within one shot."""

    first: int
    """The number of the first of them, which is warmed up."""
    asked: tuple[int, ...]
    """The numbers of those that are to be shown, ascending; the last one ends the segment."""
    begins_shot: bool
    """Whether the first one is the first of its shot."""

    @property
    def paths(self) -> tuple[tuple[int, ...], ...]:
        """Which frames are dreamt from the first to the one that is shown first, from there to the next …"""
        return tuple(_path(begin, end) for begin, end in pairwise((self.first, *self.asked)) if end > begin)

    @property
    def count(self) -> int:
        """How many frames are dreamt."""
        return 1 + sum(len(path) - 1 for path in self.paths)

    @property
    def is_whole(self) -> bool:
        """Whether every frame of the shot so far is dreamt: then what is shown is the film's."""
        return self.begins_shot and self.count == 1 + self.asked[-1] - self.first


def _path(begin: int, end: int) -> tuple[int, ...]:
    strides = min(end - begin, _MOST_STRIDES)
    return tuple(begin + (end - begin) * done // strides for done in range(strides + 1))


def segments(asked: Iterable[int], cuts: Collection[int]) -> list[Segment]:
    """Return what is dreamt for frames of these numbers, ascending.

    `cuts` are the numbers of frames at which shots begin, those some seconds before what is asked for at
    least; the film's first frame always begins one.
    """
    found: list[Segment] = []
    for number in sorted(set(asked)):
        shot = max((cut for cut in cuts if cut <= number), default=0)
        first = max(shot, number - _MOST_FRAMES)
        if found and found[-1].asked[-1] >= first:
            found[-1] = replace(found[-1], asked=(*found[-1].asked, number))
        else:
            found.append(Segment(first, (number,), first == shot))
    return found


class Preroll:
    """Moments of a clip, and what is dreamt for them."""

    def __init__(self, clip: Path, times_s: Sequence[float], settings: Settings) -> None:
        """Find the moments' shots, near them alone. Raises UsageError for times outside the clip."""
        self._settings = settings
        self._source = open_source(clip, settings.clip)
        self.numbers = [self._source.number_at(time_s) for time_s in times_s]
        """The moments' frames, as the film numbers them."""
        self._carry: Carry = choose_carry(settings.clip)
        cuts = tuple(sorted(set(_cuts_near(clip, self.numbers, settings.clip))))
        self.analyzer: Analyzer = ClipAnalysis(
            clip, self._carry, settings.clip, cuts, settings.runs_on
        ).analyzer()
        self.segments = segments(self.numbers, cuts)

    @property
    def frames(self) -> int:
        """How many frames are dreamt, those that are thrown away among them."""
        return sum(self.analyzer.warm_up_frames + each.count for each in self.segments)

    def notes(self, times_s: Sequence[float]) -> Iterator[str]:
        """Yield a sentence for every segment: its moments, where it begins, and how many frames it takes."""
        for segment in self.segments:
            times = [
                f"{at:g} s"
                for at, number in zip(times_s, self.numbers, strict=True)
                if number in segment.asked
            ]
            moments = times[0] if len(times) == 1 else f"{', '.join(times[:-1])} and {times[-1]}"
            begins = "the beginning of the shot" if segment.begins_shot else "some seconds before"
            frames = "1 frame" if segment.count == 1 else f"{segment.count} frames"
            warm_up = self.analyzer.warm_up_frames
            thrown_away = f" and {warm_up} that are thrown away" if warm_up else ""
            near = "as in the film" if segment.is_whole else "near to the film, which dreams every frame"
            yield f"{moments}: dreamt from {begins} on, {frames}{thrown_away}: {near}."

    def dreams(self, picture: Picture) -> Mapping[float | str, float]:
        """Return from a share of the iterations to how many dreams of that share there are, about.

        `picture` is any that the carry can be asked about.
        """
        frame = Frame(1, Fraction(1), picture)
        last = Dreamt(replace(frame, index=0), picture)
        share = self._carry.start(frame, last, still_flow(picture)).iterations_share
        whole = len(self.segments)
        dreams: dict[float | str, float] = {share: float(self.frames - whole)}
        return {**dreams, 1.0: dreams.get(1.0, 0.0) + whole}

    def dreamt(self, dreamer: FrameDreamer, maps: MapSupply, on_event: OnEvent = unheard) -> list[Picture]:
        """Dream the moments; `on_event` hears of every frame, thrown away or not. Raises MediaError."""
        shown: dict[int, Picture] = {}
        count = _Count(self.frames, on_event)
        for segment in self.segments:
            shown.update(self._of(segment, dreamer, maps, count))
        for number in self.numbers:
            if number not in shown:
                raise MediaError(
                    f"frame {number + 1} of the film cannot be reached from those before it: the clip is "
                    "damaged there. --alone dreams the moment by itself."
                )
        return [shown[number] for number in self.numbers]

    def _of(
        self, segment: Segment, dreamer: FrameDreamer, maps: MapSupply, count: _Count
    ) -> Iterator[tuple[int, Picture]]:
        """Yield the numbers and dreams of a segment's first frame, and of those that are to be shown."""
        decoded = self._decoded(segment.first, maps)
        loop = FrameLoop(self._carry, dreamer, maps, count.thrown_away)
        last = next(loop.dreams(self.analyzer.analyze(decoded, segment.first)), None)
        if last is None:
            return
        count.one_more()
        yield last.index, last.picture
        for path in segment.paths:
            last = self._followed(last, path, dreamer, maps, count)
            yield last.index, last.picture

    def _followed(
        self,
        last: Frame,
        path: tuple[int, ...],
        dreamer: FrameDreamer,
        maps: MapSupply,
        count: _Count,
    ) -> Frame:
        """Return the last frame of a path, which goes on from the dream of its first."""
        number, *way = path
        decoded = self._decoded(number, maps)
        on_the_way = islice((each for each in decoded if each[0].index in path), len(path))
        is_whole = len(way) == way[-1] - number
        carry = self._carry if is_whole else choose_carry(_unsmoothed(self._settings.clip))
        known = Resumption(number + 1, number, last.picture, last.history)
        for frame in FrameLoop(carry, dreamer, maps).dreams(self.analyzer.analyze(on_the_way), known):
            count.one_more()
            last = frame
        return last

    def _decoded(self, first: int, maps: MapSupply) -> Iterator[DecodedFrame]:
        return with_maps(self._source.frames(first), self._source.film.zero_s, maps)


def _unsmoothed(config: ClipConfig) -> ClipConfig:
    """Return the carry for strides: what many frames would come to by small steps is gone to in one."""
    free = {"hold": 0.0, "hold_new": 0.0, "hold_still": 0.0}
    return config.model_copy(update={"flow": config.flow.model_copy(update=free)})


class _Count:
    """Counts frames, those that are thrown away among them: they are half of what there is to wait for."""

    def __init__(self, total: int, on_event: OnEvent) -> None:
        self._done, self._total, self._on_event = 0, total, on_event
        on_event(PreviewFrameDone(0, total))

    def one_more(self) -> None:
        self._done += 1
        self._on_event(PreviewFrameDone(self._done, self._total))

    def thrown_away(self, event: Event) -> None:
        if isinstance(event, WarmUpFrame):
            self.one_more()


def _cuts_near(clip: Path, numbers: Sequence[int], config: ClipConfig) -> Iterator[int]:
    """Yield the cuts near frames of these numbers, as far before and after as is looked at."""
    from ..analysis.cuts import cuts_between, listed_cuts

    if config.cuts == "none":
        return
    if config.cuts != "auto":
        yield from listed_cuts(config.cuts, clip, config)
        return
    for number in numbers:
        yield from cuts_between(clip, config, number - _MOST_FRAMES, number + MOST_PEEKED)
