"""The weight behind a target, "goldfish=0.5", and what was meant by one that is written otherwise."""

from __future__ import annotations

import re

from ...errors import ConfigError
from ...models.reading.numerals import decimal_in, meant_decimal
from .syntax import AT, LONGEST_WORD, WEIGHS, cut, cut_last

MOST = 1000.0
"""Weights go from -1000 to 1000."""
# "b.png", "b.png@layer": what follows an equals sign in the name of a file.
_FILE_ENDS = re.compile(r"\.[A-Za-z][A-Za-z0-9]{1,7}(@.*)?$", re.DOTALL)


def split_weight(text: str) -> tuple[str, float]:
    """Return a target without its weight, and the weight, 1 where none is written.

    Raises ConfigError with what to write for a weight that is no number.
    """
    if len(text) > LONGEST_WORD:
        raise ConfigError(
            f"{text!r} has {len(text):,} letters, and at most {LONGEST_WORD:,} are read: write a file."
        )
    entry, sign, number = cut_last(text, WEIGHS)
    if not sign or _is_in_a_files_name(number):
        entry, sign = text, ""
    weight = decimal_in(number) if sign else 1.0
    if weight is None:
        raise ConfigError(_no_weight(text, entry.strip(), number))
    if not entry.strip():
        raise ConfigError(f"{text!r} names nothing: write NAME or NAME=WEIGHT.")
    return entry.strip(), weight


def _is_in_a_files_name(number: str) -> bool:
    """Tell what follows the sign in "a=b.png" and "goldfish@a=b.png"."""
    return decimal_in(cut(number, AT)[0]) is None and _FILE_ENDS.search(number) is not None


def _no_weight(text: str, entry: str, number: str) -> str:
    weight_first, at, where = cut(number, AT)
    if at and where and entry and decimal_in(weight_first) is not None:
        return f"{text!r}: the weight comes last: write {entry}@{where.strip()}={weight_first.strip()}."
    meant = f"{entry}={meant_decimal(number) or 0.5}"
    return f"{text!r}: the weight {number!r} is not a number; write {meant}."
