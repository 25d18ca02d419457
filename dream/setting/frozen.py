"""The base of every configuration: frozen, strict about names, and clear about what is wrong.

A configuration is data: it never changes after it was read, unknown keys are errors that offer the nearest
key, and each field's docstring is its documentation (`lucidreel presets show` prints from here).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Self, get_args

from pydantic import BaseModel, ConfigDict, ValidationError, ValidationInfo, field_validator

from ...errors import ConfigError, suggestion
from .fields import from_text

# pydantic names the arm of a union it tried ("constrained-int", "list[...]"): noise to a reader.
_UNION_ARMS = ("function-", "tuple[", "list[", "constrained-", "int", "float")


class FrozenConfig(BaseModel):
    """A frozen group of settings that rejects unknown keys."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False, validate_default=True
    )

    @classmethod
    def read(
        cls,
        data: Mapping[str, Any],
        where: str,
        error: type[ConfigError] = ConfigError,
        spoken: Mapping[str, str] | None = None,
    ) -> Self:
        """Validate plain data, as parsed from TOML, into this configuration.

        `where` names the source in messages ("preset nebula.toml", "the command line"); `spoken` holds the
        words to use instead for keys that the user knows by another name ({"clip.size_px": "--size 0x0"}).
        Raises `error` naming the first bad key, its value, and what is allowed or nearest.
        """
        try:
            return cls.model_validate(data)
        except ValidationError as failure:
            raise error(_explain(cls, failure, where, spoken or {})) from failure

    @field_validator("*", mode="before")
    @classmethod
    def _numbers_from_text(cls, value: object, info: ValidationInfo) -> object:
        """Have numbers in words read by one reader, which knows what is meant by those in other forms."""
        return from_text(cls.model_fields[str(info.field_name)], value) if isinstance(value, str) else value


def _explain(cls: type[BaseModel], failure: ValidationError, where: str, spoken: Mapping[str, str]) -> str:
    """Turn pydantic's first complaint into one sentence in our words."""
    first = _most_exact(failure)
    path = _named(first["loc"])
    name = ".".join(path)
    if first["type"] == "extra_forbidden":
        known = _fields_at(cls, path[:-1])
        near = suggestion(path[-1], known)
        return f"{where}: unknown key {name!r}.{near} Known keys here: {', '.join(known)}."
    reason = first["msg"].removeprefix("Value error, ").removesuffix(".")
    typed = _as_typed(path, reason, spoken)
    if first["type"] == "value_error":  # our own words: of one value, which they quote first, or of several
        quoted = repr(first["input"])
        if reason.startswith(quoted):
            return f"{typed or f'{where}: {name} = {quoted}'}{reason.removeprefix(quoted)}."
        return f"{typed or where}: {reason}."
    if typed:
        return f"{typed}: {first['input']!r} {reason.replace('Input should', 'must', 1)}."
    return f"{where}: {name or 'value'} = {first['input']!r}: {reason[:1].lower()}{reason[1:]}."


def _as_typed(path: list[str], reason: str, spoken: Mapping[str, str]) -> str | None:
    """Return the user's words for the setting complained of, if they are what decided it.

    A complaint of settings that do not go together is made of their group, and names them: the first one told
    and typed is meant ("iterations lists 3 values for 2 octaves").
    """
    own = [".".join(path[:length]) for length in range(len(path), 0, -1)]
    named = [".".join([*path, word]) for word in re.findall(r"[a-z_]+", reason)]
    return next((spoken[key] for key in (*own, *named) if key in spoken), None)


def _most_exact(failure: ValidationError) -> Mapping[str, Any]:
    """Return the first complaint; of the arms of a union, the one that got furthest into the value.

    Of those that got equally far it is the one in our own words, which know all forms.
    """
    complaints = failure.errors(include_url=False)
    key = _named(complaints[0]["loc"])
    same = [each for each in complaints if _named(each["loc"])[: len(key)] == key]
    return max(
        same, key=lambda each: (len(_named(each["loc"])), each["type"] == "value_error", len(each["loc"]))
    )


def _named(loc: tuple[int | str, ...]) -> list[str]:
    """Return the keys and indices that lead to a value, as a reader of TOML knows them."""
    return [str(part) for part in loc if not str(part).startswith(_UNION_ARMS)]


def _fields_at(cls: type[BaseModel], path: list[str]) -> list[str]:
    """Return the field names of the configuration nested in `cls` at `path`."""
    for part in path:
        if part.isdecimal():  # one of a list: its fields are what counts
            continue
        field = cls.model_fields.get(part)
        nested = [] if field is None else [field.annotation, *get_args(field.annotation)]
        inner = next(
            (kind for kind in nested if isinstance(kind, type) and issubclass(kind, BaseModel)), None
        )
        if inner is None:
            return []
        cls = inner
    return sorted(cls.model_fields)
