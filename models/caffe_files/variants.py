"""Definitions of Caffe's variants, brought to the words of Caffe itself.

Many networks were published for a Caffe of their authors' own. What such a definition says in other words is
said here in Caffe's; what it says beyond Caffe and lucidreel does not compute is an error that names layer,
field and value, for a network that runs but computes something else is worse than none.
"""

from __future__ import annotations

from ...errors import suggestion
from .schema import Message

_TYPES = {
    # Ristretto rounds numbers to a few bits on the way. Its weights are whole, and so the layers run whole.
    "ConvolutionRistretto": "Convolution", "DeconvolutionRistretto": "Deconvolution",
    "FcRistretto": "InnerProduct", "LRNRistretto": "LRN",
}  # fmt: skip
"""A variant's type -> the type that computes the same."""


def in_caffes_words(layer: Message) -> None:
    """Rewrite a variant's spellings in place. Raises ValueError for what contradicts itself."""
    layer.type = _TYPES.get(layer.type, layer.type)
    if layer.type == "Python" and "dropout" in layer.python_param.layer.lower():
        layer.type = "Dropout"  # ENet's drops whole channels, in training
    pooling, convolution = layer.pooling_param, layer.convolution_param
    if pooling.HasField("ceil_mode"):
        rounding = 0 if pooling.ceil_mode else 1
        if pooling.HasField("round_mode") and pooling.round_mode != rounding:
            raise ValueError(f"layer {layer.name!r}: ceil_mode and round_mode contradict each other.")
        pooling.round_mode = rounding
    # DeepLab's word for dilation, from before Caffe had one.
    if convolution.hole and not convolution.dilation:
        convolution.dilation.extend(convolution.hole)
    if convolution.HasField("hole_h") or convolution.HasField("hole_w"):
        convolution.dilation[:] = [convolution.hole_h or 1, convolution.hole_w or 1]


def unknown_fields(layer: Message) -> str:
    """Return what a layer says that lucidreel does not understand, as a sentence, or an empty string."""
    if not layer.unread:
        return ""
    first = layer.unread[0]
    name = first.path.rpartition(".")[2]
    more = f" (and {len(layer.unread) - 1} more fields)" if len(layer.unread) > 1 else ""
    near = suggestion(name, _siblings(layer, first.path))
    return (
        f"line {first.line}: {first.path}: {first.value}{more} is not something that lucidreel can compute."
        f"{near} If it changes nothing in how the network is run, remove it from the definition."
    )


def _siblings(layer: Message, path: str) -> list[str]:
    """Return the fields that a misspelt one may have meant."""
    descriptor = layer.DESCRIPTOR
    for part in path.split(".")[:-1]:
        known = descriptor.fields_by_name.get(part)
        if known is None or known.message_type is None:  # an old layer's own field, or dots in one's name
            return []
        descriptor = known.message_type
    return [field.name for field in descriptor.fields if field.name != "unread"]
