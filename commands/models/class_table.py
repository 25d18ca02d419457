"""`models classes`: what a network, or several together, can be asked for by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ...errors import UsageError
from ..completion import offer_models
from ..terminal import note, print_table
from .arguments import ModelNames, asked_for, load, network_apart

if TYPE_CHECKING:
    from ...models.labels import ClassLabel
    from ...models.network import Listing


def classes(
    search: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="WORD",
            help="Only classes with one of these words in them. The first word may be a network's name or "
            "folder instead, as with --model.",
            show_default=False,
            autocompletion=offer_models,
        ),
    ] = None,
    model: ModelNames = None,
) -> None:
    """List a network's classes: what --class can name. Of several networks, tell which of them know each.

    Examples:

      lucidreel models classes
      lucidreel models classes shark dog --model bvlc_googlenet
      lucidreel models classes my-googlenet/ shark
      lucidreel models classes --model bestiary --model bvlc_googlenet
    """
    from ...models.zoo.registry import read_outline

    if model is not None and len(model) > 1:
        _list_together(model, search or [])
        return
    named, words = network_apart(search or [])
    network = read_outline(asked_for(named, model[0] if model else None))
    rows = [
        (str(label.index), label.wnid, ", ".join(label.words))
        for label in network.labels
        if _has_one(words, label)
    ]
    if rows:
        print_table(("INDEX", "WNID", "NAMES"), rows)
    elif words:
        note(f"None of {network.name}'s classes has {' or '.join(map(repr, words))} in its names.")
    else:
        note(f"{network.name} came without labels: name classes by their index.")


def _list_together(models: list[str], words: list[str]) -> None:
    """List the classes of several networks, each once, with the first one's numbers and who knows it."""
    from ...dream.ensemble import Ensemble, listed
    from ...dream.targets.shared_classes import SharedClasses
    from ...models.outline import UndecidedError
    from ...models.zoo.choices import read_choices
    from ...models.zoo.registry import read_outline

    try:
        names = [choice.name for choice in read_choices(models)]
    except ValueError as error:
        raise UsageError(f"{error}.") from None
    ensemble: Ensemble[Listing] = Ensemble.of([read_outline(name) for name in names])
    try:
        common = SharedClasses.of(ensemble)
    except UndecidedError:  # only the loaded networks know
        ensemble = Ensemble.of([load(name) for name in names])
        common = SharedClasses.of(ensemble)
    rows = []
    for label in common.labels:
        knowing = [
            member.name for member, own in zip(ensemble, common.own, strict=True) if label.index in own
        ]
        number = str(label.index) if label.index < common.layers[0].channels else ""
        if _has_one(words, label):
            told = "all" if len(knowing) == len(ensemble) else listed(knowing)
            rows.append((number, label.wnid, told, ", ".join(label.words)))
    if rows:
        print_table(("INDEX", "WNID", "KNOWN TO", "NAMES"), rows)
    else:
        note(f"No class of {ensemble.name} has {' or '.join(map(repr, words))} in its names.")


def _has_one(words: list[str], label: ClassLabel) -> bool:
    """Tell whether one of the words stands in a class's names; all do where there are no words."""
    names = ", ".join(label.words).casefold()
    return not words or any(word.casefold() in names for word in words)
