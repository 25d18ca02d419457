"""Running a model without numbers: which layers it has, of which shapes, and how far they look.

A model of timm is code: what it does is known when it has done it. On PyTorch's device `meta`, where tensors
have shapes and no values, that takes a tenth of a second and no memory. A mode of PyTorch hands over every
operation on the way (operations.py says what it means), and modules say when they are through: those are the
layers, by the names that timm itself gives them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from ..network import LayerInfo
from .folding import Pair, is_convolution, is_normalisation
from .operations import IMAGE, LOST, RULES, VIEWS, Arguments, Fields, Place, joined
from .surgery import copied


@dataclass(frozen=True)
class TracedLayer:
    """A layer, and what a pass to it takes.

    `rows_and_columns` are the axes of its value that are the picture's, None for a vector; `numbers` is how
    many numbers the operations up to it made, and `spared` how many of them folding spares (folding.py).
    """

    info: LayerInfo
    rows_and_columns: tuple[int, int] | None
    fields: Fields | None
    numbers: int
    spared: int
    bottom: tuple[int, ...]
    """The shape of what it works on, as the model has it."""
    is_leaf: bool
    """Whether nothing that is inside of it is a layer too."""


@dataclass(frozen=True)
class Trace:
    """What one run of a model showed: its layers in the order in which they are through."""

    layers: Mapping[str, TracedLayer]
    refused: Mapping[str, str]
    """Modules that are no layers, and why not."""
    pairs: Sequence[Pair] = ()
    """Convolutions with normalisations that can be worked into them."""

    def where_alike(self, other: Trace) -> Trace:
        """Return this trace, with how far layers look only where a picture of another size has it so too.

        Padding that depends on a picture's size moves the grid on which windows lie.
        """
        layers = {
            name: replace(layer, fields=layer.fields if layer.fields == other.layers[name].fields else None)
            for name, layer in self.layers.items()
        }
        return replace(self, layers=layers)


def trace(model: nn.Module, height: int, width: int) -> Trace:
    """Run a model on a picture of a size, without numbers.

    Raises RuntimeError, TypeError, or whatever else the model does, where it does not run at that size.
    """
    watched = copied(model, lambda tensor: tensor.to("meta"))
    constants = [*watched.parameters(), *watched.buffers()]
    watch = _Watch(constants)
    handles = [
        module.register_forward_hook(watch.through(name)) for name, module in watched.named_modules() if name
    ]
    picture = torch.empty(1, 3, height, width, device="meta", dtype=_dtype(constants))
    watch.follow(picture, IMAGE)
    try:
        with torch.no_grad(), watch:
            watched(picture)
    finally:
        for handle in handles:
            handle.remove()
    return watch.result()


def _dtype(constants: Sequence[Tensor]) -> torch.dtype:
    return next((each.dtype for each in constants if each.is_floating_point()), torch.float32)


@dataclass
class _Watch(TorchFunctionMode):
    """Follows the places of all values that depend on the picture."""

    constants: Sequence[Tensor]
    places: dict[int, Place] = field(default_factory=dict)
    alive: list[Tensor] = field(default_factory=list)  # an id is a value's as long as the value lives
    unmoved: set[int] = field(default_factory=set)
    numbers: int = 0
    spared: int = 0
    convolved: dict[int, list[str]] = field(
        default_factory=dict
    )  # by value: the convolution, what returns it
    normalised: dict[int, str] = field(default_factory=dict)  # by value: the normalisation that reads it
    uses: Counter[int] = field(default_factory=Counter)
    layers: dict[str, TracedLayer] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    calls: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        super().__init__()
        self.unmoved = {id(each) for each in self.constants}

    def follow(self, value: Tensor, place: Place) -> None:
        """Keep where a value comes from."""
        self.alive.append(value)
        self.places[id(value)] = place

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: Sequence[Any] = (), kwargs: Any = None
    ) -> Any:
        named = kwargs or {}
        result = func(*args, **named)
        sources = [each for each in _tensors([*args, *named.values()]) if id(each) not in self.unmoved]
        for made in _tensors(result):
            self._make(getattr(func, "__name__", ""), made, sources, Arguments(args, named))
        return result

    def _make(self, name: str, made: Tensor, sources: Sequence[Tensor], given: Arguments) -> None:
        if not sources:
            self.alive.append(made)
            self.unmoved.add(id(made))
            return
        self.uses.update(map(id, sources))
        if name not in VIEWS and id(made) not in self.places:
            self.numbers += made.numel()
        rule = RULES.get(name)
        places = [self.places.get(id(each), LOST) for each in sources]
        if rule is None:
            self.follow(made, LOST)
        elif len(places) > 1:
            self.follow(made, rule(joined(places, made), sources[0], made, given))
        else:
            self.follow(made, rule(places[0], sources[0], made, given))

    def through(self, name: str) -> Callable[[nn.Module, Any, Any], None]:
        """Return a hook that notes a module's output as a layer's."""

        def hook(module: nn.Module, inputs: Any, output: Any) -> None:
            self.calls[name] += 1
            self._pair(name, module, inputs, output)
            if not isinstance(output, Tensor):
                self.refused[name] = f"returns {type(output).__name__}s and not one map"
            elif output.ndim not in (2, 4):
                self.refused[name] = f"returns {output.ndim} axes, which are no map"
            else:
                self._note(name, module, inputs, output)

        return hook

    def _pair(self, name: str, module: nn.Module, inputs: Any, output: Any) -> None:
        """Note a convolution, what returns its value as it is, and a normalisation that reads it."""
        if id(output) in self.convolved:
            self.convolved[id(output)].append(name)
        elif is_convolution(module):
            self.convolved[id(output)] = [name]
        elif is_normalisation(module) and id(inputs[0]) in self.convolved:
            self.normalised[id(inputs[0])] = name
            self.spared += inputs[0].numel()

    def _pairs(self) -> Iterator[Pair]:
        for value, normalisation in self.normalised.items():
            convolution, *_ = names = self.convolved[value]
            if self.uses[value] == self.calls[convolution] == self.calls[normalisation] == 1:
                yield Pair(convolution, normalisation, frozenset(names))

    def _note(self, name: str, module: nn.Module, inputs: Any, output: Tensor) -> None:
        place = self.places.get(id(output), LOST)
        axes = (place.axes or (2, 3)) if output.ndim == 4 else None
        channels = next(axis for axis in (1, 2, 3) if axis not in (axes or ()))
        extent = tuple(output.shape[axis] for axis in axes or ())
        info = LayerInfo(
            name,
            type(module).__name__,
            output.shape[channels],
            (1, output.shape[channels], *extent),
            isinstance(module, nn.MaxPool2d),
        )
        self.layers.pop(name, None)  # counts as through when it is through for the last time
        bottom = next((tuple(each.shape) for each in _tensors(inputs)), ())
        is_leaf = not any(True for _ in module.children())
        self.layers[name] = TracedLayer(info, axes, place.fields, self.numbers, self.spared, bottom, is_leaf)

    def result(self) -> Trace:
        """Return what was seen. A module that ran several times is no layer: its name means several maps."""
        for name, count in self.calls.items():
            if count > 1:
                self.refused[name] = f"runs {count} times in one pass, so that its name means several maps"
        layers = {name: layer for name, layer in self.layers.items() if name not in self.refused}
        return Trace(layers, self.refused, tuple(self._pairs()))


def _tensors(values: Any) -> Iterator[Tensor]:
    """Yield the tensors in an argument or result, those in lists and tuples too."""
    if isinstance(values, Tensor):
        yield values
    elif isinstance(values, (list, tuple)):
        for value in values:
            yield from _tensors(value)
