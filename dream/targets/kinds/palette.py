"""Palettes, "goldfish,shark,peacock": every place becomes the class of these that is seen there most."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Self

from ....errors import ConfigError, TargetError
from ....models.network import Listing
from ...setting.option import Option
from ..resolved import MOST_NAMED, FoundClass, class_name, region_suffix
from ..syntax import plain
from .classes import ClassTarget

if TYPE_CHECKING:
    from ...objective import Term
    from ..context import Context


@dataclass(frozen=True)
class PaletteTarget(ClassTarget):
    """Some classes of which each place becomes one. The weight is how hard they pull beside each other."""

    option: ClassVar[Option] = Option(
        "--palette",
        metavar="NAMES[@MAP][=PULL]",
        help="A set of classes (goldfish,shark,peacock): every region becomes the one that the network sees "
        "there most.",
        completes="classes",
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.weight <= 0:
            raise ConfigError(
                f"{self.entry_text(plain)!r} weighs {self.weight:g}, and a palette only pulls: write a "
                "weight above 0, or push a class away with --class NAME=-1."
            )


@dataclass(frozen=True)
class PaletteMember(FoundClass):
    """A class that has some places of its region to itself."""

    per_window: ClassVar[bool] = True

    @classmethod
    def check(cls, weights: Mapping[Self, float], network: Listing) -> None:
        for found, weight in weights.items():
            name = class_name(network, found.index)
            if weight <= 0:
                raise TargetError(
                    f"palette: {name} weighs {weight:g}, and a palette only pulls: leave it out, or push it "
                    "away with --class NAME=-1"
                )
            if len([each for each in weights if each.region == found.region]) == 1:
                raise TargetError(
                    f"palette of {name} alone: give two classes or more, such as --palette "
                    "goldfish,jellyfish, or write --class for one"
                )

    @classmethod
    def named(cls, weights: Mapping[Self, float], network: Listing) -> Iterator[tuple[float, str]]:
        for region in dict.fromkeys(found.region for found in weights):
            names = [class_name(network, found.index) for found in weights if found.region == region]
            more = f" or {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
            yield 1.0, f"the nearest of {', '.join(names[:MOST_NAMED])}{more}{region_suffix(region)}"

    @classmethod
    def terms(cls, weights: Mapping[Self, float], context: Context) -> Iterator[Term]:
        from ...terms.cells import CellGrid
        from ...terms.palette import PaletteTerm

        for region in dict.fromkeys(found.region for found in weights):
            pulls = {found.index: pull for found, pull in weights.items() if found.region == region}
            largest = max(pulls.values())
            members = tuple((context.channels[index], pull / largest) for index, pull in pulls.items())
            kinds = tuple(context.common_numbers.get(index, index) for index in pulls)
            layer, where = context.class_layer, context.where(context.class_layer, region)
            grid = CellGrid.of(context.network, layer)
            yield PaletteTerm(largest, layer, members, grid, kinds=kinds, where=where)


PaletteTarget.found_as = PaletteMember
