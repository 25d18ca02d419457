"""A user's folder, a server, and a network `tiny` that is published on it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from lucidreel.models.caffe_files.caffemodel import write_caffemodel
from lucidreel.tests.models.zoo.publishing import DEFINITION, file_of, publish
from lucidreel.tests.models.zoo.server import Server, ok, with_ranges


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder for this user's data, which is not there yet."""
    monkeypatch.setenv("LUCIDREEL_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def weights(tmp_path: Path) -> bytes:
    """Weights of `DEFINITION`, 3.9 kB."""
    write_caffemodel(tmp_path / "w", {"fc": [np.ones((5, 192)), np.zeros(5)]})
    return (tmp_path / "w").read_bytes()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A server without anything to answer yet, to which no proxy of this machine is in the way."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    served = Server()
    yield served
    served.close()


@pytest.fixture
def tiny(
    home: Path, server: Server, weights: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Server:
    """The server of a network `tiny`, of a definition at /d and weights at /w."""
    server.answers = {"/d": ok(DEFINITION), "/w": with_ranges(weights)}
    files = [
        file_of(DEFINITION, "deploy.prototxt", f"{server.address}/d"),
        file_of(weights, "tiny.caffemodel", f"{server.address}/w"),
    ]
    publish(tmp_path, monkeypatch, files, class_layer="fc")
    return server
