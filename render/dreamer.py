"""The dreamer that settings ask for: checked before torch loads, loaded before frames are decoded.

An unknown class, layer or network is found out by the network's definition and labels alone, in no time; an
absent device when the networks are loaded, not after the first frame.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

from ..errors import ConfigError
from ..models.garbage import no_garbage_looked_for
from .checkpoint.fingerprints import file_facts
from .events.events import Loaded, Note, OnEvent, unheard
from .settings.settings import Settings
from .signals import go_on

if TYPE_CHECKING:
    from ..dream.engine import Dreamer
    from ..dream.ensemble import Ensemble
    from ..models.network import Network
    from .frames.frames import Map

Networks: TypeAlias = "Network | Sequence[Network]"
"""One that is loaded already, or several, in the order in which the settings name them."""


def check_dream(settings: Settings, on_event: OnEvent = unheard) -> None:
    """Find out what is wrong with network, targets and guides as far as that can be told without torch.

    Raises ModelFileError, TargetError, ConfigError, InputNotFoundError or MediaError.
    """
    from ..dream.ensemble import Ensemble
    from ..dream.objectives.octave_targets import check_targets
    from ..models.zoo.choices import refuse_the_same
    from ..models.zoo.registry import find_network

    refuse_the_same(settings.networks)
    sources = [find_network(network.name) for network in settings.networks]
    for source in sources:
        source.refuse(settings.backend)
    outlines = Ensemble.of([source.outline() for source in sources])
    check_targets(outlines, settings.targets, settings.dream)
    for targets in (settings.targets, *settings.dream.octave_targets):
        for target in targets.all:
            target.check_files(lambda text: on_event(Note(text)))


def load_dreamer(settings: Settings, networks: Networks | None = None) -> Dreamer:
    """Load the networks, unless they are given, and resolve the targets.

    Given ones must be those that the settings name: the record of what is made says so, and a checkpoint goes
    by their files. Raises ConfigError where they are others, DeviceError, ModelFileError or TargetError.
    """
    with no_garbage_looked_for():
        from ..dream.device import choose_device, use_threads
        from ..dream.engine import Dreamer

        device = choose_device(settings.runs_on, settings.backend)
        use_threads(settings.threads)
        dreamer = Dreamer(_ensemble(settings, networks), settings.targets, settings.dream, device)
    go_on()  # importing libraries is where a Ctrl-C gets lost
    return dreamer


def tell_loaded(dreamer: Dreamer, settings: Settings, on_event: OnEvent) -> None:
    """Tell what will be dreamt, be it by chance, by which networks and where."""
    from ..dream.ensemble import listed

    several = settings.dream.octave_targets or [settings.targets]
    is_random = settings.targets.empty and any(each.empty for each in several)
    seed = settings.dream.seed if is_random else None
    networks = listed(network_names(settings))
    on_event(
        Loaded(dreamer.description, seed, networks, where_it_runs(settings, dreamer), tuple(dreamer.idle))
    )


def where_it_runs(settings: Settings, dreamer: Dreamer) -> str:
    """Return the device in words, and that a real Caffe computes there."""
    return f"{dreamer.device}{' (real Caffe)' if settings.backend == 'pycaffe' else ''}"


def network_names(settings: Settings) -> list[str]:
    """Return the names of the networks that the settings name, be it by their folders."""
    from ..models.zoo.registry import find_network

    return [find_network(choice.name).name for choice in settings.networks]


def tell_black_maps(maps: Mapping[str, Map], on_event: OnEvent) -> None:
    """Say which maps leave a single picture without what they are for; on film that may come and go."""
    for name, whole in maps.items():
        if not whole.any():
            on_event(Note(f"The map {name} is black all over this picture: nothing is dreamt of it there."))


def _ensemble(settings: Settings, networks: Networks | None) -> Ensemble[Network]:
    from ..dream.ensemble import Ensemble
    from ..models.zoo.registry import load_network

    given: Sequence[Network]
    if networks is None:
        given = [
            load_network(choice.name, backend=settings.backend, caffe_python=settings.caffe_python)
            for choice in settings.networks
        ]
    else:
        given = _as_named(settings, networks)
    return Ensemble.of(given, [choice.weight for choice in settings.networks])


def _as_named(settings: Settings, networks: Networks) -> list[Network]:
    """Return the given networks as a list. Raises ConfigError unless they are what the settings say."""
    given = list(networks) if isinstance(networks, Sequence) else [networks]
    names = network_names(settings)
    found = [network.name for network in given]
    if names != found:
        raise ConfigError(
            f"the settings name the network {', '.join(names)}, and {', '.join(found)} was given. Give the "
            "one that they name, or set `model` to the other."
        )
    for network in given:
        if network.backend != settings.backend:
            raise ConfigError(
                f"the settings say backend {settings.backend}, and {network.name}, which was given, runs in "
                f"{network.backend}. Set `backend` to that, or load the network anew."
            )
    return given


def machine_facts(settings: Settings, dreamer: Dreamer) -> dict[str, str]:
    """Return what decides the frames beside the settings: device, threads, precision, the networks' files."""
    from ..dream.device import use_threads

    threads = {"threads": str(use_threads(None))} if dreamer.device.type == "cpu" else {}
    return {
        "device": dreamer.device.type,
        **threads,
        "dream.precision": str(dreamer.precision),
        "dreams of": dreamer.description,
        **network_facts(settings),
    }


def network_facts(settings: Settings) -> dict[str, str]:
    """Return the digests of the networks' files."""
    from ..models.zoo.registry import find_network

    several = len(settings.networks) > 1
    return {
        f"network {network.name}/{name}" if several else f"network {name}": file_facts(path)["blake2"]
        for network in settings.networks
        for name, path in find_network(network.name).files().items()
    }
