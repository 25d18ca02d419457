"""The signs that targets are written with, and how a name holds one of them itself.

    bestiary::goldfish@!water.png=0.5
    network   name     region     weight

    fire8/concat:12         a channel of a layer
    goldfish,eye            several classes

A name with a sign in it stands in double quotes, "eye@night"@dark, and a quote inside them is written twice.
Files need no quotes where they are plain to see (`files`). What is printed has quotes only where it would not
be read back without, so that reading is the inverse of printing for every name there is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import TypeVar

from ...errors import ConfigError

OF, AT, WEIGHS, PART, AND, NOT = "::", "@", "=", ":", ",", "!"
"""What follows a network, and stands before a region, a weight, a part of a layer, another class, a map that
is inverted."""
LONGEST_WORD = 10_000
"""The most letters of one target: all classes of ImageNet by their ids. More fit into a file."""

T = TypeVar("T")
Quote = Callable[[str], str]
"""How names are put down: `plain`, or in quotes (`quoted`)."""

_QUOTED = re.compile(r'(^|[@:,=!])(\s*)("(?:[^"]|"")*")(?=\s*(?:[@:,=]|$))')
_HIDDEN = "\0"
_OTHER_WEIGHT = re.compile(r"(.*[^\s:*x+-])(?:\s*[:*x]\s*|\s+)([+-]?[0-9]{0,9}\.?[0-9]{1,9})")


def cut(text: str, sign: str) -> tuple[str, str, str]:
    """Return what is before the first sign, the sign, and what is behind, as str.partition does."""
    at = _without_quoted(text).find(sign)
    return (text, "", "") if at < 0 else (text[:at], sign, text[at + len(sign) :])


def cut_last(text: str, sign: str) -> tuple[str, str, str]:
    """Return what is before the last sign, the sign, and what is behind, as str.rpartition does."""
    at = _without_quoted(text).rfind(sign)
    return ("", "", text) if at < 0 else (text[:at], sign, text[at + len(sign) :])


def parts(text: str, sign: str) -> list[str]:
    """Return what stands between the signs."""
    ends = [match.start() for match in re.finditer(re.escape(sign), _without_quoted(text))]
    starts = [0, *(end + len(sign) for end in ends)]
    return [text[start:end] for start, end in zip(starts, [*ends, len(text)], strict=True)]


def beginnings(text: str) -> Iterator[str]:
    """Yield "a", "a@b", "a@b@c" of "a@b@c"."""
    hidden = _without_quoted(text)
    yield from (text[: at.start()] for at in re.finditer(AT, hidden))
    yield text


def name_in(word: str) -> str:
    """Return a name, without the spaces around it, or its quotes."""
    word = word.strip()
    return word[1:-1].replace('""', '"') if is_quoted(word) else word


def is_quoted(word: str) -> bool:
    """Tell whether a whole word stands in quotes."""
    return (match := _QUOTED.match(word)) is not None and match.end() == len(word)


def plain(name: str) -> str:
    """Return a name as it is."""
    return name


def quoted(name: str) -> str:
    """Return a name in quotes, as `name_in` takes them off."""
    return '"' + name.replace('"', '""') + '"'


def shortest(text: Callable[[Quote], str], read: Callable[[str], T], value: T) -> str:
    """Return a text without quotes where that is read as the value, else with all names in quotes."""
    bare = text(plain)
    try:
        found: T | None = read(bare)
    except ConfigError:
        found = None
    return bare if found == value else text(quoted)


def decimals(value: float) -> str:
    """Return a number without an exponent: "0.33", "2"."""
    return format(Decimal(repr(value + 0.0)), "f").removesuffix(".0")


def weight_advice(word: str) -> str:
    """Return " Write goldfish=0.5 …" for a name that ends like a weight ("goldfish:0.5"), or ""."""
    match = _OTHER_WEIGHT.fullmatch(word)
    return f" A weight follows an equals sign: {match[1]}={match[2]}." if match else ""


def _without_quoted(text: str) -> str:
    """Return a text of the same length in which no sign stands in quotes."""
    if '"' not in text:
        return text
    return _QUOTED.sub(lambda match: match[1] + match[2] + _HIDDEN * len(match[3]), text)
