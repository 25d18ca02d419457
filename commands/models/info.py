"""`models info`: what a network is, how it wants its pictures, what it takes, what is good to dream of."""

from __future__ import annotations

import shlex
import shutil
import sys
import textwrap
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from ..tables import print_table
from ..terminal import say
from .arguments import ModelArgument, ModelName, asked_for
from .quantities import count_words, pixels, rounded, size_words

if TYPE_CHECKING:
    from ...models.description import NetworkDescription

_BYTES_PER_PARAMETER = 4
_INDENT = 12
_STRIDE_OF_PARTS_PX = 16
"""From where on layers of classifiers mostly see parts of things, which dream well."""


def info(
    name: ModelArgument = None,
    model: ModelName = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="All of it, layers included, as JSON for other programs.")
    ] = False,
) -> None:
    """Tell what a network is: its files, its pictures, what it takes, its classes, good layers.

    Of good layers it tells:

      STRIDE    pixels from one of a layer's cells to the next
      SEES      how many pixels wide each of them sees
      GFLOP/MP  thousand million operations per megapixel to get there

    Examples:

      lucidreel models info
      lucidreel models info bvlc_googlenet
      lucidreel models info my-googlenet/deploy.prototxt
    """
    from ...models.zoo.describe import describe

    asked = asked_for(name, model)
    described = describe(asked)
    if as_json:
        from .json_form import as_json_text

        say(as_json_text(described))
        return
    say_network(described, shlex.quote(asked))


def say_network(described: NetworkDescription, asked: str) -> None:
    """Print what is known of a network; `asked` is how it is called on the command line."""
    say(described.name + (f": {described.title}" if described.title else ""))
    for key, text in _lines(described, asked):
        _say_under(key, text, wraps=key not in ("files", ""))
    _say_good_layers(described)
    say("")
    for text in described.missing:
        _say_under("missing", text)
    for text in described.advice:
        _say_under("note", text)
    if described.layers and not described.missing:
        words = f"lucidreel still photo.jpg -o dream.png --model {asked}{_target(described)}"
        say(f"{'try':<{_INDENT}}{words}")  # in one piece, to be copied


def _lines(described: NetworkDescription, asked: str) -> Iterator[tuple[str, str]]:
    """Yield what is told of a network, each with what it is about."""
    if described.dreams:
        yield "dreams", described.dreams
    for key in ("source", "licence"):
        if text := getattr(described, key):
            yield key, text
    yield "here" if described.place else "not here", described.place
    for index, text in enumerate(_files(described)):
        yield "" if index else "files", text
    if described.input_size is not None:
        height, width = described.input_size
        colours = "grey" if described.input_channels == 1 else "colour"
        yield "input", f"{width}x{height}, {colours} (frames of any size are dreamt)"
    if described.pictures:
        yield "pictures", described.pictures
    yield from _costs(described)
    yield from _contents(described, asked)


def _files(described: NetworkDescription) -> list[str]:
    """Return a line for each file, with its size and what it is for in columns."""
    sizes = ["" if file.size_bytes is None else size_words(file.size_bytes) for file in described.files]
    widest = max((len(file.name) for file in described.files), default=0)
    size_width = max(map(len, sizes), default=0)
    rows = zip(described.files, sizes, strict=True)
    return [f"{file.name:<{widest}}  {size:>{size_width}}  {file.is_for}" for file, size in rows]


def _costs(described: NetworkDescription) -> Iterator[tuple[str, str]]:
    if described.parameters is not None:
        size = size_words(described.parameters * _BYTES_PER_PARAMETER)
        yield "parameters", f"{count_words(described.parameters)}, {size}"
    last = described.layer(described.class_layer or "") or (described.layers or (None,))[-1]
    if last is not None and last.gflop_per_megapixel_to_here is not None:
        end = "the class layer" if last.is_class_layer else f"the last layer, {last.name}"
        yield "cost", f"{rounded(last.gflop_per_megapixel_to_here)} GFLOP per megapixel, forward to {end}"
    if described.gigabytes_per_megapixel is not None:
        held = rounded(described.gigabytes_per_megapixel)
        yield (
            "memory",
            f"about {held} GB per megapixel, forward and back in fp32 (--dry-run tells a run's own)",
        )


def _contents(described: NetworkDescription, asked: str) -> Iterator[tuple[str, str]]:
    if described.layers:
        kinds = Counter(layer.type for layer in described.layers).most_common(3)
        mostly = ", ".join(f"{count} {kind}" for kind, count in kinds)
        yield "layers", f"{len(described.layers)}, among them {mostly} (lucidreel models layers {asked})"
        if described.class_layer is None:
            yield "classes", "none: dream of layers instead"
    if described.omitted:
        yield "left out", _omitted(described)
    if described.class_layer is not None:
        number = f"{described.classes}, " if described.classes is not None else ""
        named = f", {len(described.labels)} with names" if len(described.labels) else ""
        more = f" (lucidreel models classes {asked})" if len(described.labels) else ""
        yield "classes", f"{number}scored by layer {described.class_layer}{named}{more}"


def _omitted(described: NetworkDescription) -> str:
    """Return which layers are not run and why, those of one reason together."""
    by_reason: dict[str, list[str]] = {}
    for name, reason in described.omitted.items():
        by_reason.setdefault(reason, []).append(name)
    told = [
        f"{_some(names)} ({'it' if len(names) == 1 else 'each'} {reason})"
        for reason, names in by_reason.items()
    ]
    told = [*told[:4], *([f"{len(told) - 4} more"] if len(told) > 4 else [])]
    if described.cut_off:
        told.append(f"and what works on what they make: {_some(list(described.cut_off))}")
    return "; ".join(told)


def _some(names: list[str], most: int = 4) -> str:
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")


def _say_good_layers(described: NetworkDescription) -> None:
    if not described.good_layers:
        return
    say("")
    if not described.layers:
        print_table(("GOOD LAYERS", "DREAM OF"), [(each.name, each.dreams) for each in described.good_layers])
        return
    rows = []
    for good in described.good_layers:
        layer = described.layer(good.name)
        assert layer is not None  # a folder's description has those alone that it has
        cost = layer.gflop_per_megapixel_to_here
        told = (pixels(layer.stride_px), pixels(layer.field_px, "all"), "" if cost is None else rounded(cost))
        rows.append((good.name, *told, good.dreams))
    numbers = ("STRIDE", "SEES", "GFLOP/MP")
    print_table(("GOOD LAYERS", *numbers, "DREAM OF"), rows, numbers, ("GFLOP/MP", "STRIDE", "SEES"))


def _target(described: NetworkDescription) -> str:
    """Return a flag that asks for something to dream of."""
    from ...models.model_folder import layer_to_try

    if (good := layer_to_try(described.good_layers, described.class_layer)) is not None:
        return f" --layer {shlex.quote(good.name)}"
    if len(described.labels):
        middle = described.labels[len(described.labels) // 2]
        return f" --class {shlex.quote(middle.name)}"
    if described.class_layer is not None:
        return " --class 0"
    coarse = [layer for layer in described.layers if (layer.stride_px or 0) >= _STRIDE_OF_PARTS_PX]
    return f" --layer {shlex.quote((coarse or described.layers)[0].name)}"


def _say_under(key: str, text: str, wraps: bool = True) -> None:
    """Print a text beside what it is about, on a terminal in lines that fit it."""
    width = shutil.get_terminal_size().columns - _INDENT if wraps and sys.stdout.isatty() else 0
    lines = (
        textwrap.wrap(text, max(width, 40), break_on_hyphens=False, break_long_words=False)
        if width
        else [text]
    )
    for index, line in enumerate(lines or [""]):
        say(f"{'' if index else key:<{_INDENT}}{line}".rstrip())
