"""A network of timm, executed by PyTorch module by module.

Its layers are modules, by the names that timm gives them (`layer3.5.conv2`, `stages.2.blocks.5`), and a
layer's value is what its module returns. A pass ends with the deepest layer asked for: a hook at that module
stops it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import torch
from torch import Tensor, nn

from ...errors import LayerNotFoundError, TargetError, suggestion
from ..backend import BackendName
from ..graph.receptive_field import AxisField, covering
from ..labels import Labels
from ..network import LayerInfo, ReceptiveField
from ..preprocess import Preprocess
from .folding import folded
from .sliding import slide
from .surgery import copied
from .trace import Trace, TracedLayer, trace

# What a pass holds at its largest, gradients and copies included, of the numbers that its operations make.
_HELD_OF_MADE = 1.2

_IDLE = frozenset({"Identity", "Dropout", "DropPath"})


class _ReachedError(Exception):
    """Ends a pass: all layers asked for have their values."""


@dataclass(frozen=True, eq=False)
class TimmNetwork:
    """Implements the Network protocol (network.py) over a model of timm.

    The model is in eval mode, none of its modules works in place by itself, and no parameter requires a
    gradient (`prepared` in build.py).
    """

    name: str
    model: nn.Module = field(repr=False)
    input_size: tuple[int, int]
    preprocess: Preprocess
    labels: Labels = field(repr=False, default_factory=Labels)
    class_layer: str | None = None
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))
    dtype: torch.dtype = torch.float32
    known_trace: Trace | None = field(repr=False, default=None)
    """What `trace` would find, where that is known."""
    _dense: dict[tuple[tuple[int, ...] | None, bool], TimmNetwork] = field(
        default_factory=dict, init=False, repr=False
    )

    @cached_property
    def trace(self) -> Trace:
        """What a run at the declared size shows, and one at a size that no stride divides."""
        if self.known_trace is not None:
            return self.known_trace
        height, width = self.input_size
        return trace(self.model, height, width).where_alike(trace(self.model, height + 1, width + 3))

    @property
    def layers(self) -> tuple[LayerInfo, ...]:
        """Every module that returns one map or vector, in the order in which they are through.

        Modules that do nothing to it when a model is at rest are not listed, but known.
        """
        infos = (layer.info for layer in self.trace.layers.values())
        return tuple(info for info in infos if info.type not in _IDLE)

    @property
    def backend(self) -> BackendName:
        """PyTorch."""
        return "torch"

    @property
    def pictures(self) -> str:
        """What is done to pictures, and that timm says so."""
        return str(self.preprocess)

    def activations(self, images: Tensor, layers: Sequence[str]) -> dict[str, Tensor]:
        """Return each named layer's value for images (n, 3, h, w), RGB 0..1 (see Network)."""
        found = {name: self.find_layer(name) for name in layers}
        values: dict[str, Tensor] = {}
        blob = self.preprocess.blob(images.to(self.device), self.dtype)
        model = self.model if self._sees_folding(layers) else self._folded
        handles = [
            model.get_submodule(name).register_forward_hook(_keeping(name, values, len(found)))
            for name in found
        ]
        try:
            model(blob)
        except _ReachedError:
            pass
        except (ValueError, RuntimeError, LookupError, ArithmeticError, AssertionError) as error:
            if "memory" in str(error).lower():
                raise  # for the caller, who may try smaller tiles
            raise self._unsuitable(layers, images, error) from error
        finally:
            for handle in handles:
                handle.remove()
        return {name: _channels_first(values[name], layer) for name, layer in found.items()}

    @cached_property
    def _folded(self) -> nn.Module:
        """The model with its normalisations worked into convolutions, which is quicker."""
        return folded(self.model, self.trace.pairs)

    def _sees_folding(self, layers: Sequence[str]) -> bool:
        """Tell whether the value of any of these layers would be another in the folded model."""
        return any(not pair.changed.isdisjoint(layers) for pair in self.trace.pairs)

    def find_layer(self, name: str) -> TracedLayer:
        """Return a layer by its name. Raises LayerNotFoundError with the nearest names."""
        if name in self.trace.layers:
            return self.trace.layers[name]
        if name in self.trace.refused:
            raise LayerNotFoundError(
                f"Layer {name!r} of {self.name} cannot be dreamt of: it {self.trace.refused[name]}. Name one "
                "inside of it, or before or behind it."
            )
        raise LayerNotFoundError(
            f"Layer {name!r} does not exist in {self.name}.{suggestion(name, self.trace.layers)} "
            "`lucidreel models layers` lists them all."
        )

    def dense(self, classes: Sequence[int] | None = None, averaged: bool = True) -> TimmNetwork:
        """Return the network whose class layer is a map of scores (sliding.py).

        Raises TargetError where its head cannot slide.
        """
        if self.class_layer is None:
            return self
        asked = (None if classes is None else tuple(classes), averaged)
        if asked not in self._dense:
            self._dense[asked] = self._slid(self.class_layer, classes, averaged)
        return self._dense[asked]

    def _slid(self, class_layer: str, classes: Sequence[int] | None, averaged: bool) -> TimmNetwork:
        made = slide(self.model, self.trace, class_layer, classes, averaged)
        network = replace(self, model=made, known_trace=None)
        try:
            scores = network.trace.layers[class_layer].info.shape
        except (RuntimeError, ValueError, TypeError, LookupError, AssertionError) as error:
            raise self._cannot_slide() from error
        if averaged and scores[2:] != (1, 1):
            raise self._cannot_slide()
        return network

    def _cannot_slide(self) -> TargetError:
        return TargetError(
            f"{self.name} scores classes by a head that cannot slide over a picture. Dream of its layers, or "
            "choose another network for classes"
        )

    def receptive_field(self, layers: Sequence[str]) -> ReceptiveField:
        """Return how far these layers look; TargetError where that is the whole picture."""
        fields: list[AxisField] = []
        for name in layers:
            layer = self.find_layer(name)
            if layer.fields is None:
                raise TargetError(
                    f"Layer {name!r} ({layer.info.type}) depends on the whole image, so the image cannot be "
                    "cut into tiles for it. Choose a layer before it, or a size that fits the memory in one "
                    "piece."
                )
            fields.extend(layer.fields)
        return covering(fields)

    def numbers_per_pixel(self, layers: Sequence[str]) -> float:
        """Return how many numbers a pass to these layers and back holds at once (see Network)."""
        height, width = self.input_size
        found = [self.find_layer(name) for name in layers]
        is_folded = not self._sees_folding(layers)
        made = max(layer.numbers - layer.spared * is_folded for layer in found)
        return _HELD_OF_MADE * made / (height * width)

    def to(self, device: torch.device, dtype: torch.dtype) -> TimmNetwork:
        """Return the network on a device; the statistics of batch normalisation stay float32 in any case."""
        if device.type == "cuda" and dtype == torch.float32:
            torch.backends.cudnn.allow_tf32 = False  # "fp32" means fp32, as in caffe_network.py
        kept = {
            id(each)
            for module in self.model.modules()
            if isinstance(module, nn.modules.batchnorm._BatchNorm)
            for each in (*module.parameters(), *module.buffers())
        }

        def moved(tensor: Tensor) -> Tensor:
            if not tensor.is_floating_point():
                return tensor.to(device)
            there = tensor.detach().to(device, torch.float32 if id(tensor) in kept else dtype)
            return there.contiguous(memory_format=torch.channels_last) if there.ndim == 4 else there

        return replace(
            self, model=copied(self.model, moved), device=device, dtype=dtype, known_trace=self.trace
        )

    def _unsuitable(self, layers: Sequence[str], images: Tensor, error: BaseException) -> TargetError:
        height, width = images.shape[2:]
        return TargetError(
            f"{', '.join(layers)} of {self.name} does not work on an image of {width}x{height}; the network "
            f"is made for {self.input_size[1]}x{self.input_size[0]}: {error}"
        )


def _keeping(name: str, values: dict[str, Tensor], wanted: int) -> Callable[[nn.Module, Any, Any], None]:
    """Return a hook that keeps a module's value as it is now, and ends the pass with the last one wanted."""

    def hook(module: nn.Module, inputs: Any, output: Any) -> None:
        is_last = len(values) + 1 == wanted
        # timm's blocks add their shortcuts in place, to what a module has just returned.
        values[name] = output if is_last else output.clone()
        if is_last:
            raise _ReachedError

    return hook


def _channels_first(value: Tensor, layer: TracedLayer) -> Tensor:
    return value.permute(0, 3, 1, 2) if layer.rows_and_columns == (1, 2) else value
