"""Changes that keep a file's form, so that what is changed gets past the parser.

Bytes that are changed at random end where the form is broken: a closing brace, the length of a field. So
texts are changed word by word, with words of other seeds, of extremes, and with the same words many times
over; protobuf messages field by field, the lengths put right.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from copy import deepcopy
from random import Random

from .target import Mutation

_WORDS = re.compile(
    rb"""[A-Za-z_][\w./+-]*|[-+]?[0-9][\w.]*|"[^"\n]*"|'[^'\n]*'|\r?\n|[ \t]+|.""", re.DOTALL | re.ASCII
)
_EXTREMES = (
    b"0", b"-1", b"1", b"2147483647", b"4294967295", b"4294967296", b"9223372036854775807",
    b"-9223372036854775808", b"18446744073709551615", b"1e308", b"1e-308", b"1e999", b"nan", b"inf", b"-0.0",
    b"0x7fffffff", b"9" * 40, b"9" * 4301, b"true", b"null", b'""', b'"\\u0000"', b'"\\ud800"',
    b"\xe2\x80\xae", b"\xef\xbb\xbf", b"\0", b"\x1b[31m", b"..", b"../../../etc/passwd", b"/dev/zero",
    b"~nobody/x", b"[", b"]", b"{", b"}", b"(", b")", b"[[", b"]]", b":", b"::", b"@", b"=", b",", b"#",
    b"\\", b"\n", b"'", b'"', b"%", b"a" * 300,
)  # fmt: skip
_MOST_TIMES = 11
"""A run of words is written down up to 2 to the power of this many times."""


def of_words(seeds: list[bytes]) -> Mutation:
    """Return changes of a text's words."""
    pool = sorted({word for seed in seeds for word in _WORDS.findall(seed)}) or [b"a"]

    def change(data: bytes, random: Random) -> bytes:
        words = _WORDS.findall(data)
        for _ in range(random.choice((1, 1, 2, 4))):
            random.choice(_WORD_CHANGES)(words, random, pool)
        return b"".join(words)

    return change


def _place(words: list[bytes], random: Random) -> tuple[int, int]:
    """Return the beginning and the end of a short run."""
    begin = random.randrange(len(words) + 1)
    return begin, min(len(words), begin + random.choice((1, 1, 1, 2, 4, 12, 40)))


def _other_word(words: list[bytes], random: Random, pool: list[bytes]) -> None:
    begin, end = _place(words, random)
    words[begin : min(end, begin + 1)] = [random.choice(pool)]


def _extreme(words: list[bytes], random: Random, pool: list[bytes]) -> None:
    begin, end = _place(words, random)
    words[begin : min(end, begin + random.randrange(2))] = [random.choice(_EXTREMES)]


def _without(words: list[bytes], random: Random, pool: list[bytes]) -> None:
    begin, end = _place(words, random)
    del words[begin:end]


def _moved(words: list[bytes], random: Random, pool: list[bytes]) -> None:
    begin, end = _place(words, random)
    at = random.randrange(len(words) + 1)
    words[at:at] = words[begin:end]


def _repeated(words: list[bytes], random: Random, pool: list[bytes]) -> None:
    begin, end = _place(words, random)
    words[begin:end] = words[begin:end] * 2 ** random.randrange(1, _MOST_TIMES)


_WORD_CHANGES: tuple[Callable[[list[bytes], Random, list[bytes]], None], ...] = (
    _other_word, _other_word, _other_word, _extreme, _without, _moved, _repeated,
)  # fmt: skip


def of_bytes(seeds: list[bytes]) -> Mutation:
    """Return changes that know no form: a run of bytes is taken from another seed, or from elsewhere."""

    def change(data: bytes, random: Random) -> bytes:
        other = random.choice([data, *seeds])
        begin = random.randrange(len(other) + 1)
        piece = other[begin : begin + random.choice((1, 4, 16, 64, 256))]
        at = random.randrange(len(data) + 1)
        return data[:at] + piece + data[at + random.choice((0, len(piece))) :]

    return change


Fields = list[tuple[int, int, "int | bytes | Fields"]]
"""A protobuf message: number, kind and content of each field; a content that is fields is a message."""

_NUMBERS = (1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 16, 50, 100, 2**29 - 1)
_VALUES = (0, 1, 2, 3, 127, 128, 2**31 - 1, 2**31, 2**32, 2**63 - 1, 2**63, 2**64 - 1)
_DEEPEST = 8
_MOST_BYTES = 2**16
"""How much one change may add to a message."""
_VARINT, _EIGHT, _BYTES, _START, _END, _FOUR = range(6)


def of_messages(seeds: list[bytes]) -> Mutation:
    """Return changes of a protobuf message's fields."""
    pool = [field for seed in seeds for field in _every_field(fields_of(seed) or [])]

    def change(data: bytes, random: Random) -> bytes:
        fields = fields_of(data)
        if fields is None:
            return of_bytes(seeds)(data, random)
        for _ in range(random.choice((1, 1, 2, 4))):
            _change_fields(random.choice(_messages_in(fields)), random, pool)
        return message_of(fields, random)

    return change


def fields_of(data: bytes, depth: int = 0) -> Fields | None:
    """Return a message's fields; None for bytes that are none."""
    fields: Fields = []
    at = 0
    while at < len(data):
        key, at = _read_varint(data, at)
        number, kind, begin = key >> 3, key & 7, at
        value: int | bytes | Fields
        if at < 0 or not number or kind not in (_VARINT, _EIGHT, _BYTES, _FOUR):
            return None
        if kind == _VARINT:
            value, at = _read_varint(data, at)
        else:
            size = 8 if kind == _EIGHT else 4
            if kind == _BYTES:
                size, begin = _read_varint(data, at)
            at = begin + size
            if begin < 0 or at > len(data):
                return None
            value = data[begin:at]
            if kind == _BYTES and size > 1 and depth < _DEEPEST:
                value = fields_of(value, depth + 1) or value
        if at < 0:
            return None
        fields.append((number, kind, value))
    return fields


def message_of(fields: Fields, random: Random | None = None) -> bytes:
    """Return the bytes of a message; with `random`, one length in a hundred is wrong."""
    parts = []
    for number, kind, value in fields:
        parts.append(_varint(number << 3 | kind))
        if isinstance(value, int):
            parts.append(_varint(value))
            continue
        content = value if isinstance(value, bytes) else message_of(value, random)
        if kind == _BYTES:
            wrong = random is not None and random.random() < 0.01
            parts.append(
                _varint(len(content) + (random.choice((-1, 1, 1000, 2**40)) if wrong and random else 0))
            )
        parts.append(content)
    return b"".join(parts)


def _every_field(fields: Fields) -> Fields:
    return [each for message in _messages_in(fields) for each in message]


def _messages_in(fields: Fields) -> list[Fields]:
    inner = [message for _, _, value in fields if isinstance(value, list) for message in _messages_in(value)]
    return [fields, *inner]


def _change_fields(fields: Fields, random: Random, pool: Fields) -> None:
    """Change one field of a message, take it out, put others in, or many of one kind."""
    at = random.randrange(len(fields) + 1)
    if at == len(fields) or not fields:
        fields.append(deepcopy(random.choice(pool or [(1, _VARINT, 1)])))
        return
    number, kind, value = fields[at]
    match random.randrange(8):
        case 0:
            del fields[at]
        case 1:
            times = min(2 ** random.randrange(1, _MOST_TIMES), _MOST_BYTES // len(message_of([fields[at]])))
            fields[at:at] = [deepcopy(fields[at]) for _ in range(times)]  # each may be changed by itself
        case 2:
            fields[at] = (random.choice(_NUMBERS), kind, value)
        case 3:
            fields[at] = deepcopy(random.choice(pool or [fields[at]]))
        case 4:
            fields[at] = (number, _VARINT, random.choice(_VALUES))
        case 5:
            fields[at] = (number, _BYTES, [fields[at]])
        case 6:
            fields[at:at] = [(number, _START, b""), (number, _END, b"")][: random.choice((1, 2))]
        case _ if isinstance(value, int):
            fields[at] = (number, kind, random.choice((value + 1, max(value - 1, 0), random.choice(_VALUES))))
        case _ if isinstance(value, bytes):
            fields[at] = (number, kind, of_bytes([])(value, random))


def _varint(value: int) -> bytes:
    value %= 2**64
    parts = []
    while value > 127:
        parts.append(value & 127 | 128)
        value >>= 7
    return bytes([*parts, value])


def _read_varint(data: bytes, at: int) -> tuple[int, int]:
    """Return a varint and the place behind it, which is -1 where there is none."""
    value = 0
    for shift in range(0, 70, 7):
        if not 0 <= at < len(data):
            return 0, -1
        value |= (data[at] & 127) << shift
        at += 1
        if data[at - 1] < 128:
            return value, at
    return 0, -1
