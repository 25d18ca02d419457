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
from .published import PREFIX, RECOMMENDED, ROBUST_REPOSITORY, robust_file, robust_tags

_ROBUST_CONFIG: dict[str, Any] = {
    "hf_hub_id": ROBUST_REPOSITORY,
    "url": None,
    "mean": (0.485, 0.456, 0.406),
    "std": (0.229, 0.224, 0.225),
    "num_classes": 1000,
    "input_size": (3, 224, 224),
}


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
    if not architecture:
        raise ModelFileError(
            f"Network {word!r}: a name is missing behind the colon, as in {RECOMMENDED[0].name}. "
            "`lucidreel models list` has some; all of them are in timm.list_models()."
        )
    if not models.is_model(architecture):
        known = models.list_models()
        raise ModelFileError(
            f"Network {word!r}: timm has no architecture {architecture!r}.{suggestion(name, known)} "
            f"A name looks like {RECOMMENDED[0].name}; all of them are in timm.list_models()."
        )
    is_own = bool(tag) and tag not in tags_of(architecture)
    is_robust = tag in robust_tags(architecture)
    config = (
        models.get_pretrained_cfg(architecture if is_own or is_robust else name) or models.PretrainedCfg()
    )
    found = config.to_dict()
    if is_robust:
        found |= _ROBUST_CONFIG | {"hf_hub_filename": robust_file(architecture, tag)}
    return Meaning(architecture, tag or str(found.get("tag") or ""), found, is_own)


def tags_of(architecture: str) -> list[str]:
    """Return the tags of the weights that there are for an architecture, timm's and robust ones."""
    named = import_timm().models.list_pretrained(f"{architecture}.*")
    return [*(each.partition(".")[2] for each in named), *robust_tags(architecture)]
