"""A target: one thing to dream of, as a value, with how it is written, found and described.

    [network::]NAME[@REGION][=WEIGHT]

Every kind of target is a class below `kinds`, in a file of its own: its fields, how its NAME is read and
printed, what it is in a network (`find`), and the flag that it is asked for with. What a network makes of it
(`Found`) says how it is called and which term of `dream.terms` climbs it. Nothing else knows one kind from
another: a kind takes part in settings, flags, records and dreams by its field in `Targets`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

from pydantic_core import CoreSchema, core_schema

from ...errors import ConfigError
from ...models.reading.numerals import decimal_text
from .files import NamedFile, absolute_path, is_there
from .regions import Region, RegionFile, read_region
from .syntax import AT, OF, WEIGHS, Quote, cut, is_quoted, name_in, plain, shortest
from .weights import MOST, split_weight

if TYPE_CHECKING:
    from ...models.network import Listing
    from ..setting.option import Option
    from .find_classes import Draws
    from .resolved import Found

_REGION_FORMS = "write TARGET@MAP, such as goldfish@water.png or goldfish@luminance."


@dataclass(frozen=True, kw_only=True)
class Target:
    """One thing to dream of; a negative weight pushes away."""

    weight: float = 1.0
    region: Region | None = None
    """Where; None is everywhere."""
    network: str = ""
    """Which of several networks dreams of it; "" leaves that to what they know."""

    option: ClassVar[Option]
    """The flag, with its help."""
    by_class: ClassVar[bool] = False
    """Whether it is made of classes, which several networks may know (`shared_classes`)."""

    def __post_init__(self) -> None:
        region: object = self.region
        if isinstance(region, str):
            object.__setattr__(self, "region", read_region(region))
        object.__setattr__(self, "weight", float(self.weight))
        if not (math.isfinite(self.weight) and abs(self.weight) <= MOST):
            raise ConfigError(
                f"{self.entry_text(plain)!r} weighs {self.weight:g}, and weights go from {-MOST:g} to "
                f"{MOST:g}."
            )

    # What a kind says of itself.

    @classmethod
    def read_name(cls, name: str, folder: Path | None) -> Self:
        """Return the target that is written so, everywhere, of weight 1. Raises ConfigError."""
        raise NotImplementedError

    def name_text(self, quote: Quote) -> str:
        """Return the name as it is written, the inverse of `read_name`; words that are free, by `quote`."""
        raise NotImplementedError

    def find(self, network: Listing, draws: Draws) -> Iterator[tuple[Found, float]]:
        """Yield what this is in a network, each with its weight. Raises TargetError."""
        raise NotImplementedError

    @property
    def layer_read(self) -> str:
        """The layer that tells which of several networks is meant; "" for what each of them may dream of."""
        return ""

    @property
    def own_files(self) -> Iterable[NamedFile]:
        """The files that are named, the region's aside."""
        return ()

    def with_own_files(self, change: Callable[[str], str]) -> Self:
        """Return the target with the paths of its files, the region's aside, changed."""
        return self

    def check_files(self, report: Callable[[str], None]) -> None:
        """Look into files that can be looked into before a network is there, and report what is odd."""

    @classmethod
    def all_apart(cls, several: Iterable[Self]) -> list[Self]:
        """Return the targets of a list, in which one that comes again may mean another thing."""
        return list(several)

    # How it is written.

    @classmethod
    def read(cls, text: str, folder: Path | None = None) -> Self:
        """Return the target that is written so: "goldfish@water.png=0.5".

        Files that have signs in their names are looked for from `folder`. Raises ConfigError.
        """
        entry, weight = split_weight(text)
        return cls.read_entry(entry, folder).weighing(weight)

    @classmethod
    def read_entry(cls, entry: str, folder: Path | None = None) -> Self:
        """Return the target, of weight 1, that is written so in a table of weights. Raises ConfigError."""
        network, rest = split_network(entry, folder)
        name, sign, where = cls.split_region(rest, folder)
        if not name.strip() or (sign and not where.strip()):
            raise ConfigError(f"target {entry!r}: {_REGION_FORMS}")
        region = read_region(where) if sign else None
        return replace(cls.read_name(name.strip(), folder), region=region, network=network)

    @classmethod
    def split_region(cls, text: str, folder: Path | None) -> tuple[str, str, str]:
        """Return a name, the sign, and the region behind it."""
        return cut(text, AT)

    def entry_text(self, quote: Quote) -> str:
        """Return what `read_entry` reads."""
        network = f"{quote(self.network)}{OF}" if self.network else ""
        where = f"{AT}{self.region.text(quote)}" if self.region is not None else ""
        return f"{network}{self.name_text(quote)}{where}"

    @property
    def entry(self) -> str:
        """The target as it stands in a table of weights: all but the weight."""
        return shortest(self.entry_text, self.read_entry, self.weighing(1.0))

    def __str__(self) -> str:
        weight = "" if self.weight == 1 else f"{WEIGHS}{decimal_text(self.weight)}"
        return shortest(lambda quote: self.entry_text(quote) + weight, self.read, self)

    # What follows from that.

    def weighing(self, weight: float) -> Self:
        """Return the target with another weight. Raises ConfigError for one that cannot be."""
        return replace(self, weight=weight)

    @property
    def files(self) -> Iterator[NamedFile]:
        """All files that are named."""
        yield from self.own_files
        if isinstance(self.region, RegionFile):
            yield NamedFile("the map", self.region.path)

    def with_files(self, change: Callable[[str], str]) -> Self:
        """Return the target with the paths of its files changed."""
        changed = self.with_own_files(change)
        return changed if self.region is None else replace(changed, region=self.region.with_files(change))

    def absolute(self, folder: Path) -> Self:
        """Return the target with absolute paths, relative ones from a folder: good from anywhere."""
        return self.with_files(lambda path: absolute_path(path, folder))

    @property
    def brief(self) -> str:
        """The target as it is told: without the folders of its files, and without its weight."""
        return self.with_files(lambda path: Path(path).name).entry

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> CoreSchema:
        """Have settings take the values as they are."""
        return core_schema.is_instance_schema(cls)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: Any) -> dict[str, Any]:
        """Say that its words will do."""
        return {"type": "string"}


def split_network(text: str, folder: Path | None) -> tuple[str, str]:
    """Return (network, target) of "bestiary::eye"; ("", text) for a target that names no network.

    A network is called by its name or its folder's last one, never by a path; a file of that name that is
    there, from `folder`, is a file.
    """
    network, sign, rest = cut(text, OF)
    is_name = is_quoted(network) or (network.strip() and not re.search(r"[/\\@=]", network))
    if not sign or not is_name or is_there(name_in(cut(text, AT)[0]), folder):
        return "", text
    return name_in(network), rest.strip()
