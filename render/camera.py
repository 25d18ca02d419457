"""A camera that moves at constant speed into a picture that dreams on.

    frame 0:   dream(picture)
    frame n:   dream(hold(move(dream of frame n-1) + newborn detail)), with a share of the iterations

Every frame is held to the tone of frame 0 (`tone`): dreams about dreams end in neon otherwise. What the
camera comes close to gains detail to grow from (`births`).

The move is one affine map about the centre, sampled in float with bicubic interpolation. After 30 zooms of
1 % bilinear sampling has blurred fine detail to under 1 % of its strength while bicubic keeps three quarters;
bytes between the frames would round away what little a frame changes. Beyond the border the picture is
mirrored, so there is never a black edge.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import torch
import torch.nn.functional as F

from .births import newborn
from .carry import Dreamt, Start
from .frames import FilmFormat, Frame, Picture, exact_seconds, frame_rate
from .passes import on_bytes
from .settings import ZoomConfig
from .tone import Tone, held


@dataclass(frozen=True)
class Motion:
    """How a picture moves from one frame to the next: magnified and turned about its centre, then shifted."""

    zoom: float = 1.0
    rotate_deg: float = 0.0
    """Counter-clockwise."""
    shift_px: tuple[float, float] = (0.0, 0.0)
    """To the right and down."""

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
        return self == Motion()

    def apply(self, picture: Picture) -> Picture:
        """Return the moved picture, the same size; a still motion returns every pixel exactly as it was."""
        if self.is_still:
            return picture.copy()
        image = torch.from_numpy(picture)[None]
        theta = torch.tensor(self._inverse(picture.shape[2], picture.shape[1]), dtype=torch.float32)[None]
        grid = F.affine_grid(theta, list(image.shape), align_corners=False)
        moved = F.grid_sample(image, grid, mode="bicubic", padding_mode="reflection", align_corners=False)
        return moved[0].clamp_(0, 1).numpy()

    def _inverse(self, width: int, height: int) -> list[list[float]]:
        """Return the 2x3 map from a target position to its source, in grid_sample's -1..1 coordinates.

            target = zoom * turn(source) + shift   =>   source = turn back((target - shift) / zoom)

        With y downwards, counter-clockwise on the screen is x' = x cos + y sin, y' = -x sin + y cos. One
        unit is half the width across and half the height down, hence the ratios off the diagonal.
        """
        angle = math.radians(self.rotate_deg)
        cos, sin = math.cos(angle) / self.zoom, math.sin(angle) / self.zoom
        right, down = self.shift_px
        back_x, back_y = cos * right - sin * down, sin * right + cos * down
        return [
            [cos, -sin * height / width, -back_x * 2 / width],
            [sin * width / height, cos, -back_y * 2 / height],
        ]


class CameraPath:
    """The source of a zoom: the same picture at every tick, `duration_s * fps` (rounded) times."""

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

    needs_flow = False
    lasting_frames = 0
    """A zoom is one shot, which begins with the picture itself."""

    def __init__(self, config: ZoomConfig) -> None:
        self._config = config
        self._motion = Motion.per_frame(config)
        self._tone: tuple[Picture, Tone] | None = None

    def start(self, frame: Frame, last: Dreamt | None, flow: object = None) -> Start:
        """Start from the picture at first, then from the last dream as the camera sees it now."""
        if last is None:
            return Start(frame.picture)
        rule = self._config
        seen = self._motion.apply(last.picture)
        if (detail := newborn(seen.shape[1:], self._motion.zoom, rule.births, frame.index)) is not None:
            seen += detail
        if rule.tone_hold:
            seen = held(seen, self._tone_of(last), rule.tone_hold)
        return Start(
            np.ascontiguousarray(seen),
            iterations_share=rule.iterations_share,
            spectrum_added=rule.spectrum_added,
        )

    def _tone_of(self, last: Dreamt) -> Tone:
        """Return the tone of the film's first dream as 8 bits show it, since so much of it is kept."""
        opening = last.picture if last.opening is None else last.opening
        if self._tone is None or self._tone[0] is not opening:
            self._tone = opening, Tone.of(on_bytes(opening))
        return self._tone[1]
