"""Which published network a file of weights belongs to, told by its checksum: for files that came by hand."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from .published import ZooFile, ZooNetwork, published_networks

_WEIGHTS = (".caffemodel", ".onnx")


def recognise(weights: Path, name: str | None = None) -> ZooNetwork | None:
    """Return the published network whose weights these are, whatever they are called; None for all others.

    Where nobody published a checksum of a network's weights, its `name` is believed. What is found says with
    `describe_in(folder)` what model.toml should say. A file is read only if one of its size is known. Raises
    OSError for one that cannot be read.
    """
    size_bytes = weights.stat().st_size
    sums: dict[str, str] = {}
    for network, file in _weights():
        kind, known = ("sha256", file.sha256) if file.sha256 else ("sha1", file.sha1)
        if known is None or file.member is not None:  # an archive's says nothing of what is in it
            if network.name == name:
                return network
        elif file.size_bytes in (None, size_bytes):
            if kind not in sums:
                sums[kind] = checksum(weights, kind)
            if sums[kind] == known:
                return network
    return None


def checksum(path: Path, kind: str = "sha256") -> str:
    """Return a file's checksum as hexadecimal digits. Raises OSError."""
    with path.open("rb") as source:
        return hashlib.file_digest(source, lambda: hashlib.new(kind, usedforsecurity=False)).hexdigest()


def _weights() -> Iterator[tuple[ZooNetwork, ZooFile]]:
    """Yield the published networks with their files of weights."""
    for network in published_networks().values():
        for file in network.files:
            if Path(file.name).suffix in _WEIGHTS:
                yield network, file
