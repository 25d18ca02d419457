"""The network that learns the bestiary: 5x5/2, then 3x3 blocks with max pools, a 1x1 head and one maximum.

Every cell of the class map sees 177 pixels across, more than the picture it is trained on, so that a score
can depend on a whole creature. A class's score is the map's maximum: with the average instead, every cell of
a dream asks for its own creature and they run together into bands; with the maximum one of them grows whole.
Most parameters are in the last three convolutions, whose maps are a sixteenth of the picture's side.
``LAYOUT`` is the one description that both the trained module and the exported prototxt are made from.
"""

from collections import OrderedDict
from dataclasses import dataclass

import torch
from torch import Tensor, nn

INPUT_PX = 128
MEAN_BGR = (104.0, 117.0, 123.0)  # Caffe's customary mean colour
SPREAD = 64.0  # one normalised unit, in steps of 255: about a natural picture's standard deviation


@dataclass(frozen=True)
class Conv:
    """A square convolution with padding that keeps the size, batch norm and ReLU after it."""

    name: str
    channels: int
    kernel: int = 3
    stride: int = 1


@dataclass(frozen=True)
class MaxPool:
    """A 3x3 maximum at every second place; sizes round up, as Caffe's do."""

    name: str


LAYOUT: tuple[Conv | MaxPool, ...] = (
    Conv("conv1", 32, kernel=5, stride=2),
    MaxPool("pool1"),
    Conv("conv2_1", 64),
    Conv("conv2_2", 64),
    MaxPool("pool2"),
    Conv("conv3_1", 128),
    Conv("conv3_2", 128),
    MaxPool("pool3"),
    Conv("conv4_1", 256),
    Conv("conv4_2", 256),
    Conv("conv4_3", 256),
)
CLASS_MAP = "classes"
SCORE = "score"


class BestiaryNet(nn.Module):
    """The trainable network: normalised BGR pictures (n, 3, h, w) in, class scores (n, classes) out."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        layers: OrderedDict[str, nn.Module] = OrderedDict()
        channels = 3
        for part in LAYOUT:
            if isinstance(part, MaxPool):
                layers[part.name] = nn.MaxPool2d(3, 2, ceil_mode=True)
                continue
            padding = part.kernel // 2
            layers[part.name] = nn.Conv2d(
                channels, part.channels, part.kernel, part.stride, padding, bias=False
            )
            layers[f"{part.name}_norm"] = nn.BatchNorm2d(part.channels)
            layers[f"{part.name}_relu"] = nn.ReLU(inplace=True)
            channels = part.channels
        self.trunk = nn.Sequential(layers)
        self.classes = nn.Conv2d(channels, classes, 1)
        self.wholeness = 1.0

    def forward(self, images: Tensor) -> Tensor:
        """Class scores before any softmax: from the class map's average to its maximum, by ``wholeness``."""
        class_map: Tensor = self.classes(self.trunk(images))
        if self.wholeness <= 0.0:
            return class_map.mean(dim=(2, 3))
        whole = class_map.amax(dim=(2, 3))
        return (
            whole if self.wholeness >= 1.0 else torch.lerp(class_map.mean(dim=(2, 3)), whole, self.wholeness)
        )


def parameter_count(network: nn.Module) -> int:
    """How many numbers are learnt."""
    return sum(parameter.numel() for parameter in network.parameters())


def normalise(pictures: Tensor) -> Tensor:
    """RGB pictures (n, 3, h, w) in 0..255, in the network's units: BGR, mean colour 0, spread about 1."""
    mean = torch.tensor(MEAN_BGR, device=pictures.device).view(1, 3, 1, 1)
    return (pictures.flip(1) - mean) / SPREAD
