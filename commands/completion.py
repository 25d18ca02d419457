"""What the shell offers when Tab is pressed: presets, networks, classes, layers, and words that flags list.

The shell starts the program anew for every Tab, so nothing heavy is imported: networks are looked at by their
outline (`models/outline.py`). Classes and layers are those of each `--model` that already stands on the line.
Names are offered with underscores for spaces, which class names may be written with, so that no shell cuts
them; those that a shell would read otherwise than they are written ("jack-o'-lantern") are not offered. Where
nothing is offered, the shell goes on with the names of files.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from textwrap import shorten
from typing import TYPE_CHECKING

import typer

from ..dream.setting.option import Completed
from ..errors import LucidreelError

if TYPE_CHECKING:
    from ..models.network import Listing

# typer wraps longer ones at the width of the terminal, and fish takes the next line for another word.
_LONGEST_TOLD = 60

_PLAIN = re.compile(r"[\w.:/#+-]+")

Offer = tuple[str, str]
"""A word, and what it stands for ("" if that goes without saying)."""
Complete = Callable[[typer.Context, str], list[Offer]]
"""Returns what to offer for a word that is begun."""


def offered(words: Iterable[str]) -> Complete:
    """Return a completion that offers these words; with none, the shell is left to offer files."""
    known = tuple(words)

    def complete(ctx: typer.Context, incomplete: str) -> list[Offer]:
        return _begun([(word, "") for word in known], incomplete)

    return complete


def offer_presets(ctx: typer.Context, incomplete: str) -> list[Offer]:
    """Offer the presets that ship with the program."""
    from ..presets.catalogue import list_presets

    return _begun([(preset.name, preset.description) for preset in list_presets()], incomplete)


def offer_models(ctx: typer.Context, incomplete: str) -> list[Offer]:
    """Offer the networks that are on this machine."""
    from ..models.zoo.registry import list_networks

    here = [(entry.name, entry.title) for entry in list_networks() if entry.folder is not None]
    return _begun(here, incomplete)


def offer_models_to_fetch(ctx: typer.Context, incomplete: str) -> list[Offer]:
    """Offer the networks that can be fetched."""
    from ..models.zoo.published import published_networks

    return _begun([(name, known.title) for name, known in published_networks().items()], incomplete)


def offer_classes(ctx: typer.Context, incomplete: str) -> list[Offer]:
    """Offer the networks' classes; in a list with commas, for its last word. Numbers are the first one's."""
    before, comma, last = incomplete.rpartition(",")
    names: dict[str, str] = {}
    for place, outline in enumerate(_outlines(ctx)):
        for label in outline.labels:
            for word in label.words:
                names.setdefault(word.replace(" ", "_"), outline.name if place else str(label.index))
    return [(before + comma + word, told) for word, told in _begun(names.items(), last)]


def offer_layers(ctx: typer.Context, incomplete: str) -> list[Offer]:
    """Offer the networks' layers, with whose they are where several have one of that name."""
    from ..dream.targets.kinds.layers import LayerTarget

    outlines = _outlines(ctx)
    times = Counter(each.name for outline in outlines for each in outline.layers)
    layers = [
        (LayerTarget(each.name, network=outline.name if times[each.name] > 1 else "").entry, each.type)
        for outline in outlines
        for each in outline.layers
    ]
    return _begun(layers, incomplete)


def offer_channels(ctx: typer.Context, incomplete: str) -> list[Offer]:
    """Offer every layer's strongest channels, to be changed into a number."""
    strongest = "its ten strongest channels in the picture; or a number"
    return _begun([(f"{name}:strongest", strongest) for name, _ in offer_layers(ctx, "")], incomplete)


def offer_neurons(ctx: typer.Context, incomplete: str) -> list[Offer]:
    """Offer the first channel of every layer, to be changed into another."""
    return _begun([(f"{name}:0", "") for name, _ in offer_layers(ctx, "")], incomplete)


def _begun(offers: Iterable[Offer], incomplete: str) -> list[Offer]:
    begun = incomplete.casefold()
    found = [
        (word, told) for word, told in offers if word.casefold().startswith(begun) and _PLAIN.fullmatch(word)
    ]
    return [(word, shorten(told, _LONGEST_TOLD, placeholder=" …")) for word, told in found]


def _outlines(ctx: typer.Context) -> list[Listing]:
    """Return the outlines of the networks on the line; none if there is something wrong with them."""
    from ..models.zoo.choices import read_choices
    from ..models.zoo.registry import read_outline

    try:
        return [read_outline(each.name) for each in read_choices(ctx.params.get("model") or ["bestiary"])]
    except (LucidreelError, ValueError):
        return []


COMPLETIONS: dict[Completed, Complete] = {
    "presets": offer_presets,
    "models": offer_models,
    "classes": offer_classes,
    "layers": offer_layers,
    "channels": offer_channels,
    "neurons": offer_neurons,
}
"""What an `Option` that names one of these offers."""
