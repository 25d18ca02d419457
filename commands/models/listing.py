"""`models list`: the networks that have a name."""

from __future__ import annotations

from ..tables import print_table
from .quantities import size_words

_COLUMNS = ("NAME", "WHERE", "SIZE", "LICENCE", "WHAT IT KNOWS")


def list_all() -> None:
    """List the networks that --model knows by name, with how much there is to fetch."""
    from ...models.zoo.registry import list_networks

    rows = [
        (
            entry.name,
            entry.status,
            "" if entry.size_bytes is None else size_words(entry.size_bytes),
            entry.licence or "?",
            entry.title,
        )
        for entry in list_networks()
    ]
    print_table(_COLUMNS, rows, ("SIZE",), ("LICENCE", "SIZE"))
