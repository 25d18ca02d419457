"""What each frame's dream starts from: the source alone, or the source with something of the last dream.

    none     the source
    blend    a share of the last dream, mixed into the source
    flow     what the last dream added, moved along with the source and laid over it

The loop asks the carry before every frame. Whatever a carry needs to know of the past is in `Dreamt`, the
last frame with its dream; at the first frame of a shot there is none. What a carry draws by lot depends on
the frame's number alone, so that a render which is taken up again goes on the same way.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

import numpy as np

from .flow_config import FlowConfig
from .frames import Frame, Map, Picture
from .settings import ClipConfig

if TYPE_CHECKING:
    from .flow import Flow

# New regions of less than this share of the frame are not worth steps of their own.
_WORTH_CATCHING_UP = 0.01

# How many frames a share takes to go up and down once.
_LOOP_FRAMES = 20


@dataclass(frozen=True, slots=True)
class Dreamt:
    """A frame of the source and the dream made of it."""

    frame: Frame
    picture: Picture


@dataclass(frozen=True, slots=True)
class CatchUp:
    """Steps that only some of the picture gets, before the whole of it is dreamt on."""

    where: Map
    """How much of every step is made, 0..1."""
    iterations_share: float


@dataclass(frozen=True, slots=True)
class Start:
    """Where one frame's dream starts."""

    image: Picture
    """The picture to dream about."""
    init: Picture | None = None
    """The picture to start changing from; None starts from `image`."""
    iterations_share: float = 1.0
    """Share of the configured iterations to spend."""
    catch_up: CatchUp | None = None
    """What comes before, where the picture is new."""
    held: Map | None = None
    """How much of `init` stays in the result, 0..1; None holds nothing."""


class Carry(Protocol):
    """Decides what of the last dream comes along."""

    needs_flow: bool
    """Whether `start` is to be given the source's flow."""

    def start(self, frame: Frame, last: Dreamt | None, flow: Flow | None = None) -> Start:
        """Return where the dream of `frame` starts, after `last` (None at the first frame of a shot).

        `flow` leads from `frame` back to `last.frame`.
        """
        ...


class NoCarry:
    """Every frame is dreamt by itself."""

    needs_flow = False

    def start(self, frame: Frame, last: Dreamt | None, flow: Flow | None = None) -> Start:
        """Start from the frame."""
        return Start(frame.picture)


class BlendCarry:
    """A share of the last dream stays in the picture that the next one starts from."""

    needs_flow = False

    def __init__(self, share: float, habit: Literal["constant", "random", "loop"] = "constant") -> None:
        self._share, self._habit = share, habit

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

        init = source + strength * trust * moved(last dream - last source)

    What was not there before starts from the source and is dreamt further first, to catch up.
    """

    needs_flow = True

    def __init__(self, config: FlowConfig) -> None:
        self._config = config

    def start(self, frame: Frame, last: Dreamt | None, flow: Flow | None = None) -> Start:
        """Start from the frame with the last dream's residual on it, where the flow is trusted."""
        if last is None or flow is None:
            return Start(frame.picture)
        rule = self._config
        residual = flow.carried(last.picture - last.frame.picture)
        residual *= np.float32(rule.strength) * flow.trust
        init = np.clip(frame.picture + residual, 0, 1, out=residual)
        held = np.float32(rule.hold) * flow.trust if rule.hold else None
        return Start(frame.picture, init, rule.iterations_share, self._catch_up(flow), held)

    def _catch_up(self, flow: Flow) -> CatchUp | None:
        new = 1 - flow.trust
        if not self._config.catch_up or new.mean() < _WORTH_CATCHING_UP:
            return None
        return CatchUp(new, self._config.catch_up)


def carry_for(config: ClipConfig) -> Carry:
    """Return the carry that the configuration names."""
    match config.carry:
        case "none":
            return NoCarry()
        case "blend":
            return BlendCarry(config.carry_share, config.carry_habit)
        case "flow":
            return FlowCarry(config.flow)
