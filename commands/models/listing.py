"""`models list`: the networks that have a name."""

from __future__ import annotations

from ..terminal import print_table


def list_all() -> None:
    """List the networks that --model knows by name."""
    from ...models.zoo.registry import list_networks

    rows = [(entry.name, entry.status, entry.licence or "?", entry.title) for entry in list_networks()]
    print_table(("NAME", "WHERE", "LICENCE", "WHAT IT KNOWS"), rows)
