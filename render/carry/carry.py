"""What each frame's dream starts from: the source alone, or the source with something of the last dream.

    none     the source
    blend    a share of the last dream, mixed into the source
    flow     what the last dream added, moved along with the source and laid over it

The loop asks the carry before every frame. Whatever a carry needs to know of the past is in `Dreamt`, the
last frame with its dream; at the first frame of a shot there is none. What a carry chooses at random
depends on the frame's number alone, so that a render which is taken up again goes on the same way.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

import numpy as np

from ..flow_config import FlowConfig
from ..frames import Frame, Map, Picture
from ..settings import ClipConfig
from .disocclusion import CatchUp

if TYPE_CHECKING:
    from ..motion.flow import Flow
    from .past import Past

# New regions of less than this share of the frame are not worth steps of their own.
_WORTH_CATCHING_UP = 0.03

# How many frames a share takes to go up and down once.
_LOOP_FRAMES = 20

# What is left of a dream when it has faded, and the longest that one is taken to last.
_FADED, _LONGEST_FRAMES = 0.1, 1000


@dataclass(frozen=True, slots=True)
class Dreamt:
    """A frame of the source and the dream made of it."""

    frame: Frame
    picture: Picture
    past: Past | None = None
    """What the shot has shown so far, where the carry asks for it; None after its first frame."""
    opening: Picture | None = None
    """The dream of the shot's first frame. After a stop it is what the film shows of it: perhaps 8 bits."""


@dataclass(frozen=True, slots=True)
class Calm:
    """Smoothing, so that a dream changes slowly: dream + held * (picture - dream)."""

    picture: Picture
    """What the frame would be if it were not dreamt on."""
    held: Map
    """0 lets the dream go where it likes, 1 keeps the picture."""

    def applied(self, dream: Picture, mask: Map | None = None) -> Picture:
        """Return the dream, smoothed; where the mask is 0 it stays as it is, to the bit."""
        from ..pixels import drawn_back

        return drawn_back(dream, self.picture, self.held if mask is None else self.held * mask)


@dataclass(frozen=True, slots=True)
class Start:
    """Where one frame's dream starts."""

    image: Picture
    """The picture to dream about."""
    init: Picture | None = None
    """The picture to start changing from; None starts from `image`."""
    iterations_share: float | str = 1.0
    """Share of the configured iterations to spend; "0.1>0.5" from the coarsest octave to the finest."""
    catch_up: CatchUp | None = None
    """Extra work, done first, for newly visible areas."""
    calm: Calm | None = None
    """How the dream is smoothed; None lets it go where it likes."""
    past: Past | None = None
    """What the frame after this one has to know of the shot so far."""
    spectrum_added: float = 0.0
    """Added to the configured spectrum, in the extra work too: more paints broader strokes."""
    sigma_added_px: float = 0.0
    """Deviation of a further blur of the gradient, in the extra work too."""
    evenness: float = 0.0
    """How far steps are spread over the picture: 0 leaves most of each to where most is seen already."""


class Carry(Protocol):
    """Decides what of the last dream comes along."""

    needs_flow: bool
    """Whether `start` is to be given the source's flow."""

    @property
    def lasting_frames(self) -> int:
        """For how many frames something is left of a dream that is not dreamt on."""
        ...

    def start(self, frame: Frame, last: Dreamt | None, flow: Flow | None = None) -> Start:
        """Return where the dream of `frame` starts, after `last` (None at the first frame of a shot).

        `flow` leads from `frame` back to `last.frame`.
        """
        ...


class NoCarry:
    """Every frame is dreamt by itself."""

    needs_flow = False
    lasting_frames = 0

    def start(self, frame: Frame, last: Dreamt | None, flow: Flow | None = None) -> Start:
        """Start from the frame."""
        return Start(frame.picture)


class BlendCarry:
    """A share of the last dream stays in the picture that the next one starts from."""

    needs_flow = False

    def __init__(self, share: float, habit: Literal["constant", "random", "loop"] = "constant") -> None:
        self._share, self._habit = share, habit
        self.lasting_frames = _frames_until_faded(share)

    def start(self, frame: Frame, last: Dreamt | None, flow: Flow | None = None) -> Start:
        """Start from (1 - share) * frame + share * last dream."""
        if last is None:
            return Start(frame.picture)
        init = frame.picture + np.float32(self.share_at(frame.index)) * (last.picture - frame.picture)
        return Start(frame.picture, np.ascontiguousarray(init, dtype=np.float32))

    def share_at(self, index: int) -> float:
        """Return the share of a frame.

        `random` draws it anew for every frame, evenly between 0 and twice the configured share; `loop` climbs
        and falls between these in even steps. Both are the configured one on average, and end at 1.
        """
        highest = min(1.0, 2 * self._share)
        lowest = 2 * self._share - highest
        match self._habit:
            case "constant":
                return self._share
            case "random":
                return float(np.random.default_rng(index).uniform(lowest, highest))
            case "loop":
                way = index % _LOOP_FRAMES / (_LOOP_FRAMES / 2)
                return lowest + (highest - lowest) * (1 - abs(1 - way))


class FlowCarry:
    """What the last dream added to its source moves along with the source.

        residual = trust * moved(last dream - last source)
        init     = source + strength * residual
        dream    = (1 - hold) * dreamt(init) + hold * (source + residual)

    A still picture settles where a frame's dreaming adds as much as `strength` lets fade. How strong that is
    does not depend on `hold`, only how fast it is reached and how restless it is on the way: that is why the
    dream is smoothed towards the whole residual, and not the faded one. Newly visible areas start again from
    the source and get extra work first.
    """

    needs_flow = True

    def __init__(self, config: FlowConfig) -> None:
        self._config = config
        self._most_held = max(config.hold, config.hold_still)
        self.lasting_frames = _frames_until_faded(config.strength)

    def start(self, frame: Frame, last: Dreamt | None, flow: Flow | None = None) -> Start:
        """Start from the frame with the last dream's residual on it, where the flow is trusted."""
        from ..pixels import laid_over
        from .past import Past, enlarged, followed

        if last is None or flow is None:
            return Start(frame.picture)
        rule, size = self._config, flow.trust.shape
        before = last.past or Past.begun(last.frame.picture)
        past, stays = followed(before, frame.picture, flow, rule.likeness)
        share = flow.share * enlarged(stays, *size)
        residual = flow.carried(last.picture - last.frame.picture)
        init, whole = laid_over(frame.picture, residual, share, rule.strength)
        held = self._held(past, flow)
        calm = Calm(whole, enlarged(held, *size) * share)
        catch_up = self._catch_up(1 - share, flow)
        return Start(
            frame.picture,
            init,
            rule.iterations_share,
            catch_up,
            calm,
            past,
            rule.spectrum_added,
            rule.sigma_added_px,
        )

    def _held(self, past: Past, flow: Flow) -> Map:
        """Return how much each place is smoothed, at the size of the past's maps: the older, the more."""
        rule = self._config
        at_most = self._most_held * (1 - flow.shrunk.moving) + np.float32(rule.hold) * flow.shrunk.moving
        freedom = np.float32(1 - min(rule.hold_new, rule.hold))
        settling = np.float32(max(rule.settling_frames, 1e-6))
        return np.asarray(np.minimum(1 - freedom * settling / (past.age + settling), at_most), np.float32)

    def _catch_up(self, new: Map, flow: Flow) -> CatchUp | None:
        """Return the steps for what is new: up to twice as many where it will hardly be dreamt on later."""
        rule = self._config
        if not rule.catch_up or new.mean() < _WORTH_CATCHING_UP:
            return None
        freedom = 1 - rule.hold
        rest = 1 - (1 - self._most_held) / freedom if freedom else 0.0
        rest *= float((1 - flow.shrunk.moving).mean())
        return CatchUp(new, round(rule.catch_up * (1 + rest), 2))


def _frames_until_faded(share: float) -> int:
    """Return how many times a dream comes along by a share until hardly any of it is left."""
    if not 0 < share < 1:
        return _LONGEST_FRAMES if share else 0
    return min(_LONGEST_FRAMES, math.ceil(math.log(_FADED) / math.log(share)))


def carry_for(config: ClipConfig) -> Carry:
    """Return the carry that the configuration names."""
    match config.carry:
        case "none":
            return NoCarry()
        case "blend":
            return BlendCarry(config.carry_share, config.carry_habit)
        case "flow":
            return FlowCarry(config.flow)
