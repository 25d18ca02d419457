"""Streams that change their size or shape midway: every picture keeps its own, between black bars."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from lucidreel.render.events.events import Summary
from lucidreel.render.frames.frames import Picture
from lucidreel.render.media.clip.clip_source import ClipSource
from lucidreel.render.media.clip.probe import probe
from lucidreel.render.media.colour.fitting import Shape, fitted_size
from lucidreel.render.settings.settings import ClipConfig

from .broadcast import ffmpeg

NOTE = "the clip changes its size or shape midway: fitted into the first frame's, with black bars"
PER_PART = 6


def _changing(tmp_path: Path, *shapes: str, codec: str = "libx264", filters: tuple[str, ...] = ()) -> Path:
    """Join white films of several shapes to one transport stream, as a broadcast changes them."""
    whole = b""
    for number, shape in enumerate(shapes):
        part = tmp_path / f"part{number}.ts"
        source = ("-f", "lavfi", "-i", f"color=white:s={shape}:r=25:d={PER_PART / 25}")
        look = ("-vf", filters[number]) if filters else ()
        offset = ("-output_ts_offset", str(PER_PART * number / 25))
        ffmpeg(*source, *look, "-c:v", codec, "-bf", "0", *offset, part)
        whole += part.read_bytes()
    path = tmp_path / "changing.ts"
    path.write_bytes(whole)
    return path


def _lit(picture: Picture) -> tuple[int, int]:
    """Return width and height of what is not black."""
    lit = picture.mean(axis=0) > 0.5
    return int(lit.any(axis=0).sum()), int(lit.any(axis=1).sum())


@pytest.mark.parametrize(
    ("shapes", "size_px", "expected"),
    [
        (("90x160", "160x90"), None, [(90, 160), (90, 51)]),
        (("160x90", "90x160"), None, [(160, 90), (51, 90)]),
        (("160x90", "240x136"), None, [(160, 90), (160, 90)]),  # another size of the same shape
        (("160x90", "160x120", "160x90"), None, [(160, 90), (120, 90), (160, 90)]),
        (("160x90", "90x160"), (80, 90), [(80, 90), (25, 90)]),  # pixels twice as high as wide
    ],
)
def test_pictures_of_another_shape_keep_it_between_bars(
    shapes: tuple[str, ...],
    size_px: tuple[int, int] | None,
    expected: list[tuple[int, int]],
    tmp_path: Path,
) -> None:
    source = ClipSource(probe(_changing(tmp_path, *shapes)), ClipConfig(size_px=size_px))
    pictures = [frame.picture for frame in source.frames()]
    assert [_lit(picture) for picture in pictures] == pytest.approx(
        np.repeat(expected, PER_PART, axis=0), abs=1
    )
    for picture in pictures:  # the bars are of equal width
        columns, lines = (np.flatnonzero(picture.mean(axis=0).max(axis=axis) > 0.5) for axis in (0, 1))
        for found, length in ((columns, picture.shape[2]), (lines, picture.shape[1])):
            assert abs(found[0] - (length - 1 - found[-1])) <= 1
    assert source.changes_shape


def test_pixels_that_change_their_shape_are_seen(tmp_path: Path) -> None:
    """A broadcast goes from 4:3 to 16:9 and back without changing its number of pixels."""
    looks = ("setdar=4/3", "setdar=16/9", "setdar=4/3")
    clip = _changing(tmp_path, *["96x72"] * 3, codec="mpeg2video", filters=looks)
    frames = list(ClipSource(probe(clip), ClipConfig()).frames())
    assert [_lit(frame.picture) for frame in frames[1 : PER_PART - 1]] == [(96, 72)] * (PER_PART - 2)
    assert _lit(frames[PER_PART + 2].picture) == (96, 54)
    assert _lit(frames[-1].picture) == (96, 72)


def test_a_film_of_changing_shapes_is_whole_and_says_so(
    tmp_path: Path, rendered: Callable[..., Summary]
) -> None:
    summary = rendered(_changing(tmp_path, "96x64", "64x96"), "film.mp4")
    assert NOTE in summary.notes
    with av.open(str(summary.output)) as container:
        shown = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    assert len(shown) == 2 * PER_PART
    assert {frame.shape for frame in shown} == {(64, 96, 3)}
    assert shown[-1][32, 48].min() > 200 and shown[-1][32, 5].max() < 40


def test_a_clip_of_one_shape_has_no_such_note(short_clip: Path, rendered: Callable[..., Summary]) -> None:
    assert NOTE not in rendered(short_clip, "film.mp4").notes


@pytest.mark.parametrize(
    ("size_px", "aspect", "expected"),
    [
        ((720, 576), Fraction(16, 15), (720, 576)),
        ((720, 576), Fraction(64, 45), (720, 432)),
        ((720, 576), Fraction(4, 5), (540, 576)),
        ((352, 288), Fraction(12, 11), (720, 576)),  # 2 % off, from rounded sizes: fills the frame
        ((1, 4000), Fraction(16, 15), (1, 576)),
    ],
)
def test_sizes_that_fit_by_hand(
    size_px: tuple[int, int], aspect: Fraction, expected: tuple[int, int]
) -> None:
    first = Shape((720, 576), Fraction(16, 15))
    assert fitted_size(Shape(size_px, aspect), first, (720, 576)) == expected
