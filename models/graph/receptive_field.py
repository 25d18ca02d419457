"""How far a layer looks: receptive fields as interval arithmetic.

Let the cell i of a map cover the pixels  i*S + lo ... i*S + hi  (along one axis; the image itself has S = 1,
lo = hi = 0). A window of kernel k, dilation d, stride s and padding p over that map starts at its cell
i*s - p and ends d*(k-1) cells later, so that for the next map

    S' = S*s        lo' = lo - p*S        hi' = hi + (d*(k-1) - p)*S

    pixels      . . . . . . . . . . . . . . .
    map, S=2        [ 0 ] [ 1 ] [ 2 ] [ 3 ]
    k=3, s=2    [-1  0  1]  ->  cell 0 (p=1)
                       [1  2  3]  ->  cell 1

The gradient at a pixel x comes from all cells that see x, and what those cells hold depends on all that they
see: at most hi - lo pixels to either side of x. If a tile contains x -+ (hi - lo), all these cells exist in
it and none of them sees the padding at the tile's edge, provided that the tile starts on the same grid, that
is at a multiple of S. So halo = hi - lo and stride = S. Where branches meet, the wider interval counts; a
Deconvolution runs the arithmetic backwards.

A cell hardly looks at the ends of its interval: few ways through the windows lead there. Over all ways, the
pixels they end at have the variance  sum of S^2 d^2 (k^2 - 1) / 12,  one after another. (Luo, Li, Urtasun and
Zemel, "Understanding the effective receptive field", 2016; what is trained differs from it either way.)
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from ...errors import TargetError
from ..layers import Window
from ..network import ReceptiveField
from .graph import Graph, Node


@dataclass(frozen=True)
class AxisField:
    """A value's receptive field along one axis.

    `grid` is the coarsest S on the way to it. `variance` is that of the pixels where ways through the windows
    end, `first` where the middle of the first cell lies that sees more than padding.
    """

    step: Fraction = Fraction(1)
    low: Fraction = Fraction(0)
    high: Fraction = Fraction(0)
    grid: Fraction = Fraction(1)
    variance: Fraction = Fraction(0)
    first: Fraction = Fraction(0)

    def through(self, kernel: int, stride: int, pad: int, dilation: int, transposed: bool) -> AxisField:
        """Return the field after a window."""
        reach, spread = dilation * (kernel - 1), Fraction(dilation**2 * (kernel**2 - 1), 12)
        if transposed:
            # Cell j of the top gets something from the bottom's cells (j+p-reach)/s ... (j+p)/s.
            step = self.step / stride
            low, high = self.low + (pad - reach) * step, self.high + pad * step
            first = self.first + (pad - Fraction(reach, 2)) * step
            return AxisField(step, low, high, self.grid, self.variance + step**2 * spread, first)
        step = self.step * stride
        low, high = self.low - pad * self.step, self.high + (reach - pad) * self.step
        variance = self.variance + self.step**2 * spread
        first = self.first + max(Fraction(reach, 2) - pad, Fraction(0)) * self.step
        return AxisField(step, low, high, max(self.grid, step), variance, first)

    def joined(self, other: AxisField) -> AxisField | None:
        """Return the field that covers both; None when the two maps have different steps."""
        if self.step != other.step:
            return None
        grid = Fraction(math.lcm(math.ceil(self.grid), math.ceil(other.grid)))
        low, high = min(self.low, other.low), max(self.high, other.high)
        variance, first = max(self.variance, other.variance), max(self.first, other.first)
        return AxisField(self.step, low, high, grid, variance, first)


def find_receptive_field(graph: Graph, layers: Sequence[Node]) -> ReceptiveField:
    """Return stride, halo and the rest, in pixels, that serve all of `layers`.

    Raises TargetError for a layer that depends on the whole image, or on where in the image something lies.
    """
    fields = _fields(graph)
    found: list[AxisField] = []
    for node in layers:
        both = fields[node.tops[0]]
        if both is None:
            raise TargetError(
                f"Layer {node.name!r} ({node.type}) depends on the whole image, so the image cannot be cut "
                "into tiles for it. Choose a layer before it, or a size that fits the memory in one piece."
            )
        found.extend(both)
    return covering(found)


def covering(fields: Sequence[AxisField]) -> ReceptiveField:
    """Return stride, halo and the rest, in pixels, that serve all of these."""
    return ReceptiveField(
        stride=math.lcm(1, *(math.ceil(field.grid) for field in fields)),
        halo=max((math.ceil(field.high - field.low) for field in fields), default=0),
        first=max((math.ceil(field.first) for field in fields), default=0),
        spread=max((math.ceil(math.sqrt(field.variance)) for field in fields), default=0),
    )


@dataclass(frozen=True)
class CellField:
    """What one cell of a layer's map sees of the image, in pixels, the longer of both directions."""

    stride_px: float
    """How far apart the middles of neighbouring cells' views are; half a pixel for a map twice as fine."""
    size_px: int
    """How many pixels wide a cell's view is, at its edges hardly seen."""


def cell_fields(graph: Graph) -> list[CellField | None]:
    """Return what a cell of each node sees; None for one that depends on the whole image, or on the place."""
    found: list[CellField | None] = []
    fields = _fields(graph)
    for node in graph.nodes:
        both = fields[node.tops[0]] if node.tops else None
        if both is None:
            found.append(None)
            continue
        size = max(field.high - field.low for field in both) + 1
        found.append(CellField(float(max(field.step for field in both)), math.ceil(size)))
    return found


def _fields(graph: Graph) -> dict[int, tuple[AxisField, AxisField] | None]:
    """Return each value's receptive field along (height, width)."""
    fields: dict[int, tuple[AxisField, AxisField] | None] = {0: (AxisField(), AxisField())}
    for node in graph.nodes:
        fields.update(dict.fromkeys(node.tops, _node_field(node, fields)))
    return fields


def _node_field(
    node: Node, fields: dict[int, tuple[AxisField, AxisField] | None]
) -> tuple[AxisField, AxisField] | None:
    """Return a node's receptive field along (height, width); None when it has no bounds."""
    window = node.layer.window
    bottoms = [fields[bottom] for bottom in node.bottoms]
    if window is None or not bottoms:
        return None
    joined = bottoms[0]
    for other in bottoms[1:]:
        joined = _join(joined, other)
    return joined and (_slide(joined[0], window, 0), _slide(joined[1], window, 1))


def _join(
    first: tuple[AxisField, AxisField] | None, second: tuple[AxisField, AxisField] | None
) -> tuple[AxisField, AxisField] | None:
    if first is None or second is None:
        return None
    height, width = first[0].joined(second[0]), first[1].joined(second[1])
    return (height, width) if height is not None and width is not None else None


def _slide(field: AxisField, window: Window, axis: int) -> AxisField:
    return field.through(
        window.kernel[axis], window.stride[axis], window.pad[axis], window.dilation[axis], window.transposed
    )
