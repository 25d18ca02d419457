"""`models classes`: what a network, or several together, can be asked for by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ...errors import UsageError, nearest
from ..completion import offer_models
from ..tables import print_table
from ..terminal import note
from .arguments import ModelNames, asked_for, load, network_apart

if TYPE_CHECKING:
    from ...models.labels import ClassLabel
    from ...models.network import Listing


def classes(
    word: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="WORD",
            help="The same as --search. The first word may be a network's name or folder instead, as with "
            "--model.",
            show_default=False,
            autocompletion=offer_models,
        ),
    ] = None,
    model: ModelNames = None,
    search: Annotated[
        list[str] | None,
        typer.Option(
            "--search",
            metavar="WORD",
            help="Only classes with this word in their names, this WordNet id or this number; given again, "
            "with one of several.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """List a network's classes: what --class can name. Of several networks, tell which of them know each.

    Examples:

      lucidreel models classes
      lucidreel models classes bvlc_googlenet --search shark --search dog
      lucidreel models classes my-googlenet/ shark
      lucidreel models classes --model bestiary --model bvlc_googlenet
    """
    from ...models.zoo.registry import read_outline

    if model is not None and len(model) > 1:
        _list_together(model, [*(word or []), *(search or [])])
        return
    named, words = network_apart(word or [])
    words += search or []
    network = read_outline(asked := asked_for(named, model[0] if model else None))
    rows = [
        (str(label.index), label.wnid, ", ".join(label.words))
        for label in network.labels
        if _has_one(words, label)
    ]
    if rows:
        print_table(("INDEX", "WNID", "NAMES"), rows, ("INDEX",), ("WNID",))
        if unheard := [
            word for word in words if not any(_has_one([word], label) for label in network.labels)
        ]:
            note(_nothing_found(network, unheard))
    elif len(network.labels):
        note(_nothing_found(network, words))
    else:
        note(_without_names(asked))


def _nothing_found(network: Listing, words: list[str]) -> str:
    """Return what to say of words that no class has: the nearest names, and networks of such a name."""
    from ...models.zoo.registry import list_networks

    names = [name for label in network.labels for name in label.words]
    near = dict.fromkeys(name for word in words for name in nearest(word, names))
    told = f" Nearest: {', '.join(near)}." if near else ""
    known = [entry.name for entry in list_networks()]
    networks = [name for name in known if name in words]
    if not near and not networks:
        networks = [name for word in words for name in nearest(word, known, 1)]
    named = f" Networks are named with --model: {', '.join(networks)}." if networks else ""
    return f"None of {network.name}'s classes has {_either(words)} in its names.{told}{named}"


def _without_names(asked: str) -> str:
    """Return how the classes of a network without labels are called."""
    from ...models.zoo.describe import describe

    described = describe(asked)
    if not described.classes:
        return f"{described.name} has no classes: dream of its layers (lucidreel models layers {asked})."
    return (
        f"{described.name} came without labels: call its {described.classes} classes by number, 0 to "
        f"{described.classes - 1}, as in --class 7."
    )


def _either(words: list[str]) -> str:
    return " or ".join(map(repr, words))


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
        print_table(("INDEX", "WNID", "KNOWN TO", "NAMES"), rows, ("INDEX",), ("WNID",))
    else:
        note(f"No class of {ensemble.name} has {_either(words)} in its names.")


def _has_one(words: list[str], label: ClassLabel) -> bool:
    """Tell whether a class has one of the words in its names, as id or as number; without words, all do."""
    names = ", ".join(label.words).casefold()
    return not words or any(
        word.casefold() in names or word in (label.wnid, str(label.index)) for word in words
    )
