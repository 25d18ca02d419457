"""What to dream of: the flags that every dreaming command takes.

The defaults named in the help are those of `render.settings.Settings`; a test holds the two together, so that
asking for help need not load the settings.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from ..dream.targets.kinds.channels import ChannelTarget
from ..dream.targets.kinds.classes import ClassTarget
from ..dream.targets.kinds.guides import GuideTarget
from ..dream.targets.kinds.layers import LayerTarget
from ..dream.targets.kinds.neurons import NeuronTarget
from ..dream.targets.kinds.palette import PaletteTarget
from ..dream.targets.target import Target
from ..dream.targets.targets import read_words
from ..errors import ConfigError, UsageError
from .completion import offer_channels, offer_classes, offer_layers, offer_neurons
from .flag_groups import Sets, flag

TARGETS = "What to dream of (repeatable, summed)"


def words_of(kind: type[Target]) -> Callable[[list[str]], dict[str, float]]:
    """Return what reads the words of a kind's flag; raises UsageError."""

    def read(words: list[str]) -> dict[str, float]:
        try:
            return read_words(kind, words, Path.cwd())
        except ConfigError as failure:
            raise UsageError(str(failure)) from None

    return read


@dataclass(frozen=True)
class TargetFlags:
    """What the dream should see. Any of these replaces all targets of a preset or record."""

    classes: Annotated[
        list[str] | None,
        flag(
            "--class",
            "-c",
            complete=offer_classes,
            everyday=True,
            metavar="NAME[@MAP][=WEIGHT]",
            panel=TARGETS,
            default="one class, chosen at random from the seed",
            help="A class of the network: a name (goldfish), a number (7), a range (0-20), several "
            "(goldfish,eye), a file of classes (sea.json, sea.toml), random:3, random:all. A negative weight "
            "(shark=-0.5) pushes away. A map says where: goldfish@water.png, goldfish@luminance, "
            "goldfish@!dark. Any target replaces all of the preset's.",
        ),
        Sets("targets.classes", words_of(ClassTarget)),
    ] = None

    palette: Annotated[
        list[str] | None,
        flag(
            "--palette",
            complete=offer_classes,
            metavar="NAMES[@MAP][=PULL]",
            panel=TARGETS,
            help="A set of classes (goldfish,shark,peacock): every region becomes the one that the network "
            "sees there most.",
        ),
        Sets("targets.palette", words_of(PaletteTarget)),
    ] = None

    layers: Annotated[
        list[str] | None,
        flag(
            "--layer",
            "-l",
            complete=offer_layers,
            everyday=True,
            metavar="LAYER[@MAP][=WEIGHT]",
            panel=TARGETS,
            help="Whatever a whole layer already sees, more of it: the classic deep dream.",
        ),
        Sets("targets.layers", words_of(LayerTarget)),
    ] = None

    channels: Annotated[
        list[str] | None,
        flag(
            "--channel",
            complete=offer_channels,
            metavar="LAYER:INDEX[@MAP][=WEIGHT]",
            panel=TARGETS,
            help="One channel of a layer, such as conv4_1:12; or those that are the strongest in the "
            "picture, conv4_1:strongest (ten), :weakest, :average, :strongest:3.",
        ),
        Sets("targets.channels", words_of(ChannelTarget)),
    ] = None

    neurons: Annotated[
        list[str] | None,
        flag(
            "--neuron",
            complete=offer_neurons,
            metavar="LAYER:CHANNEL[@X,Y][=WEIGHT]",
            panel=TARGETS,
            help="One neuron, in the middle of the picture or at shares of its width and height: "
            "conv4_1:12@0.2,0.7.",
        ),
        Sets("targets.neurons", words_of(NeuronTarget)),
    ] = None

    guides: Annotated[
        list[str] | None,
        flag(
            "--guide",
            metavar="PICTURE[@LAYER][=WEIGHT]",
            panel=TARGETS,
            help="A picture whose features the dream takes on, each place the one it resembles most.",
        ),
        Sets("targets.guides", words_of(GuideTarget)),
    ] = None
