"""A camera that moves at constant speed into a picture that dreams on.

    frame 0:   dream(picture)
    frame n:   dream(match(move(dream of frame n-1) + new detail)), with a share of the iterations

Every frame is matched to the tone of frame 0 (`tone`): dreams about dreams end in neon otherwise. What the
camera comes close to gains detail to grow from (`noise`).

The move is one affine map, sampled in float by Lanczos' kernel of four lobes (`warp`): bilinear sampling
would have blurred all fine detail within a second, and bytes between the frames would round away what little
a frame changes. Beyond the border the picture is mirrored, so there is never a black edge.

What stands still in a zoom is a line across and a line down the picture: little is lost there by sampling
(by a bicubic kernel, nothing), and every frame dreams the same onto it. Within two seconds they could be
seen as a cross. So the place that the camera heads for goes round the centre, so near that no frame is
moved by more than a quarter of a pixel.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from ...dream.quantize import WHITE_8, quantized
from ..frames.frames import FilmFormat, Frame, Map, Picture, exact_seconds, frame_rate
from ..frames.noise import new_detail
from ..motion.warp import moved
from ..settings.settings import ZoomConfig
from .carry import Dreamt, Start
from .tone import Tone, match_tone

_SOFT = 1 / 16
"""Deviation of the Gaussian that blurs what is mirrored, as a share of the height."""
_AWAY, _MOST_MOVED_PX, _ROUND_S = 1 / 20, 0.25, 2.0
"""How far the place that the camera heads for is from the centre at most, as a share of the height, how far
that may move a frame, and how many seconds it takes to go round."""
_NEW_S = 1 / 3
"""For how long a place that has come into view gains detail of its own."""


@dataclass(frozen=True)
class Motion:
    """How a picture moves from one frame to the next: magnified and turned about a place, then shifted."""

    zoom: float = 1.0
    rotate_deg: float = 0.0
    """Counter-clockwise."""
    shift_px: tuple[float, float] = (0.0, 0.0)
    """To the right and down."""
    about_px: tuple[float, float] = (0.0, 0.0)
    """The place that zoom and rotation leave where it is, from the centre to the right and down."""

    @classmethod
    def per_frame(cls, config: ZoomConfig) -> Motion:
        """Return the motion between two frames that makes up the configured speed per second."""
        rate = float(frame_rate(config.fps))
        right, down = config.shift_px_per_s
        return cls(
            config.zoom_per_s ** (1 / rate), config.rotate_deg_per_s / rate, (right / rate, down / rate)
        )

    @property
    def is_still(self) -> bool:
        """True when nothing moves."""
        return replace(self, about_px=(0.0, 0.0)) == Motion()

    def apply(self, picture: Picture) -> Picture:
        """Return the moved picture, the same size; a still motion returns every pixel exactly as it was."""
        if self.is_still:
            return picture.copy()
        _, height, width = picture.shape
        return np.asarray(np.clip(moved(picture, _way_back(self._back(), height, width)), 0, 1), np.float32)

    def revealed(self, height: int, width: int, frames: int) -> Map:
        """Return 1 where a place came into view within so many frames, 0 elsewhere: (height, width)."""
        back = np.linalg.matrix_power(np.array(self._back()), frames)
        across, down = _from_centre(width), _from_centre(height)[:, None]
        out_x = abs(back[0, 0] * across + back[0, 1] * down + back[0, 2]) > width / 2
        out_y = abs(back[1, 0] * across + back[1, 1] * down + back[1, 2]) > height / 2
        return np.asarray(out_x | out_y, np.float32)

    def _back(self) -> list[list[float]]:
        """Return the 3x3 map from a place to where it was, in pixels from the centre, to the right and down.

            target - about = zoom * turn(source - about) + shift
            source = turn back((target - about - shift) / zoom) + about

        With y downwards, counter-clockwise on the screen is x' = x cos + y sin, y' = -x sin + y cos.
        """
        angle = math.radians(self.rotate_deg)
        cos, sin = math.cos(angle) / self.zoom, math.sin(angle) / self.zoom
        x, y = self.about_px
        right, down = x + self.shift_px[0], y + self.shift_px[1]
        return [
            [cos, -sin, x + sin * down - cos * right],
            [sin, cos, y - sin * right - cos * down],
            [0.0, 0.0, 1.0],
        ]


def _from_centre(count: int) -> NDArray[np.float64]:
    """Return where the pixels of a row of so many are, from its middle."""
    return np.arange(count, dtype=np.float64) - (count - 1) / 2


def _way_back(back: list[list[float]], height: int, width: int) -> NDArray[np.float32]:
    """Return from where each pixel comes, (h, w, 2) pixels to the right and down; mirrored at the borders."""
    (xx, xy, x0), (yx, yy, y0), _ = back
    across, down = _from_centre(width), _from_centre(height)[:, None]
    way = np.empty((height, width, 2), np.float32)
    way[..., 0] = _mirrored(xx * across + xy * down + x0, width) - across
    way[..., 1] = _mirrored(yx * across + yy * down + y0, height) - down
    return way


def _mirrored(places: NDArray[np.float64], size: int) -> NDArray[np.float64]:
    """Return places from the middle of a side, those beyond its ends mirrored at these."""
    over = np.mod(places + size / 2, 2 * size)
    return np.asarray(np.minimum(over, 2 * size - over) - size / 2)


class CameraPath:
    """The source of a zoom: the same picture at every tick, `duration_s * fps` (rounded) times."""

    settings_table: Final = "zoom"
    notes: tuple[str, ...] = ()

    def __init__(self, picture: Picture, config: ZoomConfig) -> None:
        self._picture = picture
        self._rate = frame_rate(config.fps)
        self._count = max(1, round(exact_seconds(config.duration_s) * self._rate))

    @property
    def film(self) -> FilmFormat:
        """The film along this path."""
        period = 1 / self._rate
        _, height, width = self._picture.shape
        return FilmFormat(width, height, time_base=period, last_frame_s=period, frame_count=self._count)

    def frames(self, first: int = 0) -> Iterator[Frame]:
        """Yield the picture at every tick; what the camera sees of it is for `CameraCarry` to say."""
        for index in range(first, self._count):
            yield Frame(index, Fraction(index) / self._rate, self._picture)


class CameraCarry:
    """The carry of a zoom: each frame dreams about the last dream, moved on."""

    carries, needs_flow = True, False
    lasting_frames = 0
    """A zoom is one shot, which begins with the picture itself."""

    def __init__(self, config: ZoomConfig) -> None:
        self._config = config
        self._motion = Motion.per_frame(config)
        self._tone: tuple[Picture, Tone] | None = None
        self._new: Map | None = None

    def start(self, frame: Frame, last: Dreamt | None, flow: object = None) -> Start:
        """Start from the picture at first, then from the last dream as the camera sees it now."""
        if last is None:
            return Start(frame.picture)
        rule = self._config
        _, height, width = last.picture.shape
        motion = replace(self._motion, about_px=self._heading(frame.index, height))
        seen = motion.apply(last.picture)
        revealed = self._revealed(height, width)
        detail = new_detail((height, width), self._motion.zoom, rule.births, frame.index, revealed)
        if revealed is not None:
            seen = _filled(seen, motion.revealed(height, width, 1))
        if detail is not None:
            seen += detail
        if rule.tone_hold:
            seen = match_tone(seen, self._tone_of(last), rule.tone_hold)
        return Start(
            np.ascontiguousarray(seen),
            iterations_share=rule.iterations_share,
            spectrum_added=rule.spectrum_added,
            evenness=rule.evenness,
        )

    def _revealed(self, height: int, width: int) -> Map | None:
        """Return what share of a new place's noise each place gets now; None where all was there before."""
        if self._new is None or self._new.shape != (height, width):
            frames = max(1, round(float(frame_rate(self._config.fps)) * _NEW_S))
            self._new = self._motion.revealed(height, width, frames) / np.float32(frames)
        return self._new if self._new.any() else None

    def _heading(self, number: int, height: int) -> tuple[float, float]:
        """Return the place that the camera heads for in a frame, in pixels from the centre."""
        if self._motion.is_still:
            return 0.0, 0.0
        zoom, angle = self._motion.zoom, math.radians(self._motion.rotate_deg)
        moves = math.hypot(zoom * math.cos(angle) - 1, zoom * math.sin(angle))
        away = min(_AWAY * height, _MOST_MOVED_PX / max(moves, 1e-9))
        turn = 2 * math.pi * number / (float(frame_rate(self._config.fps)) * _ROUND_S)
        return away * math.cos(turn), away * math.sin(turn)

    def _tone_of(self, last: Dreamt) -> Tone:
        """Return the tone of the film's first dream as 8 bits show it, since so much of it is kept."""
        opening = last.picture if last.opening is None else last.opening
        if self._tone is None or self._tone[0] is not opening:
            self._tone = opening, Tone.of(quantized(opening, WHITE_8))
        return self._tone[1]


def _filled(seen: Picture, new: Map) -> Picture:
    """Return the picture with only broad light and dark where it is mirrored: lines would become streaks."""
    sigma_px = seen.shape[1] * _SOFT
    soft = np.stack([np.asarray(cv2.GaussianBlur(plane, (0, 0), sigma_px)) for plane in seen])
    return np.where(new > 0, soft, seen)
