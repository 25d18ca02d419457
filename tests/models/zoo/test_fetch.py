"""Whatever a server does, a download ends in one clear message and leaves nothing in the way of the next."""

from __future__ import annotations

import gzip
import hashlib
import io
import socket
import tarfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lucidreel.errors import ModelFileError
from lucidreel.models.caffe_files.caffemodel import write_caffemodel
from lucidreel.models.zoo import download
from lucidreel.models.zoo.connection import Timeouts
from lucidreel.models.zoo.fetch import fetch_network
from lucidreel.models.zoo.registry import load_network
from lucidreel.tests.models.zoo.publishing import DEFINITION, publish

SHORT = Timeouts(silence_s=0.4, grace_s=0.6, slowest_bytes_s=1e6)


class Server:
    """Answers each request with bytes that a test has prepared for its path, then closes the connection."""

    def __init__(self) -> None:
        self.answers: dict[str, bytes | Callable[[str], bytes]] = {}
        self.endless: dict[str, bytes] = {}
        """Path -> what is sent again and again behind the answer, until the other side has enough."""
        self.pause_s = 0.0
        self.requests: list[str] = []
        self._closing = threading.Event()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def close(self) -> None:
        self._closing.set()
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        for thread in self._threads:
            thread.join()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self._threads.append(threading.Thread(target=self._answer, args=(connection,)))
            self._threads[-1].start()

    def _answer(self, connection: socket.socket) -> None:
        with connection:
            try:
                request = connection.recv(1 << 16).decode()
                self.requests.append(request)
                path = request.split(" ")[1]
                answer = self.answers[path]
                connection.sendall(answer(request) if callable(answer) else answer)
                while path in self.endless and not self._closing.wait(self.pause_s):
                    connection.sendall(self.endless[path])
            except OSError:
                return


def ok(body: bytes, *headers: str, length: int | str | None = None) -> bytes:
    """Return an answer with a body and its length, or another length."""
    stated = f"Content-Length: {len(body) if length is None else length}"
    return "\r\n".join(["HTTP/1.1 200 OK", stated, *headers, "", ""]).encode() + body


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LUCIDREEL_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def server() -> Iterator[Server]:
    served = Server()
    yield served
    served.close()


@pytest.fixture
def weights(tmp_path: Path) -> bytes:
    write_caffemodel(tmp_path / "w", {"fc": [np.ones((5, 192)), np.zeros(5)]})
    return (tmp_path / "w").read_bytes()


@pytest.fixture
def tiny(
    home: Path, server: Server, weights: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Server:
    """A network `tiny` in the zoo, of a definition and weights, neither with a checksum."""
    server.answers = {"/d": ok(DEFINITION), "/w": ok(weights)}
    publish(tmp_path, monkeypatch, served_files(server))
    return server


def served_files(server: Server, **checksum: str) -> list[dict[str, Any]]:
    return [
        {"name": "deploy.prototxt", "urls": [f"{server.address}/d"]},
        {"name": "tiny.caffemodel", "urls": [f"{server.address}/w"], **checksum},
    ]


def left(home: Path) -> list[str]:
    """Return the files under the user's folder."""
    return sorted(str(path.relative_to(home)) for path in home.rglob("*") if path.is_file())


PORTAL = b"<!DOCTYPE html><html><body>Please log in</body></html>"


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (
            ok(PORTAL, "Content-Type: text/html; charset=utf-8"),
            "a web page: does this network want you to log",
        ),
        (ok(b""), "an empty file"),
        (ok(DEFINITION, length=5000), r"the connection ended after \d+ of 5,000 bytes"),
        (ok(DEFINITION, length=99_000_000_000), r"announces 99,000,000,000 bytes, more than the 4,194,304"),
        (ok(DEFINITION, "Content-Encoding: br"), r"packed \(br\), which was not asked for"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\nff\r\nabc", "breaks off"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", "breaks off"),
        (b"hello, I am no HTTP server", "is no HTTP"),
        (b"", "closed connection without response"),
        (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n", "more than 100 headers"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70_000 + b"\r\n\r\n", "header line"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", "answers 204"),
        (b"HTTP/1.1 206 Partial Content\r\nContent-Length: 3\r\n\r\nabc", "another part of the file"),
        (b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n", "answers 503 Service Unavailable"),
        (b"HTTP/1.1 503 " + b"A" * 5000 + b"\r\n\r\n", "answers 503 A{50,160}…A{20,80}\\. Check"),
        (b"HTTP/1.1 302 Found\r\nLocation: file:///etc/hostname\r\n\r\n", "Redirection to url 'file:"),
        (b"HTTP/1.1 302 Found\r\nLocation: ftp://127.0.0.1/d\r\n\r\n", "leads from http to ftp"),
        (b"HTTP/1.1 302 Found\r\nLocation: /d\r\n\r\n", "infinite loop"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_broken_answer_ends_in_one_message(
    home: Path, tiny: Server, weights: bytes, answer: bytes, message: str
) -> None:
    good, tiny.answers["/d"] = tiny.answers["/d"], answer
    with pytest.raises(ModelFileError, match=message) as caught:
        fetch_network("tiny", timeouts=SHORT)
    assert f"{tiny.address}/d: cannot be downloaded" in str(caught.value)
    assert "`lucidreel models fetch tiny` again" in str(caught.value)
    assert left(home) == []
    tiny.answers["/d"] = good
    fetch_network("tiny")
    assert load_network("tiny").class_layer == "fc"


def test_an_answer_of_unknown_length_is_taken_to_its_end(home: Path, tiny: Server) -> None:
    tiny.answers["/d"] = b"HTTP/1.0 200 OK\r\n\r\n" + DEFINITION
    fetch_network("tiny")
    assert load_network("tiny").class_layer == "fc"


@pytest.mark.parametrize("bad", [PORTAL, b"layer { name: 'x' }"], ids=["portal", "another"])
def test_files_without_a_checksum_that_do_not_load_are_fetched_again(
    home: Path, tiny: Server, bad: bytes
) -> None:
    good, tiny.answers["/d"] = tiny.answers["/d"], ok(bad)
    with pytest.raises(ModelFileError, match="was removed where no checksum vouches for it"):
        fetch_network("tiny")
    assert left(home) == []
    tiny.answers["/d"] = good
    fetch_network("tiny")
    assert load_network("tiny").class_layer == "fc"


def test_verified_weights_are_kept_when_the_definition_does_not_load(
    home: Path, tiny: Server, weights: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(tmp_path, monkeypatch, served_files(tiny, sha256=hashlib.sha256(weights).hexdigest()))
    good, tiny.answers["/d"] = tiny.answers["/d"], ok(PORTAL)
    with pytest.raises(ModelFileError, match="was removed"):
        fetch_network("tiny")
    assert left(home) == ["models/.tiny.partial/tiny.caffemodel"]
    tiny.answers["/d"] = good
    fetch_network("tiny")
    assert sum(request.startswith("GET /w") for request in tiny.requests) == 1


def test_labels_that_no_file_gives_are_written_beside(
    home: Path, tiny: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    labels = ["0 to 2 years", "4 to 6 years", "old", "older", "oldest"]
    publish(tmp_path, monkeypatch, served_files(tiny), labels=labels)
    fetch_network("tiny")
    assert [label.name for label in load_network("tiny").labels] == labels
    assert load_network("tiny").labels.find("4 to 6 years") == 1


def test_a_body_without_end_is_cut_off(home: Path, tiny: Server) -> None:
    tiny.answers["/d"] = b"HTTP/1.1 200 OK\r\n\r\n"
    tiny.endless["/d"] = b"#" * 100_000
    with pytest.raises(ModelFileError, match=r"more than the 4,194,304 bytes that it can have keep coming"):
        fetch_network("tiny")
    assert left(home) == []


@pytest.mark.parametrize(
    "begun", [b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.1 200 OK\r\nX: "], ids=["body", "header"]
)
def test_a_server_that_sends_a_byte_now_and_then_is_given_up(home: Path, tiny: Server, begun: bytes) -> None:
    tiny.answers["/d"], tiny.endless["/d"], tiny.pause_s = begun, b"x", 0.05
    with pytest.raises(ModelFileError, match="less than 1,000,000 bytes a second come"):
        fetch_network("tiny", timeouts=SHORT)
    assert left(home) == []


def test_a_server_that_says_nothing_is_given_up(home: Path, tiny: Server) -> None:
    tiny.answers["/d"], tiny.endless["/d"], tiny.pause_s = b"", b"x", 5.0
    with pytest.raises(ModelFileError, match=r"no answer for 0\.1 s"):
        fetch_network("tiny", timeouts=Timeouts(silence_s=0.1))


def test_a_full_disk_is_told_before_the_download(
    home: Path, tiny: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "SPARE_BYTES", 1 << 60)
    with pytest.raises(ModelFileError, match=r"MB of disk space left"):
        fetch_network("tiny")
    assert left(home) == []


@pytest.mark.parametrize("kind", ["continues", "ignores the range", "has less", "sends another part"])
def test_a_download_goes_on_whatever_the_server_makes_of_it(
    home: Path, tiny: Server, weights: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    publish(tmp_path, monkeypatch, served_files(tiny, sha256=hashlib.sha256(weights).hexdigest()))
    tiny.answers["/w"] = ok(weights[:1000], length=len(weights))
    with pytest.raises(ModelFileError, match=r"ended after 1,000 of .* goes on where it stopped"):
        fetch_network("tiny")
    assert "models/.tiny.partial/w.part" in left(home)

    def answer(request: str) -> bytes:
        if "Range: bytes=1000-" not in request or kind == "ignores the range":
            return ok(weights)
        if kind == "has less":
            return b"HTTP/1.1 416 Range Not Satisfiable\r\nContent-Length: 0\r\n\r\n"
        first = 1000 if kind == "continues" else 7
        stated = f"Content-Range: bytes {first}-{len(weights) - 1}/{len(weights)}"
        return ok(weights[first:], stated).replace(b"200 OK", b"206 Partial Content")

    tiny.answers["/w"] = answer
    if kind == "sends another part":
        with pytest.raises(ModelFileError, match="another part of the file"):
            fetch_network("tiny")
        assert "models/.tiny.partial/w.part" not in left(home)
    fetch_network("tiny")
    assert load_network("tiny").class_layer == "fc"


def archive(*members: tuple[tarfile.TarInfo, bytes]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for member, content in members:
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return packed.getvalue()


def link(kind: bytes) -> tarfile.TarInfo:
    member = tarfile.TarInfo("a/d")
    member.type, member.linkname = kind, "a/d" if kind == tarfile.LNKTYPE else "/etc/hostname"
    return member


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (archive((tarfile.TarInfo("b/d"), DEFINITION)), "does not hold a/d"),
        (archive((link(tarfile.SYMTYPE), b"")), "no regular file"),
        (archive((link(tarfile.LNKTYPE), b"")), "no regular file"),
        (archive((tarfile.TarInfo("a/d"), DEFINITION))[:-30], "cannot be unpacked"),
        (gzip.compress(b"no archive" * 200), "cannot be unpacked"),
        (b"no gzip at all", "cannot be unpacked"),
    ],
    ids=["absent", "symlink", "hard link to itself", "cut", "no tar", "no gzip"],
)
def test_a_broken_archive_ends_in_one_message(
    home: Path, tiny: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, message: str
) -> None:
    file = {"name": "deploy.prototxt", "urls": [f"{tiny.address}/a.tgz"], "member": "a/d"}
    publish(tmp_path, monkeypatch, [file])
    tiny.answers["/a.tgz"] = ok(content)
    with pytest.raises(ModelFileError, match=message):
        fetch_network("tiny")
    assert left(home) == []


def test_a_file_in_place_of_a_folder_is_named(home: Path, tiny: Server) -> None:
    (home / "models").mkdir(parents=True)
    (home / "models" / "tiny").write_text("mine")
    with pytest.raises(ModelFileError, match="is there already, and is no network"):
        fetch_network("tiny")
    (home / "models" / "tiny").unlink()
    (home / "models").rmdir()
    (home / "models").write_text("mine")
    with pytest.raises(ModelFileError, match="LUCIDREEL_HOME names another place"):
        fetch_network("tiny")
    assert tiny.requests == [] and left(home) == ["models"]
