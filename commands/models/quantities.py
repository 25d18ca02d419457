"""Sizes, counts and costs as people read them: "53.5 MB", "7.0 million", "1.6k"."""

from __future__ import annotations


def size_words(size_bytes: int) -> str:
    """Return a file's size: "36 kB", "53.5 MB"."""
    if size_bytes < 1000:
        return f"{size_bytes} bytes"
    return f"{size_bytes / 1e3:.0f} kB" if size_bytes < 999_500 else f"{size_bytes / 1e6:,.1f} MB"


def count_words(count: int) -> str:
    """Return a count in full words: "940", "1.2 million"."""
    return f"{count:,}" if count < 1_000_000 else f"{count / 1e6:,.1f} million"


def short_count(count: int) -> str:
    """Return a count for a table, of at most five characters: "64", "9.5k", "58.6M"."""
    for divisor, letter in ((1, ""), (1e3, "k"), (1e6, "M"), (1e9, "G")):
        scaled = count / divisor
        if scaled < 999.5:
            return f"{scaled:.0f}{letter}" if scaled >= 99.95 or divisor == 1 else f"{scaled:.1f}{letter}"
    return f"{count:.1e}"


def rounded(value: float) -> str:
    """Return a cost with two or three digits that count: "0.03", "4.7", "163"."""
    return f"{value:,.0f}" if value >= 99.5 else f"{value:.2g}" if value < 1 else f"{value:.1f}"


def pixels(value: float | None, whole: str = "") -> str:
    """Return pixels without a needless fraction; `whole` where there is no number."""
    return whole if value is None else f"{value:g}"
