"""ICC profiles written byte by byte, so that every number in them is known."""

from __future__ import annotations

import struct
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

# Chromaticities of red, green, blue and white.
DISPLAY_P3 = ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060), (0.3127, 0.3290))
ADOBE_RGB = ((0.640, 0.330), (0.210, 0.710), (0.150, 0.060), (0.3127, 0.3290))
PROPHOTO = ((0.7347, 0.2653), (0.1596, 0.8404), (0.0366, 0.0001), (0.3457, 0.3585))
SRGB = ((0.640, 0.330), (0.300, 0.600), (0.150, 0.060), (0.3127, 0.3290))

_BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])
_D50 = np.array([0.9642, 1.0, 0.8249])


def gamma_curve(gamma: float) -> bytes:
    """A 'curv' tag of one number."""
    return b"curv" + bytes(4) + struct.pack(">IH", 1, round(gamma * 256)) + bytes(2)


def table_curve(levels: Sequence[int]) -> bytes:
    """A 'curv' tag of a table of 16-bit numbers."""
    return b"curv" + bytes(4) + struct.pack(f">I{len(levels)}H", len(levels), *levels)


def parametric_curve(kind: int, *numbers: float) -> bytes:
    """A 'para' tag."""
    fixed = [round(number * 65536) for number in numbers]
    return b"para" + bytes(4) + struct.pack(f">HH{len(fixed)}i", kind, 0, *fixed)


SRGB_CURVE = parametric_curve(3, 2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)


def rgb_profile(chromaticities: Sequence[tuple[float, float]], curve: bytes) -> bytes:
    """A display profile of a matrix and the same curve three times."""
    red, green, blue, white = (np.array([x, y, 1 - x - y]) / y for x, y in chromaticities)
    columns = np.stack([red, green, blue], axis=1)
    columns = columns * np.linalg.solve(columns, white)
    cones = (_BRADFORD @ _D50) / (_BRADFORD @ white)
    adapted = np.linalg.inv(_BRADFORD) @ (cones[:, None] * _BRADFORD) @ columns
    tags = {f"{name}XYZ": _xyz(adapted[:, place]) for place, name in enumerate("rgb")}
    return _profile("RGB ", {**tags, **{f"{name}TRC": curve for name in "rgb"}})


def grey_profile(curve: bytes) -> bytes:
    """A grey profile."""
    return _profile("GRAY", {"kTRC": curve})


def cmyk_profile(paints: NDArray[np.float64]) -> bytes:
    """A printer's profile: a table of the Lab of all 16 mixtures of full inks, C slowest and K fastest."""
    levels = np.array([255 / 100, 1, 1]) * paints + np.array([0, 128, 128])
    straight = bytes(range(256))
    table = b"mft1" + bytes(4) + bytes([4, 3, 2, 0])
    table += struct.pack(">9i", *(65536 * number for number in (1, 0, 0, 0, 1, 0, 0, 0, 1)))
    table += straight * 4 + levels.round().clip(0, 255).astype(np.uint8).tobytes() + straight * 3
    return _profile("CMYK", {"A2B0": table}, b"prtr", b"Lab ")


def _xyz(values: NDArray[np.float64]) -> bytes:
    return b"XYZ " + bytes(4) + struct.pack(">3i", *(round(value * 65536) for value in values))


def _text(kind: bytes, words: bytes) -> bytes:
    if kind == b"desc":
        return b"desc" + bytes(4) + struct.pack(">I", len(words) + 1) + words + bytes(1 + 4 + 4 + 2 + 1 + 67)
    return b"text" + bytes(4) + words + b"\0"


def _profile(space: str, tags: dict[str, bytes], kind: bytes = b"mntr", pcs: bytes = b"XYZ ") -> bytes:
    tags = {"desc": _text(b"desc", b"test"), "cprt": _text(b"text", b"none"), "wtpt": _xyz(_D50), **tags}
    place = 128 + 4 + 12 * len(tags)
    table, data = b"", b""
    for name, tag in tags.items():
        tag += bytes(-len(tag) % 4)
        table += struct.pack(">4sII", name.encode(), place + len(data), len(tag))
        data += tag
    head = struct.pack(">I4sI4s4s4s", place + len(data), b"\0\0\0\0", 0x02400000, kind, space.encode(), pcs)
    head += struct.pack(">6H4s", 2026, 1, 1, 0, 0, 0, b"acsp") + bytes(28) + _xyz(_D50)[8:] + bytes(48)
    return head + struct.pack(">I", len(tags)) + table + data
