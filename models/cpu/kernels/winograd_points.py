"""Tiles of cells as numbers whose products are those of a convolution with windows of 3x3, and back.

The cells along a line are taken for the coefficients of a polynomial. A convolution is a product of them, and
at any point a product of numbers; six points tell the four results of six cells. They are 0, 1, -1, 2, -2 and
infinity (the highest coefficient), which make small factors (Lavin and Gray, arXiv:1509.09308). In the plane,
both directions take turns.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .compiled import compiled
from .vectors import between, load, store, times

POINTS = np.array(
    [[1 / 4, 0, 0], [-1 / 6, -1 / 6, -1 / 6], [-1 / 6, 1 / 6, -1 / 6],
     [1 / 24, 1 / 12, 1 / 6], [1 / 24, -1 / 12, 1 / 6], [0, 0, 1]]
)  # fmt: skip
"""Of three weights along a line, the six numbers."""


@compiled
def to_points(x: Any, at: int, row: int, column: int, points: Any, to: int, step: int) -> None:
    """Make 36 vectors, `step` apart, of 6x6, which are `row` and `column` apart."""
    a, b = _down(x, at, row), _down(x, at + column, row)
    c, d = _down(x, at + 2 * column, row), _down(x, at + 3 * column, row)
    e, f = _down(x, at + 4 * column, row), _down(x, at + 5 * column, row)
    _put(points, to, step, _at_points(a[0], b[0], c[0], d[0], e[0], f[0]))
    _put(points, to + 6 * step, step, _at_points(a[1], b[1], c[1], d[1], e[1], f[1]))
    _put(points, to + 12 * step, step, _at_points(a[2], b[2], c[2], d[2], e[2], f[2]))
    _put(points, to + 18 * step, step, _at_points(a[3], b[3], c[3], d[3], e[3], f[3]))
    _put(points, to + 24 * step, step, _at_points(a[4], b[4], c[4], d[4], e[4], f[4]))
    _put(points, to + 30 * step, step, _at_points(a[5], b[5], c[5], d[5], e[5], f[5]))


@compiled
def _down(x: Any, at: int, step: int) -> Any:
    a, b, c = load(x, at), load(x, at + step), load(x, at + 2 * step)
    d, e, f = load(x, at + 3 * step), load(x, at + 4 * step), load(x, at + 5 * step)
    return _at_points(a, b, c, d, e, f)


@compiled
def _at_points(a: Any, b: Any, c: Any, d: Any, e: Any, f: Any) -> Any:
    even, odd = e - times(c, 4.0), d - times(b, 4.0)
    even2, odd2 = e - c, times(d - b, 2.0)
    first, last = times(a, 4.0) - times(c, 5.0) + e, times(b, 4.0) - times(d, 5.0) + f
    return first, even + odd, even - odd, even2 + odd2, even2 - odd2, last


@compiled
def _put(points: Any, to: int, step: int, line: Any) -> None:
    store(points, to, line[0])
    store(points, to + step, line[1])
    store(points, to + 2 * step, line[2])
    store(points, to + 3 * step, line[3])
    store(points, to + 4 * step, line[4])
    store(points, to + 5 * step, line[5])


@compiled
def results_of(
    sums: Any, at: int, step: int, constant: Any, y: Any, to: int, row: int, column: int,
    adds: bool, least: Any, most: Any,
) -> None:  # fmt: skip
    """Make 4x4 vectors, `row` and `column` apart, of 36, which are `step` apart."""
    a, b = _across(sums, at, step), _across(sums, at + 6 * step, step)
    c, d = _across(sums, at + 12 * step, step), _across(sums, at + 18 * step, step)
    e, f = _across(sums, at + 24 * step, step), _across(sums, at + 30 * step, step)
    _finish(y, to, row, _from_points(a[0], b[0], c[0], d[0], e[0], f[0]), constant, adds, least, most)
    to += column
    _finish(y, to, row, _from_points(a[1], b[1], c[1], d[1], e[1], f[1]), constant, adds, least, most)
    to += column
    _finish(y, to, row, _from_points(a[2], b[2], c[2], d[2], e[2], f[2]), constant, adds, least, most)
    to += column
    _finish(y, to, row, _from_points(a[3], b[3], c[3], d[3], e[3], f[3]), constant, adds, least, most)


@compiled
def _across(sums: Any, at: int, step: int) -> Any:
    a, b, c = load(sums, at), load(sums, at + step), load(sums, at + 2 * step)
    d, e, f = load(sums, at + 3 * step), load(sums, at + 4 * step), load(sums, at + 5 * step)
    return _from_points(a, b, c, d, e, f)


@compiled
def _from_points(a: Any, b: Any, c: Any, d: Any, e: Any, f: Any) -> Any:
    even, odd, even2, odd2 = b + c, b - c, d + e, d - e
    return a + even + even2, odd + times(odd2, 2.0), even + times(even2, 4.0), odd + times(odd2, 8.0) + f


@compiled
def _finish(y: Any, to: int, row: int, line: Any, constant: Any, adds: bool, least: Any, most: Any) -> None:
    _finish_one(y, to, line[0], constant, adds, least, most)
    _finish_one(y, to + row, line[1], constant, adds, least, most)
    _finish_one(y, to + 2 * row, line[2], constant, adds, least, most)
    _finish_one(y, to + 3 * row, line[3], constant, adds, least, most)


@compiled
def _finish_one(y: Any, to: int, result: Any, constant: Any, adds: bool, least: Any, most: Any) -> None:
    result = result + constant
    if adds:
        result = result + load(y, to)
    store(y, to, between(result, least, most))
