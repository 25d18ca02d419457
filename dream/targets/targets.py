"""What to dream of: every entry adds to one objective, and a negative weight pushes away.

The fields are the table of all kinds of targets: what a kind is, how it is written and what becomes of it is
in its own file (`kinds`). Presets and records hold tables of weights, by what `Target.entry` prints:

    [targets.classes]
    "goldfish@water.png" = 1.0
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Self, get_args

from pydantic import ValidationInfo, field_validator, model_serializer
from pydantic_core import CoreSchema

from ...errors import ConfigError
from ..setting.frozen import FrozenConfig
from ..setting.option import Option
from .kinds.channels import ChannelTarget
from .kinds.classes import ClassTarget
from .kinds.guides import GuideTarget
from .kinds.layers import LayerTarget
from .kinds.neurons import NeuronTarget
from .kinds.palette import PaletteTarget
from .regions import Region
from .syntax import LONGEST_WORD
from .target import Target

Tables = dict[str, dict[str, float]]
"""Weights by entry, by kind: what stands in presets and records."""

TARGETS = "What to dream of (repeatable, summed)"
_MOST_ENTRIES = 10_000


def flag_of(kind: type[Target]) -> Option:
    """Return the flag of a kind: repeatable, its words read to a table of weights."""
    return replace(
        kind.option, panel=TARGETS, repeatable=True, read=lambda words: read_words(kind, words, Path.cwd())
    )


class Targets(FrozenConfig):
    """What the dream should see: every entry adds to one objective; a negative weight pushes away.

    In Python, a kind is given as a table of weights, `Targets(classes={"goldfish": 1, "eye@dark": -0.5})`, or
    as a list of values or words, `Targets(classes=[ClassTarget("goldfish"), "eye@dark=-0.5"])`.

    All but neurons may end in "@map", the map of where: a picture or video file ("goldfish@water.png"), a
    word computed from the frame ("goldfish@luminance"), or either one inverted ("goldfish@!water.png").
    """

    classes: Annotated[tuple[ClassTarget, ...], flag_of(ClassTarget)] = ()
    """Weight by class: a name or synonym ("goldfish"), a wnid ("n01443537"), an index ("1"), an inclusive
    range ("0-20"), several with commas ("0-7,390-397"), a file of classes ("sea.json", "sea.toml"),
    "random:3", three classes drawn with the seed ("random:3#2": another three), or "random:all", every class
    pulled or pushed as the seed decides."""

    palette: Annotated[tuple[PaletteTarget, ...], flag_of(PaletteTarget)] = ()
    """Pull by class, named as in `classes`: every region becomes the one of these classes that the network
    already sees there most."""

    layers: Annotated[tuple[LayerTarget, ...], flag_of(LayerTarget)] = ()
    """Weight by layer whose activations grow in the L2 norm, as in google/deepdream ("fire8/concat")."""

    channels: Annotated[tuple[ChannelTarget, ...], flag_of(ChannelTarget)] = ()
    """Weight by channel of a layer, as "layer:channel" ("fire8/concat:12"), or by the strength channels have
    in the picture: "layer:strongest", "layer:weakest" or "layer:average" (ten of them, or
    "layer:strongest:3")."""

    neurons: Annotated[tuple[NeuronTarget, ...], flag_of(NeuronTarget)] = ()
    """Weight by single neuron, as "layer:channel", in the middle of the picture, or as
    "layer:channel@0.2,0.7", at these shares of its width and height."""

    guides: Annotated[tuple[GuideTarget, ...], flag_of(GuideTarget)] = ()
    """Weight by guide picture whose features the dream takes on, as in google/deepdream: "bees.jpg", or with
    the layer that is compared, "bees.jpg@inception_3b/output"."""

    if TYPE_CHECKING:

        def __init__(self, **kinds: Mapping[str, float] | Iterable[Target | str]) -> None: ...

    @classmethod
    def kinds(cls) -> dict[str, type[Target]]:
        """Return the kinds by the field that holds them."""
        return {name: get_args(field.annotation)[0] for name, field in cls.model_fields.items()}

    @property
    def by_kind(self) -> Iterator[tuple[str, tuple[Target, ...]]]:
        """The targets of each kind, by the field that holds them."""
        return ((name, getattr(self, name)) for name in type(self).model_fields)

    @property
    def all(self) -> Iterator[Target]:
        """All targets."""
        return (target for _, targets in self.by_kind for target in targets)

    @property
    def empty(self) -> bool:
        """True when nothing is asked for."""
        return not any(self.all)

    @property
    def regions(self) -> tuple[Region, ...]:
        """The regions that targets keep to, each once."""
        return tuple(dict.fromkeys(each.region for each in self.all if each.region is not None))

    def absolute(self, folder: Path) -> Self:
        """Return the targets with absolute paths, relative ones from a folder."""
        return type(self)(**{name: [each.absolute(folder) for each in some] for name, some in self.by_kind})

    @field_validator("*", mode="before")
    @classmethod
    def _as_values(cls, given: object, info: ValidationInfo) -> object:
        assert info.field_name is not None
        try:
            return _added_up(_read(cls.kinds()[info.field_name], given, info.field_name))
        except ConfigError as error:
            raise ValueError(str(error).removesuffix(".")) from None

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: Any) -> dict[str, Any]:
        """Say that each kind is a table of weights."""
        made: dict[str, Any] = handler.resolve_ref_schema(handler(schema))
        weights = {"type": "object", "additionalProperties": {"type": "number"}, "default": {}}
        for name, described in made.get("properties", {}).items():
            kept = {key: described[key] for key in ("title", "description") if key in described}
            made["properties"][name] = {**kept, **weights}
        return made

    @property
    def tables(self) -> Tables:
        """The targets as they stand in presets and records."""
        return self._as_tables()

    @model_serializer
    def _as_tables(self) -> Tables:
        return {name: {each.entry: each.weight for each in targets} for name, targets in self.by_kind}


def read_words(kind: type[Target], words: Iterable[str], folder: Path) -> dict[str, float]:
    """Return a table of weights for the words of a flag, such as "goldfish@water.png=0.5".

    Files get absolute paths, relative ones from a folder. Raises ConfigError.
    """
    targets = _added_up(kind.all_apart(kind.read(word, folder) for word in words))
    return {target.absolute(folder).entry: target.weight for target in targets}


def with_absolute_files(
    tables: Mapping[str, Any], folder: Path, targets: type[Targets] = Targets
) -> dict[str, Any]:
    """Return tables of weights, as they stand in a file, with absolute paths, relative ones from a folder.

    What is no table of a kind is left for whoever checks it. Raises ConfigError.
    """
    full = dict(tables)
    for name, kind in targets.kinds().items():
        if isinstance(table := full.get(name), Mapping):
            full[name] = {
                kind.read_entry(str(entry), folder).absolute(folder).entry: weight
                for entry, weight in table.items()
            }
    return full


def printed_anew(kind: type[Target], table: object) -> object:
    """Return a table of weights that is valid with its entries as they are printed now.

    An older program kept them as they were typed ("0-7, 9", "conv1:012"). What cannot be read stays.
    """
    if not isinstance(table, Mapping):
        return table
    anew: dict[Any, Any] = {}
    for entry, weight in table.items():
        try:
            anew[kind.read_entry(entry, Path()).entry] = weight
        except ConfigError:
            anew[entry] = weight
    return anew


def _read(kind: type[Target], given: object, name: str) -> list[Target]:
    """Return the targets in a table of weights, or in a list of values and words."""
    if not isinstance(given, Mapping | list | tuple):
        raise ConfigError(f"{name} = {given!r}: write a table of weights, such as {name} = {{ … = 1.0 }}.")
    if len(given) > _MOST_ENTRIES:
        raise ConfigError(f"{name} has {len(given):,} entries, and at most {_MOST_ENTRIES:,} are read.")
    if isinstance(given, Mapping):
        return [_weighed(kind, entry, weight, name) for entry, weight in given.items()]
    return kind.all_apart(_value(kind, each) for each in given)


def _value(kind: type[Target], given: object) -> Target:
    if isinstance(given, str):
        return kind.read(given, Path())
    if not isinstance(given, kind):
        raise ConfigError(f"{given!r} is no {kind.__name__}, nor the words for one.")
    return given


def _weighed(kind: type[Target], entry: object, weight: object, name: str) -> Target:
    if not isinstance(entry, str) or len(entry) > LONGEST_WORD:
        raise ConfigError(f"{name}: {entry!r} is no target: a word has at most {LONGEST_WORD:,} letters.")
    if isinstance(weight, bool) or not isinstance(weight, int | float):
        raise ConfigError(f"{name}.{entry} = {weight!r}: a weight is a number, such as 1.0 or -0.5.")
    return kind.read_entry(entry, Path()).weighing(weight)


def _added_up(targets: Iterable[Target]) -> tuple[Target, ...]:
    """Return targets of which none comes twice: those that differ by their weight alone are one."""
    added: dict[Target, float] = {}
    for target in targets:
        same = target.weighing(1.0)
        added[same] = added.get(same, 0.0) + target.weight
    return tuple(target.weighing(weight) for target, weight in added.items())
