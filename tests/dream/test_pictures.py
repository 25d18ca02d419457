"""Pictures come in as people have them and go back in the same form."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from lucidreel.dream.engine import Dreamer
from lucidreel.dream.pictures import in_form_of, to_map, to_planes
from lucidreel.dream.targets.targets import Targets
from lucidreel.errors import ConfigError, UsageError
from lucidreel.models.caffe_network import CaffeNetwork


def levels(height: int = 20, width: int = 31) -> NDArray[np.uint8]:
    return np.random.default_rng(1).integers(0, 256, (height, width, 3), dtype=np.uint8)


def test_bytes_floats_and_pillow_are_the_same_picture() -> None:
    expected = levels().transpose(2, 0, 1) / np.float32(255)
    for picture in (levels(), levels() / 255, Image.fromarray(levels()), expected):
        np.testing.assert_allclose(to_planes(picture), expected, atol=1e-6)


def test_every_form_comes_back_as_it_went_in() -> None:
    planes = to_planes(levels())
    assert np.array_equal(in_form_of(levels(), planes), levels())
    assert np.array_equal(np.asarray(in_form_of(Image.fromarray(levels()), planes)), levels())
    assert in_form_of(planes, planes) is planes
    floats = levels().astype(np.float32) / np.float32(255)
    assert np.allclose(in_form_of(floats, planes), floats)


def test_planes_are_not_copied() -> None:
    planes = to_planes(levels())
    assert to_planes(planes) is planes


def test_what_is_transparent_lies_over_black() -> None:
    image = Image.new("RGBA", (8, 6), (255, 0, 0, 51))
    assert to_planes(image)[:, 0, 0].tolist() == pytest.approx([0.2, 0.0, 0.0])


@pytest.mark.parametrize(
    ("picture", "message"),
    [
        (np.zeros((4, 5)), r"shape \(4, 5\) is no picture"),
        (np.zeros((4, 5, 4)), r"shape \(4, 5, 4\) is no picture"),
        (levels().astype(np.float32), "from 0 to 255: divide it"),
        (levels().astype(np.int64), "int64 is no picture"),
        (Image.new("F", (4, 5)), "mode 'F'"),
        (np.full((4, 5, 3), np.nan), "from nan to nan"),
    ],
)
def test_what_is_no_picture_is_refused_in_one_line(picture: object, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        to_planes(picture)


def test_maps_come_as_bytes_floats_or_pillow() -> None:
    grey = levels()[..., 0]
    for whole in (grey, grey / 255, Image.fromarray(grey)):
        np.testing.assert_allclose(to_map(whole), grey / 255, atol=1e-6)
    with pytest.raises(UsageError, match="is no map"):
        to_map(levels())


def test_a_dream_is_the_same_in_every_form_and_goes_back_in_it(network: CaffeNetwork) -> None:
    dreamer = Dreamer(network, Targets(classes={"goldfish": 1.0}), device="cpu", octaves=1, iterations=2)
    planes = to_planes(levels(40, 52))
    expected = dreamer.dream(planes)
    assert np.array_equal(dreamer.dream(planes.transpose(1, 2, 0)), expected.transpose(1, 2, 0))
    as_bytes = dreamer.dream(levels(40, 52))
    assert as_bytes.dtype == np.uint8
    assert np.abs(as_bytes / 255 - expected.transpose(1, 2, 0)).max() < 0.51 / 255
    assert np.array_equal(np.asarray(dreamer.dream(Image.fromarray(levels(40, 52)))), as_bytes)


def test_settings_go_by_their_names_over_those_of_a_config(network: CaffeNetwork) -> None:
    dreamer = Dreamer(network, Targets(), device="cpu", iterations=5, octaves=2)
    assert (dreamer.config.iterations, dreamer.config.octaves) == (5, 2)
    assert Dreamer(network, Targets(), dreamer.config, "cpu", seed=3).config.seed == 3
    with pytest.raises(ConfigError, match="iteration"):
        Dreamer(network, Targets(), device="cpu", iteration=5)


def test_octaves_are_shown_as_they_grow_and_change_nothing(network: CaffeNetwork) -> None:
    dreamer = Dreamer(network, Targets(classes={"goldfish": 1.0}), device="cpu", octaves=3, iterations=1)
    picture = levels(60, 80)
    unwatched = dreamer.dream(picture)
    shown: list[NDArray[np.uint8]] = []
    dreamer.on_octave = shown.append
    assert np.array_equal(dreamer.dream(picture), unwatched)
    sizes = [octave.shape for octave in shown]
    assert sizes == sorted(sizes) and len(set(sizes)) == 3
    assert np.array_equal(shown[-1], unwatched)


def test_maps_that_need_nothing_but_the_picture_need_not_be_given(network: CaffeNetwork) -> None:
    targets = Targets(classes={"goldfish@band:0-0.4": 1.0})
    dreamer = Dreamer(network, targets, device="cpu", octaves=1, iterations=2, mask="band:0-0.4")
    picture = levels(60, 80)
    changed = (dreamer.dream(picture) != picture).any((0, 2))
    assert changed[:20].all() and not changed[45:].any()
