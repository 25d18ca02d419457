"""Old spellings of a definition, brought to today's.

Caffe had three ways to write a layer. V1 (2014) named types by an enum; its parameters kept their names. V0
(2013) put everything into one flat message with types such as "conv" and had padding as a layer of its own.
Inputs could stand at the top of the file as `input:` with `input_dim:` or `input_shape:`.
"""

from __future__ import annotations

from .schema import Message, new
from .variants import in_caffes_words

V1_TYPES = {
    "ABSVAL": "AbsVal", "ARGMAX": "ArgMax", "BNLL": "BNLL", "CONTRASTIVE_LOSS": "ContrastiveLoss",
    "EUCLIDEAN_LOSS": "EuclideanLoss", "HDF5_DATA": "HDF5Data", "HDF5_OUTPUT": "HDF5Output",
    "IM2COL": "Im2col", "LRN": "LRN", "MVN": "MVN", "RELU": "ReLU",
    "SIGMOID_CROSS_ENTROPY_LOSS": "SigmoidCrossEntropyLoss",
    "SOFTMAX_LOSS": "SoftmaxWithLoss", "TANH": "TanH",
}  # fmt: skip
"""V1 types whose name today is more than a change of case ("INNER_PRODUCT" -> "InnerProduct" is not here)."""

V1_NUMBERS = (
    "NONE ACCURACY BNLL CONCAT CONVOLUTION DATA DROPOUT EUCLIDEAN_LOSS FLATTEN HDF5_DATA HDF5_OUTPUT IM2COL "
    "IMAGE_DATA INFOGAIN_LOSS INNER_PRODUCT LRN MULTINOMIAL_LOGISTIC_LOSS POOLING RELU SIGMOID SOFTMAX "
    "SOFTMAX_LOSS SPLIT TANH WINDOW_DATA ELTWISE POWER SIGMOID_CROSS_ENTROPY_LOSS HINGE_LOSS MEMORY_DATA "
    "ARGMAX THRESHOLD DUMMY_DATA SLICE MVN ABSVAL SILENCE CONTRASTIVE_LOSS EXP DECONVOLUTION"
)
"""The numbers of V1's types, from 0: a definition may give the number in place of the name."""

V0_TYPES = {
    "accuracy": "Accuracy", "bnll": "BNLL", "concat": "Concat", "conv": "Convolution", "data": "Data",
    "dropout": "Dropout", "euclidean_loss": "EuclideanLoss", "flatten": "Flatten", "hdf5_data": "HDF5Data",
    "hdf5_output": "HDF5Output", "im2col": "Im2col", "images": "ImageData",
    "infogain_loss": "InfogainLoss", "innerproduct": "InnerProduct", "lrn": "LRN",
    "multinomial_logistic_loss": "MultinomialLogisticLoss", "pool": "Pooling", "relu": "ReLU",
    "sigmoid": "Sigmoid", "softmax": "Softmax", "softmax_loss": "SoftmaxWithLoss", "split": "Split",
    "tanh": "TanH", "window_data": "WindowData",
}  # fmt: skip

_V0_PICTURES = {
    "scale": "transform_param.scale", "meanfile": "transform_param.mean_file",
    "cropsize": "transform_param.crop_size",
}  # fmt: skip

V0_FIELDS = {
    "conv": {
        "num_output": "convolution_param.num_output", "biasterm": "convolution_param.bias_term",
        "pad": "convolution_param.pad", "kernelsize": "convolution_param.kernel_size",
        "group": "convolution_param.group", "stride": "convolution_param.stride",
    },
    "pool": {
        "pool": "pooling_param.pool", "kernelsize": "pooling_param.kernel_size",
        "stride": "pooling_param.stride", "pad": "pooling_param.pad",
    },
    "lrn": {
        "local_size": "lrn_param.local_size", "alpha": "lrn_param.alpha", "beta": "lrn_param.beta",
        "k": "lrn_param.k",
    },
    "innerproduct": {
        "num_output": "inner_product_param.num_output", "biasterm": "inner_product_param.bias_term",
    },
    "concat": {"concat_dim": "concat_param.concat_dim"},
    "data": _V0_PICTURES, "images": {
        **_V0_PICTURES, "new_height": "image_data_param.new_height",
        "new_width": "image_data_param.new_width",
    }, "window_data": _V0_PICTURES,
}  # fmt: skip
"""V0 type -> where its flat fields live today (only those that matter when a network is run)."""


_DATA_PARAMETERS = {
    "Data": "data_param", "ImageData": "image_data_param", "WindowData": "window_data_param",
}  # fmt: skip


def upgrade_layers(net: Message) -> None:
    """Turn V1 and V0 `layers` into `layer`, in place. Raises ValueError for a mixture or an unknown type."""
    if not net.layers:
        return
    if net.layer:
        raise ValueError("both 'layer' and 'layers' are used; a definition has to use one of them.")
    padding: dict[str, tuple[str, int]] = {}
    for old in net.layers:
        if not old.HasField("layer"):
            net.layer.append(_from_v1(old))
        elif old.layer.type == "padding":
            if len(old.top) != 1 or len(old.bottom) != 1:
                raise ValueError(f"layer {old.layer.name!r}: padding has one bottom and one top.")
            padding[old.top[0]] = (old.bottom[0], old.layer.pad)
        else:
            net.layer.append(_from_v0(old, padding))
            for top in old.top:
                padding.pop(top, None)
    del net.layers[:]


def upgrade_data_layers(net: Message) -> None:
    """Move what data layers said of their own about preparing pictures to `transform_param`, in place."""
    for layer in net.layer:
        field = _DATA_PARAMETERS.get(layer.type)
        if field is None:
            continue
        options, transform = getattr(layer, field), layer.transform_param
        for name in ("scale", "mean_file", "crop_size", "mirror"):
            if options.HasField(name) and not transform.HasField(name):
                setattr(transform, name, getattr(options, name))


def upgrade_variants(net: Message) -> None:
    """Bring the words of Caffe's variants to Caffe's own, in place."""
    for layer in net.layer:
        in_caffes_words(layer)


def upgrade_inputs(net: Message) -> None:
    """Turn `input:` and its dimensions into an Input layer in front, in place."""
    if not net.input:
        return
    layer = new("LayerParameter")
    layer.name, layer.type = "input", "Input"
    layer.top.extend(net.input)
    layer.input_param.shape.extend(net.input_shape)
    if net.input_dim and len(net.input_dim) != 4 * len(net.input):
        raise ValueError(f"{len(net.input)} inputs need four input_dim each, found {len(net.input_dim)}.")
    for start in range(0, len(net.input_dim), 4):
        layer.input_param.shape.add(dim=net.input_dim[start : start + 4])
    if not layer.input_param.shape:
        raise ValueError("'input' has neither input_shape nor input_dim.")
    others = [layer, *net.layer]
    del net.layer[:], net.input[:], net.input_shape[:], net.input_dim[:]
    net.layer.extend(others)


def _from_v1(old: Message) -> Message:
    layer = new("LayerParameter")
    layer.name = old.name
    kind = old.type
    if kind.isdecimal():
        kind = dict(enumerate(V1_NUMBERS.split())).get(int(kind[:4]), kind)
    layer.type = V1_TYPES.get(kind, kind.title().replace("_", "")).replace("Hdf5", "HDF5")
    layer.bottom.extend(old.bottom)
    layer.top.extend(old.top)
    layer.include.extend(old.include)
    layer.exclude.extend(old.exclude)
    layer.param.extend(_param(name) for name in old.param)
    layer.unread.extend(old.unread)
    for field, value in old.ListFields():
        if field.name.endswith("_param"):
            getattr(layer, field.name).CopyFrom(value)
    return layer


def _param(name: str) -> Message:
    param = new("ParamSpec")
    param.name = name
    return param


def _from_v0(old: Message, padding: dict[str, tuple[str, int]]) -> Message:
    """Upgrade one V0 layer; a bottom that a padding layer made is replaced by that layer's own bottom."""
    flat = old.layer
    if flat.type not in V0_TYPES:
        raise ValueError(f"layer {flat.name!r}: unknown V0 layer type {flat.type!r}.")
    layer = new("LayerParameter")
    layer.name, layer.type = flat.name, V0_TYPES[flat.type]
    for source, target in V0_FIELDS.get(flat.type, {}).items():
        if flat.HasField(source):
            _assign(layer, target, getattr(flat, source))
    for bottom in old.bottom:
        before, pad = padding.get(bottom, (bottom, None))
        layer.bottom.append(before)
        if pad is not None:
            if flat.type not in ("conv", "pool"):
                raise ValueError(f"layer {flat.name!r}: only conv and pool can follow a padding layer.")
            _assign(layer, V0_FIELDS[flat.type]["pad"], pad)
    layer.top.extend(old.top)
    layer.unread.extend(old.unread)
    return layer


def _assign(layer: Message, path: str, value: float) -> None:
    """Set "message.field" of a layer, whether the field holds one value or a list."""
    parameter, _, field = path.partition(".")
    message = getattr(layer, parameter)
    present = getattr(message, field)
    if hasattr(present, "append"):
        present[:] = [value]
    else:
        setattr(message, field, value)
