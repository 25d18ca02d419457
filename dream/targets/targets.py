"""What to dream of: every entry adds to one objective, and a negative weight pushes away."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from ..config.frozen import FrozenConfig
from .syntax import LONGEST_WORD

Weight = Annotated[float, Field(ge=-1000, le=1000)]
Word = Annotated[str, Field(max_length=LONGEST_WORD)]
_Weights = Annotated[dict[Word, Weight], Field(max_length=10_000)]
_Pulls = Annotated[dict[Word, Annotated[float, Field(gt=0, le=1000)]], Field(max_length=10_000)]


class Targets(FrozenConfig):
    """What the dream should see: every entry adds to one objective; a negative weight pushes away.

    All but neurons may end in "@map", the map of where: a picture or video file ("goldfish@water.png"), a
    word computed from the frame ("goldfish@luminance"), or either one inverted ("goldfish@!water.png").
    """

    classes: _Weights = Field(default_factory=dict)
    """Weight by class: a name or synonym ("goldfish"), a wnid ("n01443537"), an index ("1"), an inclusive
    range ("0-20"), several with commas ("0-7,390-397"), a file of classes ("sea.json", "sea.toml"),
    "random:3", three classes drawn with the seed ("random:3#2": another three), or "random:all", every class
    pulled or pushed as the seed decides."""

    palette: _Pulls = Field(default_factory=dict)
    """Pull by class, named as in `classes`: every region becomes the one of these classes that the network
    already sees there most."""

    layers: _Weights = Field(default_factory=dict)
    """Weight by layer whose activations grow in the L2 norm, as in google/deepdream ("fire8/concat")."""

    channels: _Weights = Field(default_factory=dict)
    """Weight by channel of a layer, as "layer:channel" ("fire8/concat:12"), or by the strength channels have
    in the picture: "layer:strongest", "layer:weakest" or "layer:average" (ten of them, or
    "layer:strongest:3")."""

    neurons: _Weights = Field(default_factory=dict)
    """Weight by single neuron, as "layer:channel", in the middle of the picture, or as
    "layer:channel@0.2,0.7", at these shares of its width and height."""

    guides: _Weights = Field(default_factory=dict)
    """Weight by guide picture whose features the dream takes on, as in google/deepdream: "bees.jpg", or with
    the layer that is compared, "bees.jpg@inception_3b/output"."""

    @property
    def empty(self) -> bool:
        """True when nothing is asked for."""
        return not any(getattr(self, name) for name in type(self).model_fields)
