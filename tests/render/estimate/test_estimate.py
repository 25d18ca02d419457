"""The sample of a film, and the work that follows from it, are what rendering the film comes to."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lucidreel.render.estimate.sample import stretches, take_sample
from lucidreel.render.estimate.workload import film_workload, side_by_side_s
from lucidreel.render.events.plan import Sample
from lucidreel.render.film.film import PreparedFilm, prepare_clip, prepare_zoom
from lucidreel.render.settings.settings import Settings

from ..kept_renders import settings
from ..stand_in import StandIn


def stopped() -> float:
    """Tell a time that never passes."""
    return 0.0


def short_film(clouds: Path, folder: Path, **clip: Any) -> PreparedFilm:
    """Prepare 48 frames of clouds: with a cut, and a repeat in seven."""
    asked = settings(start_s=0.8, end_s=2.72, cuts=[1.8], **clip)
    return prepare_clip(clouds, folder / "film.mkv", asked, overwrite=False)


@given(first=st.integers(0, 200), more=st.integers(1, 5000))
def test_stretches_lie_apart_within_what_is_left_and_are_few_frames(first: int, more: int) -> None:
    count = first + more
    looked_at = [index for stretch in stretches(first, count) for index in stretch]
    assert len(set(looked_at)) == len(looked_at) <= 96
    assert first <= min(looked_at) and max(looked_at) < count
    assert len(looked_at) >= min(more, 48)


def test_wherever_looking_stops_the_film_was_looked_at_all_over() -> None:
    places = [stretch.start / 1000 for stretch in stretches(0, 1000)]
    for seen in range(2, 9):
        edges = [0.0, *sorted(places[:seen]), 1.0]
        assert max(after - before for before, after in pairwise(edges)) <= 0.6


@pytest.mark.parametrize("carry", ["flow", "blend", "none"])
def test_the_work_of_a_short_film_is_the_dreams_that_it_takes(
    carry: str, clouds: Path, tmp_path: Path
) -> None:
    film, dreamer = short_film(clouds, tmp_path, carry=carry), StandIn()
    work = film_workload(film, clock=stopped)
    film.render(dreamer)
    assert work is not None and work.sample is not None
    assert work.dreams == pytest.approx(Counter(dreamer.shares))
    assert (work.pictures, work.repeats) == (48, 48 - dreamer.dreamt)
    assert work.repeats >= 5 and bool(work.sample.newly_visible) == (carry == "flow")


@pytest.mark.parametrize(("carry", "thrown_away"), [("flow", 5), ("blend", 2), ("none", 0)])
def test_the_work_of_a_film_counts_what_is_thrown_away_before_its_shots(
    carry: str, thrown_away: int, clouds: Path, tmp_path: Path
) -> None:
    film, dreamer = short_film(clouds, tmp_path, carry=carry, run_in_frames=8), StandIn()
    work = film_workload(film, clock=stopped)
    film.render(dreamer)
    assert work is not None
    assert dreamer.dreamt == 48 - work.repeats + 2 * thrown_away
    assert sum(work.dreams.values()) == pytest.approx(len(dreamer.shares), rel=0.05)


def test_the_work_that_is_left_counts_neither_kept_frames_nor_their_cuts(
    clouds: Path, tmp_path: Path
) -> None:
    """Frame 25 of the film begins its second shot."""
    film, dreamer = short_film(clouds, tmp_path), StandIn()
    assert film.analyzer.cuts == {25}
    film.render(dreamer)
    before, after = film_workload(film, 25, stopped), film_workload(film, 26, stopped)
    assert before is not None and after is not None
    assert (before.pictures, before.dreams[1.0]) == (23, 1.0)
    assert (after.pictures, after.dreams[1.0]) == (22, 0.0)
    after_cut = dreamer.shares[len(dreamer.shares) - dreamer.shares[::-1].index(1.0) :]
    assert after.dreams[0.5] == pytest.approx(len(after_cut))
    assert film_workload(film, 48) is None


def test_looking_ends_when_its_time_is_over(clouds: Path, tmp_path: Path) -> None:
    film = short_film(clouds, tmp_path)
    moments = iter(range(0, 1000, 2))
    assert take_sample(film, 0, 48, lambda: float(next(moments))).seen == 1
    assert take_sample(film, 0, 48, stopped).seen == 46  # all but the beginnings of its two shots


def test_what_cannot_be_decoded_is_passed_over_and_reckoned_with_whole_dreams(
    clouds: Path, tmp_path: Path
) -> None:
    source = tmp_path / "source.mp4"
    shutil.copy(clouds, source)
    film = prepare_clip(source, tmp_path / "film.mkv", settings(cuts="none"), overwrite=False)
    source.unlink()
    assert take_sample(film, 0, 90, stopped) == Sample(0, 0.0, 0.0, {1.0: 1.0}, 0.0, 0.0)


def test_a_moving_mask_keeps_a_still_picture_from_repeating(
    tmp_path: Path, write_clip: Callable[..., Path], numbered_frames: Callable[..., Any]
) -> None:
    still = write_clip(tmp_path / "still.mp4", [np.full((48, 64, 3), 99, np.uint8)] * 12)
    mask = write_clip(tmp_path / "mask.mp4", numbered_frames(12))
    for moving, repeats in ((False, 1.0), (True, 0.0)):
        asked = {"dream": {"mask": str(mask)}} if moving else {}
        film = prepare_clip(still, tmp_path / "film.mp4", Settings.read(asked, "the test"), overwrite=False)
        assert take_sample(film, 0, 12, stopped).repeats == repeats


def test_a_zoom_is_looked_at_once_since_its_frames_are_alike(tmp_path: Path) -> None:
    asked = Settings.read({"zoom": {"duration_s": 2.0, "fps": "10", "iterations_share": 0.25}}, "the test")
    start = np.full((3, 32, 32), 0.5, np.float32)
    work = film_workload(prepare_zoom(start, tmp_path / "zoom.mp4", asked, overwrite=False))
    assert work is not None and work.sample is not None
    assert (work.pictures, work.dreams, work.sample.seen) == (20, {1.0: 1.0, 0.25: 19.0}, 1)
    assert work.between_s > 0


@pytest.mark.parametrize(("carry", "held"), [("flow", 24), ("none", 11)])
def test_the_work_of_a_clip_begins_with_its_first_frame_left_and_holds_some(
    carry: str, held: int, clouds: Path, tmp_path: Path
) -> None:
    film = short_film(clouds, tmp_path, carry=carry, run_in_frames=8)
    work = film_workload(film, 30)
    assert work is not None
    assert np.array_equal(work.first, next(iter(film.source.frames(30))).picture)
    assert work.held_mib == pytest.approx(held * 3 * 96 * 72 * 4 / 2**20)


def test_repeats_of_an_old_film_are_told_from_a_sample_of_it(shared: Path, tmp_path: Path) -> None:
    asked = Settings.read({"clip": {"size_px": [160, 90], "cuts": "none"}}, "the test")
    film = prepare_clip(shared / "clips" / "chaplin.mp4", tmp_path / "film.mp4", asked, overwrite=False)
    assert take_sample(film, 0, 241, stopped).repeats == pytest.approx(0.31, abs=0.05)


def test_work_on_busy_cores_is_shared_out_and_on_idle_ones_free() -> None:
    assert side_by_side_s(10.0, threads=2, beside_s=4.0, cores=2) == 12.0
    assert side_by_side_s(10.0, threads=1, beside_s=4.0, cores=2) == 10.0
    assert side_by_side_s(10.0, threads=1, beside_s=4.0, cores=1) == 14.0
    assert side_by_side_s(10.0, threads=1, beside_s=30.0, cores=16) == 30.0
