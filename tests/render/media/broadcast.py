"""Broadcasts with flaws, made with ffmpeg and by hand: streams that are declared and not there."""

from __future__ import annotations

import subprocess
from pathlib import Path

import imageio_ffmpeg

_PACKET = 188
_PMT_PID = 0x1000
_TELETEXT = bytes([0x56, 5]) + b"ger" + bytes([0x09, 0x00])
_AC3 = bytes([0x6A, 1, 0])
DECLARATIONS = {
    "aac": (0x0F, b""),
    "ac3": (0x06, _AC3),
    "dvb_teletext": (0x06, _TELETEXT),
    "mp3": (0x04, b""),
}
"""Stream type and descriptors of what can be declared, by FFmpeg's name of its codec."""


def ffmpeg(*words: str | Path) -> None:
    """Run the ffmpeg that films are made with."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-y", "-loglevel", "error", *map(str, words)]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)


def declare(source: Path, target: Path, codec: str, pid: int = 0x160) -> Path:
    """Copy a transport stream, one more stream declared in it that it holds nothing of."""
    data = bytearray(source.read_bytes())
    for start in range(0, len(data), _PACKET):
        if (data[start + 1] & 0x1F) << 8 | data[start + 2] == _PMT_PID:
            data[start : start + _PACKET] = _with_stream(bytes(data[start : start + _PACKET]), codec, pid)
    target.write_bytes(data)
    return target


def _with_stream(packet: bytes, codec: str, pid: int) -> bytes:
    """Return a packet whose programme map has one more entry, right before its checksum."""
    length = (packet[6] & 0x0F) << 8 | packet[7]
    section = packet[5 : 8 + length - 4]
    kind, descriptors = DECLARATIONS[codec]
    entry = bytes([kind, 0xE0 | pid >> 8, pid & 0xFF, 0xF0, len(descriptors)]) + descriptors
    length += len(entry)
    section = section[:1] + bytes([0xB0 | length >> 8, length & 0xFF]) + section[3:] + entry
    whole = packet[:5] + section + _checksum(section)
    return whole.ljust(_PACKET, b"\xff")


def _checksum(section: bytes) -> bytes:
    """Return the CRC-32 of ISO 13818-1: no reflection, no final inversion."""
    value = 0xFFFFFFFF
    for byte in section:
        value ^= byte << 24
        for _ in range(8):
            value = (value << 1 ^ (0x04C11DB7 if value & 0x80000000 else 0)) & 0xFFFFFFFF
    return value.to_bytes(4, "big")
