"""Repeated frames: recognised through codec noise; nothing that changes or moves is taken for one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from lucidreel.render.analysis.repeats import Repeats
from lucidreel.render.frames.frames import Picture
from lucidreel.render.media.sources import open_source
from lucidreel.render.settings.settings import ClipConfig

WIDTH, HEIGHT = 160, 96


def kept(pictures: Iterable[Picture]) -> list[int]:
    """The indices of the pictures that are no repeats."""
    repeats = Repeats()
    return [index for index, picture in enumerate(pictures) if is_new(repeats, picture)]


def is_new(repeats: Repeats, picture: Picture) -> bool:
    """Whether a picture does not repeat the last one that was new."""
    if repeats.is_repeat(picture):
        return False
    repeats.keep()
    return True


def decoded(clip: Path, **config: object) -> list[Picture]:
    return [frame.picture for frame in open_source(clip, ClipConfig.read(config, "the test")).frames()]


def textured(seed: int = 1, contrast: float = 0.5) -> Picture:
    """A picture with soft and fine detail around middle grey."""
    noise = np.random.default_rng(seed).normal(size=(HEIGHT, WIDTH, 3)).astype(np.float32)
    detail = cv2.GaussianBlur(noise, (0, 0), 1.5) + 3 * cv2.GaussianBlur(noise, (0, 0), 6)
    picture = 0.5 + contrast * detail / (2 * np.abs(detail).max())
    return np.ascontiguousarray(picture.transpose(2, 0, 1), dtype=np.float32)


def levels(picture: Picture) -> NDArray[np.uint8]:
    return np.rint(picture.transpose(1, 2, 0) * 255).astype(np.uint8)


def moved(picture: Picture, right_px: float) -> Picture:
    matrix = np.array([[1, 0, right_px], [0, 1, 0]], dtype=np.float32)
    size = (picture.shape[2], picture.shape[1])
    return np.stack([cv2.warpAffine(c, matrix, size, borderMode=cv2.BORDER_REFLECT) for c in picture])


def test_the_first_frame_and_one_of_another_size_are_no_repeats() -> None:
    picture = textured()
    assert kept([picture, picture, picture[:, :48], picture[:, :48], picture]) == [0, 2, 4]


def test_a_frame_is_compared_as_it_was_even_if_its_memory_is_used_again() -> None:
    repeats, picture = Repeats(), textured()
    assert is_new(repeats, picture)
    picture[:] = 0
    assert is_new(repeats, picture)


@pytest.mark.parametrize("crf", ["23", "30"])
def test_a_still_picture_stays_one_through_an_encoder(
    crf: str, tmp_path: Path, write_clip: Callable[..., Path]
) -> None:
    still = [levels(textured(contrast=0.9))] * 24
    options = {"crf": crf, "g": "250"}
    clip = write_clip(tmp_path / "still.mp4", still, pixel_format="yuv420p", options=options)
    assert len(kept(decoded(clip))) <= 3  # an encoder may make its first frame better in the next ones


def test_animation_on_twos_is_seen_through_an_encoder(
    tmp_path: Path, write_clip: Callable[..., Path]
) -> None:
    frames = [levels(moved(textured(), index // 2 * 2.0)) for index in range(20)]
    clip = write_clip(tmp_path / "twos.mp4", frames, pixel_format="yuv420p", options={"crf": "20"})
    assert kept(decoded(clip)) == list(range(0, 20, 2))


def test_an_old_film_at_a_video_rate_repeats_a_third_of_its_frames(shared: Path) -> None:
    pictures = decoded(shared / "clips" / "chaplin.mp4")
    new = kept(pictures)
    assert 160 <= len(new) <= 170
    assert {1, 4, 8, 11, 17, 20, 23, 26, 29}.isdisjoint(new)  # seen by eye


@pytest.mark.parametrize("name", ["volcano.mp4", "big_buck_bunny.webm", "fire2.mp4"])
def test_clips_that_move_all_the_time_have_no_repeats(name: str, shared: Path) -> None:
    pictures = decoded(shared / "clips" / name, end_s=1.0)
    assert len(kept(pictures)) == len(pictures)


def test_a_faster_rate_repeats_what_it_shows_twice(short_clip: Path) -> None:
    assert kept(decoded(short_clip, fps="50", end_s=0.2)) == [0, 2, 4, 6, 8]


@pytest.mark.parametrize("dither", [False, True])
def test_a_slow_fade_makes_no_step_that_can_be_seen(dither: bool) -> None:
    """0.2 levels per frame, in bytes as decoders give them: the frame shown is never a whole level behind."""
    rng = np.random.default_rng(0)
    repeats, picture, shown = Repeats(), textured(), 0
    for index in range(60):
        exact = picture * 255 - 0.2 * index
        noise = rng.uniform(-0.5, 0.5, exact.shape) if dither else 0
        if is_new(repeats, (np.rint(exact + noise) / 255).astype(np.float32)):
            shown = index
        assert (index - shown) * 0.2 < 0.9


@pytest.mark.parametrize("contrast", [1.0, 0.3, 0.1])
def test_a_slow_pan_never_lags_by_a_visible_part_of_a_pixel(contrast: float) -> None:
    repeats, picture, shown = Repeats(), textured(contrast=contrast), 0
    for index in range(40):
        if is_new(repeats, (np.rint(moved(picture, 0.1 * index) * 255) / 255).astype(np.float32)):
            shown = index
        assert (index - shown) * 0.1 < 0.25


@pytest.mark.parametrize("x", range(40, 44))
def test_a_tiny_thing_that_moves_is_no_repeat_wherever_it_is(x: int) -> None:
    """A bird of 4x4 px, a fifth darker than its sky, moving by half of its length and then by all."""
    sky = np.full((3, HEIGHT, WIDTH), 0.5, dtype=np.float32)
    pictures = [sky.copy() for _ in range(4)]
    for picture, left in zip(pictures[1:], (x, x + 2, x + 6), strict=True):
        picture[:, 30:34, left : left + 4] = 0.4
    assert kept(pictures) == [0, 1, 2, 3]


def test_a_change_of_colour_alone_is_no_repeat() -> None:
    red, green = (np.full((3, HEIGHT, WIDTH), 0.5, dtype=np.float32) for _ in range(2))
    red[:, 20:60, 20:60] += np.array([0.02, -0.02, 0], np.float32)[:, None, None]
    green[:, 20:60, 20:60] += np.array([-0.02, 0.02, 0], np.float32)[:, None, None]
    assert kept([red, green]) == [0, 1]
