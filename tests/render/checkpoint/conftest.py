"""A small film whose every frame grows out of the one before it, and its checkpoint."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lucidreel.dream.quantize import quantized
from lucidreel.render.checkpoint.checkpoint import Checkpoint
from lucidreel.render.checkpoint.plan import CheckpointPlan
from lucidreel.render.frames.frames import FilmFormat, Picture

WIDTH_PX, HEIGHT_PX = 24, 16
FILM = FilmFormat(WIDTH_PX, HEIGHT_PX, Fraction(1, 24_000), Fraction(1001, 24_000), 40)
CUTS = (0, 4, 9)


@dataclass
class DreamtFilm:
    """What an uninterrupted render makes, and a render that goes on with a checkpoint."""

    plan: CheckpointPlan
    dreams: list[Picture] = field(default_factory=list)

    def dream(self, index: int, before: Picture | None) -> Picture:
        source = np.random.default_rng(index).random((3, HEIGHT_PX, WIDTH_PX), dtype=np.float32)
        carried = None if index in CUTS or not self.plan.carries else before
        return quantized(source if carried is None else np.float32(0.4) * source + np.float32(0.6) * carried)

    def expected(self, index: int) -> Picture:
        while len(self.dreams) <= index:
            self.dreams.append(self.dream(len(self.dreams), self.dreams[-1] if self.dreams else None))
        return self.dreams[index]

    def pixels(self, picture: Picture) -> Any:
        white = 2**self.plan.depth_bits - 1
        kind = np.uint8 if self.plan.depth_bits == 8 else np.uint16
        return np.ascontiguousarray(np.rint(picture.transpose(1, 2, 0) * np.float32(white)).astype(kind))

    def time_s(self, index: int) -> Fraction:
        return Fraction(1001 * index, 24_000)

    def go_on(self, checkpoint: Checkpoint, count: int) -> None:
        """Dream up to `count` frames as a render does: from what the checkpoint knows, and nothing else."""
        before = None if checkpoint.last_state is None else checkpoint.last_state[1]
        for index in range(checkpoint.next_index, count):
            before = self.dream(index, before)
            checkpoint.keep(index, self.time_s(index), self.pixels(before), before)

    def check(self, checkpoint: Checkpoint) -> None:
        """Every kept frame is what an uninterrupted render would have made, to the bit; so is the state."""
        kept = list(checkpoint.finished())
        assert [index for index, _, _ in kept] == list(range(checkpoint.next_index))
        for index, time_s, pixels in kept:
            assert time_s == self.time_s(index)
            assert pixels.dtype == self.pixels(self.expected(index)).dtype
            np.testing.assert_array_equal(pixels, self.pixels(self.expected(index)))
        if checkpoint.last_state is not None:
            assert checkpoint.last_state[0] == checkpoint.next_index - 1
            np.testing.assert_array_equal(checkpoint.last_state[1], self.expected(checkpoint.next_index - 1))
        elif self.plan.carries:
            assert checkpoint.next_index in CUTS


def make_plan(**changed: Any) -> CheckpointPlan:
    """Describe the film, with some facts of its plan changed."""
    facts: dict[str, Any] = {
        "settings": {"dream.iterations": "20", "device": "cpu"},
        "source": {"size_bytes": "1000", "blake2": "00ff"},
        "film": FILM,
        "cuts": CUTS,
    }
    return CheckpointPlan(**{**facts, **changed})


@pytest.fixture(name="make_plan")
def make_plan_fixture() -> Callable[..., CheckpointPlan]:
    """Describe the film."""
    return make_plan


@pytest.fixture
def film() -> DreamtFilm:
    """The film with 8 bits."""
    return DreamtFilm(make_plan())


@pytest.fixture
def make_film() -> Callable[..., DreamtFilm]:
    """The film with some facts of its plan changed."""
    return lambda **changed: DreamtFilm(make_plan(**changed))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the frames are kept."""
    return tmp_path / "film.mp4.frames"
