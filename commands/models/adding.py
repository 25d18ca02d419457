"""`models add`: making a network of one's own known by name."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated, Any

import typer

from ...errors import UsageError
from ..completion import offered
from ..terminal import note
from .info import say_network


def add(
    paths: Annotated[
        list[Path],
        typer.Argument(
            readable=False,
            metavar="FOLDER|FILES",
            help="A folder with a .prototxt and a .caffemodel; or such files, with labels (.txt) and a mean "
            "(.npy, .binaryproto); or a .zip or .tar.gz of them; or an ONNX file.",
            autocompletion=offered(()),
            show_default=False,
        ),
    ],
    name: Annotated[
        str | None,
        typer.Option("--name", metavar="NAME", help="What to call it; else as the folder or file is called."),
    ] = None,
    link: Annotated[bool, typer.Option("--link", help="Link to the folder instead of copying it.")] = False,
    mean: Annotated[
        str | None,
        typer.Option("--mean", metavar="B,G,R", help="The mean of its training, in its order of channels."),
    ] = None,
    channel_order: Annotated[
        str | None,
        typer.Option("--channel-order", metavar="BGR|RGB|GRAY", help="Its order of channels. (default: BGR)"),
    ] = None,
    raw_scale: Annotated[
        float | None,
        typer.Option("--raw-scale", metavar="VALUE", help="White before the mean goes. (default: 255)"),
    ] = None,
    scale: Annotated[
        float | None,
        typer.Option("--scale", metavar="FACTOR", help="A factor after the mean is subtracted. (default: 1)"),
    ] = None,
    class_layer: Annotated[
        str | None,
        typer.Option("--class-layer", metavar="LAYER", help="The layer with a score for each class."),
    ] = None,
    labels: Annotated[
        Path | None,
        typer.Option("--labels", metavar="FILE", help="A file with a line for each class."),
    ] = None,
) -> None:
    """Make a network of your own known by name, after checking that it loads.

    What the flags say goes into its model.toml, and comes before what its files say.

    Examples:

      lucidreel models add ~/caffe/models/bvlc_googlenet --name my-googlenet
      lucidreel models add deploy.prototxt net.caffemodel --mean 104,117,123
      lucidreel models add places.tar.gz --labels categories.txt
      lucidreel models add net.onnx --labels classes.txt
    """
    from ...models.zoo.adding import add_network
    from ...models.zoo.describe import describe

    stated = _stated(
        mean=None if mean is None else _numbers(mean),
        channel_order=None if channel_order is None else channel_order.upper(),
        raw_scale=raw_scale,
        scale=scale,
        class_layer=class_layer,
    )
    entry = add_network(paths, name, link=link, stated=stated, labels=labels, tell=note)
    say_network(describe(entry.name), shlex.quote(entry.name))


def _numbers(words: str) -> list[float]:
    """Return the numbers of a mean. Raises UsageError."""
    try:
        return [float(part) for part in words.replace(" ", ",").split(",") if part]
    except ValueError:
        raise UsageError(
            f"--mean {words!r}: numbers with commas between them are expected, as in --mean 104,117,123."
        ) from None


def _stated(**flags: Any) -> dict[str, Any]:
    """Return the flags that were given as keys of model.toml. Raises UsageError for values out of range."""
    from pydantic import ValidationError

    from ...models.model_folder import Metadata

    given = {key: value for key, value in flags.items() if value is not None}
    try:
        Metadata.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        key = str(first["loc"][0])
        raise UsageError(f"--{key.replace('_', '-')} {given[key]}: {first['msg']}.") from None
    if len(given.get("mean", (0,))) not in (1, 3):
        raise UsageError(f"--mean has {len(given['mean'])} numbers; it is one, or one for each channel.")
    return given
