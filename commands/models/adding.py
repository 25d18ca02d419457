"""`models add`: making a network of one's own known by name."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..completion import offered
from ..terminal import say


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
    from ...models.outline import outline_folder
    from ...models.zoo.registry import add_network

    outline_folder(folder, folder.name)  # tells what is missing without waiting for torch
    entry = add_network(folder, name, link=link)
    say(f"{entry.name}: {entry.folder}")
