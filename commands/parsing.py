"""The words of the command line, turned into plain values: times, sizes, speeds, weights, frame rates.

Every parser is a function of one string. What it cannot read raises UsageError with the string and the
forms that are understood; which flag it came from is added by whoever knows (`resolve`).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import TypeVar

from ..errors import UsageError

T = TypeVar("T", int, float)

_NUMBER = r"[0-9]{1,15}(?:\.[0-9]{0,40})?|\.[0-9]{1,40}"
_SECONDS = re.compile(rf"({_NUMBER})\s*(ms|s|min|m|h)?")
_CLOCK = re.compile(r"(?:([0-9]{1,9}):)?([0-9]{1,2}):([0-9]{1,2}(?:\.[0-9]{0,40})?)")
_UNITS = re.compile(
    rf"(?:({_NUMBER})\s*h)?\s*(?:({_NUMBER})\s*(?:min|m))?\s*(?:({_NUMBER})\s*s)?\s*(?:({_NUMBER})\s*ms)?"
)
_TIMECODE = re.compile(r"([0-9]{1,3}:[0-9]{1,2}:[0-9]{1,2})[:;][0-9]{1,3}")
_UNIT_S = {
    None: Fraction(1),
    "ms": Fraction(1, 1000),
    "s": Fraction(1),
    "m": Fraction(60),
    "min": Fraction(60),
    "h": Fraction(3600),
}
_SIZE = re.compile(r"([0-9]{1,6})\s*[xX×]\s*([0-9]{1,6})")
_FRAME_RATE = re.compile(r"[0-9]{1,6}(?:/[1-9][0-9]{0,6}|\.[0-9]{1,6})?")


def parse_time(text: str) -> float:
    """Return the seconds meant by "2", "2.5s", "350ms", "1.5min", "1h2m", "1:02.5" or "00:01:02".

    Units are multiplied as fractions, so that 1400ms is the very number 1.4s is: 1400 * 0.001 is a hair more,
    and would leave out the frame that begins there.
    """
    word = text.strip()
    if plain := _SECONDS.fullmatch(word):
        return float(Fraction(plain[1]) * _UNIT_S[plain[2]])
    if clock := _CLOCK.fullmatch(word):
        hours, minutes, seconds = int(clock[1] or 0), int(clock[2]), Fraction(clock[3])
        if minutes < 60 and seconds < 60:
            return float(hours * 3600 + minutes * 60 + seconds)
    if word and (parts := _UNITS.fullmatch(word)):
        units_s = (_UNIT_S[unit] for unit in ("h", "min", "s", "ms"))
        return float(
            sum(Fraction(part or 0) * unit_s for part, unit_s in zip(parts.groups(), units_s, strict=True))
        )
    raise UsageError(f"{text!r} is not a time: {_time_advice(word)}")


def _time_advice(word: str) -> str:
    """Return how to write what was meant by a word that is no time."""
    if code := _TIMECODE.fullmatch(word):
        return (
            "its last part counts frames, and how long these are differs from clip to clip. Write a part of "
            f"a second instead: {code[1]}.5 is half of one further on."
        )
    if re.fullmatch(r"[0-9.]+\s*%", word):
        return "a share of the clip cannot be given. Write seconds (2, 2.5s) or a clock (1:02.5)."
    if re.fullmatch(r"[0-9]+,[0-9]+\s*(?:s|min|m|h)?", word):
        return f"write decimals with a point: {word.replace(',', '.')}."
    return "write seconds (2, 2.5s, 350ms), units (1h2m, 1m30s) or a clock (1:02.5, 00:01:02)."


def parse_cuts(text: str) -> str | list[float]:
    """Return "auto" or "none" as written, or the seconds meant by "2s,3.5s"."""
    word = text.strip()
    if word in ("auto", "none"):
        return word
    try:
        return [parse_time(part) for part in word.split(",")]
    except UsageError as failure:
        raise UsageError(f"{text!r}: {failure} Or write auto or none.") from None


def parse_size(text: str) -> list[int]:
    """Return [width, height] in pixels from "960x540"."""
    if match := _SIZE.fullmatch(text.strip()):
        return [int(match[1]), int(match[2])]
    raise UsageError(f"{text!r} is not a size: {_size_advice(text.strip())}")


def _size_advice(word: str) -> str:
    """Return how to write what was meant by a word that is no size."""
    if (two := re.fullmatch(r"([0-9]{1,6})\s*[*:,; ]\s*([0-9]{1,6})", word)) is not None:
        return f"write {two[1]}x{two[2]}."
    if lines := re.fullmatch(r"([0-9]{3,4})[pi]", word):
        width_px = 2 * round(int(lines[1]) * 8 / 9)
        return f"write width and height in pixels, in the shape 16:9 {width_px}x{lines[1]}."
    return "write width x height in pixels, like 960x540."


def parse_frame_rate(text: str) -> str:
    """Return a frame rate as written ("24", "23.976", "30000/1001") once it is known to be one."""
    word = text.strip()
    if _FRAME_RATE.fullmatch(word) and float(word.partition("/")[0]) > 0:
        return word
    raise UsageError(f"{text!r} is not a frame rate: write frames per second, like 24, 23.976 or 30000/1001.")


def parse_speed(text: str) -> float:
    """Return a number per second from "1.5/s", "-10/s" or, the unit being the only one, "1.5"."""
    try:
        return _number(text.strip().removesuffix("/s"))
    except ValueError:
        raise UsageError(f"{text!r} is not a speed: write a number per second, like 1.5/s.") from None


def parse_shift(text: str) -> list[float]:
    """Return [right, down] in pixels per second from "0,5/s"."""
    parts = text.strip().removesuffix("/s").split(",")
    try:
        right, down = (_number(part) for part in parts)
    except ValueError:
        raise UsageError(
            f"{text!r} is not a shift: write pixels to the right and down per second, like 0,5/s."
        ) from None
    return [right, down]


def parse_counts(text: str) -> int | list[int]:
    """Return a whole number, or a list of them from "20,20,10,10" (one per octave, coarsest first)."""
    return _one_or_list(text, _whole, "a whole number")


def parse_numbers(text: str) -> float | list[float]:
    """Return a number, or a list of them from "1.5,1,1,0.5" (one per octave, coarsest first)."""
    return _one_or_list(text, _number, "a number")


def parse_models(words: list[str]) -> str | list[str]:
    """Return a network as settings name it, or a list of several, folders in full."""
    if len(words) == 1:
        return absolute_if_folder(words[0])
    full = []
    for word in words:
        name, equals, weight = word.rpartition("=")
        if equals and _is_number(weight) and absolute_if_folder(word) == word:
            full.append(f"{absolute_if_folder(name)}={weight}")
        else:
            full.append(absolute_if_folder(word))
    return full


def absolute_if_folder(word: str) -> str:
    """Return a folder's path in full, so that a record of it is good from anywhere; a name stays a name.

    As everywhere, the name of a known network wins over a folder of that name in the current directory.
    """
    try:
        is_folder = Path(word).is_dir()
    except OSError as failure:
        raise UsageError(f"{word!r} cannot be a path ({failure.strerror}).") from failure
    if not is_folder:
        return word
    from ..models.zoo.registry import list_networks  # heavy, and only asked when there is a doubt

    is_name = any(entry.name == word for entry in list_networks())
    return word if is_name else str(Path(word).resolve())


def _number(word: str) -> float:
    """Read a plain decimal; unlike float(), refuse "nan", "inf", "1_000" and other scripts' digits."""
    if not re.fullmatch(rf"[+-]?(?:{_NUMBER})(?:[eE][+-]?[0-9]{{1,2}})?", word.strip()):
        raise ValueError(word)
    return float(word)


def _is_number(word: str) -> bool:
    try:
        _number(word)
    except ValueError:
        return False
    return True


def _whole(word: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", word.strip()):
        raise ValueError(word)
    return int(word)


def _one_or_list(text: str, read: Callable[[str], T], wanted: str) -> T | list[T]:
    try:
        values = [read(part) for part in text.split(",")]
    except ValueError:
        raise UsageError(
            f"{text!r}: write {wanted}, or one per octave, coarsest first: 20,20,10,10."
        ) from None
    return values[0] if len(values) == 1 else values
