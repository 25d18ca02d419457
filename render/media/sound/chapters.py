"""Chapters of a clip, moved and cut to the part that becomes a film, and written for ffmpeg.

ffmpeg's own cutting leaves chapters without length where one ends exactly at a cut, which is where people
cut. So the film's chapters are worked out here and handed over as an input of their own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from ..clip_info import Chapter
from ..clip_part import ClipPart

_PER_SECOND = 1_000_000


def film_chapters(chapters: Iterable[Chapter], part: ClipPart) -> tuple[Chapter, ...]:
    """Return the chapters, on the clip's clock, that the part shows something of, on the film's clock."""
    kept = []
    for chapter in chapters:
        start = max(chapter.start_s, part.zero_s) if part.cuts_start else chapter.start_s
        end = min(chapter.end_s, part.end_s) if part.cuts_end else chapter.end_s
        if start < end:
            kept.append(Chapter(start - part.zero_s, end - part.zero_s, chapter.metadata))
    return tuple(kept)


def chapters_text(chapters: Iterable[Chapter]) -> str:
    """Return the chapters in FFmpeg's metadata format."""
    lines = [";FFMETADATA1"]
    for chapter in chapters:
        start, end = (round(time_s * _PER_SECOND) for time_s in (chapter.start_s, chapter.end_s))
        lines += ["[CHAPTER]", f"TIMEBASE=1/{_PER_SECOND}", f"START={start}", f"END={end}"]
        lines += [f"{_escaped(key)}={_escaped(value)}" for key, value in chapter.metadata]
    return "\n".join([*lines, ""])


def _escaped(words: str) -> str:
    return re.sub(r"([=;#\\\n])", r"\\\1", words)
