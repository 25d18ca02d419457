"""The settings of a configuration, one by one, with everything that is said of them: read off their fields.

A field's annotation holds its type, its range, how its value is written (`Words`, `Varies`) and its `Option`;
its docstring is its documentation.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any, Literal, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from .numbers import read_number, read_whole, written_number
from .option import Option
from .varying import Varies, Varying
from .words import Words


@dataclass(frozen=True)
class Setting:
    """A field of a configuration, and the key that leads to it: "clip.flow.strength"."""

    key: str
    field: FieldInfo

    @property
    def default(self) -> Any:
        """The value where nobody says another."""
        return self.field.get_default(call_default_factory=True)

    @cached_property
    def marks(self) -> tuple[Any, ...]:
        """All that the annotation says of the value beside its type, within unions too."""
        return (*self.field.metadata, *_marks(self.field.annotation))

    @property
    def option(self) -> Option | None:
        """How it is said on the command line; None where it is not."""
        return next((mark for mark in self.marks if isinstance(mark, Option)), None)

    @property
    def is_switch(self) -> bool:
        """Whether its flag takes no value."""
        return self.field.annotation is bool

    @property
    def help(self) -> str:
        """What the command line's help says of it, without its default."""
        assert self.option is not None
        return self.option.help or " ".join((self.field.description or "").split())

    @property
    def metavar(self) -> str:
        """What stands for its value in the help."""
        assert self.option is not None
        if self.option.metavar or self.is_switch:
            return self.option.metavar
        kinds = _kinds(self.field.annotation)
        return "|".join(self.choices) or ("N" if int in kinds else "X" if float in kinds else "TEXT")

    @property
    def choices(self) -> tuple[str, ...]:
        """The words to choose from, where there are such."""
        return tuple(str(word) for word in _choices(self.field.annotation))

    @property
    def default_in_words(self) -> str:
        """The default as people write it, or what it means; "" where the flag says it."""
        unset = self.option.unset if self.option is not None else ""
        return unset or (
            "" if self.is_switch or self.default in (None, {}, [], ()) else self.written(self.default)
        )

    def written(self, value: Any) -> str:
        """Return a value as people write it."""
        for mark in self.marks:
            if isinstance(mark, Varies):
                return str(Varying.of(value))
            if isinstance(mark, Words):
                return mark.write(value)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return written_number(value)
        return ",".join(value) if isinstance(value, tuple) else str(value)

    @property
    def allowed(self) -> str:
        """What it may be, in words; "" where its type and help say enough."""
        if varies := next((mark for mark in self.marks if isinstance(mark, Varies)), None):
            return varies.allowed
        if self.choices:
            return ", ".join(self.choices)
        ends = {type(mark): mark for mark in self.marks if isinstance(mark, Ge | Gt | Le | Lt)}
        return _range(ends) if _kinds(self.field.annotation) & {int, float} else ""


def settings_of(cls: type[BaseModel], under: str = "") -> Iterator[Setting]:
    """Yield every setting of a configuration in the order of its fields, those of nested ones too."""
    for name, field in cls.model_fields.items():
        key = f"{under}{name}"
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from settings_of(field.annotation, f"{key}.")
        else:
            yield Setting(key, field)


def from_text(field: FieldInfo, text: str) -> object:
    """Return the number that a text says to a field that holds a single number; else the text.

    Raises ValueError for a text that is no number.
    """
    if any(isinstance(mark, Words | Varies) for mark in Setting("", field).marks):
        return text
    if get_origin(field.annotation) in (list, tuple, dict):
        return text
    kinds = _kinds(field.annotation) - {type(None)} or {type(each) for each in _choices(field.annotation)}
    if kinds == {int}:
        return read_whole(text)
    return read_number(text) if kinds == {float} else text


def _marks(annotation: Any) -> Iterator[Any]:
    if get_origin(annotation) is Annotated:
        for mark in annotation.__metadata__:
            yield from mark.metadata if isinstance(mark, FieldInfo) else [mark]
    if get_origin(annotation) is not Literal:
        for inner in get_args(annotation):
            yield from _marks(inner)


def _choices(annotation: Any) -> Iterator[Any]:
    if get_origin(annotation) is Literal:
        yield from get_args(annotation)
        return
    for inner in get_args(annotation):
        yield from _choices(inner)


def _kinds(annotation: Any) -> set[type]:
    """Return the plain types that an annotation is made of."""
    if isinstance(annotation, type):
        return {annotation}
    return {kind for inner in get_args(annotation) for kind in _kinds(inner)}


def _range(ends: dict[type, Any]) -> str:
    low = f"from {ends[Ge].ge:g}" if Ge in ends else f"above {ends[Gt].gt:g}" if Gt in ends else ""
    high = f"to {ends[Le].le:g}" if Le in ends else f"below {ends[Lt].lt:g}" if Lt in ends else ""
    return " ".join(end for end in (low, high) if end)
