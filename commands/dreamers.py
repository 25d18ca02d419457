"""The dreamer that a command's settings ask for: checked before torch loads, woken before frames are decoded.

An unknown class, layer or network is found out by the network's definition and labels alone, in no time; an
absent device when the dreamer wakes, not after the first frame.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ..render.settings import Settings
from ..render.signals import go_on
from .progress import progress_display
from .terminal import note, noting

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ..dream.engine import Dreamer

# About what networks look at (`dream.terms.guide`): a large guide need not be read at its full size.
_GUIDE_PX = (256, 256)


def check_dream(settings: Settings, quiet: bool = False) -> None:
    """Find out what is wrong with network, targets and guides as far as that can be told without torch.

    Raises ModelFileError, TargetError, ConfigError, InputNotFoundError or MediaError.
    """
    from ..dream.ensemble import Ensemble
    from ..dream.octave_targets import check_targets
    from ..models.outline import read_outline
    from ..models.zoo.choices import refuse_the_same

    refuse_the_same(settings.networks)
    outlines = Ensemble.of([read_outline(network.name) for network in settings.networks])
    check_targets(outlines, settings.targets, settings.dream)
    for targets in (settings.targets, *settings.dream.octave_targets):
        for target in targets.all:
            target.check_files(noting(quiet))


def wake_dreamer(settings: Settings, quiet: bool) -> Dreamer:
    """Load the networks and resolve the targets; says what will be dreamt, be it by chance."""
    from ..dream.device import choose_device, use_threads
    from ..dream.engine import Dreamer
    from ..dream.ensemble import Ensemble, listed
    from ..models.zoo.registry import load_network

    device = choose_device(settings.device)
    use_threads(settings.threads)
    loaded = [load_network(network.name) for network in settings.networks]
    networks = Ensemble.of(loaded, [network.weight for network in settings.networks])
    dreamer = Dreamer(networks, settings.targets, settings.dream, device)
    go_on()  # importing libraries is where a Ctrl-C gets lost
    if not quiet:
        lot = any(each.empty for each in settings.dream.octave_targets or [settings.targets])
        chosen = (
            f" (chosen at random from seed {settings.dream.seed})" if lot and settings.targets.empty else ""
        )
        note(f"Dreaming of {dreamer.description}{chosen}, with {networks.name} on {device}.")
        if dreamer.idle:
            note(f"Nothing of that is for {listed(dreamer.idle, 'or')}: the dream would be the same without.")
    return dreamer


def tell_black_maps(maps: Mapping[str, NDArray[np.float32]]) -> None:
    """Say which maps leave a single picture without what they are for; on film that may come and go."""
    for name, whole in maps.items():
        if not whole.any():
            note(f"The map {name} is black all over this picture: nothing is dreamt of it there.")


@contextmanager
def steps_display(quiet: bool, dreamer: Dreamer, label: str, pictures: int = 1) -> Iterator[None]:
    """Show the steps of the next `pictures` dreams, of which each may take minutes."""
    steps = sum(plan.iterations for plan in dreamer.config.plans())
    with progress_display(quiet, unit="step") as progress:
        progress.start(steps * pictures, label)
        dreamer.on_step = lambda done, total: progress.frame_done()
        try:
            yield
        finally:
            dreamer.on_step = None
