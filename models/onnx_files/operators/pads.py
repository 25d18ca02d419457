"""The cells that a window's map is surrounded with: stated, or to be found out from the map's size."""

from __future__ import annotations

from collections.abc import Sequence

from ..nodes import OnnxNode
from ..translation import NO_ZEROS, Around

Sides = tuple[int, int]
"""Height and width."""


def padding(node: OnnxNode, size: Sequence[int], kernel: Sides, stride: Sides, dilation: Sides) -> Around:
    """Return the cells above, left, below and right that a node puts around a map of (height, width).

    Raises ModelFileError for padding that is negative or of an unknown kind.
    """
    auto = node.word("auto_pad", "NOTSET")
    if auto == "VALID":
        return NO_ZEROS
    if auto in ("SAME_UPPER", "SAME_LOWER"):
        along = [
            max(0, (-(-length // s) - 1) * s + d * (k - 1) + 1 - length)
            for length, k, s, d in zip(size, kernel, stride, dilation, strict=True)
        ]
        less = [total // 2 for total in along]
        more = [total - half for total, half in zip(along, less, strict=True)]
        before, behind = (less, more) if auto == "SAME_UPPER" else (more, less)
        return (before[0], before[1], behind[0], behind[1])
    if auto != "NOTSET":
        raise node.refusal(f"auto_pad is {auto!r}")
    top, left, bottom, right = node.wholes("pads", NO_ZEROS, count=4)
    if min(top, left, bottom, right) < 0:
        raise node.refusal("pads cut the map instead of padding it")
    return (top, left, bottom, right)


def per_axis(around: Around) -> tuple[Sides, Sides]:
    """Return (before, behind) along height, and along width."""
    top, left, bottom, right = around
    return (top, bottom), (left, right)


def sides(
    name: str, values: Sides, short: str, default: int | None, *, listed: bool = False
) -> dict[str, object]:
    """Return a Caffe option for height and width, written as people write it: once where both are alike."""
    if values[0] == values[1]:
        return {} if values[0] == default else {name: [values[0]] if listed else values[0]}
    return {f"{short}_h": values[0], f"{short}_w": values[1]}
