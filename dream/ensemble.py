"""Several networks that dream one picture together.

    Ensemble    the networks, each with its weight and a name that is its own
    "bestiary::eye"      a target that is one network's alone

Everything that asks for "the network" of a dream takes an ensemble too; of one network, it is that network.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from ..errors import TargetError, suggestion
from ..models.network import Listing

L = TypeVar("L", bound=Listing, covariant=True)


@dataclass(frozen=True)
class Member(Generic[L]):
    """One of several networks: what it is called here, and how hard it pushes beside the others."""

    name: str
    network: L
    weight: float = 1.0


@dataclass(frozen=True)
class Ensemble(Generic[L]):
    """Networks that dream together, or one alone."""

    members: tuple[Member[L], ...]

    @classmethod
    def of(cls, networks: L | Sequence[L] | Ensemble[L], weights: Iterable[float] = ()) -> Ensemble[L]:
        """Return the ensemble of one network, of several, or of what is one already.

        `weights` are those of the first networks; all others weigh 1.
        """
        if isinstance(networks, Ensemble):
            return networks
        several = list(networks) if isinstance(networks, Sequence) else [networks]
        if not several:
            raise ValueError("an ensemble needs a network")
        given = [*weights, *[1.0] * len(several)][: len(several)]
        names = _own_names(network.name for network in several)
        return cls(tuple(Member(*each) for each in zip(names, several, given, strict=True)))

    def __iter__(self) -> Iterator[Member[L]]:
        return iter(self.members)

    def __len__(self) -> int:
        return len(self.members)

    @property
    def name(self) -> str:
        """The networks' names, as they are read out."""
        return listed([member.name for member in self.members])

    def member(self, name: str, target: str) -> Member[L]:
        """Return the network that a target names. Raises TargetError for one that does not dream here."""
        names = {member.name: member for member in self.members}
        if name not in names:
            called = "It is" if len(self) == 1 else "They are"
            raise TargetError(
                f"{target!r}: no network {name!r} dreams here.{suggestion(name, names)} "
                f"{called} called {self.name}."
            )
        return names[name]


def listed(words: Sequence[str], last: str = "and") -> str:
    """Return words as they are read out: "a", "a and b", "a, b and c"."""
    return f" {last} ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _own_names(names: Iterable[str]) -> list[str]:
    """Return names of which none comes twice: of several folders called "net", the second is "net#2"."""
    own: list[str] = []
    for name in names:
        number, free = 1, name
        while free in own:
            number += 1
            free = f"{name}#{number}"
        own.append(free)
    return own
