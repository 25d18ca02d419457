"""Protobuf's text form as a tree: what `.prototxt` files are written in, before any meaning.

    name: "net"                                    ("name", '"net"')
    layer { top: ["a", 'b'] param: <> }     ->     ("layer", [("top", '"a"'), ("top", "'b'"), ("param", [])])

The tree knows where in the text each value stands, so that whoever finds out that a value makes no sense can
name its line. Unlike protobuf's own parser, which gives up at the first field that its schema does not have,
this one reads any names: definitions written for some variant of Caffe are full of fields of its own, and
whether one matters depends on the layer it belongs to (text_decoder.py). It never recurses, so depth is a
number to check and not a stack to exhaust.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import NoReturn

from ...errors import ModelFileError

SIZE_LIMIT = 2_000_000
"""Bytes of a definition: sixty times the 33 kB of ResNet-50's."""
DEPTH_LIMIT = 64
"""How deep messages may lie in each other. In published definitions it is four."""

# Repetitions are possessive (*+, ++): a way back that nobody takes costs 100 bytes per blank.
_TOKEN = re.compile(
    r"""(?:[\s,;]++|\#[^\n]*+)*+
    (?: (?P<name>[A-Za-z_][\w./-]*|\[[A-Za-z_][\w./-]*\](?=\s*[:{<]))
      | (?P<number>[-+]?\s*[\w.]+(?:(?<=[eE])[-+]\d+[fF]?)?|-\s*[A-Za-z]+)
      | (?P<string>"(?:[^"\\\n]|\\.)*+"|'(?:[^'\\\n]|\\.)*+')
      | (?P<mark>[:{}<>\[\]])
      | (?P<end>\Z)
      | (?P<other>.) )""",
    re.VERBOSE | re.ASCII | re.DOTALL,
)
_CLOSING = {"{": "}", "<": ">", "[": "]"}


@dataclass(slots=True)
class Entry:
    """One field as it is written: its name, and a scalar's text or a message's entries."""

    name: str
    place: int
    """Where in the text the value (of a message: the name) stands."""
    text: str = ""
    """A scalar as it is written: `3`, `MAX`, `"conv1"`; adjacent strings are joined by a space."""
    entries: list[Entry] | None = field(default=None)
    """A message's fields; None for a scalar."""


def parse_text(text: str, where: str) -> list[Entry]:
    """Parse protobuf text to a tree; `where` names the file. ModelFileError with line and column."""
    return _Parser(text, where).parse()


def fail(text: str, where: str, place: int, reason: str) -> NoReturn:
    """Raise the ModelFileError of a place in a text."""
    line = text.count("\n", 0, place) + 1
    column = place - (text.rfind("\n", 0, place) + 1) + 1
    raise ModelFileError(f"{where}: line {line}, column {column}: {reason}")


def decoded(name: bytes) -> str:
    """Return a name as text: UTF-8, or else Latin-1 (any bytes are), in weights and definitions alike."""
    try:
        return name.decode("utf-8")
    except UnicodeDecodeError:
        return name.decode("latin-1")


class _Parser:
    """Reads tokens and keeps the messages and lists that are open on a stack of its own."""

    def __init__(self, text: str, where: str) -> None:
        self.text, self.where = text, where
        self.kind, self.token, self.place, self._end = "", "", 0, 0
        self._advance()

    def parse(self) -> list[Entry]:
        top: list[Entry] = []
        open_messages: list[tuple[list[Entry], str]] = []
        """The entries to go on with when a message closes, and the mark that closes it."""
        lists: list[tuple[int, str]] = []
        """For each list of messages that is open: the depth it began at, and its field's name."""
        entries, closing = top, ""
        while True:
            if lists and lists[-1][0] == len(open_messages):
                if self._took("]"):
                    lists.pop()
                    continue
                name, place = lists[-1][1], self.place
            elif self.kind == "end":
                if open_messages:
                    self._fail(f"expected {closing!r}, but the file ends")
                return top
            elif closing and self._took(closing):
                entries, closing = open_messages.pop()
                continue
            else:
                name, place = self._field_name()
                if self._took(":") and self._values(entries, name):
                    continue
                if self.token == "[" and self.kind == "mark":
                    self._advance()
                    lists.append((len(open_messages), name))
                    continue
            mark = self.token
            if self.kind != "mark" or mark not in "{<":
                self._fail(f"expected a value for {name!r}, found {self._found()}")
            self._advance()
            if len(open_messages) + len(lists) >= DEPTH_LIMIT:
                self._fail(f"messages lie more than {DEPTH_LIMIT} deep in each other")
            inner: list[Entry] = []
            entries.append(Entry(name, place, entries=inner))
            open_messages.append((entries, closing))
            entries, closing = inner, _CLOSING[mark]

    def _field_name(self) -> tuple[str, int]:
        if self.kind != "name":
            self._fail(f"expected a field's name, found {self._found()}")
        name, place = self.token, self.place
        self._advance()
        return name, place

    def _values(self, entries: list[Entry], name: str) -> bool:
        """Take a scalar or a list of scalars; False where messages follow."""
        if self.kind == "mark" and self.token == "[":
            return self._list_of_scalars(entries, name)
        if self.kind == "mark" and self.token in "{<":
            return False
        entries.append(self._scalar(name))
        return True

    def _list_of_scalars(self, entries: list[Entry], name: str) -> bool:
        before = (self.kind, self.token, self.place, self._end)
        self._advance()
        if self.kind == "mark" and self.token in "{<":
            self.kind, self.token, self.place, self._end = before
            return False
        while not self._took("]"):
            entries.append(self._scalar(name))
        return True

    def _scalar(self, name: str) -> Entry:
        place, text = self.place, self.token
        if self.kind == "string":
            pieces = []
            while self.kind == "string":
                pieces.append(self.token)
                self._advance()
            return Entry(name, place, " ".join(pieces))
        if self.kind not in ("name", "number"):
            self._fail(f"expected a value for {name!r}, found {self._found()}")
        self._advance()
        return Entry(name, place, text)

    def _took(self, mark: str) -> bool:
        """Go on behind a mark if it comes next."""
        if self.kind != "mark" or self.token != mark:
            return False
        self._advance()
        return True

    def _advance(self) -> None:
        match = _TOKEN.match(self.text, self._end)
        assert match is not None and match.lastgroup is not None  # the last alternative takes anything
        self.kind, self.token = match.lastgroup, match[match.lastgroup]
        self.place, self._end = match.start(match.lastgroup), match.end()
        if self.kind == "other":
            what = "a string that does not end" if self.token in "\"'" else self._found()
            self._fail(f"found {what}, which has no meaning here")

    def _found(self) -> str:
        return "the end of the file" if self.kind == "end" else repr(self.token[:40])

    def _fail(self, reason: str) -> NoReturn:
        fail(self.text, self.where, self.place, reason)
