"""A checkpoint that is opened again goes on at the right frame, with frames and dream as they were."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lucidreel.dream.quantize import quantized
from lucidreel.render.checkpoint.carried_dream import Carried, load_state, save_state
from lucidreel.render.checkpoint.checkpoint import Checkpoint
from lucidreel.render.checkpoint.disk_space import checkpoint_bytes, frame_bytes
from lucidreel.render.checkpoint.folder import frame_path
from lucidreel.render.files.disk_space import free_bytes
from lucidreel.render.frames.frames import FilmFormat
from lucidreel.render.outputs import checkpoint_folder


@pytest.mark.parametrize("depth_bits", [8, 16])
def test_closed_checkpoint_goes_on_after_its_last_frame(
    depth_bits: int, make_film: Callable[..., Any], folder: Path
) -> None:
    film = make_film(depth_bits=depth_bits)
    for count in (3, 4, 7, 12):
        with Checkpoint.open(folder, film.plan) as checkpoint:
            film.go_on(checkpoint, count)
            assert checkpoint.next_index == count
        with Checkpoint.open(folder, film.plan) as checkpoint:
            assert checkpoint.next_index == count
            assert checkpoint.last_state is not None and checkpoint.notes == ()
            film.check(checkpoint)


def test_frames_after_the_last_state_are_dreamt_again(film: Any, folder: Path) -> None:
    """A checkpoint that is never closed stands for a killed render: states are written every hour only."""
    with Checkpoint.open(folder, film.plan) as checkpoint:
        film.go_on(checkpoint, 2)
    for count, place in ((3, 2), (6, 4), (8, 4), (9, 9), (15, 9)):
        killed = Checkpoint.open(folder, film.plan, state_interval_s=3600)
        film.go_on(killed, count)
        killed._lock.release()
        with Checkpoint.open(folder, film.plan, state_interval_s=3600) as checkpoint:
            assert (checkpoint.next_index, checkpoint.notes) == (place, ())
            film.check(checkpoint)
            assert not frame_path(folder, place).exists()


def test_state_is_written_at_every_frame_when_the_interval_has_passed(film: Any, folder: Path) -> None:
    killed = Checkpoint.open(folder, film.plan, state_interval_s=0)
    film.go_on(killed, 7)
    killed._lock.release()
    with Checkpoint.open(folder, film.plan) as checkpoint:
        assert checkpoint.next_index == 7
        film.check(checkpoint)


def test_film_without_carry_needs_no_state(make_film: Callable[..., Any], folder: Path) -> None:
    film = make_film(carries=False, cuts=())
    killed = Checkpoint.open(folder, film.plan, state_interval_s=0)
    for index in range(5):
        killed.keep(index, film.time_s(index), film.pixels(film.expected(index)))
    killed._lock.release()
    assert not (folder / "carry.state").exists()
    with Checkpoint.open(folder, film.plan) as checkpoint:
        assert checkpoint.next_index == 5 and checkpoint.last_state is None
        film.check(checkpoint)


def test_frames_can_be_dropped_and_dreamt_again(film: Any, folder: Path) -> None:
    with Checkpoint.open(folder, film.plan) as checkpoint:
        film.go_on(checkpoint, 12)
        checkpoint.restart_from(9)
        assert (checkpoint.next_index, checkpoint.last_state) == (9, None)
        film.go_on(checkpoint, 14)
        checkpoint.restart_from(14)
        assert checkpoint.last_state is not None
        film.check(checkpoint)
        with pytest.raises(ValueError, match="14 frames are kept"):
            checkpoint.restart_from(15)
    with Checkpoint.open(folder, film.plan) as checkpoint:
        assert checkpoint.next_index == 14


def test_restart_drops_everything(film: Any, make_film: Callable[..., Any], folder: Path) -> None:
    with Checkpoint.open(folder, film.plan) as checkpoint:
        film.go_on(checkpoint, 6)
    other = make_film(settings={"dream.iterations": "30"})
    with Checkpoint.open(folder, other.plan, restart=True) as checkpoint:
        assert checkpoint.next_index == 0 and list(checkpoint.finished()) == []
        assert sorted(path.name for path in folder.iterdir()) == ["holder", "ledger.toml", "lock"]
        other.go_on(checkpoint, 2)
    with Checkpoint.open(folder, other.plan) as checkpoint:
        assert checkpoint.next_index == 2


def test_nothing_is_left_of_a_removed_checkpoint_but_what_a_user_put_there(film: Any, folder: Path) -> None:
    with Checkpoint.open(folder, film.plan) as checkpoint:
        film.go_on(checkpoint, 6)
        checkpoint.remove()
    assert not folder.exists()
    with Checkpoint.open(folder, film.plan) as checkpoint:
        film.go_on(checkpoint, 6)
        (folder / "diary.txt").touch()
        checkpoint.remove()
    assert [path.name for path in folder.iterdir()] == ["diary.txt"]


def test_closed_checkpoint_holds_no_lock_files(film: Any, folder: Path) -> None:
    with Checkpoint.open(folder, film.plan) as checkpoint:
        film.go_on(checkpoint, 1)
    assert sorted(path.name for path in folder.iterdir()) == [
        "000001.png",
        "carry.state",
        "journal.txt",
        "ledger.toml",
    ]
    checkpoint.close()


def test_kept_frames_are_pictures_that_others_can_read(make_film: Callable[..., Any], folder: Path) -> None:
    film = make_film(depth_bits=16)
    with Checkpoint.open(folder, film.plan) as checkpoint:
        film.go_on(checkpoint, 2)
    seen = cv2.imread(str(folder / "000002.png"), cv2.IMREAD_UNCHANGED)
    assert seen is not None
    np.testing.assert_array_equal(seen[:, :, ::-1], film.pixels(film.expected(1)))


def test_finished_frames_can_be_read_on_a_thread_while_others_are_kept(film: Any, folder: Path) -> None:
    with Checkpoint.open(folder, film.plan) as checkpoint:
        film.go_on(checkpoint, 10)
        kept = checkpoint.finished()
        read: list[tuple[int, Fraction, Any]] = []
        reader = threading.Thread(target=lambda: read.extend(kept))
        reader.start()
        film.go_on(checkpoint, 30)
        reader.join()
        assert [index for index, _, _ in read] == list(range(10))
        film.check(checkpoint)


def test_what_only_a_wrong_program_hands_over_is_refused(film: Any, folder: Path) -> None:
    picture, pixels = film.expected(0), film.pixels(film.expected(0))
    with Checkpoint.open(folder, film.plan) as checkpoint:
        for arguments, words in (
            ((1, Fraction(0), pixels, picture), "0 is the next"),
            ((0, Fraction(0), pixels.astype(np.uint16), picture), "uint8, not .* uint16"),
            ((0, Fraction(0), pixels[:-1], picture), r"not \(15, 24, 3\)"),
            ((0, Fraction(0), pixels, None), "carries its dream"),
        ):
            with pytest.raises(ValueError, match=words):
                checkpoint.keep(*arguments)
        assert checkpoint.next_index == 0
    with pytest.raises(ValueError, match="must be settled"):
        save_state(folder / "carry.state", Carried(0, picture + np.float32(1e-6), 0))
    assert not (folder / "carry.state").exists()


@given(st.lists(st.floats(-0.5, 1.5, width=32), min_size=12, max_size=12))
def test_settling_rounds_to_16_bits_once(values: list[float]) -> None:
    picture = np.array(values, dtype=np.float32).reshape(3, 2, 2)
    settled = quantized(picture)
    assert settled.dtype == np.float32
    np.testing.assert_array_equal(quantized(settled), settled)
    assert np.abs(settled - picture.clip(0, 1)).max() <= 0.5 / 65535 + 1e-7


def test_every_level_of_the_carried_dream_comes_back_as_it_was(tmp_path: Path) -> None:
    levels = np.arange(3 * 65536, dtype=np.uint32).reshape(3, 256, 256) % 65536
    picture = quantized(levels.astype(np.float32) / np.float32(65535))
    assert np.unique(picture).size == 65536
    save_state(tmp_path / "state", Carried(7, picture, 5))
    loaded = load_state(tmp_path / "state")
    assert loaded is not None and (loaded.kept_index, loaded.dreamt_index) == (7, 5)
    np.testing.assert_array_equal(loaded[1], picture)
    assert loaded.history is None


def test_what_the_carry_knows_of_the_shot_comes_back_to_the_bit(tmp_path: Path) -> None:
    picture = quantized(np.random.default_rng(0).random((3, 13, 18), dtype=np.float32))
    maps = np.random.default_rng(1).normal(0, 90, (2, 4, 5)).astype(np.float32)
    save_state(tmp_path / "state", Carried(7, picture, 5, maps))
    loaded = load_state(tmp_path / "state")
    assert loaded is not None and loaded.history is not None
    np.testing.assert_array_equal(loaded.picture, picture)
    np.testing.assert_array_equal(loaded.history, maps)
    whole = (tmp_path / "state").read_bytes()
    for torn in (whole[:-1], whole[: -2 * 4 * 4 * 5], whole + b"more"):
        (tmp_path / "state").write_bytes(torn)
        assert load_state(tmp_path / "state") is None


@pytest.mark.parametrize("depth_bits", [8, 16])
@pytest.mark.parametrize("size", [(24, 16), (333, 251), (1280, 720)])
def test_room_is_known_before(
    size: tuple[int, int], depth_bits: int, make_film: Callable[..., Any], folder: Path
) -> None:
    """Never too little, and for a film of some size hardly more than it takes."""
    film = FilmFormat(*size, Fraction(1, 24), Fraction(1, 24), 1)
    plan = replace(make_film(depth_bits=depth_bits).plan, film=film, carries=False)
    white, kind = (255, np.uint8) if depth_bits == 8 else (65535, np.uint16)
    pixels: Any = np.random.default_rng(0).integers(0, white, (size[1], size[0], 3), dtype=kind)
    with Checkpoint.open(folder, plan) as checkpoint:
        checkpoint.keep(0, Fraction(0), pixels)
    taken = (folder / "000001.png").stat().st_size
    assert taken <= frame_bytes(film, depth_bits) <= taken * 1.01 + 8192
    total = checkpoint_bytes(film, depth_bits)
    assert total is not None and total >= taken + 2 * size[0] * size[1] * 6
    assert checkpoint_bytes(replace(film, frame_count=None), depth_bits) is None


def test_free_room_is_that_of_the_disk_where_a_folder_will_be(tmp_path: Path) -> None:
    assert 0 < free_bytes(tmp_path / "not" / "yet") < 2**63
    assert checkpoint_folder(Path("out/film.mp4")) == Path("out/film.mp4.frames")
