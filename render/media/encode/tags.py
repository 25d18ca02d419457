"""What a result says of itself: a title, its settings in brief, and the program that made it.

    mp4, mov, mkv, webm    title, comment; beside what comes along from the clip, which is never replaced
    gif                    a comment
    png                    Title, Comment, Software
    jpg, webp, tiff        ImageDescription and Software of the EXIF
    bmp                    nothing: the format has no place for it

There are no dates in it, so that the same run makes the same file, and no folders. A clip's own comment
stays, with the settings on the line below. FFmpeg writes the program as its own name, so a film has it in the
comment.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from PIL.Image import Exif

from .... import __version__
from ....dream.targets.targets import Targets
from ...settings.settings import Settings

_LONGEST = 400
_LONGEST_COMMENT = 10_000  # a film that is dreamt about again and again says so
_IMAGE_DESCRIPTION, _SOFTWARE = 0x010E, 0x0131
_PNG_HEAD_BYTES = 33  # the signature and the chunk that every PNG begins with
_GIF_HEAD_BYTES = 13  # signature, size, and what tells of the palette that may follow
_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True)
class Tags:
    """The words that a result carries."""

    title: str
    comment: str
    program: str

    def beside(self, own: Mapping[str, str]) -> Tags:
        """Return the tags of a film of a clip that has its `own`."""
        kept = {key.lower(): value for key, value in own.items()}
        comment = "\n".join(line for line in (kept.get("comment"), self.comment) if line)
        return replace(self, title=kept.get("title") or self.title, comment=comment[-_LONGEST_COMMENT:])

    @property
    def film_words(self) -> dict[str, str]:
        """The tags by FFmpeg's names."""
        return {"title": self.title, "comment": self.comment}

    @property
    def exif(self) -> Exif:
        """The tags of a photo; text that is not ASCII is UTF-8, as readers take it."""
        exif = Exif()
        exif[_IMAGE_DESCRIPTION] = f"{self.title}\n{self.comment}".encode()
        exif[_SOFTWARE] = self.program.encode()
        return exif


def tags_of(settings: Settings, of_clip: bool = False) -> Tags | None:
    """Return the tags of a result of these settings; None where none are wanted."""
    if not settings.output.tags:
        return None
    dream, program = settings.dream, f"lucidreel {__version__}"
    networks = [Path(network.name).name for network in settings.networks]
    octave_targets = dict.fromkeys(_as_asked(each) for each in dream.octave_targets)
    what = _cut(", then ".join(octave_targets) or _as_asked(settings.targets)) or "a class chosen at random"
    facts = [
        what,
        f"{'network' if len(networks) == 1 else 'networks'} {' + '.join(networks)}",
        f"octaves {dream.octaves}",
        f"iterations {_cut(str(dream.iterations))}",
        *([f"carry {settings.clip.carry}"] if of_clip else []),
        f"seed {dream.seed}",
    ]
    return Tags(f"Dream of {what}", f"{program}: {', '.join(facts)}", program)


def png_with_tags(data: bytes, tags: Tags | None) -> bytes:
    """Return the bytes of a PNG with the tags as text."""
    if tags is None:
        return data
    words = {"Title": tags.title, "Comment": tags.comment, "Software": tags.program}
    chunks = b"".join(_text_chunk(key, value) for key, value in words.items())
    return data[:_PNG_HEAD_BYTES] + chunks + data[_PNG_HEAD_BYTES:]


def add_gif_comment(path: Path, tags: Tags) -> None:
    """Put a comment in front of a GIF's first frame: behind the last one it would pass for a frame.

    Raises OSError.
    """
    told = f"{tags.title}\n{tags.comment}".encode()
    blocks = [told[start : start + 255] for start in range(0, len(told), 255)]
    comment = b"".join(bytes([len(block)]) + block for block in blocks)
    with path.open("rb+") as file:
        flags = file.read(_GIF_HEAD_BYTES)[10]
        table_bytes = 3 << (flags & 7) + 1 if flags & 0x80 else 0
        _insert(file, _GIF_HEAD_BYTES + table_bytes, b"\x21\xfe" + comment + b"\x00")


def _insert(file: BinaryIO, at: int, added: bytes) -> None:
    """Move all that follows a position back, from its end on, and write `added` there."""
    end = file.seek(0, 2)
    while end > at:
        start = max(at, end - _CHUNK_BYTES)
        file.seek(start)
        moved = file.read(end - start)
        file.seek(start + len(added))
        file.write(moved)
        end = start
    file.seek(at)
    file.write(added)


def _text_chunk(key: str, value: str) -> bytes:
    body = b"iTXt" + key.encode() + b"\0\0\0\0\0" + value.encode()
    return struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))


def _as_asked(targets: Targets) -> str:
    """Return targets as they were asked for, files without their folders: "eye@water.png, -0.5 shark"."""
    return ", ".join(
        f"{'' if target.weight == 1 else f'{target.weight:g} '}{target.brief}" for target in targets.all
    )


def _cut(words: str) -> str:
    return words if len(words) <= _LONGEST else f"{words[:_LONGEST]} …"
