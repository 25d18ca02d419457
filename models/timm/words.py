"""The words for a network's classes, which timm has for all versions of ImageNet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..labels import ClassLabel, Labels


def imagenet_labels(config: Mapping[str, Any]) -> Labels:
    """Return the classes' words: the configuration's own, or those of ImageNet in so many classes."""
    from timm.data import ImageNetInfo, infer_imagenet_subset

    names = config.get("label_names")
    if names:
        told = config.get("label_descriptions") or {}
        return Labels(_label(index, str(name), told.get(name, "")) for index, name in enumerate(names))
    subset = infer_imagenet_subset({"num_classes": config.get("num_classes")})
    if subset is None:
        return Labels()
    info = ImageNetInfo(subset)
    names, words = info.label_names(), info.label_descriptions(as_dict=True)
    return Labels(_label(index, name, words[name]) for index, name in enumerate(names))


def _label(index: int, name: str, description: str) -> ClassLabel:
    wnid = name if name.startswith("n") and name[1:].isdigit() else ""
    text = description or ("" if wnid else name)
    return ClassLabel(index, wnid, tuple(word.strip() for word in text.split(",") if word.strip()))
