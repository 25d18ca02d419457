"""The carries by the names that the setting `carry` knows them by.

    none     the source
    blend    a share of the last dream, mixed into the source
    flow     what the last dream added, moved along with the source and laid over it

A new one is a class in a file of its own, a line in the table, and its name in `ClipConfig.carry`.
"""

from __future__ import annotations

from collections.abc import Callable

from ..settings.settings import ClipConfig
from .blend import BlendCarry
from .carry import Carry, NoCarry
from .flow_carry import FlowCarry

CARRIES: dict[str, Callable[[ClipConfig], Carry]] = {
    "none": lambda _: NoCarry(),
    "blend": lambda config: BlendCarry(config.carry_share, config.carry_habit),
    "flow": lambda config: FlowCarry(config.flow),
}


def choose_carry(config: ClipConfig) -> Carry:
    """Return the carry that the configuration names."""
    return CARRIES[config.carry](config)
