"""Networks of timm that are worth dreaming with, and weights in the hub that timm itself does not name.

A network dreams best when it was trained with pictures that were changed to fool it ("robust"): what makes it
see a thing then looks like the thing (arXiv 1906.09453). The largest collection of such weights for timm's
architectures is that of Salman, Ilyas, Engstrom, Kapoor and Madry (arXiv 2007.08489), under the MIT licence.
Their tags here begin with `madry_`, and go on as their files are called: `resnet50.madry_l2_eps3`.

Nothing heavy is imported, so that the names can be listed in no time.
"""

from __future__ import annotations

from dataclasses import dataclass

PREFIX = "timm:"

ROBUST_TAG = "madry_"
ROBUST_REPOSITORY = "madrylab/robust-imagenet-models"
_ROBUST_ARCHITECTURES = ("resnet18", "resnet50", "wide_resnet50_2")
_ROBUST_KINDS = (
    "l2_eps0.5", "l2_eps1", "l2_eps3", "l2_eps5",
    "linf_eps0.5", "linf_eps1.0", "linf_eps2.0", "linf_eps4.0", "linf_eps8.0",
)  # fmt: skip


@dataclass(frozen=True)
class Recommended:
    """A network for dreaming, and what to say of it in a line."""

    name: str
    title: str
    licence: str
    repository: str
    """Where the hub has it."""


def robust_tags(architecture: str) -> list[str]:
    """Return the tags of the robust weights that there are for an architecture."""
    return [ROBUST_TAG + kind for kind in _ROBUST_KINDS] if architecture in _ROBUST_ARCHITECTURES else []


def robust_file(architecture: str, tag: str) -> str:
    """Return what the hub calls the file of robust weights."""
    return f"{architecture}_{tag.removeprefix(ROBUST_TAG)}.ckpt"


RECOMMENDED = (
    Recommended(
        "timm:resnet50.madry_l2_eps3",
        "ResNet-50 made hard to fool (robust), 1000 classes of ImageNet",
        "MIT",
        ROBUST_REPOSITORY,
    ),
    Recommended(
        "timm:resnet18.madry_l2_eps3",
        "ResNet-18 made hard to fool, smaller and faster",
        "MIT",
        ROBUST_REPOSITORY,
    ),
    Recommended(
        "timm:tf_efficientnet_b0.ap_in1k",
        "EfficientNet-B0, trained with pictures made to fool it among others (AdvProp)",
        "Apache-2.0",
        "timm/tf_efficientnet_b0.ap_in1k",
    ),
    Recommended(
        "timm:resnet50.tv_in1k", "ResNet-50 as PyTorch has it", "BSD-3-Clause", "timm/resnet50.tv_in1k"
    ),
    Recommended("timm:vgg16.tv_in1k", "VGG-16 as PyTorch has it", "BSD-3-Clause", "timm/vgg16.tv_in1k"),
    Recommended("timm:convnext_tiny.fb_in1k", "ConvNeXt-T", "Apache-2.0", "timm/convnext_tiny.fb_in1k"),
)
