"""From what a name means to a network: timm makes the model, and here it is made fit for dreaming."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from ...errors import ModelFileError, cut
from ..labels import Labels, read_labels
from ..preprocess import Preprocess
from .checkpoint import read_checkpoint, words_beside
from .gates import let_leak
from .grid import keep_on_grid
from .importing import import_timm
from .naming import Meaning, meaning
from .network import TimmNetwork
from .words import imagenet_labels

_CHOOSE = "Choose a convolutional network: ResNet, ConvNeXt, EfficientNet, RegNet, VGG."


@lru_cache(maxsize=8)
def outlined(name: str, architecture: str, tag: str, classes: int | None = None) -> TimmNetwork:
    """Return a network without numbers, which knows its layers; `classes` is how many, if not timm's number.

    Raises ModelFileError for a network that cannot dream.
    """
    meant = meaning(f"{architecture}.{tag}" if tag else architecture)
    with torch.device("meta"):
        model = _created(name, meant, {} if classes is None else {"num_classes": classes})
    network = _network(name, meant, model, classes)
    _refuse_what_has_no_map(network, meant)
    return network


def loaded(name: str, meant: Meaning, checkpoint: Path) -> TimmNetwork:
    """Return a network with the weights in a file, and the words for its classes beside it, if any.

    Raises ModelFileError for a file that cannot be read or belongs to another network.
    """
    state = read_checkpoint(checkpoint)
    classes = _classes(meant, state)
    outline = outlined(name, meant.architecture, meant.tag, classes)
    options = {} if classes is None else {"num_classes": classes}
    overlay = {"state_dict": state, "custom_load": False, "file": None, **options}
    try:
        model = _created(name, meant, options, pretrained=True, pretrained_cfg_overlay=overlay)
    except (RuntimeError, KeyError, ValueError, AttributeError) as error:
        lines = " ".join(str(error).split())
        raise ModelFileError(
            f"{checkpoint}: does not hold the weights of {meant.architecture}: {cut(lines, 300)}"
        ) from error
    for key, value in model.state_dict().items():
        if not torch.isfinite(value).all():
            raise ModelFileError(f"{checkpoint}: {key} holds numbers that are not finite.")
    network = _network(name, meant, model, classes, outline)
    words = words_beside(meant, checkpoint)
    return network if words is None else replace(network, labels=_words(words, network))


def _words(path: Path, network: TimmNetwork) -> Labels:
    labels = read_labels(path)
    scored = network.trace.layers[network.class_layer or ""].info.channels
    if len(labels) != scored:
        raise ModelFileError(
            f"{path}: has {len(labels)} labels for {scored} classes. Give one line per class."
        )
    return labels


def made_up(name: str, meant: Meaning, seed: int) -> TimmNetwork:
    """Return a network whose weights are made up, and let signals through, to be tried and timed."""
    outline = outlined(name, meant.architecture, meant.tag)
    model = _created(name, meant, {})
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for module in model.modules():
            for key, value in (*module.named_parameters(recurse=False), *module.named_buffers(recurse=False)):
                _make_up(key, value, generator)
    return _network(name, meant, model, None, outline)


def _make_up(key: str, value: Tensor, generator: torch.Generator) -> None:
    if value.ndim > 1:
        value.normal_(0, math.sqrt(2 / max(1, value[0].numel())), generator=generator)
    elif key in ("bias", "running_mean"):
        value.normal_(0, 0.1, generator=generator)
    elif value.is_floating_point():
        value.uniform_(0.5, 1.5, generator=generator)


def _created(name: str, meant: Meaning, options: Mapping[str, Any], **how: Any) -> nn.Module:
    """Have timm make a model, and prepare it."""
    try:
        model: nn.Module = import_timm().create_model(
            meant.architecture, pretrained_cfg=dict(meant.config), **options, **how
        )
    except (NotImplementedError, TypeError, ImportError) as error:
        raise ModelFileError(f"{name}: timm cannot make this network here: {error}") from error
    return prepared(model)


def prepared(model: nn.Module) -> nn.Module:
    """Make a model fit for dreaming: at rest, without weights' gradients, and with values that stay.

    Modules that would overwrite what they work on (a ReLU does, in most models) make a map of their own.
    """
    model.eval().requires_grad_(False)
    keep_on_grid(model)
    let_leak(model)
    for module in model.modules():
        if getattr(module, "inplace", False) is True:
            module.inplace = False  # type: ignore[assignment]
    return model


def _network(
    name: str, meant: Meaning, model: nn.Module, classes: int | None, outline: TimmNetwork | None = None
) -> TimmNetwork:
    config = meant.config
    _, height, width = config["input_size"]
    network = TimmNetwork(
        name=name,
        model=model,
        input_size=(height, width),
        preprocess=Preprocess(
            "RGB", tuple(config["mean"]), 1.0, deviation=tuple(config["std"]), origin="as timm says"
        ),
        labels=imagenet_labels(config) if classes is None else Labels(),
        class_layer=_class_layer(model),
        known_trace=None if outline is None else outline.trace,
    )
    return network if outline is None else network.to(network.device, network.dtype)


def _class_layer(model: nn.Module) -> str | None:
    """Return the name of the layer that scores classes."""
    get = getattr(model, "get_classifier", None)
    classifier = None if get is None else get()
    if isinstance(classifier, nn.Identity):
        return None
    return next((name for name, module in model.named_modules() if module is classifier), None)


def _classes(meant: Meaning, state: Mapping[str, Tensor]) -> int | None:
    """Return how many classes a file of weights scores, None where that is as many as timm says."""
    classifier = meant.config.get("classifier")
    weight = state.get(f"{classifier}.weight") if isinstance(classifier, str) else None
    if weight is None or not meant.is_own or len(weight) == meant.config["num_classes"]:
        return None
    return len(weight)


def _refuse_what_has_no_map(network: TimmNetwork, meant: Meaning) -> None:
    """Raise ModelFileError for networks that cannot dream: of pieces in a row, or of pictures of one size."""
    config = meant.config
    if config["input_size"][0] != 3:
        raise ModelFileError(
            f"{network.name} takes {config['input_size'][0]} channels and cannot look at pictures (3)."
        )
    height, width = network.input_size
    if config.get("fixed_input_size"):
        raise ModelFileError(
            f"{network.name} only takes pictures of {width}x{height}, as most vision transformers do, and "
            f"cannot dream in others. {_CHOOSE}"
        )
    features = getattr(network.model, "forward_features", None)
    try:
        last = None if features is None else features(torch.empty(1, 3, height, width, device="meta"))
        found = isinstance(last, Tensor) and last.ndim == 4
        if found:
            _ = network.trace
    except (RuntimeError, ValueError, AssertionError, TypeError, LookupError) as error:
        raise ModelFileError(
            f"{network.name} does not run on pictures of any size: {cut(' '.join(str(error).split()), 200)}. "
            f"{_CHOOSE}"
        ) from error
    if not found:
        raise ModelFileError(
            f"{network.name} makes a row of pieces out of a picture and no map, as vision transformers do, "
            f"and cannot dream yet. {_CHOOSE}"
        )
