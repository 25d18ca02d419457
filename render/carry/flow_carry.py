"""Carry `flow`: what the last dream added moves along with the source and is laid over it."""

from __future__ import annotations

import numpy as np

from ..frames.frames import Frame, Map
from ..motion.flow import Flow
from ..motion.shrink import enlarged
from ..settings.flow import FlowConfig
from .carry import Damping, Dreamt, Start, frames_until_faded
from .disocclusion import DisocclusionFill
from .history import History

# New regions of less than this share of the frame are not worth steps of their own.
_WORTH_FILLING = 0.03


class FlowCarry:
    """What the last dream added to its source moves along with the source.

        residual = confidence * moved(last dream - last source)
        init     = source + strength * residual
        dream    = (1 - damping) * dreamt(init) + damping * (source + residual)

    A still picture settles where a frame's dreaming adds as much as `strength` lets fade. How strong that is
    does not depend on the damping, only how fast it is reached and how restless it is on the way: that is why
    the dream is damped towards the whole residual, and not the faded one. Newly visible areas start again
    from the source and get extra work first.
    """

    carries, needs_flow = True, True

    def __init__(self, config: FlowConfig) -> None:
        self._config = config
        self._most_damping = max(config.hold, config.hold_still)
        self.lasting_frames = frames_until_faded(config.strength)

    def start(self, frame: Frame, last: Dreamt | None, flow: Flow | None = None) -> Start:
        """Start from the frame with the last dream's residual on it, as far as the flow is believed."""
        from ..frames.pixels import laid_over  # loads torch and numba, for which a bad clip need not wait

        if last is None or flow is None:
            return Start(frame.picture)
        rule, size = self._config, flow.confidence.shape
        before = History.begun(last.frame.picture) if last.history is None else History.of(last.history)
        history, stays = before.followed(frame.picture, flow, rule.likeness)
        share = flow.share * enlarged(stays, *size)
        residual = flow.carried(last.picture - last.frame.picture)
        init, whole = laid_over(frame.picture, residual, share, rule.strength)
        damping = Damping(whole, enlarged(self._damping(history, flow), *size) * share)
        fill = self._fill(1 - share, flow)
        return Start(
            frame.picture,
            init,
            rule.iterations_share,
            fill,
            damping,
            history.maps,
            rule.spectrum_added,
            rule.sigma_added_px,
        )

    def _damping(self, history: History, flow: Flow) -> Map:
        """Return how much each place is damped, at the size of the history's maps: the older, the more."""
        rule = self._config
        at_most = self._most_damping * (1 - flow.shrunk.moving) + np.float32(rule.hold) * flow.shrunk.moving
        freedom = np.float32(1 - min(rule.hold_new, rule.hold))
        settling = np.float32(max(rule.settling_frames, 1e-6))
        return np.asarray(np.minimum(1 - freedom * settling / (history.age + settling), at_most), np.float32)

    def _fill(self, new: Map, flow: Flow) -> DisocclusionFill | None:
        """Return the steps for what is new: up to twice as many where it will hardly be dreamt on later."""
        rule = self._config
        if not rule.disocclusion_share or new.mean() < _WORTH_FILLING:
            return None
        freedom = 1 - rule.hold
        rest = 1 - (1 - self._most_damping) / freedom if freedom else 0.0
        rest *= float((1 - flow.shrunk.moving).mean())
        return DisocclusionFill(new, round(rule.disocclusion_share * (1 + rest), 2))
