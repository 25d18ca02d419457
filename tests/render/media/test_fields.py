"""H.264's separate fields, told from the bits of headers that are written here by hand."""

from __future__ import annotations

import pytest

from lucidreel.render.media.timing.field_pairs import FieldPairs

_START = b"\x00\x00\x01"


def _golomb(number: int) -> str:
    code = f"{number + 1:b}"
    return "0" * (len(code) - 1) + code


def _unit(kind: int, bits: str) -> bytes:
    """Return a unit of the stream: its kind, its bits, and what keeps three zeros out of it."""
    bits += "1" + "0" * (-(len(bits) + 1) % 8)
    data = int(bits, 2).to_bytes(len(bits) // 8, "big")
    for byte in range(4):
        data = data.replace(bytes([0, 0, byte]), bytes([0, 0, 3, byte]))
    return _START + bytes([0x60 | kind]) + data


def _parameters(profile: int = 77, fields: bool = True, scaling: bool = False) -> bytes:
    bits = f"{profile:08b}" + "0" * 8 + f"{40:08b}" + _golomb(0)
    if profile == 100:
        bits += _golomb(1) + _golomb(0) + _golomb(0) + "0" + ("1" if scaling else "0")
        if scaling:  # one list of sixteen with a difference of 1, then lists that are not there
            bits += "1" + _golomb(1) * 16 + "0" * 7
    bits += _golomb(0) + _golomb(2) + _golomb(4) + "0" + _golomb(119) + _golomb(33)
    return _unit(7, bits + ("0" if fields else "1") + "1")


def _slice(frame: int, field: bool | None, has_fields: bool = True) -> bytes:
    """Return a slice of a frame's top (False) or bottom field (True), or of a whole frame (None)."""
    bits = _golomb(0) + _golomb(7) + _golomb(0) + f"{frame:04b}"
    if has_fields:
        bits += "0" if field is None else f"1{field:d}"
    return _unit(1, bits + "1" * 40)


def _told(*packets: bytes) -> list[bool]:
    pairs = FieldPairs()
    return [pairs.is_second(memoryview(packet)) for packet in packets]


@pytest.mark.parametrize("parameters", [_parameters(), _parameters(100), _parameters(100, scaling=True)])
def test_second_fields_are_those_that_complete_a_frame(parameters: bytes) -> None:
    packets = [
        parameters + _slice(3, False),
        _slice(3, True),
        _slice(4, True),
        _slice(4, False),
        _slice(5, None),
    ]
    assert _told(*packets) == [False, True, False, True, False]


def test_fields_of_frames_that_share_a_number_are_paired_in_turn() -> None:
    """Frames that nothing refers to do not count on."""
    fields = [_slice(0, False), _slice(0, True)] * 3
    assert _told(_parameters() + fields[0], *fields[1:]) == [False, True] * 3


def test_fields_of_one_parity_or_of_two_frames_are_no_pair() -> None:
    assert _told(_parameters() + _slice(1, False), _slice(1, False), _slice(2, True)) == [False] * 3


def test_progressive_streams_have_none() -> None:
    packets = [_slice(number, None, has_fields=False) for number in range(3)]
    assert _told(_parameters(fields=False) + packets[0], *packets[1:]) == [False] * 3


@pytest.mark.parametrize(
    "packet", [b"", b"\x00\x00\x01", b"no units at all", _slice(1, True), _START + b"\x67\x42"]
)
def test_what_cannot_be_read_is_no_second_field_and_told(packet: bytes) -> None:
    pairs = FieldPairs()
    assert not pairs.is_second(memoryview(packet))
    assert not pairs.is_sure
