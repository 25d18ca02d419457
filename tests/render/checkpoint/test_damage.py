"""Torn and rotten files: found when a checkpoint is opened, told and dreamt again, never taken for frames."""

from __future__ import annotations

import re
import shutil
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lucidreel.dream.picture_files.png_chunks import claims_too_much
from lucidreel.errors import OutputError, ResumeMismatchError
from lucidreel.render.checkpoint.checkpoint import Checkpoint


def _tear(path: Path, length: int = -7) -> None:
    path.write_bytes(path.read_bytes()[:length])


def _rot(path: Path, place: int = -20) -> None:
    data = bytearray(path.read_bytes())
    data[place] ^= 0x10
    path.write_bytes(data)


@pytest.fixture
def kept(film: Any, folder: Path) -> Path:
    """Twelve kept frames of three shots (from 0, 4 and 9), with the dream of the last."""
    with Checkpoint.open(folder, film.plan) as checkpoint:
        film.go_on(checkpoint, 12)
    return folder


@pytest.mark.parametrize(
    ("name", "damage", "place", "words"),
    [
        ("000011.png", _tear, 9, r"000011.png is torn \(\d+ of \d+ bytes\): dreamt again from frame 10 on"),
        ("000011.png", _rot, 9, "000011.png is damaged .*checksum.*from frame 10 on"),
        ("000008.png", _rot, 4, "from frame 5 on"),
        ("000005.png", _tear, 4, "from frame 5 on"),
        ("000002.png", Path.unlink, 0, "000002.png is missing: .*from frame 1 on"),
        ("carry.state", _tear, 9, "carry.state is damaged: .*from frame 10 on"),
        ("carry.state", _rot, 9, "carry.state is damaged"),
        ("carry.state", lambda path: _rot(path, 18), 9, "carry.state is damaged"),
        ("journal.txt", _tear, 9, "journal.* has lost frames: .*from frame 10 on"),
        ("journal.txt", Path.unlink, 0, "journal.* has lost frames: .*from frame 1 on"),
        ("journal.txt", lambda path: _rot(path, 150), 4, "from frame 5 on"),
    ],
)
def test_damage_is_told_and_dreamt_again_from_where_the_shot_begins(
    name: str, damage: Callable[[Path], None], place: int, words: str, kept: Path, film: Any
) -> None:
    damage(kept / name)
    with Checkpoint.open(kept, film.plan) as checkpoint:
        assert checkpoint.next_index == place
        assert len(checkpoint.notes) == 1 and re.search(words, checkpoint.notes[0])
        film.check(checkpoint)
        film.go_on(checkpoint, 20)
        film.check(checkpoint)
    with Checkpoint.open(kept, film.plan) as checkpoint:
        assert (checkpoint.next_index, checkpoint.notes) == (20, ())


def test_torn_last_line_costs_one_frame_of_which_nothing_remains(film: Any, folder: Path) -> None:
    killed = Checkpoint.open(folder, film.plan, state_interval_s=0)
    film.go_on(killed, 6)
    killed._interval_s = 3600
    film.go_on(killed, 7)
    killed._lock.release()
    _tear(folder / "journal.txt", -1)
    (folder / ".000008-1a2b3c4d.part.png").write_bytes(b"\x89PNG, half of it")
    with Checkpoint.open(folder, film.plan) as checkpoint:
        assert (checkpoint.next_index, checkpoint.notes) == (6, ())
        assert not (folder / "000007.png").exists() and not list(folder.glob(".*"))
        film.go_on(checkpoint, 10)
        film.check(checkpoint)
    with Checkpoint.open(folder, film.plan) as checkpoint:
        assert (checkpoint.next_index, checkpoint.notes) == (10, ())


def test_state_of_an_earlier_frame_serves_when_a_later_one_is_damaged(film: Any, folder: Path) -> None:
    """Dream of frame 7 (from 0), kept up to the cut at 9: damage in 8 costs frame 8 alone."""
    killed = Checkpoint.open(folder, film.plan, state_interval_s=0)
    film.go_on(killed, 8)
    killed._interval_s = 3600
    film.go_on(killed, 9)
    killed._lock.release()
    with Checkpoint.open(folder, film.plan) as checkpoint:
        assert checkpoint.next_index == 9 and checkpoint.last_state is None
    _rot(folder / "000009.png")
    with Checkpoint.open(folder, film.plan) as checkpoint:
        assert checkpoint.next_index == 8 and checkpoint.last_state is not None
        film.check(checkpoint)


@pytest.mark.parametrize(
    "line",
    [
        b"12 1e999999999 5 00000000\n",  # Python would write out this number
        b"12 " + b"9" * 5000 + b" 5 00000000\n",
        b"9" * 5000 + b" 1 5 00000000\n",
        b"12 1/0 5 00000000\n",
        b"12 2/4 5 00000000\n",
        b"12 5/1 5 00000000\n",
        b"12 012 5 00000000\n",
        b"12 1 5 " * 200_000 + b"\n",
    ],
)
def test_lines_that_no_render_wrote_end_the_journal(line: bytes, kept: Path, film: Any) -> None:
    with (kept / "journal.txt").open("ab") as journal:
        journal.write(line)
    with Checkpoint.open(kept, film.plan) as checkpoint:
        assert checkpoint.next_index == 12
        film.check(checkpoint)


def _with_checksum(kept: Path, index: int, data: bytes) -> None:
    """Put other bytes in place of a frame, and what the journal says of it right."""
    lines = (kept / "journal.txt").read_bytes().splitlines(keepends=True)
    time_s = lines[index].split()[1]
    checksum = zlib.crc32(data, zlib.crc32(b"%d %b" % (index, time_s)))
    lines[index] = b"%d %b %d %08x\n" % (index, time_s, len(data), checksum)
    (kept / "journal.txt").write_bytes(b"".join(lines))
    (kept / f"{index + 1:06d}.png").write_bytes(data)


@pytest.mark.parametrize(
    "data", [b"no picture", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x4e\x20\0\0\x4e\x20\x08\x02"]
)
def test_a_right_checksum_makes_no_frame_of_another_picture(data: bytes, kept: Path, film: Any) -> None:
    _with_checksum(kept, 5, data)
    with Checkpoint.open(kept, film.plan) as checkpoint:
        assert checkpoint.next_index == 4 and "000006.png is no frame of this film" in checkpoint.notes[0]


def test_a_frame_whose_pixels_cannot_be_decoded_is_told(kept: Path, film: Any) -> None:
    _with_checksum(kept, 5, (kept / "000006.png").read_bytes()[:60])
    with (
        Checkpoint.open(kept, film.plan) as checkpoint,
        pytest.raises(OutputError, match=r"000006\.png was changed"),
    ):
        list(checkpoint.finished())


def test_a_frame_that_claims_a_gigabyte_of_pixels_is_told_and_not_decoded(kept: Path, film: Any) -> None:
    sound = (kept / "000006.png").read_bytes()
    start = sound.index(b"IDAT") - 4
    claiming = sound[:start] + struct.pack(">I", 2**30) + sound[start + 4 :]
    assert claims_too_much(claiming) and not claims_too_much(sound)
    _with_checksum(kept, 5, claiming)
    with (
        Checkpoint.open(kept, film.plan) as checkpoint,
        pytest.raises(OutputError, match=r"000006\.png was changed"),
    ):
        list(checkpoint.finished())


@pytest.mark.parametrize(
    "facts",
    [
        b"lucidreel-carry  11 16 24",
        b"lucidreel-carry 11 x 16 24",
        b"lucidreel-carry 11 11 -16 24",
        b"lucidreel-carry 11 11 0 24",
        b"lucidreel-carry 11 11 24 16",  # another film's
        b"lucidreel-carry 11 11 99999 99999",
    ],
)
def test_a_right_checksum_makes_no_carried_dream_of_another(facts: bytes, kept: Path, film: Any) -> None:
    behind = (kept / "carry.state").read_bytes().partition(b"\n")[2]
    checksum = zlib.crc32(behind, zlib.crc32(facts))
    (kept / "carry.state").write_bytes(b"%b %08x\n%b" % (facts, checksum, behind))
    with Checkpoint.open(kept, film.plan) as checkpoint:
        assert checkpoint.next_index == 9 and "carry.state is damaged" in checkpoint.notes[0]


def test_without_carry_damage_costs_the_frames_behind_it_only(
    make_film: Callable[..., Any], folder: Path
) -> None:
    film = make_film(carries=False, cuts=())
    with Checkpoint.open(folder, film.plan) as checkpoint:
        film.go_on(checkpoint, 8)
    _rot(folder / "000006.png")
    with Checkpoint.open(folder, film.plan) as checkpoint:
        assert checkpoint.next_index == 5
        film.check(checkpoint)


def test_frame_that_rots_while_the_checkpoint_is_open_is_not_shown(kept: Path, film: Any) -> None:
    with Checkpoint.open(kept, film.plan) as checkpoint:
        _rot(kept / "000003.png")
        with pytest.raises(OutputError, match=r"000003\.png was changed.*same command again"):
            list(checkpoint.finished())
    with Checkpoint.open(kept, film.plan) as checkpoint:
        assert checkpoint.next_index == 0 and "000003.png is damaged" in checkpoint.notes[0]


@pytest.mark.parametrize("text", [b"", b"format = 1\n[film", b"\xff\xfe", b"format = 2\n", b"film = 3\n"])
def test_torn_plan_is_explained_and_nothing_is_touched(text: bytes, kept: Path, film: Any) -> None:
    (kept / "ledger.toml").write_bytes(text)
    before = {path.name: path.read_bytes() for path in kept.iterdir()}
    with pytest.raises(ResumeMismatchError, match=r"ledger\.toml.*--restart, which drops"):
        Checkpoint.open(kept, film.plan)
    assert {path.name: path.read_bytes() for path in kept.iterdir()} == before
    with Checkpoint.open(kept, film.plan, restart=True) as checkpoint:
        assert checkpoint.next_index == 0


NAMES = ("journal.txt", "carry.state", "000001.png", "000006.png", "000010.png", "000012.png")


@given(
    name=st.sampled_from(NAMES),
    share=st.floats(0, 1, exclude_max=True),
    damage=st.sampled_from(("cut off", "one bit", "zeros to the end")),
    bit=st.integers(0, 7),
)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_damage_whatever_shows_a_wrong_frame(
    name: str, share: float, damage: str, bit: int, kept: Path, film: Any, tmp_path: Path
) -> None:
    copy = tmp_path / "copy"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(kept, copy)
    data = bytearray((copy / name).read_bytes())
    place = int(share * len(data))
    if damage == "cut off":
        del data[place:]
    elif damage == "one bit":
        data[place] ^= 1 << bit
    else:
        data[place:] = bytes(len(data) - place)
    (copy / name).write_bytes(data)
    with Checkpoint.open(copy, film.plan) as checkpoint:
        film.check(checkpoint)
        film.go_on(checkpoint, 13)
        film.check(checkpoint)
