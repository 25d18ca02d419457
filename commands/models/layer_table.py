"""`models layers`: a network's layers in order, with what each sees and takes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from ...errors import ModelFileError, suggestion
from ..tables import print_table
from ..terminal import note
from .arguments import ModelArgument, ModelName, asked_for
from .quantities import pixels, rounded, short_count

if TYPE_CHECKING:
    from ...models.description import LayerDescription

_COLUMNS = ("LAYER", "TYPE", "CHANNELS", "MAP", "STRIDE", "SEES", "PARAMS", "GFLOP/MP", "")
_NUMBERS = ("CHANNELS", "STRIDE", "SEES", "PARAMS", "GFLOP/MP")
_LESSER = ("PARAMS", "MAP", "TYPE", "GFLOP/MP", "STRIDE", "CHANNELS")


def layers(
    name: ModelArgument = None,
    model: ModelName = None,
    search: Annotated[
        str | None,
        typer.Option("--search", metavar="WORD", help="Only layers with this in their names."),
    ] = None,
    kind: Annotated[
        str | None,
        typer.Option("--type", metavar="TYPE", help="Only layers of this type, as Convolution."),
    ] = None,
) -> None:
    """List a network's layers in order: what --layer and --channel can name.

    Layers that are known to dream well are marked with what they dream of.

    Columns:

      MAP       width and height for a picture of the network's own size
      STRIDE    pixels from one of a layer's cells to the next
      SEES      how many pixels wide each of them sees
      GFLOP/MP  thousand million operations per megapixel to get there
      PARAMS    how many numbers its weights have

    Examples:

      lucidreel models layers bvlc_googlenet
      lucidreel models layers bvlc_googlenet --search inception_4c
      lucidreel models layers my-googlenet/ --type Pooling
    """
    from ...models.zoo.describe import describe

    described = describe(asked_for(name, model))
    if not described.layers:
        raise ModelFileError(
            f"{described.name} is not here, and only its good layers are known (`lucidreel models info "
            f"{described.name}`). Missing: {' '.join(described.missing)}"
        )
    found = [
        layer
        for layer in described.layers
        if _has(layer.name, search) and (kind is None or layer.type.casefold() == kind.casefold())
    ]
    if found:
        print_table(_COLUMNS, [_row(layer) for layer in found], _NUMBERS, _LESSER)
    else:
        note(_nothing_found(described.name, described.layers, search, kind))


def _has(name: str, word: str | None) -> bool:
    return word is None or word.casefold() in name.casefold()


def _row(layer: LayerDescription) -> tuple[str, ...]:
    cells = "x".join(map(str, reversed(layer.shape[1:])))  # width first, as everywhere
    cost = layer.gflop_per_megapixel_to_here
    mark = "the classes' scores" if layer.is_class_layer else f"* {layer.dreams}" if layer.dreams else ""
    return (
        layer.name,
        layer.type,
        str(layer.channels),
        cells or "-",
        pixels(layer.stride_px, "-"),
        pixels(layer.field_px, "all"),
        "" if not layer.parameters else short_count(layer.parameters),
        "" if cost is None else rounded(cost),
        mark,
    )


def _nothing_found(name: str, known: Sequence[LayerDescription], search: str | None, kind: str | None) -> str:
    types = dict.fromkeys(layer.type for layer in known)
    if kind is not None and kind.casefold() not in map(str.casefold, types):
        return f"{name} has no layer of type {kind!r}.{suggestion(kind, types)} It has {', '.join(types)}."
    words = f" with {search!r} in its name" if search is not None else ""
    nearest = suggestion(search, [layer.name for layer in known]) if search is not None else ""
    return f"{name} has no {f'{kind} ' if kind else ''}layer{words}.{nearest}"
