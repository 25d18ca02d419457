"""What a view shows: the mirrored border and the shifted picture."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from lucidreel.dream.objectives.per_octave import border_for
from lucidreel.dream.transforms.pad import Pad
from lucidreel.dream.transforms.view import View, mirrored_index
from lucidreel.models.network import ReceptiveField


def test_mirror_turns_round_without_repeating_the_edge() -> None:
    assert mirrored_index(4, 3, 11).tolist() == [3, 2, 1, 0, 1, 2, 3, 2, 1, 0, 1]


def test_mirror_of_a_single_pixel_is_that_pixel() -> None:
    assert mirrored_index(1, 2, 5).tolist() == [0] * 5


def test_fill_equals_reflection_padding_where_pytorch_can_do_it() -> None:
    picture = torch.rand(1, 3, 20, 24)
    view = View.around((20, 24), border_px=6, room_px=4, smallest=(1, 1), stride=4, shift=(1, 3))
    top, left = view.before
    padding = (left, view.size[1] - 24 - left, top, view.size[0] - 20 - top)
    expected = torch.nn.functional.pad(picture, padding, mode="reflect")
    assert torch.equal(view.fill(picture), expected)


@given(
    picture=st.tuples(st.integers(1, 40), st.integers(1, 40)),
    size=st.tuples(st.integers(1, 90), st.integers(1, 90)),
    before=st.tuples(st.integers(-50, 50), st.integers(-50, 50)),
)
def test_compiled_fill_shows_what_pytorch_does(
    picture: tuple[int, int], size: tuple[int, int], before: tuple[int, int]
) -> None:
    pixels = torch.rand(1, 3, *picture)
    view = View(picture, size, before)
    assert torch.equal(view.fill(pixels).double(), view.fill(pixels.double()))  # compiled for float32 alone


def test_view_over_a_part_of_the_picture_shows_and_returns_that_part() -> None:
    picture = torch.rand(1, 3, 20, 24)
    view = View((20, 24), size=(8, 10), before=(-15, 4))
    assert view.region == (slice(15, 20), slice(0, 6))
    filled = view.fill(picture)
    assert torch.equal(filled[..., :5, 4:], picture[..., 15:, :6])
    assert torch.equal(filled[(..., *view.over_picture)], picture[(..., *view.region)])
    assert torch.equal(filled[..., 5, 4:], picture[..., 18, :6])  # mirrored at the lower edge


def test_flat_pad_is_the_mean_colour_of_what_is_shown() -> None:
    picture = torch.rand(1, 3, 20, 24)
    view = View((20, 24), size=(30, 10), before=(5, -14), pad="mean")
    filled = view.fill(picture)
    shown = picture[..., :, 14:]
    assert torch.equal(filled[(..., *view.over_picture)], shown)
    for beyond in (filled[..., :5, :], filled[..., 25:, :]):
        assert torch.allclose(beyond, shown.mean((-2, -1), keepdim=True).expand_as(beyond), atol=1e-6)


@pytest.mark.parametrize("pad", ["reflect", "mean"])
def test_rolled_view_shows_the_same_pixels_elsewhere_and_finds_them_again(pad: Pad) -> None:
    picture = torch.rand(1, 3, 20, 24)
    plain = View((20, 24), (16, 16), (3, -12), pad)
    rolled = View((20, 24), (16, 16), (3, -12), pad, roll=(5, -2))
    filled = rolled.fill(picture)
    assert torch.equal(filled[..., 5, 0], plain.fill(picture)[..., 0, 2])
    assert torch.equal(rolled.unrolled(filled), plain.fill(picture))


@given(
    height=st.integers(1, 90),
    width=st.integers(1, 90),
    border=st.integers(0, 70),
    room=st.integers(0, 33),
    stride=st.sampled_from([1, 4, 16, 32]),
    least=st.integers(1, 230),
    data=st.data(),
)
def test_view_holds_the_whole_picture_at_every_shift(
    height: int, width: int, border: int, room: int, stride: int, least: int, data: st.DataObject
) -> None:
    shift = (data.draw(st.integers(0, room)), data.draw(st.integers(0, room)))
    view = View.around((height, width), border, room, (least, least), stride, shift)
    still = View.around((height, width), border, room, (least, least), stride, (0, 0))
    picture = torch.rand(1, 3, height, width)
    filled = view.fill(picture)

    assert torch.equal(filled[(..., *view.over_picture)], picture)
    assert filled.shape[-2:] == view.size == still.size
    assert all(size % stride == 0 and size >= least for size in view.size)
    for before, size, length in zip(view.before, view.size, (height, width), strict=True):
        assert before >= border
        assert size - before - length >= border


@pytest.mark.parametrize(
    ("field", "border_px"),
    [
        (ReceptiveField(2, halo=6, first=3, spread=2), 16),  # SqueezeNet's conv1: the least
        (ReceptiveField(4, halo=34, first=5, spread=7), 16),  # fire4
        (ReceptiveField(8, halo=106, first=9, spread=15), 24),  # fire8
        (ReceptiveField(16, halo=154, first=17, spread=21), 48),  # its classes
        (ReceptiveField(16, halo=378, first=129, spread=73), 128),  # its windows: the most
        (ReceptiveField(16, halo=298, first=14, spread=44), 48),  # GoogLeNet's inception_4c
    ],
)
def test_the_border_reaches_from_the_first_cell_as_far_as_most_of_a_look(
    field: ReceptiveField, border_px: int
) -> None:
    assert border_for(field) == border_px
