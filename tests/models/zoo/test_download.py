"""A file comes from whichever server has it, and whatever the others do, nothing but that file is kept."""

from __future__ import annotations

import re
import shutil
import ssl
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from lucidreel.models.zoo.connection import Patience
from lucidreel.models.zoo.download import AllServersFailError, download
from lucidreel.models.zoo.events import BytesCame, DownloadEvent, ServerFails, Waits
from lucidreel.models.zoo.published import ZooFile
from lucidreel.tests.models.zoo.proxy import Proxy
from lucidreel.tests.models.zoo.publishing import file_of
from lucidreel.tests.models.zoo.server import Server, ok, part_of, with_ranges

CONTENT = bytes(range(256)) * 20
OTHER = CONTENT[:-1] + b"!"
ONCE = Patience(pauses_s=())
SHORT = Patience(silence_s=0.4, grace_s=0.8, slowest_bytes_s=1e6, pauses_s=())
PORTAL = b"<!DOCTYPE html><html><body>Please log in</body></html>"


class Desk:
    """A file that is served under several paths, the place where it comes to lie, and what was told."""

    def __init__(self, server: Server, folder: Path) -> None:
        self.server = server
        self.part = folder / "it.part"
        self.told: list[DownloadEvent] = []

    def bring(self, *paths: str, patience: Patience = ONCE) -> bytes:
        """Download the file from these paths, or whole URLs, and return it."""
        urls = [path if "://" in path else self.server.address + path for path in paths]
        file = ZooFile.model_validate(file_of(CONTENT, "it", *urls))
        download(file, self.part, self.told.append, patience)
        return self.part.read_bytes()

    @property
    def failures(self) -> list[str]:
        """Why servers failed, one after the other."""
        return [event.reason for event in self.told if isinstance(event, ServerFails)]


@pytest.fixture
def desk(server: Server, tmp_path: Path) -> Desk:
    server.answers = {"/good": with_ranges(CONTENT), "/other": with_ranges(OTHER)}
    return Desk(server, tmp_path)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (
            ok(PORTAL, "Content-Type: text/html; charset=utf-8"),
            "a web page: does this network want you to log",
        ),
        (ok(PORTAL), "a file of 54 bytes, not 5,120"),
        (ok(b""), "a file of 0 bytes, not 5,120"),
        (ok(CONTENT, length=99_000_000_000), "a file of 99,000,000,000 bytes, not 5,120"),
        (ok(CONTENT[:300], length=5120), "the connection ended after 300 of 5,120 bytes"),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n"
            + CONTENT[:5]
            + b"\r\nff\r\n\x05\x06",
            "ended after|breaks off",
        ),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", "ended after 0|breaks off"),
        (b"HTTP/1.1 200 OK\r\n\r\n" + CONTENT + b"more", "more bytes come than the 5,120"),
        (ok(OTHER), "its file has the checksum [0-9a-f]{64}, not [0-9a-f]{64}"),
        (b"hello, I am no HTTP server", "is no HTTP: hello"),
        (b"", "without response"),
        (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n", "more than 100 headers"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70_000 + b"\r\n\r\n", "header line"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", "answers 204"),
        (b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "answers 404 Not Found"),
        (b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n", "answers 503 Service Unavailable"),
        (b"HTTP/1.1 503 " + b"A" * 5000 + b"\r\n\r\n", "answers 503 A{50,160}…A{20,80}$"),
        (b"HTTP/1.1 302 Found\r\nLocation: file:///etc/hostname\r\n\r\n", "no file is taken from.*file:"),
        (b"HTTP/1.1 302 Found\r\nLocation: ftp://127.0.0.1/d\r\n\r\n", "no file is taken from.*ftp:"),
        (b"HTTP/1.1 302 Found\r\nLocation: /bad\r\n\r\n", "in circles"),
        (b"HTTP/1.1 302 Found\r\nLocation: http://[::1/\r\n\r\n", "Invalid|invalid"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_broken_answer_is_told_and_the_next_server_is_asked(desk: Desk, answer: bytes, reason: str) -> None:
    desk.server.answers["/bad"] = answer
    assert desk.bring("/bad", "/good") == CONTENT
    (told,) = desk.failures
    assert re.search(reason, told), told
    desk.part.unlink()
    with pytest.raises(AllServersFailError, match=reason):
        desk.bring("/bad")
    assert not desk.part.exists() or CONTENT.startswith(desk.part.read_bytes())


def test_dead_servers_are_passed_over(desk: Desk) -> None:
    assert desk.bring("http://127.0.0.1:9/it", "http://nowhere.invalid/it", "/good") == CONTENT
    refused, unknown = desk.failures
    assert "refused" in refused
    assert unknown


def test_a_part_from_one_server_is_gone_on_with_from_another(desk: Desk) -> None:
    desk.server.answers["/breaks"] = ok(CONTENT[:3000], length=len(CONTENT))
    assert desk.bring("/breaks", "/good") == CONTENT
    assert desk.server.asked_for("/good") == ["3000"]
    came = [event.have_bytes for event in desk.told if isinstance(event, BytesCame)]
    assert came == sorted(came) and came[-1] == len(CONTENT)


@pytest.mark.parametrize(
    ("answer", "asked"),
    [
        (ok(CONTENT), ["1000"]),
        (part_of(CONTENT, 700), ["1000"]),
        (part_of(CONTENT, 1000).replace(b"Content-Range", b"X-Nothing"), ["1000"]),
    ],
    ids=["ignores ranges", "sends more than was asked for", "does not say which part"],
)
def test_a_download_goes_on_whatever_the_server_makes_of_it(
    desk: Desk, answer: bytes, asked: list[str]
) -> None:
    desk.part.write_bytes(CONTENT[:1000])
    desk.server.answers["/odd"] = answer
    assert desk.bring("/odd") == CONTENT
    assert desk.server.asked_for("/odd") == asked


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (part_of(CONTENT, 2000, stated=2000), "another part of the file"),
        (b"HTTP/1.1 416 Range Not Satisfiable\r\nContent-Length: 0\r\n\r\n", "answers 416"),
        (ok(CONTENT[:500], length=len(CONTENT)), "ended after 500 of"),
    ],
    ids=["sends another part", "has less", "breaks off before"],
)
def test_what_has_come_outlasts_a_server_that_cannot_go_on(desk: Desk, answer: bytes, reason: str) -> None:
    desk.part.write_bytes(CONTENT[:1000])
    desk.server.answers["/odd"] = answer
    with pytest.raises(AllServersFailError, match=reason):
        desk.bring("/odd")
    assert desk.part.read_bytes() == CONTENT[:1000]
    assert desk.bring("/good") == CONTENT


@pytest.mark.parametrize("wrong", [OTHER[:5000][::-1], OTHER, OTHER * 2], ids=["part", "whole", "too long"])
def test_wrong_bytes_from_earlier_are_thrown_away(desk: Desk, wrong: bytes) -> None:
    desk.part.write_bytes(wrong)
    assert desk.bring("/good") == CONTENT


def test_a_server_with_another_file_is_asked_no_second_time(desk: Desk) -> None:
    desk.server.answers["/busy"] = b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"
    with pytest.raises(AllServersFailError, match=r"checksum.*answers 503 Busy"):
        desk.bring("/other", "/busy", patience=Patience(pauses_s=(0.01, 0.02)))
    assert (len(desk.server.asked_for("/other")), len(desk.server.asked_for("/busy"))) == (1, 3)
    assert not desk.part.exists()
    assert [event.pause_s for event in desk.told if isinstance(event, Waits)] == [0.01, 0.02]


def test_servers_are_asked_again_after_a_pause(desk: Desk) -> None:
    answers = iter([b"", ok(CONTENT[:2000], length=len(CONTENT)), part_of(CONTENT, 2000)])
    desk.server.answers["/moody"] = lambda request: next(answers)
    assert desk.bring("/moody", patience=Patience(pauses_s=(0.01, 0.01))) == CONTENT
    assert desk.server.asked_for("/moody") == ["0", "0", "2000"]


@pytest.mark.parametrize(
    "begun",
    [
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: ",
        b"HTTP/1.1 302 Found\r\nLocation: /drips\r\n\r\n",
    ],
    ids=["body", "header", "body of a redirect"],
)
def test_a_server_that_sends_a_byte_now_and_then_is_given_up(desk: Desk, begun: bytes) -> None:
    desk.server.answers["/drips"], desk.server.endless["/drips"], desk.server.pause_s = begun, b"x", 0.05
    with pytest.raises(AllServersFailError, match=r"less than 1,000,000 bytes a second come|in circles"):
        desk.bring("/drips", patience=SHORT)


def test_a_server_that_says_nothing_is_given_up(desk: Desk) -> None:
    desk.server.answers["/mute"], desk.server.endless["/mute"], desk.server.pause_s = b"", b"x", 5.0
    with pytest.raises(AllServersFailError, match=r"(no answer for|no connection within) 0\.1 s"):
        desk.bring("/mute", patience=replace(ONCE, silence_s=0.1))


def test_a_stalled_body_is_gone_on_with_from_another_server(desk: Desk) -> None:
    desk.server.answers["/stalls"] = ok(CONTENT[:3000], length=len(CONTENT))
    desk.server.endless["/stalls"], desk.server.pause_s = b"x", 5.0
    patience = Patience(silence_s=0.3, pauses_s=(0.01, 0.01))
    assert desk.bring("/stalls", "/good", patience=patience) == CONTENT
    assert set(desk.server.asked_for("/good")) == {"3000"}


@pytest.mark.parametrize(
    "begun", [b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.1 302 Found\r\nLocation: /good\r\n\r\n"]
)
def test_a_body_without_end_is_cut_off(desk: Desk, begun: bytes) -> None:
    desk.server.answers["/endless"], desk.server.endless["/endless"] = begun, b"#" * 100_000
    assert desk.bring("/endless", "/good") == CONTENT


def test_redirects_are_followed_with_the_part_that_is_wanted(desk: Desk) -> None:
    desk.server.answers["/moved"] = (
        b"HTTP/1.1 301 Moved\r\nLocation: /moved-again\r\nContent-Length: 0\r\n\r\n"
    )
    there = f"{desk.server.address}/good".encode()
    desk.server.answers["/moved-again"] = b"HTTP/1.1 307 Moved\r\nLocation: " + there + b"\r\n\r\n"
    desk.part.write_bytes(CONTENT[:1000])
    assert desk.bring("/moved") == CONTENT
    assert desk.server.asked_for("/good") == ["1000"]


def test_a_file_is_taken_as_it_is_stored_not_unpacked_on_the_way(server: Server, tmp_path: Path) -> None:
    import gzip

    packed = gzip.compress(CONTENT)
    server.answers["/it.gz"] = ok(packed, "Content-Encoding: gzip")
    file = ZooFile.model_validate(file_of(packed, "it.gz", f"{server.address}/it.gz"))
    download(file, tmp_path / "part", lambda event: None, ONCE)
    assert (tmp_path / "part").read_bytes() == packed


@pytest.fixture
def proxy(desk: Desk) -> Iterator[Proxy]:
    running = Proxy(desk.server.address)
    yield running
    running.close()


def test_the_proxy_of_the_environment_is_asked(
    desk: Desk, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://me:secret@{proxy.address}")
    assert desk.bring("http://files.invalid/good") == CONTENT
    assert proxy.asked == ["http://files.invalid/good"]
    assert proxy.names == ["Basic bWU6c2VjcmV0"]
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    desk.part.unlink()
    assert desk.bring("/good") == CONTENT
    assert len(proxy.asked) == 1


def test_a_proxy_that_is_not_there_is_named(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with pytest.raises(
        AllServersFailError, match=r"the proxy that HTTP_PROXY or HTTPS_PROXY names .* refused"
    ):
        desk.bring("/good")


@pytest.fixture
def secure(tmp_path: Path, desk: Desk) -> Iterator[Server]:
    """A server that speaks https; its certificate, of its own making, lies in certificate.pem."""
    program = shutil.which("openssl")
    if program is None:
        pytest.skip("a certificate is made by openssl, which is not here")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    words = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost"
    names = ["-addext", "subjectAltName=DNS:localhost,DNS:files.invalid"]
    made = subprocess.run(
        [program, *words.split(), *names, "-keyout", key, "-out", certificate],
        capture_output=True,
        check=False,
    )
    if made.returncode:
        pytest.skip("this openssl makes no certificate")
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    served = Server(tls)
    served.address = served.address.replace("127.0.0.1", "localhost")
    served.answers = {"/good": with_ranges(CONTENT)}
    yield served
    served.close()


def test_https_is_believed_with_a_known_certificate_alone(
    desk: Desk, secure: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(AllServersFailError, match=r"cannot be trusted.*REQUESTS_CA_BUNDLE names"):
        desk.bring(f"{secure.address}/good")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "certificate.pem"))
    assert desk.bring(f"{secure.address}/good") == CONTENT
    desk.part.unlink()
    proxy = Proxy(secure.address)
    monkeypatch.setenv("HTTPS_PROXY", f"http://{proxy.address}")
    assert desk.bring("https://files.invalid/good") == CONTENT
    assert proxy.asked == ["files.invalid:443"]
    proxy.close()
    desk.part.unlink()
    with pytest.raises(AllServersFailError, match=r"the proxy that HTTP_PROXY or HTTPS_PROXY names"):
        desk.bring("https://files.invalid/good")
