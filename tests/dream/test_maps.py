"""Maps: how they are written, and what they say of a picture."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from lucidreel.dream.config.dream import DreamConfig
from lucidreel.dream.maps import computed_map, regions_wanted
from lucidreel.dream.objective import share_reached
from lucidreel.dream.targets.regions import Region, RegionFile, read_region
from lucidreel.dream.targets.targets import Targets
from lucidreel.errors import ConfigError

Array = NDArray[np.float32]


def one_pixel(*rgb: float) -> Array:
    """Return a picture (3, 1, 1) of one colour."""
    return np.array(rgb, np.float32).reshape(3, 1, 1)


def said(name: str, *rgb: float) -> float:
    """Return what a map says of a colour."""
    return float(computed_map(read_region(name), one_pixel(*rgb))[0, 0])


def named(regions: tuple[Region, ...]) -> list[str]:
    return [region.name for region in regions]


def flat(width: int, height: int) -> Array:
    return np.full((3, height, width), 0.5, np.float32)


@pytest.mark.parametrize(
    ("rgb", "luma"),
    [((1, 1, 1), 1.0), ((0, 0, 0), 0.0), ((1, 0, 0), 0.2126), ((0, 1, 0), 0.7152), ((0, 0, 0.5), 0.0361)],
)
def test_luminance_is_that_of_rec_709_and_dark_is_the_rest(rgb: tuple[float, ...], luma: float) -> None:
    assert said("luminance", *rgb) == pytest.approx(luma, abs=1e-6)
    assert said("dark", *rgb) == said("!luminance", *rgb) == pytest.approx(1 - luma, abs=1e-6)


def test_white_is_exactly_everywhere_and_its_inverse_exactly_nowhere() -> None:
    assert said("luminance", 1, 1, 1) == 1.0
    assert said("!luminance", 1, 1, 1) == said("dark", 1, 1, 1) == 0.0


@pytest.mark.parametrize(
    ("name", "rgb", "value"),
    [
        ("hue:0", (1, 0, 0), 1),
        ("hue:360", (1, 0, 0), 1),
        ("hue:120", (0, 1, 0), 1),
        ("hue:240", (0, 0, 1), 1),
        ("hue:60", (1, 1, 0), 1),
        ("hue:180", (0, 1, 1), 1),
        ("hue:300", (1, 0, 1), 1),
        ("hue:120", (1, 0, 0), 0),
        ("!hue:120", (1, 0, 0), 1),
        ("hue:30", (1, 0, 0), 0.5),  # 30 degrees away: half
        ("hue:330", (1, 0, 0), 0.5),  # and on the other side of the circle
        ("hue:15", (1, 0, 0), 1),  # 15 away: still in full
        ("hue:45", (1, 0, 0), 0),  # 45 away: no more
        ("hue:60±60", (1, 0, 0), 0.5),
        ("hue:60+-60", (1, 0, 0), 0.5),
        ("hue:200±180", (1, 1, 0), 0.8114),  # 140 away: ramp (270 - 140) / 180 = 0.7222, smoothed
        ("hue:200", (0.5, 0.5, 0.5), 0),  # grey has no hue
        ("hue:0", (1, 1, 1), 0),
        ("hue:0", (0, 0, 0), 0),
        ("hue:0", (0.9, 0.45, 0.45), 0.99),  # 2.2 * 0.45 / (0.9 + 0.1)
        ("hue:0", (0.02, 0, 0), 0.3667),  # 2.2 * 0.02 / (0.02 + 0.1)
    ],
)
def test_hue_is_measured_around_the_circle_and_weakens_with_saturation(
    name: str, rgb: tuple[float, ...], value: float
) -> None:
    assert said(name, *rgb) == pytest.approx(value, abs=1e-4)


def test_a_band_is_white_between_its_places_with_soft_edges() -> None:
    band = computed_map(read_region("band:0.2-0.6"), flat(100, 3))
    assert band.shape == (3, 100) and band.dtype == np.float32
    assert np.array_equal(band[0], band[2])
    assert not band[0, :15].any() and not band[0, 65:].any()
    assert (band[0, 25:55] == 1).all()
    # The edge is a tenth of the width, its middle at the place: half between pixels 19 and 20.
    assert band[0, 19] + band[0, 20] == pytest.approx(1, abs=1e-6)
    assert all(left <= right for left, right in pairwise(band[0, 10:30]))


def test_a_band_that_ends_at_the_frame_has_no_edge_there() -> None:
    band = computed_map(read_region("band:0-0.5"), flat(40, 1))[0]
    assert (band[:18] == 1).all() and not band[22:].any()
    assert (computed_map(read_region("band:0-1"), flat(40, 1)) == 1).all()


def test_neighbouring_bands_share_their_edge() -> None:
    left, right = (computed_map(read_region(name), flat(90, 2)) for name in ("band:0-0.33", "band:.33-1"))
    np.testing.assert_allclose(left + right, 1, atol=1e-6)


def test_a_row_is_a_band_on_its_side() -> None:
    row, band = (
        computed_map(read_region("row:0.5-1"), flat(7, 60)),
        computed_map(read_region("band:0.5-1"), flat(60, 7)),
    )
    assert np.array_equal(row, band.T)
    assert row[0, 0] == 0 and row[59, 0] == 1


def test_the_centre_is_an_ellipse() -> None:
    centre = computed_map(read_region("centre"), flat(900, 300))
    assert centre[148:152, 440:460].min() == 1
    assert centre[0, 0] == centre[299, 899] == 0
    assert centre[150, 0] == pytest.approx(0, abs=1e-3) and centre[0, 450] == pytest.approx(0, abs=1e-3)
    # Half of the way from the full third to the edge: two thirds of the way out.
    assert centre[150, 750] == pytest.approx(0.5, abs=0.01) and centre[250, 450] == pytest.approx(
        0.5, abs=0.01
    )
    np.testing.assert_allclose(centre, centre[::-1, ::-1], atol=1e-6)


@pytest.mark.parametrize("name", ["luminance", "dark", "centre", "hue:200±90", "band:0.1-0.2", "row:.3-.9"])
def test_every_map_is_within_0_and_1_and_its_inverse_is_the_rest(name: str) -> None:
    picture = np.random.default_rng(2).random((3, 23, 31), dtype=np.float32)
    here, elsewhere = computed_map(read_region(name), picture), computed_map(read_region(f"!{name}"), picture)
    assert here.shape == (23, 31) and here.dtype == np.float32
    assert here.min() >= 0 and here.max() <= 1 and here.std() > 0
    np.testing.assert_allclose(here + elsewhere, 1, atol=1e-6)


@pytest.mark.parametrize("shape", [(1, 1), (1, 50), (50, 1), (2, 2)])
def test_maps_of_the_smallest_pictures_exist(shape: tuple[int, int]) -> None:
    picture = np.full((3, *shape), 0.25, np.float32)
    for name in ("luminance", "centre", "hue:10", "band:0.4-0.6", "row:0-1"):
        found = computed_map(read_region(name), picture)
        assert found.shape == shape and np.isfinite(found).all()


@pytest.mark.parametrize(
    ("name", "file", "inverted"),
    [
        ("water.png", "water.png", False),
        ("!rain.mp4", "rain.mp4", True),
        ("/a@b/c=d.JPEG", "/a@b/c=d.JPEG", False),
        ("clip.webm", "clip.webm", False),
    ],
)
def test_a_name_with_an_ending_is_a_file(name: str, file: str, inverted: bool) -> None:
    assert read_region(name) == RegionFile(file, inverted=inverted)
    assert read_region(name).name == name


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("lumnance", "'lumnance'.*Nearest: luminance"),
        ("!Dark", "'!Dark'.*Nearest: dark"),
        ("center", "'center'.*Nearest: centre"),
        ("water", "'water': a map is a picture or video file with its ending"),
        ("hue", "'hue'.*Nearest: hue:200"),
        ("hue:400", "'hue:400'.*degrees from 0 to 360"),
        ("hue:-10", "'hue:-10'.*degrees from 0 to 360"),
        ("hue:200±0", "from 1 to 180"),
        ("hue:200±181", "from 1 to 180"),
        ("hue:blue", "degrees from 0 to 360"),
        ("band:0.5-0.2", "'band:0.5-0.2'.*two rising shares of its width.*band:0-0.33"),
        ("band:0.3", "two rising shares"),
        ("row:0-50", "two rising shares of its height.*row:0-0.33"),
        ("!row:0.2-0.2", "'!row:0.2-0.2'.*two rising shares"),
        ("band:٠-١", "two rising shares"),
        ("", "''.*a map is"),
        ("!", "'!'.*a map is"),
    ],
)
def test_a_map_that_means_nothing_is_refused_with_what_there_is(name: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        read_region(name)


def test_all_maps_of_a_dream_are_wanted_once() -> None:
    targets = Targets(
        classes={"goldfish@water.png": 1, "eye": 1, "0-3@dark": -1},
        palette={"1,2@water.png": 1},
        layers={"conv1@luminance": 1},
        channels={"conv1:3@centre": 1},
        neurons={"conv1:3@0.2,0.7": 1},
        guides={"bees.jpg@conv1@hue:50": 1, "bees.jpg@conv1": 1},
    )
    later = Targets(classes={"shark@row:0-1": 1})
    config = DreamConfig(octaves=2, octave_targets=[targets, later], mask=read_region("!rain.mp4"))
    names = ("water.png", "dark", "luminance", "centre", "hue:50")
    assert named(regions_wanted(targets, DreamConfig())) == list(names)
    assert set(named(regions_wanted(targets, config))) == {*names, "row:0-1", "!rain.mp4"}
    assert len(regions_wanted(targets, config)) == 7
    assert regions_wanted(Targets(), DreamConfig()) == ()


def test_what_maps_reach_together_is_the_mean_of_the_lightest() -> None:
    left = torch.tensor([[1.0, 1.0, 0.5, 0.0]])[None, None]
    low = torch.tensor([[0.0, 0.0, 1.0, 0.0]])[None, None]
    maps = {"left": left, "low": low}
    assert share_reached(["left"], maps) == 0.625
    assert share_reached(["low"], maps) == 0.25
    assert share_reached(["left", "low"], maps) == 0.75
    assert share_reached(["left", ""], maps) == 1.0
