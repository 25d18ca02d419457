"""The chart of an iteration's parts leaves no time out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lucidreel.benchmarks.clock import CONVOLUTION, REST
from lucidreel.benchmarks.parts_chart import bars, draw, gathered, read_parts

BEFORE = {
    "one": {CONVOLUTION: 0.1, "step": 0.02, "LRN": 0.05, "pixels": 0.0004, REST: 0.01},
    "gone": {REST: 1.0},
}
AFTER = {"one": {CONVOLUTION: 0.08, "step": 0.002, REST: 0.01}}


def test_only_dreams_that_both_have_are_drawn_in_pairs() -> None:
    assert list(bars(BEFORE, AFTER)) == ["one: before", "one: after"]


def test_convolutions_come_first_and_what_is_small_is_told_as_rest() -> None:
    assert gathered(bars(BEFORE, AFTER)) == [CONVOLUTION, "LRN", "step", REST]


def test_bars_are_as_long_as_their_iterations(tmp_path: Path) -> None:
    pyplot = pytest.importorskip("matplotlib.pyplot")
    drawn: list[Any] = []
    savefig = pyplot.Figure.savefig
    for name, parts in (("before", BEFORE), ("after", AFTER)):
        contests = {dream: {"cpu_s_per_iteration_by_part": spent} for dream, spent in parts.items()}
        (tmp_path / name).write_text(json.dumps({"contests": contests}))

    def keep(figure: object, *arguments: object, **options: object) -> None:
        drawn.append(figure)
        savefig(figure, *arguments, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pyplot.Figure, "savefig", keep)
        draw(tmp_path / "chart.png", bars(read_parts(tmp_path / "before"), read_parts(tmp_path / "after")))
    (axis,) = drawn[0].axes
    ends = [max(each.get_x() + each.get_width() for each in axis.patches if round(each.get_y() + 0.4) == row)
            for row in range(2)]  # fmt: skip
    assert ends == pytest.approx([180.4, 92.0])
    assert (tmp_path / "chart.png").stat().st_size > 1000
