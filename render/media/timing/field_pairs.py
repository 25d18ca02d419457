"""H.264's separate fields: which packets hold the second field of a frame that the packet before began.

Camcorders (AVCHD) and broadcasts code interlaced frames as two fields, and MPEG-TS gives each a packet. The
decoder makes one frame of both, so whoever counts packets counts twice. Whether a packet is a field, and
which, is said in the header of its first slice, behind what its sequence parameters say about it:

    slice   first_mb  type  pps  frame_num  [field_pic  [bottom_field]]          ITU-T H.264, 7.3.3
    sps     profile …  [chroma, scaling]  log2_max_frame_num …  frame_mbs_only   7.3.2.1.1
"""

from __future__ import annotations

import re

# Far more than parameters and the messages before the first slice take.
_HEAD_BYTES = 8192
_SLICES, _SPS = (1, 5), 7
_HIGH_PROFILES = {100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135}
_WHOLE_CHROMA = 3


class FieldPairs:
    """Tells, packet after packet of one H.264 stream, which are second fields."""

    def __init__(self) -> None:
        self._parameters: _Parameters | None = None
        self._begun: tuple[int, bool] | None = None
        self.is_sure = True
        """Whether every packet so far could be read."""

    def is_second(self, packet: memoryview) -> bool:
        """Tell whether this packet completes the frame of the one before."""
        try:
            field = self._field(bytes(packet[:_HEAD_BYTES]))
        except (IndexError, ValueError):
            self.is_sure = False
            return False
        begun, self._begun = self._begun, None
        if field is None:
            return False
        if begun is not None and begun == (field[0], not field[1]):
            return True
        self._begun = field
        return False

    def _field(self, data: bytes) -> tuple[int, bool] | None:
        """Return the number of a field's frame and whether it is the bottom one; None for a whole frame.

        Raises ValueError for a packet without a slice, or without the parameters that one needs.
        """
        for start in (found.end() for found in re.finditer(b"\\x00\\x00\\x01", data)):
            kind = data[start] & 31
            if kind == _SPS:
                self._parameters = _Parameters(_Bits(data[start + 1 :]))
            elif kind in _SLICES:
                if self._parameters is None:
                    raise ValueError("no sequence parameters")
                return self._parameters.field(_Bits(data[start + 1 : start + 64]))
        raise ValueError("no slice")


class _Bits:
    """The bits of one unit, without the bytes that keep its start code unique."""

    def __init__(self, data: bytes) -> None:
        data = data.replace(b"\x00\x00\x03", b"\x00\x00")
        self._bits, self._left = int.from_bytes(data, "big"), len(data) * 8

    def take(self, count: int) -> int:
        """Return the next bits as a number. Raises ValueError at the end."""
        if count > self._left:
            raise ValueError("the unit ends early")
        self._left -= count
        return self._bits >> self._left & ((1 << count) - 1)

    def golomb(self) -> int:
        """Return the next Exp-Golomb code."""
        zeros = 0
        while not self.take(1):
            zeros += 1
        return (1 << zeros) - 1 + self.take(zeros)

    def signed_golomb(self) -> int:
        """Return the next signed Exp-Golomb code."""
        code = self.golomb()
        return (code + 1) // 2 if code % 2 else -(code // 2)


class _Parameters:
    """What a slice's header needs to know of its sequence."""

    def __init__(self, bits: _Bits) -> None:
        profile = bits.take(8)
        bits.take(16)  # constraints, level
        bits.golomb()  # its number: the streams of one clip have one
        self._has_planes = False
        if profile in _HIGH_PROFILES:
            self._pass_chroma(bits)
        self._frame_bits = bits.golomb() + 4
        order = bits.golomb()
        if order == 0:
            bits.golomb()
        elif order == 1:
            bits.take(1)
            bits.golomb()
            bits.golomb()
            for _ in range(bits.golomb()):
                bits.golomb()
        bits.golomb()  # reference frames
        bits.take(1)
        bits.golomb()  # width, height
        bits.golomb()
        self._has_fields = not bits.take(1)

    def field(self, bits: _Bits) -> tuple[int, bool] | None:
        """Return what a slice says of its field: the frame's number, and whether it is the bottom."""
        for _ in range(3):
            bits.golomb()
        if self._has_planes:
            bits.take(2)
        frame = bits.take(self._frame_bits)
        if not self._has_fields or not bits.take(1):
            return None
        return frame, bool(bits.take(1))

    def _pass_chroma(self, bits: _Bits) -> None:
        chroma = bits.golomb()
        if chroma == _WHOLE_CHROMA:
            self._has_planes = bool(bits.take(1))
        bits.golomb()  # depths
        bits.golomb()
        bits.take(1)
        if bits.take(1):
            for number in range(12 if chroma == _WHOLE_CHROMA else 8):
                if bits.take(1):
                    _pass_scaling(bits, 16 if number < 6 else 64)


def _pass_scaling(bits: _Bits, count: int) -> None:
    last = following = 8
    for _ in range(count):
        if following:
            following = (last + bits.signed_golomb()) % 256
        last = following or last
