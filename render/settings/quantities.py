"""Times, sizes, speeds and frame rates as people write them: one reader and one printer for each.

What a reader cannot read raises ValueError with the text and the forms that are understood; which flag or key
it came from is added by whoever knows (`FrozenConfig.read`). What a printer writes, its reader reads back.
"""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction

from ...dream.setting.numbers import read_number, written_number
from ...dream.setting.words import Words
from ...models.reading.numerals import UNSIGNED

_SECONDS = re.compile(rf"({UNSIGNED})\s*(ms|s|min|m|h)?", re.ASCII)
_CLOCK = re.compile(r"(?:([0-9]{1,9}):)?([0-9]{1,2}):([0-9]{1,2}(?:\.[0-9]{0,40})?)")
_UNITS = re.compile(
    rf"(?:({UNSIGNED})\s*h)?\s*(?:({UNSIGNED})\s*(?:min|m))?\s*(?:({UNSIGNED})\s*s)?\s*(?:({UNSIGNED})\s*ms)?",
    re.ASCII,
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
_FRAME_RATE = re.compile(r"[0-9]{1,9}(?:/0{0,9}[1-9][0-9]{0,8}|\.[0-9]{1,40})?")
LONGEST_S = 1e9
"""Thirty years: no clip is as long, and every time up to there is printed as it is read."""
SLOWEST_FPS, FASTEST_FPS = Fraction(1, 10), 1000


def read_time(text: str) -> float:
    """Return the seconds meant by "2", "2.5s", "350ms", "1.5min", "1h2m", "1:02.5" or "00:01:02".

    Units are multiplied as fractions, so that 1400ms is the very number 1.4s is: 1400 * 0.001 is a hair more,
    and would leave out the frame that begins there.
    """
    word = text.strip()
    time_s = _exact_time(word)
    if time_s is None:
        raise ValueError(f"{text!r} is not a time: {_time_advice(word)}")
    if time_s > LONGEST_S:
        raise ValueError(f"{text!r}: a time is at most {LONGEST_S:,.0f} seconds")
    return float(time_s)


def _exact_time(word: str) -> Fraction | None:
    if plain := _SECONDS.fullmatch(word):
        return Fraction(plain[1]) * _UNIT_S[plain[2]]
    if clock := _CLOCK.fullmatch(word):
        hours, minutes, seconds = int(clock[1] or 0), int(clock[2]), Fraction(clock[3])
        if minutes < 60 and seconds < 60:
            return hours * 3600 + minutes * 60 + seconds
    if word and (parts := _UNITS.fullmatch(word)):
        units_s = (_UNIT_S[unit] for unit in ("h", "min", "s", "ms"))
        each_s = (Fraction(part or 0) * unit_s for part, unit_s in zip(parts.groups(), units_s, strict=True))
        return sum(each_s, Fraction(0))
    return None


def _time_advice(word: str) -> str:
    """Return how to write what was meant by a word that is no time."""
    if code := _TIMECODE.fullmatch(word):
        return (
            "its last part counts frames, and how long these are differs from clip to clip. Write a part of "
            f"a second instead: {code[1]}.5 is half of one further on"
        )
    if re.fullmatch(r"[0-9.]+\s*%", word):
        return "a share of the clip cannot be given. Write seconds (2, 2.5s) or a clock (1:02.5)"
    if re.fullmatch(r"[0-9]+,[0-9]+\s*(?:s|min|m|h)?", word):
        return f"write decimals with a point: {word.replace(',', '.')}"
    return "write seconds (2, 2.5s, 350ms), units (1h2m, 1m30s) or a clock (1:02.5, 00:01:02)"


def written_time(time_s: float) -> str:
    """Return seconds as "2.5s", never with a power of ten."""
    return f"{Decimal(written_number(time_s)):f}s"


def read_cuts(text: str) -> str | tuple[float, ...]:
    """Return "auto" or "none" as written, or the seconds meant by "2s,3.5s"."""
    word = text.strip()
    if word in ("auto", "none"):
        return word
    try:
        return tuple(read_time(part) for part in word.split(","))
    except ValueError as failure:
        raise ValueError(f"{text!r}: {failure}. Or write auto or none") from None


def written_cuts(cuts: str | tuple[float, ...]) -> str:
    """Return cuts as `read_cuts` reads them."""
    return cuts if isinstance(cuts, str) else ",".join(written_time(time_s) for time_s in cuts)


def read_size(text: str) -> tuple[int, int]:
    """Return (width, height) in pixels from "960x540"."""
    if match := _SIZE.fullmatch(text.strip()):
        return int(match[1]), int(match[2])
    raise ValueError(f"{text!r} is not a size: {_size_advice(text.strip())}")


def _size_advice(word: str) -> str:
    """Return how to write what was meant by a word that is no size."""
    if (two := re.fullmatch(r"([0-9]{1,6})\s*[*:,; ]\s*([0-9]{1,6})", word)) is not None:
        return f"write {two[1]}x{two[2]}"
    if lines := re.fullmatch(r"([0-9]{3,4})[pi]", word):
        width_px = 2 * round(int(lines[1]) * 8 / 9)
        return f"write width and height in pixels, in the shape 16:9 {width_px}x{lines[1]}"
    return "write width x height in pixels, like 960x540"


def written_size(size_px: tuple[int, int]) -> str:
    """Return (960, 540) as "960x540"."""
    return f"{size_px[0]}x{size_px[1]}"


def read_frame_rate(text: str) -> str:
    """Return a frame rate as written ("24", "23.976", "30000/1001"), so that nothing of it is rounded."""
    word = text.strip()
    if not _FRAME_RATE.fullmatch(word):
        raise ValueError(
            f"{text!r} is not a frame rate: write frames per second, like 24, 23.976 or 30000/1001"
        )
    if not SLOWEST_FPS <= Fraction(word) <= FASTEST_FPS:
        raise ValueError(
            f"{text!r}: a frame rate is from {float(SLOWEST_FPS):g} to {FASTEST_FPS} frames per second"
        )
    return word


def rate_as_text(value: object) -> object:
    """Return a frame rate that is given as a number, 24 or Fraction(30000, 1001), as it is written.

    Raises ValueError for one that is none.
    """
    is_number = isinstance(value, int | float | Fraction) and not isinstance(value, bool)
    return read_frame_rate(str(value)) if is_number else value


def read_speed(text: str) -> float:
    """Return a number per second from "1.5/s", "-10/s" or, the unit being the only one, "1.5"."""
    try:
        return read_number(text.strip().removesuffix("/s"))
    except ValueError:
        raise ValueError(f"{text!r} is not a speed: write a number per second, like 1.5/s") from None


def written_speed(per_s: float) -> str:
    """Return 1.5 as "1.5/s"."""
    return f"{written_number(per_s)}/s"


def read_shift(text: str) -> tuple[float, float]:
    """Return (right, down) in pixels per second from "0,5/s"."""
    parts = text.strip().removesuffix("/s").split(",")
    try:
        right, down = (read_number(part) for part in parts)
    except ValueError:
        raise ValueError(
            f"{text!r} is not a shift: write pixels to the right and down per second, like 0,5/s"
        ) from None
    return right, down


def written_shift(px_per_s: tuple[float, float]) -> str:
    """Return (0.0, 5.0) as "0,5/s"."""
    return f"{','.join(written_number(each) for each in px_per_s)}/s"


TIME = Words(read_time, written_time)
CUTS = Words(read_cuts, written_cuts)
SIZE = Words(read_size, written_size)
FRAME_RATE = Words(read_frame_rate, str)
SPEED = Words(read_speed, written_speed)
SHIFT = Words(read_shift, written_shift)
