"""Where shots begin, found on the source ahead of rendering: nothing of the last dream is carried over there.

    small frames --> AdaptiveDetector --> candidates --> a look alike on both sides? --> cuts
                     (PySceneDetect)                     then a flash, or fast motion

The frames come from the program's own decoder, scaled small, at the clip's own rate: a cut is a fact of the
source, whatever `fps` makes of it. PySceneDetect's detector compares how much two frames differ with how much
the frames around them do. Alone it takes flashes for cuts. Its own flash filter only asks how soon the next
change comes, and would merge short shots. So the detector is set to miss little, and each candidate is judged
again: when any frame of the third of a second before it looks like any of the third of a second after it, the
shot goes on. "Looks like" is the correlation of local contrast, which does not depend on brightness.

Dissolves and fades are no cuts, and a shot interrupted for less than a third of a second is taken to go on.
Strong noise hides cuts, and a flash of pure white in a whip pan can pass for one. How well it does is in
`docs/video-measurements.md`.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from functools import partial
from itertools import islice, repeat
from pathlib import Path
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from ...dream.quantize import rgb24
from ...errors import UsageError
from ..events.events import CutSearch, OnEvent, unheard
from ..frames.frames import Frame, Picture, exact_seconds
from ..media.media_source import MediaSource
from ..media.sources import open_source
from ..settings.settings import SMALLEST_PX, ClipConfig

Look: TypeAlias = NDArray[np.float32]
"""A frame as it is compared: (64, 64) grey, 0..1, whatever its shape was."""

_LONG_SIDE_PX = 128
_FLASH_S = Fraction(1, 3)

# AdaptiveDetector: the change must be so many times that around it (default 3), and so large, in mean levels
# of hue, saturation and value (default 15, which loses cuts between dark shots). It looks two frames ahead
# and back; the film's ends are prolonged by as many still frames, or cuts there would be lost.
_TIMES_AROUND = 2.0
_LEAST_CHANGE = 3.0
_AROUND = 2
_FEWEST = _AROUND + 1  # frames to compare on either side, however slow the clip

_LOOK_PX = 64
_GRID_PX, _CONTRAST_SIGMA_PX = 24, 3.5
_FAINT = 0.02  # a local contrast, of 1, that counts as noise
_BLACK = 0.08  # what is never brighter is a bar beside the picture, alike in all shots
_ALIKE = 0.5


def find_cuts(source_path: Path, config: ClipConfig, on_event: OnEvent = unheard) -> tuple[int, ...]:
    """Decode a clip, or a folder of pictures, once and small, and return where its cuts are.

    The indices are those of the film's frames as `frames()` numbers them under `config`, ascending; the first
    frame is never among them. `on_event` hears of every frame. Raises InputNotFoundError, MediaError or
    UsageError as opening the source does.
    """
    film_source = open_source(source_path, config)
    small = film_source.at_own_rate(_small_size(film_source))
    looked_at = _counted(
        small.frames(), partial(CutSearch, source_path, total=small.film.frame_count), on_event
    )
    first_frames = _first_frames(looked_at, _reach(small))
    return _film_indices(((frame.index, frame.time_s) for frame in first_frames), film_source)


def cuts_between(source_path: Path, config: ClipConfig, first: int, last: int) -> tuple[int, ...]:
    """Return those of all cuts that are at the film's frames `first` to `last`, both included.

    Only frames around these are decoded: whether there is a cut hangs on the frames beside it alone, as far
    as detector and comparison reach.
    """
    film_source = open_source(source_path, config)
    small = film_source.at_own_rate(_small_size(film_source))
    begins_s, around = small.begins_s, _reach(small) + 2 * _AROUND
    rate = film_source.resampled_rate
    if rate is not None:
        begin_s, end_s = (number / rate for number in (first, last))
    else:
        begin_s, end_s = (begins_s[min(max(number, 0), len(begins_s) - 1)] for number in (first, last))
    own_first = max(0, bisect_left(begins_s, begin_s) - around)
    looked_at = islice(small.frames(own_first), bisect_right(begins_s, end_s) + around - own_first)
    found = [(frame.index, frame.time_s) for frame in _first_frames(looked_at, _reach(small))]
    return tuple(cut for cut in _film_indices(found, film_source) if first <= cut <= last)


def _reach(source: MediaSource) -> int:
    """Return how many frames are compared on either side of a cut."""
    return max(_FEWEST, round(source.average_rate * _FLASH_S))


def listed_cuts(times_s: Sequence[float], source_path: Path, config: ClipConfig) -> tuple[int, ...]:
    """Return the film's frames that are nearest to `times_s`, in seconds on the clip's own clock.

    Nearest, because the times that players show are rounded. Cuts inside the clip but outside the part of it
    that becomes the film are left out. Raises UsageError for a time outside the clip.
    """
    film_source = open_source(source_path, config)
    own = film_source.at_own_rate()
    begins_s, clip_end_s = own.begins_s, own.end_s
    part_end_s = clip_end_s if config.end_s is None else exact_seconds(config.end_s)
    listed = []
    for time_s in map(exact_seconds, times_s):
        if time_s >= clip_end_s:
            raise UsageError(
                f"there is no cut at {float(time_s):g} s: {source_path.name} lasts {float(clip_end_s):.4g} "
                "s. Give cuts before that, or leave them to --cuts auto."
            )
        if time_s < part_end_s:
            nearest = _nearest(begins_s, time_s - own.film.zero_s)
            listed.append((nearest, begins_s[nearest]))
    return _film_indices(listed, film_source)


def _counted(
    frames: Iterable[Frame], searched: Callable[[int], CutSearch], on_event: OnEvent
) -> Iterator[Frame]:
    on_event(searched(0))
    for done, frame in enumerate(frames, 1):
        yield frame
        on_event(searched(done))


def _small_size(source: MediaSource) -> tuple[int, int]:
    """Return (width, height) of at most 128 px for the long side, unless the short one would be under 16."""
    width, height = source.film.width_px, source.film.height_px
    share = min(1.0, _LONG_SIDE_PX / max(width, height))
    return max(SMALLEST_PX, round(width * share)), max(SMALLEST_PX, round(height * share))


def _nearest(sorted_times_s: Sequence[Fraction], time_s: Fraction) -> int:
    """Return the index of the time nearest to `time_s`, the earlier of two that are as near."""
    after = bisect_left(sorted_times_s, time_s)
    around = range(max(0, after - 1), min(len(sorted_times_s), after + 1))
    return min(around, key=lambda index: abs(sorted_times_s[index] - time_s))


def _film_indices(own_frames: Iterable[tuple[int, Fraction]], film_source: MediaSource) -> tuple[int, ...]:
    """Return which frames of the film are the first to show the given (index, time) of the source's own.

    At another rate that is the first tick at which the frame has begun, to a tick of the source's clock (see
    `media.timing.resample`). A frame that is dropped hands its cut on to the next one shown.
    """
    rate, tick_s = film_source.resampled_rate, film_source.time_base
    if rate is not None:
        indices = {math.ceil((time_s - tick_s) * rate) for index, time_s in own_frames if index > 0}
    else:
        indices = {index for index, _ in own_frames}
    count = film_source.film.frame_count or 0
    return tuple(sorted(index for index in indices if 0 < index < count))


def _first_frames(frames: Iterable[Frame], reach: int) -> Iterator[Frame]:
    """Yield the first frame of every shot after the first, comparing `reach` frames on either side."""
    from scenedetect.common import FrameTimecode  # half a second to load, for which a bad clip need not wait
    from scenedetect.detectors import AdaptiveDetector

    detector = AdaptiveDetector(
        _TIMES_AROUND, min_scene_len=0, window_width=_AROUND, min_content_val=_LEAST_CHANGE
    )
    window: deque[Frame] = deque(maxlen=2 * reach)
    waiting: deque[int] = deque()
    position = -1
    for position, frame in enumerate(_with_still_ends(frames)):
        window.append(frame)
        bgr = np.ascontiguousarray(rgb24(frame.picture)[..., ::-1])
        found = detector.process_frame(FrameTimecode(position, fps=1.0), bgr)  # frames are counted, not timed
        waiting.extend(timecode.frame_num for timecode in found)
        if waiting and waiting[0] + reach - 1 == position:
            yield from _if_new_shot(window, waiting.popleft() - position - 1, reach)
    for candidate in waiting:
        yield from _if_new_shot(window, candidate - position - 1, reach)


def _with_still_ends(frames: Iterable[Frame]) -> Iterator[Frame]:
    """Yield the first and the last frame as often again as the detector looks around."""
    last: Frame | None = None
    for frame in frames:
        if last is None:
            yield from repeat(frame, _AROUND)
        yield frame
        last = frame
    if last is not None:
        yield from repeat(last, _AROUND)


def _if_new_shot(window: Iterable[Frame], at: int, reach: int) -> Iterator[Frame]:
    """Yield the frame `at` places from the window's end (-1 is its last) if a shot begins there."""
    frames = list(window)
    before, after = frames[:at][-reach:], frames[at:]
    if not _any_alike([frame.picture for frame in before], [frame.picture for frame in after]):
        yield frames[at]


def _any_alike(before: Sequence[Picture], after: Sequence[Picture]) -> bool:
    """Tell whether any two pictures across the candidate show the same things at nearly the same places."""
    looks = np.stack([_look(picture) for picture in (*before, *after)])
    lit = looks.max(axis=0) > _BLACK
    rows, columns = np.flatnonzero(lit.any(axis=1)), np.flatnonzero(lit.any(axis=0))
    if not len(rows):
        return True
    inside = looks[:, rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    contrasts = np.stack([_contrast(look) for look in inside])
    return bool((contrasts[: len(before)] @ contrasts[len(before) :].T).max() >= _ALIKE)


def _look(picture: Picture) -> Look:
    grey = np.ascontiguousarray(picture.mean(axis=0))
    return np.asarray(cv2.resize(grey, (_LOOK_PX, _LOOK_PX), interpolation=cv2.INTER_AREA), np.float32)


def _contrast(look: Look) -> Look:
    """Return local contrast as a flat vector of length one: deviations over their own local size."""
    grid = cv2.resize(look, (_GRID_PX, _GRID_PX), interpolation=cv2.INTER_AREA)
    deviation = grid - cv2.GaussianBlur(grid, (0, 0), _CONTRAST_SIGMA_PX)
    power = cv2.GaussianBlur(deviation * deviation, (0, 0), _CONTRAST_SIGMA_PX)
    contrast = deviation / np.sqrt(power + _FAINT**2)
    contrast -= contrast.mean()
    return np.asarray(contrast / max(float(np.linalg.norm(contrast)), 1e-6), dtype=np.float32).ravel()
