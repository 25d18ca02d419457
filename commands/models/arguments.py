"""How the commands of `lucidreel models` are told which network is meant: an argument, or --model."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ...errors import UsageError
from ..completion import offer_models

if TYPE_CHECKING:
    from ...models.network import Network

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


def asked_for(name: str | None, model: str | None) -> str:
    """Return the network that is meant, named as an argument or with --model. Raises UsageError for two."""
    if name is not None and model is not None and name != model:
        raise UsageError(f"{name!r} and --model {model} are two networks. Name one.")
    return name or model or "bestiary"


def network_apart(words: list[str]) -> tuple[str | None, list[str]]:
    """Return a network that stands before the words to search for, and these words."""
    from ...models.zoo.registry import list_networks

    if not words:
        return None, words
    first, *others = words
    path = Path(first)
    is_path = "/" in first or ":" in first or os.sep in first or any(path.glob("*.prototxt"))
    is_path = is_path or (bool(path.suffix) and path.is_file())
    is_network = is_path or any(entry.name == first for entry in list_networks())
    return (first, others) if is_network else (None, words)


def load(model: str) -> Network:
    """Load a network, after telling what is missing without waiting for PyTorch."""
    from ...models.zoo.registry import load_network, read_outline

    read_outline(model)
    return load_network(model)
