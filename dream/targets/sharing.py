"""Which of several networks dreams of what, and how hard.

    goldfish            every network that knows it, in equal parts    (`shared_classes`)
    bees.jpg            every network that can, in equal parts
    fire8/concat:12     the one that has such a layer
    bestiary::eye       the one that is named

A target that several networks dream of is shared out between them, so that it pushes as hard as one that a
single network has to itself. What each network does then counts by that network's own weight
(`gradient.joint`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from ...errors import TargetError
from ...models.labels import Labels
from ...models.network import Listing
from ..ensemble import Ensemble, Member, listed
from .find_classes import Draws
from .find_layers import no_such_layer
from .resolve import look_up, one_class_if_empty, refuse_without_weight, resolve_targets
from .resolved import Found, FoundClass, ResolvedTargets, class_name, in_words
from .shared_classes import SharedClasses
from .target import Target
from .targets import Targets

_Lists = dict[str, list[Target]]
"""Targets by kind: the fields of `Targets`."""


@dataclass(frozen=True)
class SharedOut:
    """Targets in every network's own terms, those of one without any empty, and in words."""

    resolved: tuple[ResolvedTargets, ...]
    description: str


def share_out(targets: Targets, ensemble: Ensemble[Listing], seed: int) -> SharedOut:
    """Look every target up in the networks that dream of it; without any, one class is drawn by the seed.

    Raises what `resolve_targets` does, and TargetError for a layer that several networks have.
    """
    wanted = one_class_if_empty(targets)
    if len(ensemble) == 1 and not any(target.network for target in wanted.all):
        network = ensemble.members[0].network
        single = resolve_targets(targets, network, seed)
        return SharedOut((single,), single.describe(network))
    common, own = _dealt(wanted, ensemble)
    resolved = [
        look_up(type(targets)(**own[member.name]), member.network, Draws(seed)) for member in ensemble
    ]
    named = list(_named_alone(resolved, ensemble))
    if common:
        shared = _Shared.of(type(targets)(**common), ensemble, seed)
        named = [*shared.named(), *named]
        resolved = [_together(alone, shared.part(place)) for place, alone in enumerate(resolved)]
    refuse_without_weight(resolved)
    return SharedOut(tuple(resolved), in_words(named))


def _dealt(targets: Targets, ensemble: Ensemble[Listing]) -> tuple[_Lists, dict[str, _Lists]]:
    """Return the targets of classes that all may know, and by network those that are one's alone."""
    common: _Lists = defaultdict(list)
    own: dict[str, _Lists] = {member.name: defaultdict(list) for member in ensemble}
    for kind, several in targets.by_kind:
        for target in several:
            if target.by_class and not target.network:
                common[kind].append(target)
                continue
            members = list(_dreaming_of(target, ensemble))
            part = replace(target, network="", weight=target.weight / len(members))
            for member in members:
                own[member.name][kind].append(part)
    return common, own


def _dreaming_of(target: Target, ensemble: Ensemble[Listing]) -> Iterable[Member[Listing]]:
    """Return the networks that dream of a target. Raises TargetError for none."""
    if target.network:
        return [ensemble.member(target.network, str(target.entry))]
    if target.layer_read:
        return [_having(target, ensemble)]
    return _able(target, ensemble)


def _having(target: Target, ensemble: Ensemble[Listing]) -> Member[Listing]:
    """Return the network with the target's layer. Raises TargetError for none, and for several."""
    layer = target.layer_read
    having = [member for member in ensemble if any(each.name == layer for each in member.network.layers)]
    if len(having) > 1:
        ways = listed([replace(target, network=member.name).entry for member in having], "or")
        raise TargetError(
            f"{target.entry!r}: {listed([member.name for member in having])} have a layer {layer!r} each. "
            f"Say whose is meant: {ways}."
        )
    if not having:
        known = {each.name: each for member in ensemble for each in member.network.layers}
        names = [member.name for member in ensemble]
        who_has = f"neither {listed(names, 'nor')} has a" if len(names) > 1 else f"{names[0]} has no"
        raise no_such_layer(layer, known, who_has)
    return having[0]


def _able(target: Target, ensemble: Ensemble[Listing]) -> list[Member[Listing]]:
    """Return the networks that find something for a target. Raises the first one's TargetError for none."""
    able: list[Member[Listing]] = []
    reasons: list[TargetError] = []
    for member in ensemble:
        try:
            list(target.find(member.network, Draws(0)))
        except TargetError as error:
            reasons.append(error)
        else:
            able.append(member)
    if not able:
        raise reasons[0]
    return able


def _named_alone(several: list[ResolvedTargets], ensemble: Ensemble[Listing]) -> Iterator[tuple[float, str]]:
    for resolved, member in zip(several, ensemble, strict=True):
        for weight, name in resolved.named(member.network):
            yield weight, name if len(ensemble) == 1 else f"{name} ({member.name} alone)"


def _together(alone: ResolvedTargets, shared: ResolvedTargets) -> ResolvedTargets:
    """Return one network's targets: those that it has to itself, and its part of those for all."""
    return ResolvedTargets(
        {kind: _added(table, shared.by_kind.get(kind, {})) for kind, table in alone.by_kind.items()},
        shared.common_numbers,
    )


def _added(first: Mapping[Found, float], second: Mapping[Found, float]) -> dict[Found, float]:
    return {key: first.get(key, 0.0) + second.get(key, 0.0) for key in (*first, *second)}


@dataclass(frozen=True)
class _Shared:
    """Classes that may be known to several networks: by the numbers of `SharedClasses`."""

    ensemble: Ensemble[Listing]
    listing: SharedClasses
    common: ResolvedTargets

    @classmethod
    def of(cls, targets: Targets, ensemble: Ensemble[Listing], seed: int) -> _Shared:
        listing = SharedClasses.of(ensemble)
        return cls(ensemble, listing, look_up(targets, listing, Draws(seed, listing.known_to_all or None)))

    def part(self, place: int) -> ResolvedTargets:
        """Return what the network at that place dreams of, its share of every weight."""
        numbers = self.listing.own[place]
        return ResolvedTargets(
            {kind: self._part_of(table, numbers) for kind, table in self.common.by_kind.items()},
            {own: common for common, own in numbers.items()},
        )

    def _part_of(self, table: Mapping[Found, float], numbers: Mapping[int, int]) -> dict[Found, float]:
        return {
            replace(found, index=numbers[found.index]): weight / len(self._knowing(found.index))
            for found, weight in table.items()
            if isinstance(found, FoundClass) and found.index in numbers
        }

    def _knowing(self, index: int) -> list[str]:
        members = zip(self.ensemble, self.listing.own, strict=True)
        return [member.name for member, numbers in members if index in numbers]

    def named(self) -> Iterator[tuple[float, str]]:
        """Yield weights and names, and who dreams of what not all of them know."""
        labels = Labels(replace(label, words=(self._called(label.index),)) for label in self.listing.labels)
        yield from self.common.named(replace(self.listing, labels=labels))

    def _called(self, index: int) -> str:
        knowing = self._knowing(index)
        alone = "" if len(knowing) == len(self.ensemble) else f" ({listed(knowing)} alone)"
        return class_name(self.listing, index) + alone
