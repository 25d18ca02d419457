"""How a value is written by people: text that a field takes instead of plain data, and gives its value as.

    Seconds = Annotated[float, Field(ge=0), Words(read_time, written_time)]

Wherever the field gets text, from a command line, a preset or Python, it is read by one function. The other
one writes a value so that the first reads it back.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema


@dataclass(frozen=True)
class Words:
    """Marks a field as one that is written in words; `read` raises ValueError, and is `write`'s inverse."""

    read: Callable[[str], Any]
    write: Callable[[Any], str]

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Have text read before the field looks at the value."""
        return core_schema.no_info_before_validator_function(self._from_text, handler(source))

    def _from_text(self, value: object) -> object:
        return self.read(value) if isinstance(value, str) else value
