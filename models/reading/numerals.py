"""Whole numbers in words: a class, a channel, how many of them."""

from __future__ import annotations

import re

_MOST_DIGITS = 9
_DIGITS = re.compile(r"[0-9]+", re.ASCII)


def is_numeral(word: str) -> bool:
    """Tell whether a word is a whole number in plain digits, of whatever length."""
    return _DIGITS.fullmatch(word) is not None


def number_in(word: str) -> int | None:
    """Return the number that a word of plain digits is; None for other words, and for numbers over 9 digits.

    int() takes the digits of all scripts, underscores and signs, and refuses thousands of digits.
    """
    digits = word.lstrip("0") or "0"
    return int(digits) if is_numeral(word) and len(digits) <= _MOST_DIGITS else None
