"""The words `timm:NAME`, and which of timm's networks such a word means.

timm's names have two parts, `resnet50.a1_in1k`: an architecture, and a tag that says how its weights were
trained. Without a tag timm's own choice is meant. A tag that timm does not have stands for weights of one's
own (checkpoint.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...errors import ModelFileError, suggestion
from .importing import import_timm

PREFIX = "timm:"

DREAMS_WELL: Mapping[str, str] = {
    "timm:resnet50.a1_in1k": "ResNet-50, 1000 classes of ImageNet",
    "timm:vgg16.tv_in1k": "VGG-16, 1000 classes of ImageNet",
    "timm:inception_v3.tf_adv_in1k": "Inception v3, trained on pictures made to fool it",
    "timm:tf_efficientnet_b0.ap_in1k": "EfficientNet-B0, trained on pictures made to fool it too (AdvProp)",
    "timm:convnext_tiny.fb_in1k": "ConvNeXt-T, 1000 classes of ImageNet",
}
"""Some of timm's networks for dreaming, and what to say of each in a line."""


@dataclass(frozen=True)
class Meaning:
    """What a word means: an architecture, a tag of timm's or one's own, and timm's configuration."""

    architecture: str
    tag: str
    config: Mapping[str, Any]
    is_own: bool

    @property
    def full(self) -> str:
        """The whole name of timm's, with its tag."""
        return f"{self.architecture}.{self.tag}" if self.tag else self.architecture


def meaning(word: str) -> Meaning:
    """Return what `timm:NAME` means. Raises ModelFileError, with the nearest names for an unknown one."""
    models = import_timm().models
    name = word.removeprefix(PREFIX).strip()
    architecture, _, tag = name.partition(".")
    if not architecture or not models.is_model(architecture):
        known = [*models.list_models(), *models.list_pretrained()]
        raise ModelFileError(
            f"Network {word!r}: timm has no architecture {architecture!r}.{suggestion(name, known)} "
            f"A name looks like {next(iter(DREAMS_WELL))}; all of them are in timm.list_models()."
        )
    is_own = bool(tag) and tag not in tags_of(architecture)
    config = models.get_pretrained_cfg(architecture if is_own else name) or models.PretrainedCfg()
    found = config.to_dict()
    return Meaning(architecture, tag or str(found.get("tag") or ""), found, is_own)


def tags_of(architecture: str) -> list[str]:
    """Return the tags of the weights that timm has for an architecture."""
    return [each.partition(".")[2] for each in import_timm().models.list_pretrained(f"{architecture}.*")]
