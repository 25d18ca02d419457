"""Numbers in words: a class, a channel, how many of them, a weight."""

from __future__ import annotations

import re

_MOST_DIGITS = 9
_DIGITS = re.compile(r"[0-9]+", re.ASCII)
UNSIGNED = r"(?:[0-9]{1,17}(?:\.[0-9]{0,40})?|\.[0-9]{1,40})"
"""A decimal number without a sign or a power of ten, as a pattern."""
_DECIMAL = re.compile(rf"[+-]?{UNSIGNED}(?:[eE][+-]?[0-9]{{1,3}})?", re.ASCII)
_SHARE = re.compile(r"([+-]?[0-9]{1,6}(?:\.[0-9]{1,6})?)\s*%", re.ASCII)
_WITH_COMMA = re.compile(r"[+-]?[0-9]{1,9},[0-9]{1,9}", re.ASCII)


def is_numeral(word: str) -> bool:
    """Tell whether a word is a whole number in plain digits, of whatever length."""
    return _DIGITS.fullmatch(word) is not None


def number_in(word: str) -> int | None:
    """Return the number that a word of plain digits is; None for other words, and for numbers over 9 digits.

    int() takes the digits of all scripts, underscores and signs, and refuses thousands of digits.
    """
    digits = word.lstrip("0") or "0"
    return int(digits) if is_numeral(word) and len(digits) <= _MOST_DIGITS else None


def decimal_in(word: str) -> float | None:
    """Return the number that a plain decimal is, such as "-0.5" or "1e-3"; None for other words.

    float() takes "nan", "inf", underscores and the digits of all scripts.
    """
    return float(word) if _DECIMAL.fullmatch(word.strip()) else None


def decimal_text(value: float) -> str:
    """Return a finite number as it is written, so that `decimal_in` reads the very same one: "2", "0.1"."""
    return repr(float(value)).removesuffix(".0")


def meant_decimal(word: str) -> str | None:
    """Return the plain decimal that is meant by "50%" (0.5) or "0,5"; None for all else."""
    word = word.strip()
    if share := _SHARE.fullmatch(word):
        return f"{float(share[1]) / 100:g}"
    return word.replace(",", ".") if _WITH_COMMA.fullmatch(word) else None
