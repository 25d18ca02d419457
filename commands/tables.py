"""Tables in columns, which fit the terminal that they are printed on."""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections.abc import Iterable, Sequence

from .terminal import note, say_of_file

_READABLE = 20
"""How many letters of the last column stand side by side before other columns go for it."""
_NARROWEST = 12


def print_table(
    headings: Sequence[str],
    rows: Iterable[Sequence[str]],
    numbers: Iterable[str] = (),
    lesser: Iterable[str] = (),
) -> None:
    """Print aligned columns, those with the headings `numbers` at their right.

    The last column is words. On a terminal it goes on in further lines, and where it has no room, the
    `lesser` columns are left out one by one, which is told. Elsewhere it runs on, so that it can be cut or
    searched by other programs.
    """
    lines = [tuple(headings), *(tuple(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(headings))]
    kept, room, left_out = list(range(len(headings) - 1)), max(widths[-1], 1), list[str]()
    if sys.stdout.isatty():
        width = shutil.get_terminal_size().columns
        for heading in lesser:
            if _room(width, widths, kept) >= min(widths[-1], _READABLE):
                break
            kept.remove(headings.index(heading))
            left_out.append(heading)
        room = max(_room(width, widths, kept), _NARROWEST)
    right = {column for column, heading in enumerate(headings) if heading in set(numbers)}
    for line in lines:
        cells = [
            line[column].rjust(widths[column]) if column in right else line[column].ljust(widths[column])
            for column in kept
        ]
        words = (
            line[-1:]
            if len(line[-1]) <= room
            else (textwrap.wrap(line[-1], room, break_on_hyphens=False) or [""])
        )
        for text in words:
            say_of_file("  ".join([*cells, text]).rstrip())
            cells = [" " * len(cell) for cell in cells]
    if left_out:
        note(f"Left out on a terminal this narrow: {', '.join(left_out)}.")


def _room(width: int, widths: Sequence[int], kept: Sequence[int]) -> int:
    """Return how many letters are left for the last column beside those that are kept."""
    return width - sum(widths[column] + 2 for column in kept)
