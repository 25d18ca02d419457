"""Networks by name: where they live, how they get there, and what is said when they are not there."""

from __future__ import annotations

import hashlib
import io
import os
import tarfile
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from lucidreel.errors import ModelFileError
from lucidreel.models.caffe_files.caffemodel import write_caffemodel
from lucidreel.models.zoo import fetch, registry
from lucidreel.tests.models.zoo.publishing import DEFINITION, publish


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LUCIDREEL_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def weights(tmp_path: Path) -> bytes:
    write_caffemodel(tmp_path / "w", {"fc": [np.ones((5, 192)), np.zeros(5)]})
    return (tmp_path / "w").read_bytes()


@pytest.fixture
def folder(tmp_path: Path, weights: bytes) -> Path:
    path = tmp_path / "mine"
    path.mkdir()
    (path / "deploy.prototxt").write_bytes(DEFINITION)
    (path / "mine.caffemodel").write_bytes(weights)
    return path


@pytest.mark.parametrize("link", [False, True])
def test_an_added_folder_is_a_network_by_name(home: Path, folder: Path, link: bool) -> None:
    entry = registry.add_network(folder, link=link)
    assert entry.folder == home / "models" / "mine"
    assert entry.folder.is_symlink() == link
    assert registry.load_network("mine").name == "mine"
    assert "mine" in [known.name for known in registry.list_networks()]
    with pytest.raises(ModelFileError, match="exists already"):
        registry.add_network(folder)
    assert registry.add_network(folder, "again").name == "again"


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such files")
def test_pipes_devices_and_circles_in_a_folder_are_not_copied(home: Path, folder: Path) -> None:
    os.mkfifo(folder / "pipe")
    (folder / "labels.txt").symlink_to("/dev/zero")
    (folder / "circle").symlink_to(".")
    (folder / "notes").mkdir()
    (folder / "notes" / "readme.txt").write_text("words")
    copied = registry.add_network(folder, "mine").folder
    assert copied is not None and (copied / "notes" / "readme.txt").is_file()
    assert not {"pipe", "labels.txt", "circle"} & {path.name for path in copied.iterdir()}


def test_one_network_that_cannot_be_read_keeps_no_other_from_loading(home: Path, folder: Path) -> None:
    added = registry.add_network(folder).folder
    assert added is not None
    (added / "model.toml").write_text("title = ")
    assert registry.load_network("bestiary").name == "bestiary"
    listed = {entry.name: entry.title for entry in registry.list_networks()}
    assert listed["mine"].startswith("cannot be loaded: ") and "it is not TOML" in listed["mine"]
    with pytest.raises(ModelFileError, match="it is not TOML"):
        registry.load_network("mine")


def test_a_folder_that_does_not_load_is_not_added(home: Path, folder: Path) -> None:
    (folder / "mine.caffemodel").write_bytes(b"torn")
    with pytest.raises(ModelFileError, match=r"mine\.caffemodel"):
        registry.add_network(folder)
    assert not home.exists()
    with pytest.raises(ModelFileError, match="use letters"):
        registry.add_network(folder, "../escape")


def test_a_folder_is_loaded_by_its_path_without_being_added(home: Path, folder: Path) -> None:
    assert registry.load_network(folder).name == registry.load_network(str(folder)).name == "mine"


def test_a_networks_files_are_all_that_decide_what_it_computes(home: Path, folder: Path) -> None:
    for name in ("mean.npy", "model.toml", "synset_words.txt", "README.txt", "log.csv"):
        (folder / name).write_text("")
    decisive = {"deploy.prototxt", "mine.caffemodel", "mean.npy", "model.toml", "synset_words.txt"}
    assert set(registry.find_network(str(folder)).files()) == decisive
    (folder / "sub").mkdir()
    (folder / "sub" / "weights.bin").touch()
    (folder / "model.toml").write_text('weights = "sub/weights.bin"')
    assert set(registry.find_network(folder).files()) == {*decisive, "sub/weights.bin"}
    assert {"deploy.prototxt", "model.toml"} <= set(registry.find_network("bestiary").files())


def test_a_name_wins_over_a_folder_of_that_name_nearby(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bestiary").mkdir()
    monkeypatch.chdir(tmp_path)
    assert registry.load_network("bestiary").name == "bestiary"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("bestiari", r"neither a known name nor a folder\. Nearest: bestiary"),
        ("bestiary:conv4_1", "--model bestiary --layer conv4_1"),
        ("bestiary::conv4_1", "--model bestiary --layer conv4_1"),
        ("bestiary=0.5", "beside a second --model; bestiary alone needs none"),
        ("bvlc_googlenet", "`lucidreel models fetch bvlc_googlenet` downloads it"),
    ],
)
def test_what_is_not_there_is_explained(home: Path, name: str, message: str) -> None:
    with pytest.raises(ModelFileError, match=message):
        registry.load_network(name)


def test_a_file_in_place_of_a_folder_is_explained(home: Path, folder: Path) -> None:
    with pytest.raises(ModelFileError, match="Give the folder"):
        registry.load_network(folder / "deploy.prototxt")


def test_known_networks_are_listed_before_they_are_fetched(home: Path) -> None:
    entries = {entry.name: entry for entry in registry.list_networks()}
    assert next(iter(entries)) == "bestiary"
    assert entries["bvlc_googlenet"].folder is None
    assert all(
        entry.title and entry.licence and entry.source for entry in entries.values() if not entry.folder
    )


class Site:
    """Files served over HTTP on this machine: with ranges, and cut off after so many bytes if asked to."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.cut_after: int | None = None
        self.ranges: list[str | None] = []


@pytest.fixture
def site() -> Iterator[tuple[Site, str]]:
    served = Site()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            content = served.files.get(self.path)
            wanted = self.headers.get("Range")
            served.ranges.append(wanted)
            if content is None:
                self.send_error(404)
                return
            start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted else 0
            if start and start >= len(content):
                self.send_error(416)
                return
            self.send_response(206 if wanted else 200)
            self.send_header("Content-Length", str(len(content) - start))
            self.end_headers()
            self.wfile.write(content[start : served.cut_after])

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield served, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def published(
    site: tuple[Site, str], weights: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Site:
    """A network `tiny` in the zoo: a definition, weights with a checksum, and labels in an archive."""
    served, address = site
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:gz") as tar:
        labels = b"eye\nspiral\nwave\nfish\nbrick\n"
        member = tarfile.TarInfo("aux/labels.txt")
        member.size = len(labels)
        tar.addfile(member, io.BytesIO(labels))
    served.files = {
        "/deploy.prototxt": DEFINITION,
        "/tiny.caffemodel": weights,
        "/aux.tar.gz": archive.getvalue(),
    }
    sha256 = hashlib.sha256(weights).hexdigest()
    files = [
        {"name": "deploy.prototxt", "urls": [f"{address}/deploy.prototxt"]},
        {"name": "tiny.caffemodel", "urls": [f"{address}/tiny.caffemodel"], "sha256": sha256},
        {"name": "labels.txt", "urls": [f"{address}/aux.tar.gz"], "member": "aux/labels.txt"},
    ]
    publish(tmp_path, monkeypatch, files, class_layer="fc")
    return served


def test_fetching_gives_a_network_that_loads(home: Path, published: Site) -> None:
    seen: list[tuple[str, int, int | None]] = []
    entry = fetch.fetch_network("tiny", lambda *report: seen.append(report))
    network = registry.load_network("tiny")
    assert network.class_layer == "fc" and network.labels.find("fish") == 3
    assert entry.folder == home / "models" / "tiny"
    assert entry in registry.list_networks()
    assert [path.name for path in (home / "models").iterdir()] == ["tiny"]
    assert (
        "tiny.caffemodel",
        len(published.files["/tiny.caffemodel"]),
        len(published.files["/tiny.caffemodel"]),
    ) in seen
    assert {name for name, _, _ in seen} == {
        "deploy.prototxt (unverified)", "tiny.caffemodel", "aux.tar.gz (unverified)",
    }  # fmt: skip
    before = len(published.ranges)
    assert fetch.fetch_network("tiny").folder == entry.folder
    assert len(published.ranges) == before


def test_an_interrupted_download_goes_on_where_it_stopped(home: Path, published: Site) -> None:
    published.cut_after = 3000
    with pytest.raises(ModelFileError, match=r"the connection ended after 3,000 of 3,\d{3} bytes"):
        fetch.fetch_network("tiny")
    assert "tiny" not in [path.name for path in (home / "models").iterdir()]
    published.cut_after = None
    fetch.fetch_network("tiny")
    assert "bytes=3000-" in published.ranges
    assert registry.load_network("tiny").class_layer == "fc"


def test_a_wrong_checksum_is_refused_and_leaves_nothing_behind(home: Path, published: Site) -> None:
    published.files["/tiny.caffemodel"] = published.files["/tiny.caffemodel"][:-1] + b"!"
    with pytest.raises(ModelFileError, match="not the published"):
        fetch.fetch_network("tiny")
    assert not list((home / "models" / ".tiny.partial").glob("*caffemodel*"))
    with pytest.raises(ModelFileError, match="downloads it"):
        registry.load_network("tiny")


def test_an_unreachable_server_is_explained(
    home: Path, published: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    del published.files["/deploy.prototxt"]
    with pytest.raises(ModelFileError, match=r"Not Found.*models add FOLDER"):
        fetch.fetch_network("tiny")
    publish(tmp_path, monkeypatch, [{"name": "deploy.prototxt", "urls": ["http://127.0.0.1:9/x"]}])
    with pytest.raises(ModelFileError, match=r"http://127\.0\.0\.1:9/x: cannot be downloaded"):
        fetch.fetch_network("tiny")


def test_only_known_names_can_be_fetched(home: Path) -> None:
    with pytest.raises(ModelFileError, match=r"'bvlc_googlnet' is not known\. Nearest: bvlc_googlenet"):
        fetch.fetch_network("bvlc_googlnet")
