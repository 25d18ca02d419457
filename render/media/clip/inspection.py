"""What the ffmpeg program says of a file that PyAV keeps to itself: its programmes, and every stream's codec.

PyAV knows no programmes, and no name for a stream that it has no decoder for. Names and numbers are all that
is taken from the text: times and rates are rounded in it.
"""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import imageio_ffmpeg

from ..film_formats import input_arguments

_PROGRAMME = re.compile(r"^  (No Program|Program \d+)")
# "  Stream #0:2[0x3](und): Audio: apple_apac (apac / 0x63617061), 48000 Hz, mono"
_STREAM = re.compile(r"^ {2,4}Stream #0:(\d+)\S*: \w+: (\w+)(.*)$")
_TAG = re.compile(r"\((\S{4}) / 0x\w+\)")


@dataclass(frozen=True)
class Inspection:
    """The codec of each stream by its index, and the streams of each programme."""

    codecs: dict[int, str]
    programmes: tuple[frozenset[int], ...]

    def codec(self, index: int) -> str:
        """Return the name of a stream's codec, or the four letters that the file has for it."""
        return self.codecs.get(index, "unknown")

    def others(self, index: int) -> frozenset[int]:
        """Return the streams that belong to other programmes than this one's, and to none of its own."""
        own = [streams for streams in self.programmes if index in streams]
        if not own:
            return frozenset()
        return frozenset().union(*self.programmes) - frozenset().union(*own)


def inspect(path: Path) -> Inspection:
    """Return what ffmpeg says of the file; nothing where it cannot be asked, or cannot open it."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner", "-nostdin", *input_arguments(path)]
    try:
        said = subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, check=False).stderr
    except OSError:
        return Inspection({}, ())
    return _read(said.decode("utf-8", "replace"))


def _read(text: str) -> Inspection:
    codecs: dict[int, str] = {}
    programmes: list[set[int]] = []
    in_programme = False
    for line in text.splitlines():
        if heading := _PROGRAMME.match(line):
            in_programme = heading[1] != "No Program"
            if in_programme:
                programmes.append(set())
        elif stream := _STREAM.match(line):
            index, name, rest = int(stream[1]), stream[2], stream[3]
            tag = _TAG.search(rest)
            if name != "none":
                codecs[index] = name
            elif tag:
                codecs[index] = tag[1]
            if in_programme:
                programmes[-1].add(index)
    return Inspection(codecs, tuple(frozenset(streams) for streams in programmes))
