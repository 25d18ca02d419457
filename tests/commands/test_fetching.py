"""`models fetch` says what comes and where to, brings it, and says what to type next."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lucidreel.tests.models.zoo.publishing import DEFINITION, file_of, publish
from lucidreel.tests.models.zoo.server import Server, ok, with_ranges

from .conftest import Ended

Run = Callable[..., Ended]
WEIGHTS = bytes(2_000_000)
FOUR = [{"name": f"conv{depth}", "dreams": f"things of depth {depth}"} for depth in range(1, 5)]


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """The server of a network `tiny`, whose weights are 2 MB of zeros; it is dead under another address."""
    monkeypatch.setenv("NO_PROXY", "*")
    served = Server()
    served.answers = {"/d": ok(DEFINITION), "/w": with_ranges(WEIGHTS)}
    files = [
        file_of(
            DEFINITION,
            "deploy.prototxt",
            "http://127.0.0.1:9/d",
            "http://127.0.0.1:9/again",
            f"{served.address}/d",
        ),
        file_of(WEIGHTS, "tiny.caffemodel", f"{served.address}/w"),
    ]
    publish(tmp_path, monkeypatch, files, layers=FOUR)
    yield served
    served.close()


def test_what_comes_is_told_and_what_to_type_next(server: Server, home: Path, run: Run) -> None:
    folder = home / "models" / "tiny"
    ended = run("models", "fetch", "tiny", "tiny")
    assert (ended.code, ended.out) == (0, f"tiny: {folder}\n")
    told = ended.err.splitlines()
    assert told[:2] == ["tiny: Five", "  licence: MIT (https://example.org)"]
    assert [line.split() for line in told[2:5]] == [
        ["deploy.prototxt", "142", "bytes"],
        ["tiny.caffemodel", "2.0", "MB"],
        ["in", "all", "2.0", "MB,", "into", str(folder)],
    ]
    assert ["refused" in line for line in told[5:7]] == [True, False], "one host, told twice"
    assert "tiny.caffemodel: 2.0 MB of 2.0 MB" in told
    assert told[-1] == (
        "Try: lucidreel still photo.jpg -o dream.png --model tiny --layer conv4  (things of depth 4)"
    )
    again = run("models", "fetch", "tiny")
    assert (again.code, again.out, again.err) == (0, ended.out, "tiny is here already.\n")
    assert len(server.requests) == 2


def test_what_was_begun_is_told_when_it_is_gone_on_with(
    server: Server, home: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda pause_s: None)
    server.answers["/w"] = ok(WEIGHTS[:900_000], length=len(WEIGHTS))
    broken = run("models", "fetch", "tiny")
    assert broken.code == 4
    assert "`lucidreel models fetch tiny` goes on where it stopped" in broken.err
    assert "all servers are asked again in 1 s" in broken.err
    server.answers["/w"] = with_ranges(WEIGHTS)
    whole = run("models", "fetch", "tiny")
    assert whole.code == 0
    assert "(900 kB of them are here)" in whole.err
    assert "tiny.caffemodel: goes on at 900 kB of 2.0 MB" in whole.err


def test_of_several_names_a_wrong_one_is_told_before_anything_comes(server: Server, run: Run) -> None:
    ended = run("models", "fetch", "tiny", "tinny")
    assert ended.code == 4 and "'tinny' is not known. Nearest: tiny" in ended.err
    assert server.requests == []
