"""A new kind of target is a value with its grammar, and a term: all else follows from its field."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar, Self

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor

from lucidreel.dream.config.dream import DreamConfig
from lucidreel.dream.engine import Dreamer
from lucidreel.dream.ensemble import Ensemble
from lucidreel.dream.objective import Activations, Maps, Term
from lucidreel.dream.setting.option import Option
from lucidreel.dream.targets.context import Context
from lucidreel.dream.targets.find_classes import Draws
from lucidreel.dream.targets.find_layers import find_layer
from lucidreel.dream.targets.resolved import Found
from lucidreel.dream.targets.sharing import share_out
from lucidreel.dream.targets.syntax import Quote, name_in
from lucidreel.dream.targets.target import Target
from lucidreel.dream.targets.targets import Targets, flag_of
from lucidreel.errors import ConfigError, LayerNotFoundError
from lucidreel.models.network import Listing, Network

Frame = NDArray[np.float32]
SHORT = DreamConfig(octaves=2, octave_scale=1.5, iterations=3, step_size=2.0, border_px=8, jitter_px=4)

# The first file: the value, how it is written, and what it is in a network.


@dataclass(frozen=True)
class SumTarget(Target):
    """The sum of a layer over all its channels."""

    layer: str

    option: ClassVar[Option] = Option("--sum", metavar="LAYER[@MAP][=WEIGHT]", help="A layer's sum.")

    @classmethod
    def read_name(cls, name: str, folder: Path | None) -> Self:
        return cls(name_in(name))

    def name_text(self, quote: Quote) -> str:
        return quote(self.layer)

    def find(self, network: Listing, draws: Draws) -> Iterator[tuple[Found, float]]:
        yield FoundSum(find_layer(self.layer, network).name, region=self.region), self.weight

    @property
    def layer_read(self) -> str:
        return self.layer


@dataclass(frozen=True)
class FoundSum(Found):
    """A layer that the network has."""

    layer: str

    @property
    def layers(self) -> tuple[str, ...]:
        return (self.layer,)

    def name(self, network: Listing) -> str:
        return f"all of {self.layer}"

    def term(self, weight: float, context: Context) -> Term:
        return SumTerm(weight, self.layer)


# The second file: the term.


@dataclass(frozen=True)
class SumTerm(Term):
    """The sum of a layer."""

    layer: str

    @property
    def layers(self) -> tuple[str, ...]:
        return (self.layer,)

    def value(self, activations: Activations, maps: Maps) -> Tensor:
        return activations[self.layer].float().sum()


# The line in the table of kinds.


class MoreTargets(Targets):
    """All kinds there are, and one more."""

    sums: Annotated[tuple[SumTarget, ...], flag_of(SumTarget)] = ()
    """Weight by layer whose sum grows."""

    if TYPE_CHECKING:

        def __init__(self, **kinds: object) -> None: ...


def test_it_is_read_from_a_preset_and_printed_into_a_record() -> None:
    targets = MoreTargets.read({"sums": {"conv2@dark": 0.5}, "classes": {"goldfish": 1}}, "the preset")
    assert [str(target) for target in targets.all] == ["goldfish", "conv2@dark=0.5"]
    assert targets.tables["sums"] == {"conv2@dark": 0.5}
    assert MoreTargets.model_validate(targets.model_dump()) == targets
    with pytest.raises(ConfigError, match="there is no map 'lumnance'"):
        MoreTargets.read({"sums": {"conv2@lumnance": 1}}, "the preset")


def test_its_flag_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    read = flag_of(SumTarget).read
    assert read is not None
    assert read(["conv2@water.png=2", "conv1"]) == {
        f"conv2@{tmp_path.resolve()}/water.png": 2.0,
        "conv1": 1.0,
    }


def test_its_layer_is_looked_up_with_the_nearest_name_and_told_in_words(network: Network) -> None:
    ensemble = Ensemble.of(network)
    shared = share_out(MoreTargets(sums=["conv2@dark=-0.5"], layers=["conv1"]), ensemble, 0)
    assert shared.description == "conv1 - 0.5 all of conv2@dark"
    with pytest.raises(LayerNotFoundError, match="Nearest: conv"):
        share_out(MoreTargets(sums=["conv9"]), ensemble, 0)


def test_it_is_dreamt_of(network: Network, picture: Frame) -> None:
    dreamer = Dreamer(network, MoreTargets(sums=["conv2"]), SHORT, torch.device("cpu"))
    dreamt = dreamer.dream(picture)
    before, after = (
        float(network.activations(torch.from_numpy(each)[None], ["conv2"])["conv2"].sum())
        for each in (picture, dreamt)
    )
    assert dreamer.description == "all of conv2"
    assert after > before + 100


def test_it_may_be_one_of_several_networks(network: Network, picture: Frame) -> None:
    with pytest.raises(Exception, match=f"{network.name}::conv2 or {network.name}#2::conv2"):
        share_out(MoreTargets(sums=["conv2"]), Ensemble.of([network, network]), 0)
    targets = MoreTargets(sums=[f"{network.name}::conv2"])
    first, second = share_out(targets, Ensemble.of([network, network]), 0).resolved
    assert first.has_weight and not second.has_weight
