"""Which of several networks dreams of what, and how hard.

    goldfish            every network that knows it, in equal parts    (`shared_classes`)
    bees.jpg            every network, at a layer of its own
    fire8/concat:12     the one that has such a layer
    bestiary::eye       the one that is named

A target that several networks dream of is shared out between them, so that it pushes as hard as one that a
single network has to itself. What each network does then counts by that network's own weight
(`gradient.joint`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from ...errors import TargetError
from ...models.labels import Labels
from ...models.network import Listing
from ..ensemble import Ensemble, Member, listed
from .classes import Lots
from .layers import guide_layer, layer_in, no_such_layer
from .resolve import by_chance_if_empty, look_up, refuse_without_weight, resolve_targets
from .resolved import ResolvedTargets, class_name, told
from .shared_classes import CommonClasses
from .syntax import OF, split_guide, split_map, with_owner
from .targets import Targets

_Table = dict[str, float]
_Words = dict[str, _Table]
"""Weights by word, by kind of target: the tables of `Targets`."""


@dataclass(frozen=True)
class Dealt:
    """Targets in every network's own terms, those of one without any empty, and in words."""

    resolved: tuple[ResolvedTargets, ...]
    description: str


def deal_targets(targets: Targets, ensemble: Ensemble[Listing], seed: int) -> Dealt:
    """Look every target up in the networks that dream of it; without any, one class is drawn by the seed.

    Raises what `resolve_targets` does, and TargetError for a layer that several networks have.
    """
    words = {kind: dict(table) for kind, table in by_chance_if_empty(targets).model_dump().items()}
    if len(ensemble) == 1 and not any(OF in word for table in words.values() for word in table):
        network = ensemble.members[0].network
        single = resolve_targets(targets, network, seed)
        return Dealt((single,), single.describe(network))
    common, own = _dealt_words(words, ensemble)
    resolved = [look_up(Targets(**own[member.name]), member.network, Lots(seed)) for member in ensemble]
    named = list(_named_alone(resolved, ensemble))
    if words["classes"] or words["palette"]:
        shared = _Shared.of(Targets(**common), ensemble, seed)
        named = [*shared.named(), *named]
        resolved = [_together(alone, shared.part(place)) for place, alone in enumerate(resolved)]
    refuse_without_weight(weight for each in resolved for weight in each.weights)
    return Dealt(tuple(resolved), told(named))


def _dealt_words(words: _Words, ensemble: Ensemble[Listing]) -> tuple[_Words, dict[str, _Words]]:
    """Return the words for classes that all may know, and by network those that are one's alone."""
    common: _Words = {"classes": {}, "palette": {}}
    own: dict[str, _Words] = {member.name: defaultdict(dict) for member in ensemble}
    for kind, table in words.items():
        for word, weight in table.items():
            if kind == "guides":
                for looking, guide, share in _guides(word, ensemble):
                    _add(own[looking.name][kind], guide, weight * share)
                continue
            member, rest = ensemble.owner(word)
            if member is None and kind not in common:
                member = _having(_layer_of(kind, rest), rest, ensemble)
            _add((common if member is None else own[member.name])[kind], rest, weight)
    return common, own


def _add(table: _Table, word: str, weight: float) -> None:
    table[word] = table.get(word, 0.0) + weight


def _layer_of(kind: str, word: str) -> str:
    return split_map(word)[0] if kind == "layers" else layer_in(word)


def _having(layer: str, word: str, ensemble: Ensemble[Listing]) -> Member[Listing]:
    """Return the network with a layer of that name. Raises TargetError for none, and for several."""
    having = [member for member in ensemble if any(each.name == layer for each in member.network.layers)]
    if len(having) > 1:
        ways = listed([with_owner(member.name, word) for member in having], "or")
        raise TargetError(
            f"{word!r}: {listed([member.name for member in having])} have a layer {layer!r} each. "
            f"Say whose is meant: {ways}."
        )
    if not layer:  # no form of a channel: whoever reads it says so
        return ensemble.members[0]
    if not having:
        known = {each.name: each for member in ensemble for each in member.network.layers}
        names = [member.name for member in ensemble]
        who_has = f"neither {listed(names, 'nor')} has a" if len(names) > 1 else f"{names[0]} has no"
        raise no_such_layer(layer, known, who_has)
    return having[0]


def _guides(word: str, ensemble: Ensemble[Listing]) -> Iterator[tuple[Member[Listing], str, float]]:
    """Yield the networks that look at a guide, the guide in their own words, and what share each has."""
    path, layer, where = split_guide(word)
    if layer:
        member, name = ensemble.owner(layer)
        yield member or _having(name, name, ensemble), _guide(path, name, where), 1.0
        return
    looking: list[tuple[Member[Listing], str]] = []
    reasons: list[TargetError] = []
    for member in ensemble:
        try:
            looking.append((member, guide_layer(member.network).name))
        except TargetError as error:
            reasons.append(error)
    if not looking:
        raise reasons[0]
    yield from ((member, _guide(path, name, where), 1.0 / len(looking)) for member, name in looking)


def _guide(path: str, layer: str, where: str) -> str:
    return "@".join([path, layer, *([where] if where else [])])


def _named_alone(alone: list[ResolvedTargets], ensemble: Ensemble[Listing]) -> Iterator[tuple[float, str]]:
    for resolved, member in zip(alone, ensemble, strict=True):
        for weight, name in resolved.named(member.network):
            yield weight, name if len(ensemble) == 1 else f"{name} ({member.name} alone)"


def _together(alone: ResolvedTargets, shared: ResolvedTargets) -> ResolvedTargets:
    """Return one network's targets: those that it has to itself, and its part of those for all."""
    return replace(
        alone,
        classes=_added(alone.classes, shared.classes),
        palette=_added(alone.palette, shared.palette),
        kinds=shared.kinds,
    )


def _added(
    first: Mapping[tuple[int, str], float], second: Mapping[tuple[int, str], float]
) -> dict[tuple[int, str], float]:
    return {key: first.get(key, 0.0) + second.get(key, 0.0) for key in (*first, *second)}


@dataclass(frozen=True)
class _Shared:
    """Classes that may be known to several networks: by the numbers of `CommonClasses`."""

    ensemble: Ensemble[Listing]
    listing: CommonClasses
    common: ResolvedTargets

    @classmethod
    def of(cls, targets: Targets, ensemble: Ensemble[Listing], seed: int) -> _Shared:
        listing = CommonClasses.of(ensemble)
        return cls(ensemble, listing, look_up(targets, listing, Lots(seed, listing.known_to_all or None)))

    def part(self, place: int) -> ResolvedTargets:
        """Return what the network at that place dreams of, its share of every weight."""
        numbers = self.listing.own[place]
        return ResolvedTargets(
            classes=self._part_of(self.common.classes, numbers),
            palette=self._part_of(self.common.palette, numbers),
            kinds={own: common for common, own in numbers.items()},
        )

    def _part_of(
        self, table: Mapping[tuple[int, str], float], numbers: Mapping[int, int]
    ) -> dict[tuple[int, str], float]:
        return {
            (numbers[index], where): weight / len(self._knowing(index))
            for (index, where), weight in table.items()
            if index in numbers
        }

    def _knowing(self, index: int) -> list[str]:
        members = zip(self.ensemble, self.listing.own, strict=True)
        return [member.name for member, numbers in members if index in numbers]

    def named(self) -> Iterator[tuple[float, str]]:
        """Yield weights and names, and who dreams of what not all of them know."""
        labels = Labels(replace(label, words=(self._told(label.index),)) for label in self.listing.labels)
        yield from self.common.named(replace(self.listing, labels=labels))

    def _told(self, index: int) -> str:
        knowing = self._knowing(index)
        alone = "" if len(knowing) == len(self.ensemble) else f" ({listed(knowing)} alone)"
        return class_name(self.listing, index) + alone
