"""What is done to pictures before an ONNX network sees them, of which its file says nothing.

Whoever knows it says so; otherwise the network is taken to want what networks of its exporter usually want.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from ..model_folder import ChannelOrder


@dataclass(frozen=True)
class OnnxPictures:
    """data = (pixels 0..255 - mean) * scale, with the channels in `channel_order`."""

    channel_order: ChannelOrder
    mean: tuple[float, ...]
    """In 0..255: one number for all channels, or one for each in that order."""
    scale: tuple[float, ...] = (1.0,)
    """Likewise."""
    told: str = ""
    """Where this is from, in words."""

    def in_order(self, order: ChannelOrder) -> OnnxPictures:
        """Return the same with the channels in another order."""
        if order == self.channel_order or len(self.mean) == 1:
            return replace(self, channel_order=order)
        return replace(self, channel_order=order, mean=self.mean[::-1], scale=self.scale[::-1])


_DEVIATIONS = (0.229, 0.224, 0.225)
_TORCHVISION = OnnxPictures(
    "RGB",
    (123.675, 116.28, 103.53),
    tuple(1 / (255 * deviation) for deviation in _DEVIATIONS),
    "as torchvision's classifiers of ImageNet want them",
)
_CAFFE = OnnxPictures("BGR", (104.0, 117.0, 123.0), (1.0,), "as Caffe's classifiers of ImageNet want them")
_TENSORFLOW = OnnxPictures(
    "RGB", (127.5,), (1 / 127.5,), "as most of TensorFlow's classifiers want them, from -1 to 1"
)
_GREY = OnnxPictures("GRAY", (0.0,), (1 / 255,), "in grey, black as 0 and white as 1")


def usual_pictures(producer: str, channels: int) -> OnnxPictures:
    """Return what a network of so many channels (1 or 3) by this exporter is taken to want.

    What came by way of Caffe2 is taken for a network of Caffe's, what tf2onnx made for one of TensorFlow's,
    and any other for one of torchvision's.
    """
    if channels == 1:
        return _GREY
    if "caffe" in producer.lower():
        return _CAFFE
    return _TENSORFLOW if producer.lower().startswith(("tf2onnx", "keras")) else _TORCHVISION
