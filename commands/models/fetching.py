"""`models fetch`: downloading a published network."""

from __future__ import annotations

from typing import Annotated

import typer

from ..completion import offer_models_to_fetch
from ..terminal import note, say


def fetch(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME", help="A network that `models list` knows.", autocompletion=offer_models_to_fetch
        ),
    ],
) -> None:
    """Download a published network into your data folder, verified where its authors gave a checksum.

    An interrupted download goes on where it stopped. LUCIDREEL_HOME names another data folder.

    Example:

      lucidreel models fetch bvlc_googlenet
    """
    from ...models.zoo.fetch import fetch_network

    entry = fetch_network(name, _DownloadLines())
    say(f"{entry.name}: {entry.folder}")


class _DownloadLines:
    """Prints a line per file and tenth of it."""

    def __init__(self) -> None:
        self._printed: tuple[str, int] = ("", -1)

    def __call__(self, name: str, done: int, total: int | None) -> None:
        tenth = 10 * done // total if total else done >> 23
        if (name, tenth) != self._printed:
            self._printed = (name, tenth)
            note(f"{name}: {done / 1e6:.1f}" + (f" of {total / 1e6:.1f} MB" if total else " MB"))
