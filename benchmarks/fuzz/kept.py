"""What a render keeps beside its output to go on from: anybody may hand such a folder on."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from lucidreel.benchmarks.fuzz.findings import WrongAnswerError
from lucidreel.benchmarks.fuzz.mutation import of_bytes, of_words
from lucidreel.benchmarks.fuzz.target import Target, as_file, seed_files
from lucidreel.render.checkpoint.carried_dream import Carried, load_state, save_state
from lucidreel.render.checkpoint.completion import completed
from lucidreel.render.checkpoint.fingerprints import settings_facts
from lucidreel.render.checkpoint.frame_files import fault, load_frame, picture_of, store_frame
from lucidreel.render.checkpoint.journal import Entry, Journal, begins_a_journal
from lucidreel.render.checkpoint.lock import read_holder
from lucidreel.render.checkpoint.ownership import refuse_damaged, refuse_foreign
from lucidreel.render.checkpoint.plan import (
    CheckpointPlan,
    check_plan,
    looks_like_a_plan,
    plan_text,
    recorded_cuts,
    recorded_threads,
)
from lucidreel.render.frames.frames import FilmFormat
from lucidreel.render.settings.settings import Settings

_FILM = FilmFormat(16, 9, Fraction(1, 24), Fraction(1, 24), 5)


def _a_plan() -> CheckpointPlan:
    return CheckpointPlan(settings_facts(Settings(), {}), {"size": "1"}, _FILM)


def _plan(path: Path) -> None:
    plan = _a_plan()
    looks_like_a_plan(path)
    recorded_cuts(path, plan)
    recorded_threads(path)
    refuse_foreign(path.parent)
    refuse_damaged(path.parent)
    check_plan(path, plan, 3)


def _seed_plans() -> Iterator[bytes]:
    yield plan_text(_a_plan()).encode()
    yield from seed_files("tests/render/checkpoint/schema_1/*/ledger.toml")


def _journal(path: Path) -> None:
    begins_a_journal(path)
    journal = Journal(path)
    journal.append(Entry(len(journal.entries), Fraction(1, 24), 5, 7))
    journal.truncate(1)


def _state(data: bytes, folder: Path) -> None:
    """Read a carried dream whose checksum is right: it says that nothing is torn, not who wrote it."""
    head, _, behind = data.partition(b"\n")
    facts = head.rpartition(b" ")[0]
    path = folder / "carry.state"
    path.write_bytes(b"%b %08x\n%b" % (facts, zlib.crc32(behind, zlib.crc32(facts)), behind))
    load_state(path)


def _seed_states() -> Iterator[bytes]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "carry.state"
        for history in (None, np.zeros((2, 1, 1), np.float32)):
            save_state(path, Carried(3, np.zeros((3, 4, 4), np.float32), 2, history))
            yield path.read_bytes()


def _frame(data: bytes, folder: Path) -> None:
    """Read a kept frame whose checksum is right."""
    checksum = zlib.crc32(data, zlib.crc32(b"0 0"))
    (folder / "000001.png").write_bytes(data)
    entry, plan = Entry(0, Fraction(0), len(data), checksum), _a_plan()
    fault(folder, entry, plan)
    if (pixels := load_frame(folder, entry, plan)) is None:
        return
    if picture_of(pixels).shape != (3, _FILM.height_px, _FILM.width_px):
        raise WrongAnswerError(f"a kept frame of {pixels.shape} is none of the film's")


def _seed_frames() -> Iterator[bytes]:
    shape = (_FILM.height_px, _FILM.width_px, 3)
    with TemporaryDirectory() as folder:
        for pixels in (np.full(shape, 7, np.uint8), np.full(shape, 7, np.uint16)):
            store_frame(Path(folder), 0, Fraction(0), pixels)
            yield (Path(folder) / "000001.png").read_bytes()


def _note(path: Path) -> None:
    film = path.with_name("film.mp4")
    film.write_bytes(b"a film")
    completed(path.parent, film, lambda: "0123456789abcdef")


def _seed_notes() -> Iterator[bytes]:
    yield b"lucidreel-complete 1\n6 0123456789abcdef\n0123456789abcdef\n\n[record]\nlucidreel = 1\n"


TARGETS = {
    "plan": Target(
        "the plan of kept frames", as_file("ledger.toml", _plan),
        _seed_plans, of_words, raises=(OSError,),
    ),
    "journal": Target(
        "the list of finished frames", as_file("journal.txt", _journal),
        lambda: [b"0 0 6221873 9a0be1c4\n1 1001/24000 6221873 07d2c6f0\n"], of_words, raises=(OSError,),
    ),
    "state": Target("a carried dream", _state, _seed_states, of_words),
    "frame": Target("a kept frame", _frame, _seed_frames, of_bytes),
    "note": Target("the note of a film that is whole", as_file("complete.txt", _note), _seed_notes, of_words),
    "holder": Target(
        "who holds the folder of kept frames", as_file("holder", read_holder),
        lambda: [b"4711 machine 000000012\n"], of_words,
    ),
}  # fmt: skip
