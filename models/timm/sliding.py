"""Making a model's head slide over pictures of any size: one class score per window, as in graph/dense.py.

A head is what comes when the last map has shrunk to nothing: an average over the map, perhaps a normalisation
and layers of its own, and the classifier. The average becomes one over windows of the size that the map has
at the model's input size; whatever comes behind it, and works on vectors, works at every place of a map
instead.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ...errors import TargetError
from .surgery import replaced
from .trace import Trace, TracedLayer

_AVERAGE, _LARGEST, _BOTH, _ONE_BEHIND_THE_OTHER = "avg", "max", "avgmax", "catavgmax"
_LINEAR = (nn.Identity, nn.Dropout, nn.Flatten, nn.Linear, nn.Conv2d, nn.BatchNorm1d, nn.BatchNorm2d)


class SlidingPool(nn.Module):
    """The average or the largest of every window of a map, windows one cell apart.

    A map smaller than the window has one cell, of all that there is.
    """

    def __init__(self, kernel: tuple[int, int], method: str) -> None:
        super().__init__()
        self.kernel, self.method = kernel, method

    def forward(self, x: Tensor) -> Tensor:
        """Return (n, c, h - kernel + 1, w - kernel + 1), with twice the channels for "catavgmax"."""
        kernel = (min(self.kernel[0], x.shape[2]), min(self.kernel[1], x.shape[3]))
        if self.method == _AVERAGE:
            return F.avg_pool2d(x, kernel, 1)
        largest: Tensor = F.max_pool2d(x, kernel, 1)
        if self.method == _LARGEST:
            return largest
        average = F.avg_pool2d(x, kernel, 1)
        return (average + largest) / 2 if self.method == _BOTH else torch.cat((average, largest), 1)


class AtEveryPlace(nn.Module):
    """A module that works on vectors (n, c), working at every place of a map (n, c, h, w)."""

    def __init__(self, module: nn.Module) -> None:
        super().__init__()
        self.module = module

    def forward(self, x: Tensor) -> Tensor:
        """Return what the module makes of every place's channels."""
        made: Tensor = self.module(x.permute(0, 2, 3, 1))
        return made.permute(0, 3, 1, 2)


def slide(
    model: nn.Module, traced: Trace, class_layer: str, classes: Sequence[int] | None, averaged: bool
) -> nn.Module:
    """Return a model whose class layer is a map of scores; the two share their weights.

    With `classes`, the class layer has only these, in this order. Not `averaged`, a last average that only
    linear layers follow is left out. Raises TargetError where a part of the head cannot slide.
    """
    tail = _tail(traced, class_layer)
    modules = {name: model.get_submodule(name) for name in tail}
    pools = {name: _method(module) for name, module in modules.items() if _method(module)}
    behind = list(modules.values())[max((list(modules).index(name) for name in pools), default=-1) + 1 :]
    is_linear = all(isinstance(module, _LINEAR) for module in behind)
    kept = averaged or not is_linear or any(method != _AVERAGE for method in pools.values())

    def sliding(name: str, module: nn.Module) -> nn.Module | None:
        if name not in tail:
            return None
        if name == class_layer:
            return _scorer(name, module, classes)
        if name in pools:
            return _pool(name, traced.layers[name], pools[name]) if kept else nn.Identity()
        return _at_every_place(module)

    return replaced(model, sliding)


def _tail(traced: Trace, class_layer: str) -> dict[str, TracedLayer]:
    """Return the layers of the head up to the class layer, in order: modules that have shrunk the map away.

    Of a pooling that is made of parts, the whole counts.
    """
    names = list(traced.layers)
    names = names[: names.index(class_layer) + 1]
    tail: dict[str, TracedLayer] = {}
    for name in reversed(names):
        layer = traced.layers[name]
        if layer.is_leaf and max(layer.info.shape[2:], default=1) > 1:
            break
        tail[name] = layer
    return dict(reversed(list(tail.items())))


def _method(module: nn.Module) -> str:
    """Return how a module pools whole maps, "" for one that does not."""
    from timm.layers import SelectAdaptivePool2d

    if isinstance(module, SelectAdaptivePool2d):
        return str(module.pool_type).removeprefix("fast") or (_AVERAGE if module.pool_type else "")
    if isinstance(module, nn.AdaptiveAvgPool2d):
        return _AVERAGE
    return _LARGEST if isinstance(module, nn.AdaptiveMaxPool2d) else ""


def _pool(name: str, layer: TracedLayer, method: str) -> SlidingPool:
    if len(layer.bottom) != 4 or method not in (_AVERAGE, _LARGEST, _BOTH, _ONE_BEHIND_THE_OTHER):
        raise TargetError(f"Layer {name!r} ({layer.info.type}) cannot slide: it pools by {method!r}.")
    return SlidingPool((layer.bottom[2], layer.bottom[3]), method)


def _scorer(name: str, module: nn.Module, classes: Sequence[int] | None) -> nn.Module:
    if isinstance(module, nn.Linear):
        made: nn.Module = nn.Linear(1, 1, bias=False, device="meta")
    elif isinstance(module, nn.Conv2d) and module.groups == 1:
        made = nn.Conv2d(1, 1, module.kernel_size, bias=False, device="meta")  # type: ignore[arg-type]
    else:
        raise TargetError(
            f"Layer {name!r} ({type(module).__name__}) scores classes in no way that can slide over a picture"
        )
    rows = slice(None) if classes is None else torch.tensor(list(classes), device=module.weight.device)
    made.weight = nn.Parameter(module.weight.detach()[rows], requires_grad=False)
    if module.bias is not None:
        made.bias = nn.Parameter(module.bias.detach()[rows], requires_grad=False)
    return AtEveryPlace(made) if isinstance(made, nn.Linear) else made


def _at_every_place(module: nn.Module) -> nn.Module | None:
    """Return what does at every place of a map what a module does to a vector; None where that is itself."""
    if isinstance(module, nn.Flatten):
        return nn.Identity()
    if isinstance(module, nn.BatchNorm1d):
        made = nn.BatchNorm2d(module.num_features, module.eps)
        made.load_state_dict(module.state_dict())
        return made.requires_grad_(False).eval()
    if isinstance(module, nn.Linear):
        return AtEveryPlace(module)
    from timm.layers import LayerNorm2d

    return (
        AtEveryPlace(module)
        if isinstance(module, nn.LayerNorm) and not isinstance(module, LayerNorm2d)
        else None
    )
