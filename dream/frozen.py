"""The base of every configuration: frozen, strict about names, and clear about what is wrong.

A configuration is data: it never changes after it was read, unknown keys are errors that offer the nearest
key, and each field's docstring is its documentation (`lucidreel presets show` prints from here).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, get_args

from pydantic import BaseModel, ConfigDict, ValidationError

from ..errors import ConfigError, suggestion

# pydantic names the arm of a union it tried ("constrained-int", "list[...]"): noise to a reader.
_UNION_ARMS = ("function-", "tuple[", "list[", "constrained-", "int", "float")


class FrozenConfig(BaseModel):
    """A frozen group of settings that rejects unknown keys."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False, validate_default=True
    )

    @classmethod
    def read(cls, data: Mapping[str, Any], where: str, error: type[ConfigError] = ConfigError) -> Self:
        """Validate plain data, as parsed from TOML, into this configuration.

        `where` names the source in messages ("preset nebula.toml", "the command line"). Raises `error`
        naming the first bad key, its value, and what is allowed or nearest.
        """
        try:
            return cls.model_validate(data)
        except ValidationError as failure:
            raise error(f"{where}: {_explain(cls, failure)}") from failure


def _explain(cls: type[BaseModel], failure: ValidationError) -> str:
    """Turn pydantic's first complaint into one sentence in our words."""
    first = failure.errors(include_url=False)[0]
    path = [str(part) for part in first["loc"] if not str(part).startswith(_UNION_ARMS)]
    name = ".".join(path)
    if first["type"] == "extra_forbidden":
        known = _fields_at(cls, path[:-1])
        return f"unknown key {name!r}.{suggestion(path[-1], known)} Known keys here: {', '.join(known)}."
    reason = first["msg"].removeprefix("Value error, ")
    if first["type"] == "value_error":  # our own words name the value themselves
        return f"{reason}."
    return f"{name or 'value'} = {first['input']!r}: {reason[:1].lower()}{reason[1:]}."


def _fields_at(cls: type[BaseModel], path: list[str]) -> list[str]:
    """Return the field names of the configuration nested in `cls` at `path`."""
    for part in path:
        field = cls.model_fields.get(part)
        nested = [] if field is None else [field.annotation, *get_args(field.annotation)]
        inner = next(
            (kind for kind in nested if isinstance(kind, type) and issubclass(kind, BaseModel)), None
        )
        if inner is None:
            return []
        cls = inner
    return sorted(cls.model_fields)
