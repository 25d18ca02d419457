"""Classes of a network, "goldfish": each is pulled, or with a negative weight pushed, all of them at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Self

from ....models.network import Listing
from ...setting.option import Option
from ..classes import Classes, ClassFile, draws_apart, read_classes
from ..files import NamedFile, class_file_before_sign
from ..regions import Region
from ..resolved import Found, FoundClass
from ..syntax import Quote, cut
from ..target import Target

if TYPE_CHECKING:
    from ...objective import Term
    from ..context import Context
    from ..find_classes import Draws


@dataclass(frozen=True)
class ClassTarget(Target):
    """Some classes: `ClassTarget("goldfish")`, or any other word that `classes` reads, or its value."""

    classes: Classes

    found_as: ClassVar[type[FoundClass]]
    by_class: ClassVar[bool] = True
    option: ClassVar[Option] = Option(
        "--class -c",
        metavar="NAME[@MAP][=WEIGHT]",
        unset="one class, chosen at random from the seed",
        help="A class of the network: a name (goldfish), a number (7), a range (0-20), several "
        "(goldfish,eye), a file of classes (sea.json, sea.toml), random:3, random:all. A negative weight "
        "(shark=-0.5) pushes away. A map says where: goldfish@water.png, goldfish@luminance, "
        "goldfish@!dark. Any target replaces all of the preset's.",
        everyday=True,
        completes="classes",
    )

    if TYPE_CHECKING:

        def __init__(
            self,
            classes: Classes | str,
            *,
            weight: float = 1.0,
            region: Region | str | None = None,
            network: str = "",
        ) -> None: ...

    def __post_init__(self) -> None:
        if isinstance(self.classes, str):
            object.__setattr__(self, "classes", read_classes(self.classes, Path(), self.flag()))
        super().__post_init__()

    @classmethod
    def flag(cls) -> str:
        """The flag's long name."""
        return cls.option.names.split()[0]

    @classmethod
    def read_name(cls, name: str, folder: Path | None) -> Self:
        return cls(read_classes(name, folder, cls.flag()))

    @classmethod
    def split_region(cls, text: str, folder: Path | None) -> tuple[str, str, str]:
        file = class_file_before_sign(text, folder)
        return cut(text, "@") if file is None else (file, text[len(file) :][:1], text[len(file) + 1 :])

    def name_text(self, quote: Quote) -> str:
        return self.classes.text(quote)

    def find(self, network: Listing, draws: Draws) -> Iterator[tuple[Found, float]]:
        from ..find_classes import find_classes

        for index, share in find_classes(self.classes, network, draws).items():
            yield self.found_as(index, region=self.region), self.weight * share

    @property
    def own_files(self) -> Iterable[NamedFile]:
        return (
            [NamedFile("the file of classes", self.classes.path)]
            if isinstance(self.classes, ClassFile)
            else []
        )

    def with_own_files(self, change: Callable[[str], str]) -> Self:
        return replace(self, classes=self.classes.with_files(change))

    @classmethod
    def all_apart(cls, several: Iterable[Self]) -> list[Self]:
        targets = list(several)
        free = [target.classes for target in targets if not target.network]
        apart = iter(draws_apart(free))
        return [target if target.network else replace(target, classes=next(apart)) for target in targets]


@dataclass(frozen=True)
class SummedClass(FoundClass):
    """A class whose score counts wherever it is."""

    @classmethod
    def terms(cls, weights: Mapping[Self, float], context: Context) -> Iterator[Term]:
        from ...terms.classes import ClassShare, ClassTerm

        wanted = {found: weight for found, weight in weights.items() if weight}
        for region in dict.fromkeys(found.region for found in wanted):  # balanced: none outshines another
            here = {found.index: weight for found, weight in wanted.items() if found.region == region}
            total = sum(abs(weight) for weight in here.values())
            shares = tuple(
                ClassShare(context.channels[index], weight / total) for index, weight in here.items()
            )
            where = context.where(context.class_layer, region)
            yield ClassTerm(total, context.class_layer, shares, where=where)


ClassTarget.found_as = SummedClass
