"""Networks known by name without being here: where their authors publish them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class ZooFile:
    """One file to download: its URL, its checksum where its authors published one, its name in the folder."""

    url: str
    name: str
    sha1: str | None = None
    member: str | None = None
    """The file to take out when the URL is a .tar.gz."""


@dataclass(frozen=True)
class ZooNetwork:
    """A published network: its files, and the facts for its model.toml."""

    title: str
    licence: str
    source: str
    files: tuple[ZooFile, ...]
    facts: Mapping[str, str] = field(default_factory=dict)


ZOO: dict[str, ZooNetwork] = {}
