"""The layers of a definition before they are built: what each is for, and the name by which it is known."""

from __future__ import annotations

from .schema import Message

PICTURE_TYPES = (
    "Data", "ImageData", "WindowData", "AnnotatedData", "ImageSegData", "DenseImageData", "VideoData",
)  # fmt: skip
"""Data layers that read pictures and prepare them; the last four are of variants (SSD, DeepLab, SegNet)."""
DATA_TYPES = (*PICTURE_TYPES, "MemoryData", "HDF5Data")

SOFTMAX_TYPES = ("Softmax", "SoftmaxWithLoss")
"""Layers whose first bottom is one score per class."""

TRANSPARENT_TYPES = ("Dropout", "Flatten", "Reshape", "Split")
"""Layers through which a class score passes as it is."""

TRAINING_TYPES = (
    "Accuracy", "ContrastiveLoss", "EuclideanLoss", "HDF5Output", "HingeLoss", "InfogainLoss",
    "MultinomialLogisticLoss", "SigmoidCrossEntropyLoss", "SoftmaxWithLoss",
    # of variants
    "CenterLoss", "DetectionEvaluate", "FocalLoss", "L1Loss", "MatRead", "MatWrite", "MultiBoxLoss",
    "MultiAccuracy", "SegAccuracy", "SmoothL1Loss", "SoftmaxWithFocalLoss", "TripletLoss",
    "WeightedSoftmaxWithLoss",
)  # fmt: skip

BOX_TYPES = (
    "DetectionOutput", "Nms", "PriorBox", "Proposal", "PSROIPooling", "ROIAlign", "ROIPooling", "Region",
    "Yolo", "Yolov3DetectionOutput",
)  # fmt: skip
"""Layers that place boxes around objects (SSD, Faster R-CNN, YOLO)."""

SEQUENCE_TYPES = ("GRU", "LSTM", "LSTMUnit", "Lstm", "LstmUnit", "RNN", "Reverse", "TransposeLSTM")
"""Layers that work on sequences: of words, letters, or the frames of a clip."""


def find_image_layer(net: Message) -> Message | None:
    """Return the layer that provides the image: an Input if there is one, else a data layer; None without."""
    for types in (("Input",), DATA_TYPES):
        for layer in net.layer:
            if layer.type in types and layer.top:
                return layer
    return None


def provides_data(layer: Message) -> bool:
    """Tell whether a layer brings data from outside, instead of computing."""
    return layer.type == "Input" or layer.type in DATA_TYPES


def reason_to_omit(layer: Message) -> str:
    """Return why a layer is left out of a network that dreams, or an empty string."""
    kind = layer.type
    if kind in TRAINING_TYPES:
        return "is for training only"
    if kind == "Upsample" and len(layer.bottom) == 2:
        return "puts values back where a pooling took them from (SegNet), which lucidreel cannot do"
    if kind in BOX_TYPES:
        return "places boxes around objects, which is nothing to dream of"
    if kind in SEQUENCE_TYPES:
        return "works on sequences, of words or frames, and not on a picture"
    return "runs Python code that the definition does not bring" if kind == "Python" else ""


def places_boxes(net: Message) -> bool:
    """Tell whether a network finds objects; its softmaxes then score boxes, and not pictures."""
    return any(layer.type in BOX_TYPES for layer in net.layer)


class LayerNames:
    """Names for layers, each once: to Caffe several may have one, and it finds only the first."""

    def __init__(self) -> None:
        self._copies: dict[str, int] = {}
        """Name -> how many layers have it so far."""

    def free(self, name: str) -> str:
        """Return a name for another layer: "conv", or where there is one so called "conv#2", "conv#3"."""
        free, number = name, self._copies.get(name, 0)
        while free in self._copies:
            number += 1
            free = f"{name}#{number}"
        self._copies[name], self._copies[free] = max(number, 1), 1
        return free
