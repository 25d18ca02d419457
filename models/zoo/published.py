"""Networks known by name without being here: where their authors publish them.

Checksums are given where the authors (or, for SqueezeNet, OpenCV's test suite) published one. MIT publishes
the weights of its places networks over plain http and without a checksum, so nothing vouches for what
arrives, and the download says so. To add a network, add an entry; `lucidreel models fetch NAME` then
downloads it into the user's folder.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

CAFFE = "https://raw.githubusercontent.com/BVLC/caffe/master/models"
BERKELEY = "http://dl.caffe.berkeleyvision.org"
PLACES205 = "http://places.csail.mit.edu/model/googlenet_places205.tar.gz"
PLACES365 = "https://raw.githubusercontent.com/CSAILVision/places365/master"
SQUEEZENET = (
    "https://raw.githubusercontent.com/DeepScale/SqueezeNet/"
    "b5c3f1a23713c8b3fd7b801d229f6b04c64374a5/SqueezeNet_v1.1"
)
IMAGENET = "https://raw.githubusercontent.com/opencv/opencv/3.3.1/samples/data/dnn"


@dataclass(frozen=True)
class ZooFile:
    """One file to download."""

    url: str
    name: str
    """What it is called in the network's folder."""
    sha1: str | None = None
    """The published checksum of what the URL gives."""
    member: str | None = None
    """The file to take out when the URL gives a .tar.gz."""

    @property
    def largest_bytes(self) -> int:
        """More than the file can have: weights of that time have up to 600 MB, text some kilobytes."""
        return 1 << 30 if self.member or self.name.endswith(".caffemodel") else 4 << 20

    @property
    def is_verified(self) -> bool:
        """Whether a checksum, or at least a server that proves its name, stands behind the download."""
        return self.sha1 is not None or self.url.startswith("https:")


@dataclass(frozen=True)
class ZooNetwork:
    """A published network: its files, and what model.toml is to say beside title, source and licence."""

    title: str
    licence: str
    source: str
    files: tuple[ZooFile, ...]
    metadata: Mapping[str, str] = field(default_factory=dict)


IMAGENET_LABELS = ZooFile(f"{IMAGENET}/synset_words.txt", "synset_words.txt")

ZOO: dict[str, ZooNetwork] = {
    "bvlc_googlenet": ZooNetwork(
        title="GoogLeNet, 1000 classes of ImageNet: the classic deep dream (dogs, eyes, pagodas)",
        licence="unrestricted",
        source="https://github.com/BVLC/caffe/tree/master/models/bvlc_googlenet",
        files=(
            ZooFile(f"{CAFFE}/bvlc_googlenet/deploy.prototxt", "deploy.prototxt"),
            ZooFile(
                f"{BERKELEY}/bvlc_googlenet.caffemodel",
                "bvlc_googlenet.caffemodel",
                "405fc5acd08a3bb12de8ee5e23a96bec22f08204",
            ),
            IMAGENET_LABELS,
        ),
    ),
    "bvlc_reference_caffenet": ZooNetwork(
        title="CaffeNet (AlexNet), 1000 classes of ImageNet, coarse and bold",
        licence="unrestricted",
        source="https://github.com/BVLC/caffe/tree/master/models/bvlc_reference_caffenet",
        files=(
            ZooFile(f"{CAFFE}/bvlc_reference_caffenet/deploy.prototxt", "deploy.prototxt"),
            ZooFile(
                f"{BERKELEY}/bvlc_reference_caffenet.caffemodel",
                "bvlc_reference_caffenet.caffemodel",
                "4c8d77deb20ea792f84eb5e6d0a11ca0a8660a46",
            ),
            IMAGENET_LABELS,
        ),
    ),
    "squeezenet_v1.1": ZooNetwork(
        title="SqueezeNet v1.1, 1000 classes of ImageNet, 5 MB and fast",
        licence="BSD-2-Clause",
        source="https://github.com/forresti/SqueezeNet",
        files=(
            ZooFile(f"{SQUEEZENET}/deploy.prototxt", "deploy.prototxt"),
            ZooFile(
                f"{SQUEEZENET}/squeezenet_v1.1.caffemodel",
                "squeezenet_v1.1.caffemodel",
                "3397f026368a45ae236403ccc81cfcbe8ebe1bd0",
            ),
            IMAGENET_LABELS,
        ),
    ),
    "googlenet_places205": ZooNetwork(
        title="GoogLeNet, 205 kinds of places: buildings and landscapes",
        licence="CC BY",
        source="http://places.csail.mit.edu/downloadCNN.html",
        files=(
            ZooFile(PLACES205, "deploy.prototxt", member="googlenet_places205/deploy_places205.protxt"),
            ZooFile(
                PLACES205,
                "googlenet_places205.caffemodel",
                member="googlenet_places205/googlelet_places205_train_iter_2400000.caffemodel",
            ),
            ZooFile(
                "https://raw.githubusercontent.com/crowsonkb/deep_dream/master/googlenet_places205/categories.txt",
                "categories.txt",
            ),
        ),
    ),
    "googlenet_places365": ZooNetwork(
        title="GoogLeNet, 365 kinds of places, newer than places205",
        licence="CC BY",
        source="https://github.com/CSAILVision/places365",
        files=(
            ZooFile(f"{PLACES365}/deploy_googlenet_places365.prototxt", "deploy.prototxt"),
            ZooFile(
                "http://places2.csail.mit.edu/models_places365/googlenet_places365.caffemodel",
                "googlenet_places365.caffemodel",
            ),
            ZooFile(f"{PLACES365}/categories_places365.txt", "categories_places365.txt"),
        ),
    ),
}
