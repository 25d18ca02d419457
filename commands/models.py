"""`lucidreel models`: the networks at hand, what is in them and what they know; getting more of them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import UsageError
from .completion import offer_models, offer_models_to_fetch, offered
from .flag_command import FlagCommand, FlagGroup
from .group_help import help_when_alone
from .terminal import note, print_table, say

if TYPE_CHECKING:
    from ..models.labels import ClassLabel
    from ..models.network import Listing, Network

app = typer.Typer(cls=FlagGroup, help="List networks, look inside one, get another.")
app.callback(invoke_without_command=True)(help_when_alone)

ModelName = Annotated[
    str | None,
    typer.Option(
        "--model",
        "-m",
        metavar="NAME|FOLDER",
        show_default=False,
        help="A network by name, or a folder with its files. (default: bestiary)",
        autocompletion=offer_models,
    ),
]
ModelNames = Annotated[
    list[str] | None,
    typer.Option(
        "--model",
        "-m",
        metavar="NAME|FOLDER",
        show_default=False,
        help="A network by name, or a folder with its files; given again, several that dream together. "
        "(default: bestiary)",
        autocompletion=offer_models,
    ),
]
ModelArgument = Annotated[
    str | None,
    typer.Argument(
        metavar="NAME|FOLDER",
        help="The same as --model.",
        show_default=False,
        autocompletion=offer_models,
    ),
]


@app.command("list", cls=FlagCommand)
def list_all() -> None:
    """List the networks that --model knows by name."""
    from ..models.zoo.registry import list_networks

    rows = [(entry.name, entry.status, entry.licence or "?", entry.title) for entry in list_networks()]
    print_table(("NAME", "WHERE", "LICENCE", "WHAT IT KNOWS"), rows)


@app.command(cls=FlagCommand)
def info(name: ModelArgument = None, model: ModelName = None) -> None:
    """Tell what a network is: its input, its layers, its classes.

    Examples:

      lucidreel models info
      lucidreel models info my-googlenet/
    """
    network = _load(asked := _asked_for(name, model))
    height_px, width_px = network.input_size
    say(f"name     {network.name}")
    say(f"input    {width_px}x{height_px} (any other size works too)")
    say(f"pictures {network.pictures}")
    say(f"layers   {len(network.layers)} (lucidreel models layers {asked})")
    scored = next((layer.channels for layer in network.layers if layer.name == network.class_layer), None)
    scores = (
        "none: dream of layers instead"
        if scored is None
        else f"{scored}, scored by layer {network.class_layer}"
    )
    words = f", {len(network.labels)} with names" if len(network.labels) else ""
    say(f"classes  {scores}{words}")


@app.command(cls=FlagCommand)
def layers(name: ModelArgument = None, model: ModelName = None) -> None:
    """List a network's layers in order: what --layer and --channel can name.

    Example:

      lucidreel models layers bvlc_googlenet
    """
    network = _load(_asked_for(name, model))
    rows = [(layer.name, layer.type, _shape_words(layer.shape)) for layer in network.layers]
    print_table(("LAYER", "TYPE", "CHANNELS x HEIGHT x WIDTH"), rows)


@app.command(cls=FlagCommand)
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
    from ..models.zoo.registry import read_outline

    if model is not None and len(model) > 1:
        _list_together(model, search or [])
        return
    named, words = _network_apart(search or [])
    network = read_outline(_asked_for(named, model[0] if model else None))
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
    from ..dream.ensemble import Ensemble, listed
    from ..dream.targets.shared_classes import SharedClasses
    from ..models.outline import UndecidedError
    from ..models.zoo.choices import read_choices
    from ..models.zoo.registry import read_outline

    try:
        names = [choice.name for choice in read_choices(models)]
    except ValueError as error:
        raise UsageError(f"{error}.") from None
    ensemble: Ensemble[Listing] = Ensemble.of([read_outline(name) for name in names])
    try:
        common = SharedClasses.of(ensemble)
    except UndecidedError:  # only the loaded networks know
        ensemble = Ensemble.of([_load(name) for name in names])
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


@app.command(cls=FlagCommand)
def fetch(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME", help="A network that `models list` knows.", autocompletion=offer_models_to_fetch
        ),
    ],
) -> None:
    """Download a published network into your data folder, verified where its authors gave a checksum.

    An interrupted download goes on where it stopped. LUCIDREEL_HOME names another data folder.

    Example:

      lucidreel models fetch bvlc_googlenet
    """
    from ..models.zoo.fetch import fetch_network

    entry = fetch_network(name, _DownloadLines())
    say(f"{entry.name}: {entry.folder}")


@app.command(cls=FlagCommand)
def add(
    folder: Annotated[
        Path,
        typer.Argument(
            readable=False,
            metavar="FOLDER",
            help="A folder with a .prototxt and a .caffemodel.",
            autocompletion=offered(()),
        ),
    ],
    name: Annotated[
        str | None, typer.Option("--name", metavar="NAME", help="What to call it; else the folder's name.")
    ] = None,
    link: Annotated[bool, typer.Option("--link", help="Link to the folder instead of copying it.")] = False,
) -> None:
    """Make a network of your own known by name, after checking that it loads.

    Examples:

      lucidreel models add ~/caffe/models/bvlc_googlenet --name my-googlenet
      lucidreel render clip.mp4 -o dream.mp4 --model my-googlenet --layer inception_4c/output
    """
    from ..models.outline import outline_folder
    from ..models.zoo.registry import add_network

    outline_folder(folder, folder.name)  # tells what is missing without waiting for torch
    entry = add_network(folder, name, link=link)
    say(f"{entry.name}: {entry.folder}")


class _DownloadLines:
    """Prints a line per file and tenth of it."""

    def __init__(self) -> None:
        self._printed: tuple[str, int] = ("", -1)

    def __call__(self, name: str, done: int, total: int | None) -> None:
        tenth = 10 * done // total if total else done >> 23
        if (name, tenth) != self._printed:
            self._printed = (name, tenth)
            note(f"{name}: {done / 1e6:.1f}" + (f" of {total / 1e6:.1f} MB" if total else " MB"))


def _asked_for(name: str | None, model: str | None) -> str:
    """Return the network that is meant, named as an argument or with --model. Raises UsageError for two."""
    if name is not None and model is not None and name != model:
        raise UsageError(f"{name!r} and --model {model} are two networks. Name one.")
    return name or model or "bestiary"


def _network_apart(words: list[str]) -> tuple[str | None, list[str]]:
    """Return a network that stands before the words to search for, and these words."""
    from ..models.zoo.registry import list_networks

    if not words:
        return None, words
    first, *others = words
    is_path = "/" in first or os.sep in first or any(Path(first).glob("*.prototxt"))
    is_network = is_path or any(entry.name == first for entry in list_networks())
    return (first, others) if is_network else (None, words)


def _load(model: str) -> Network:
    from ..models.zoo.registry import load_network, read_outline

    read_outline(model)  # tells what is missing without waiting for torch
    return load_network(model)


def _shape_words(shape: tuple[int, ...]) -> str:
    return " x ".join(str(size) for size in shape[1:])
