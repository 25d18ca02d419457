"""Guide pictures, "bees.jpg": the dream takes on their features, as in google/deepdream.

bees.jpg                        compared at the layer where google/deepdream would
bees.jpg@conv2                  at this layer
bees.jpg@bestiary::conv2@dark   of this network, where it is dark
bees.jpg@@dark                  at the usual layer, where it is dark
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Self

from ....errors import ConfigError, TargetError
from ....models.network import ListedLayer, Listing
from ...setting.option import Option
from ..files import NamedFile, ends_like_a_file, file_before_sign
from ..find_layers import find_layer
from ..regions import read_region
from ..resolved import Found
from ..syntax import AT, OF, Quote, cut, is_quoted, name_in
from ..target import Target, split_network

if TYPE_CHECKING:
    from ...objective import Term
    from ..context import Context
    from ..find_classes import Draws

# About what networks look at (`dream.terms.guide`): a large guide need not be read at its full size.
_LOOKED_AT_PX = (256, 256)


@dataclass(frozen=True)
class GuideTarget(Target):
    """A picture's path, and the layer at which its features are compared; "" is the usual one."""

    path: str
    layer: str = ""

    option: ClassVar[Option] = Option(
        "--guide",
        metavar="PICTURE[@LAYER][=WEIGHT]",
        help="A picture whose features the dream takes on, each place the one it resembles most.",
    )

    @classmethod
    def read_entry(cls, entry: str, folder: Path | None = None) -> Self:
        path = file_before_sign(entry, folder)
        layer, has_region, where = cut(entry[len(path) + 1 :], AT)
        network, layer = split_network(layer, None)
        if not path.strip() or entry.endswith(AT) or (has_region and not where.strip()):
            raise ConfigError(f"target {entry!r}: write PICTURE@LAYER, PICTURE@LAYER@MAP or PICTURE@@MAP.")
        if not (is_quoted(path.strip()) or ends_like_a_file(path.strip())):
            raise ConfigError(
                f"{entry!r} is not a guide: write a picture file, like bees.jpg or bees.jpg@LAYER."
            )
        region = read_region(where) if has_region else None
        return cls(name_in(path), name_in(layer), network=network, region=region)

    def entry_text(self, quote: Quote) -> str:
        network = f"{quote(self.network)}{OF}" if self.network else ""
        layer = f"{network}{quote(self.layer) if self.layer else ''}"
        where = f"{AT}{self.region.text(quote)}" if self.region is not None else ""
        return f"{quote(self.path)}{AT if layer or where else ''}{layer}{where}"

    def find(self, network: Listing, draws: Draws) -> Iterator[tuple[Found, float]]:
        layer = find_layer(self.layer, network) if self.layer else usual_layer(network)
        if len(layer.shape) != 4:
            raise TargetError(
                f"guide {self.entry!r}: layer {layer.name} has no places left: name an earlier layer"
            )
        yield FoundGuide(self.path, layer.name, region=self.region), self.weight

    @property
    def layer_read(self) -> str:
        return self.layer

    @property
    def own_files(self) -> Iterable[NamedFile]:
        return [NamedFile("the guide", self.path)]

    def with_own_files(self, change: Callable[[str], str]) -> Self:
        return replace(self, path=change(self.path))

    def check_files(self, report: Callable[[str], None]) -> None:
        from ...picture_files.reading import read_levels

        read_levels(Path(self.path), "the guide ", enough_px=_LOOKED_AT_PX, report=report)


def usual_layer(network: Listing) -> ListedLayer:
    """Return the deepest layer that still has about a cell per 8 pixels.

    That is where google/deepdream compares guides: inception_3b/output in GoogLeNet, fire8/concat in
    SqueezeNet v1.0.
    """
    skipped = ("Pooling", "LRN", "Dropout", "Split", "Silence")
    found = [
        layer
        for layer in network.layers
        if len(layer.shape) == 4
        and layer.type not in skipped
        and min(layer.shape[2:]) > 1
        and round(network.input_size[0] / layer.shape[2]) <= 8
    ]
    if not found:
        raise TargetError(f"{network.name} has no layer to compare a guide at: name one, photo.jpg@layer")
    return found[-1]


@dataclass(frozen=True)
class FoundGuide(Found):
    """A guide picture, and a layer that the network has."""

    path: str
    layer: str

    @property
    def layers(self) -> tuple[str, ...]:
        return (self.layer,)

    def name(self, network: Listing) -> str:
        return f"{Path(self.path).name}@{self.layer}"

    def term(self, weight: float, context: Context) -> Term:
        from ...terms.guide import GuideTerm, read_guide

        pixels = read_guide(Path(self.path), context.network.input_size)
        return GuideTerm(weight, self.layer, pixels, where=context.where(self.layer, self.region))
