"""What each place of a shot has looked like so far, followed along the flow: how old its dream is, and
whether it still belongs there.

    age     for how many frames the dream of a place has been there: what is new counts from 0
    look    the mean of what the source showed there in the last second or so, in grey

The flow says where things went, and nothing of what dissolves: in a crossfade nothing moves, and flow back
and forth agree. But a place that dissolves looks less and less like its own history. As in the structural
similarity of Wang et al. (Image Quality Assessment, 2004), with the frame now and its history in a window
around each place, and d how much lighter or darker the window has become than the frame has as a whole:

    likeness = (2 cov(now, look) + e) / (var(now) + var(look) + d^2 / 2 + e)

It is 1 where nothing has changed, and stays high for what moves, under other light and under noise; it falls
in a crossfade, in a fade to black, and when a picture comes out of black. The last term is for skies, which
have nothing else to tell one from another. All is kept at a quarter of the size, where the flow's small
errors in grass and gravel no longer count for change. What has been let go of is forgotten sooner: a new
dream is let be five frames after a crossfade, and not fifteen.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ..frames.frames import Map, Picture
from ..motion.flow import Flow
from ..motion.shrink import shrunk_grey

# The share that the frame now has in its look, and that it has where all was let go of.
_NEW_SHARE, _FORGETTING = np.float32(1 / 24), np.float32(0.2)
# The window's deviation, in small pixels.
_SIGMA_PX = 5.0
# `e`: a variance, in levels of 255 squared, that counts for noise. So many levels lighter or darker count for
# a change of light.
_NOISE, _LIGHT = np.float32(4), np.float32(8)
# Older than this, all dreams are alike.
_OLDEST = 240.0


@dataclass(frozen=True, slots=True)
class History:
    """What is known of each place of a frame: maps of a quarter of its size (`motion.shrink`)."""

    age: Map
    """In frames."""
    look: Map
    """In levels of 255."""

    @classmethod
    def begun(cls, picture: Picture) -> History:
        """Return the history of a shot's first frame."""
        look = shrunk_grey(picture)
        return cls(np.zeros_like(look), look)

    @classmethod
    def of(cls, maps: NDArray[np.float32]) -> History:
        """Return it from its maps as they were kept, (2, h, w)."""
        age, look = maps
        return cls(age, look)

    @property
    def maps(self) -> NDArray[np.float32]:
        """Its maps, to be kept: (2, h, w)."""
        return np.stack([self.age, self.look])

    def followed(self, picture: Picture, flow: Flow, least: float) -> tuple[History, Map]:
        """Return the history of the source's next frame, and how much of each place's dream stays there.

        What stays is 1 where a place looks like its history, falls below a likeness of `least`, and is 0 from
        half of that on; it has the size of the maps.
        """
        now, there = shrunk_grey(picture), flow.shrunk
        look, age = (_moved(each, there.x, there.y) for each in (self.look, self.age))
        look = now + there.confidence * (look - now)
        stays = _stays(now, look, least)
        age = np.minimum((age + 1) * there.confidence * stays, np.float32(_OLDEST))
        look += np.maximum(_NEW_SHARE, _FORGETTING * (1 - stays)) * (now - look)
        return History(age, look), stays


def _moved(small: Map, x: Map, y: Map) -> Map:
    moved = cv2.remap(small, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(moved, np.float32)


def _stays(now: Map, look: Map, least: float) -> Map:
    if least == 0:
        return np.ones_like(now)
    mean_now, mean_look = _around(now), _around(look)
    together = _around(now * look) - mean_now * mean_look
    spread = _around(now * now + look * look) - mean_now * mean_now - mean_look * mean_look
    lighter = mean_now - mean_look
    lighter = np.maximum(np.abs(lighter - lighter.mean()) - _LIGHT, 0)
    likeness = (2 * together + _NOISE) / (np.maximum(spread, 0) + lighter * lighter / 2 + _NOISE)
    stays: Map = np.clip(likeness * np.float32(2 / least) - 1, 0, 1)
    return stays


def _around(values: Map) -> Map:
    return np.asarray(cv2.GaussianBlur(values, (0, 0), _SIGMA_PX), np.float32)
