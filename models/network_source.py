"""Where a network comes from, once it was found by name: what can be said of it before it is loaded.

Words such as "bestiary" and "nets/mine" become sources (`zoo/registry.find_network`). A source becomes an
outline, which is light and knows the names that targets give, or the network itself. Whatever is above asks
a source, and so is blind to where networks come from.
"""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from .backend import TORCH, Backend, BackendName
from .description import NetworkDescription
from .network import Listing, Network


class NetworkSource(Protocol):
    """A network that was found, and is not loaded."""

    @property
    def name(self) -> str:
        """What the network is called: its known name, or its folder's."""

    @property
    def identity(self) -> str:
        """What is the same for two words that mean one network."""

    def outline(self) -> Listing:
        """Return the names of its classes and layers, without loading it. Raises ModelFileError."""

    def describe(self) -> NetworkDescription:
        """Return all that can be told of it without running it. Raises ModelFileError."""

    def refuse(self, backend: BackendName) -> None:
        """Raise ModelFileError where such a backend cannot run it; nothing is loaded."""

    def load(self, random_seed: int | None = None, backend: Backend = TORCH) -> Network:
        """Load it, to run in a backend; with `random_seed` its weights are made up instead of read.

        Raises ModelFileError, and DeviceError for a backend that is not there.
        """

    def files(self) -> dict[str, Path]:
        """Return the files that make it what it is, by name: what a checkpoint holds a film to."""
