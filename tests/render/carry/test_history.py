"""How old the dream of a place is, and whether it still belongs there."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from lucidreel.render.carry.history import History
from lucidreel.render.frames.frames import Map, Picture
from lucidreel.render.motion.flow import Flow
from lucidreel.render.motion.shrink import shrunk_size

from ..textured import HEIGHT, WIDTH, textured

LEAST = 0.8


def _flow(
    right_px: float = 0.0, confidence: Map | None = None, size: tuple[int, int] = (HEIGHT, WIDTH)
) -> Flow:
    back = np.zeros((*size, 2), np.float32)
    back[..., 0] = -right_px
    return Flow(back, np.ones(size, np.float32) if confidence is None else confidence)


def _stays(film: Sequence[Picture]) -> list[NDArray[np.float32]]:
    """Return, frame by frame, how much of each place's dream stays in a film that does not move."""
    history, stays = History.begun(film[0]), []
    for now in film[1:]:
        history, stay = history.followed(now, _flow(), LEAST)
        stays.append(stay)
    return stays


def _noisy(film: Sequence[Picture]) -> list[Picture]:
    rng = np.random.default_rng(0)
    return [np.clip(each + rng.normal(0, 2 / 255, each.shape), 0, 1).astype(np.float32) for each in film]


def _between(before: Picture, after: Picture, frames: int) -> list[Picture]:
    """Return a crossfade with what is shown before and after it."""
    shares = [0.0] * 6 + [step / frames for step in range(1, frames)] + [1.0] * 12
    return [(1 - share) * before + np.float32(share) * after for share in shares]


def test_a_dream_grows_older_where_the_flow_is_believed_and_starts_again_where_it_is_not() -> None:
    picture, confidence = textured(), np.ones((HEIGHT, WIDTH), np.float32)
    confidence[:, :80] = 0
    history = History.begun(picture)
    for _ in range(5):
        history, _stay = history.followed(picture, _flow(), LEAST)
    np.testing.assert_allclose(history.age, 5)
    history, _stay = history.followed(picture, _flow(confidence=confidence), LEAST)
    np.testing.assert_allclose(history.age[:, :20], 0)
    np.testing.assert_allclose(history.age[:, 20:], 6)


def test_ages_move_along_with_what_is_shown() -> None:
    whole = textured(width=WIDTH + 24)
    history = History.begun(whole[:, :, 24:])
    confidence = np.ones((HEIGHT, WIDTH), np.float32)
    confidence[:, :8] = 0  # where the picture comes in
    for left in (16, 8, 0):
        history, stay = history.followed(whole[:, :, left : left + WIDTH], _flow(8, confidence), LEAST)
        assert stay.min() > 0.99
    np.testing.assert_allclose(history.age[:, ::2].mean(axis=0)[:4], [0, 1, 2, 3], atol=1e-4)


def test_noise_and_other_light_let_nothing_go() -> None:
    picture = textured()
    assert min(stay.min() for stay in _stays(_noisy([picture] * 12))) == 1
    dimmed = [picture * np.float32(level) for level in np.linspace(1, 0.7, 12)]
    assert min(stay.min() for stay in _stays(_noisy(dimmed))) == 1
    dark = np.full_like(picture, 0.02)
    assert min(stay.min() for stay in _stays(_noisy([dark] * 12))) == 1


@pytest.mark.parametrize("frames", [6, 12, 20])
def test_a_crossfade_lets_go_of_the_old_dream(frames: int) -> None:
    stays = _stays(_noisy(_between(textured(1), textured(2), frames)))
    assert min(stay.min() for stay in stays[:5]) == 1
    assert np.prod(stays[: 6 + frames + 6], axis=0).mean() < 0.05
    assert stays[-1].mean() > 0.8  # the new picture's dream is let be


@pytest.mark.parametrize("ends", [(1.0, 0.0), (0.0, 1.0)], ids=["to black", "from black"])
def test_a_fade_lets_go_of_the_old_dream(ends: tuple[float, float]) -> None:
    picture = textured()
    stays = _stays(_noisy(_between(picture * np.float32(ends[0]), picture * np.float32(ends[1]), 12)))
    assert np.prod(stays[: 6 + 12 + 6], axis=0).mean() < 0.02


def test_only_the_part_that_dissolves_lets_go() -> None:
    ground, after = textured(1), textured(1)
    after[:, :, 80:] = textured(2)[:, :, 80:]
    left = np.prod(_stays(_noisy(_between(ground, after, 12))), axis=0)
    assert left[:, :12].min() > 0.9 and left[:, 26:].max() < 0.1


def test_without_a_likeness_nothing_is_let_go() -> None:
    history, stay = History.begun(textured(1)).followed(textured(2), _flow(), 0)
    assert stay.min() == 1 and history.age.min() == 1


@pytest.mark.parametrize("size", [(1, 1), (3, 5), (7, 130), (16, 16)])
def test_frames_of_any_size_have_a_history(size: tuple[int, int]) -> None:
    picture = np.ones((3, *size), np.float32)
    history, stay = History.begun(picture).followed(picture, _flow(size=size), LEAST)
    assert history.age.shape == history.look.shape == stay.shape == shrunk_size(*size)
    np.testing.assert_array_equal(History.of(history.maps).look, history.look)
