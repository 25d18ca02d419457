"""Numbers in settings as people write them; what a decimal is, `models.reading.numerals` says."""

from __future__ import annotations

import math
import re

from ...models.reading.numerals import decimal_in, decimal_text, meant_decimal

_WHOLE = re.compile(r"[+-]?[0-9]{1,40}")


def read_number(text: str) -> float:
    """Return the number a text says; unlike float(), refuse "nan", "inf", "1_000" and other scripts' digits.

    Raises ValueError.
    """
    value = decimal_in(text)
    if value is None or math.isinf(value):
        meant = meant_decimal(text)
        raise ValueError(f"{text!r} is not a number{f': write {meant}' if meant else ''}")
    return value


def read_whole(text: str) -> int:
    """Return the whole number a text says. Raises ValueError."""
    if not _WHOLE.fullmatch(text.strip()):
        raise ValueError(f"{text!r} is not a whole number")
    return int(text)


def written_number(value: float) -> str:
    """Return the shortest text that reads back as this number: "1" for 1.0."""
    return str(value) if isinstance(value, int) else decimal_text(value)


def without_noise(value: object) -> object:
    """Return 0.936 for 0.9359999999999999, which is 0.78 * 1.2: the number of 6 digits that is meant.

    Only rounding noise goes. A number with more digits than that, or no float at all, comes back as it is.
    """
    if not isinstance(value, float):
        return value
    short = float(f"{value:.6g}")
    return short if math.isclose(short, value, rel_tol=1e-12) else value
