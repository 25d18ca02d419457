"""Caffe's file format: a table of its messages, turned into protobuf classes when first needed.

A `.prototxt` is the text form and a `.caffemodel` the binary form of one message, NetParameter. The names,
numbers and types of its fields are those of Caffe 1.0 (https://github.com/BVLC/caffe, caffe.proto), including
the two older ways to write a layer (V1: `layers { type: CONVOLUTION }`, V0: `layers { layer { ... } }`), and
of layers and fields of well-known variants (SSD, SegNet, PSPNet, DeepLab, ShuffleNet, YOLO, NVIDIA's Caffe).
Variants give one number to different fields; where that would clash, the number here is our own, which is
enough to read text. No protoc, no generated code: the table at the end is everything.

One line of a message is `number name type [= default]`; `*` after the type means repeated, `+` repeated and
packed. Numbers in Caffe's files are written as float arrays; here `data` and `double_data` are declared as
*bytes*. A packed array and a byte string are the same on the wire (a length, then the content), and bytes
become a NumPy array without visiting the elements one by one.
"""

from __future__ import annotations

from functools import cache
from typing import Any, TypeAlias

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

Message: TypeAlias = Any
"""A protobuf message of this schema; its fields exist only at run time, so type checkers see Any."""

PACKAGE = "caffe"


def new(message: str) -> Message:
    """Return a new, empty message, for instance `new("NetParameter")`."""
    return _message_classes()[message]()


@cache
def _message_classes() -> dict[str, type]:
    """Build every message class once, in a pool of its own: a real caffe_pb2 may be loaded beside it."""
    file = descriptor_pb2.FileDescriptorProto(name="lucidreel_caffe.proto", package=PACKAGE, syntax="proto2")
    built = {name: file.message_type.add(name=name) for name in MESSAGES}
    for name, values in ENUMS.items():
        owner, _, enum = name.rpartition(".")
        _fill_enum((built[owner] if owner else file).enum_type.add(name=enum), values)
    for name, fields in MESSAGES.items():
        for line in fields.replace("\n", ";").split(";"):
            if line.strip():
                _fill_field(built[name].field.add(), line)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return {
        name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{PACKAGE}.{name}"))
        for name in MESSAGES
    }


def _fill_enum(enum: descriptor_pb2.EnumDescriptorProto, values: str) -> None:
    for position, value in enumerate(values.split()):
        name, _, number = value.partition("=")
        enum.value.add(name=name, number=int(number or position))


def _fill_field(field: descriptor_pb2.FieldDescriptorProto, line: str) -> None:
    declaration, _, default = line.partition("=")
    number, name, kind = declaration.split()
    base = kind.rstrip("*+")
    field.name, field.number = name, int(number)
    field.label = field.LABEL_REPEATED if base != kind else field.LABEL_OPTIONAL
    field.options.packed = kind.endswith("+")
    if default:
        field.default_value = default.strip()
    if base in MESSAGES:
        field.type, field.type_name = field.TYPE_MESSAGE, f".{PACKAGE}.{base}"
    elif base in ENUMS:
        field.type, field.type_name = field.TYPE_ENUM, f".{PACKAGE}.{base}"
    else:
        field.type = field.Type.Value(f"TYPE_{base.upper()}")


ENUMS = {
    "Phase": "TRAIN TEST",
    "FillerParameter.VarianceNorm": "FAN_IN FAN_OUT AVERAGE",
    "ParamSpec.DimCheckMode": "STRICT PERMISSIVE",
    "LossParameter.NormalizationMode": "FULL VALID BATCH_SIZE NONE",
    "ConvolutionParameter.Engine": "DEFAULT CAFFE CUDNN",
    "DataParameter.DB": "LEVELDB LMDB",
    "EltwiseParameter.EltwiseOp": "PROD SUM MAX",
    "HingeLossParameter.Norm": "L1=1 L2=2",
    "LRNParameter.NormRegion": "ACROSS_CHANNELS WITHIN_CHANNEL",
    "LRNParameter.Engine": "DEFAULT CAFFE CUDNN",
    "PoolingParameter.PoolMethod": "MAX AVE STOCHASTIC",
    "PoolingParameter.Engine": "DEFAULT CAFFE CUDNN",
    "PoolingParameter.RoundMode": "CEIL FLOOR",
    "ReductionParameter.ReductionOp": "SUM=1 ASUM=2 SUMSQ=3 MEAN=4",
    "ReLUParameter.Engine": "DEFAULT CAFFE CUDNN",
    "SigmoidParameter.Engine": "DEFAULT CAFFE CUDNN",
    "SoftmaxParameter.Engine": "DEFAULT CAFFE CUDNN",
    "TanHParameter.Engine": "DEFAULT CAFFE CUDNN",
    "SPPParameter.PoolMethod": "MAX AVE STOCHASTIC",
    "SPPParameter.Engine": "DEFAULT CAFFE CUDNN",
    "V0LayerParameter.PoolMethod": "MAX AVE STOCHASTIC",
    "V1LayerParameter.DimCheckMode": "STRICT PERMISSIVE",
    "BNParameter.BNMode": "LEARN INFERENCE",
}
"""Enum -> its values, numbered from 0 unless a number is given."""

MESSAGES = {
    "BlobShape": "1 dim int64+",
    "BlobProto": """
        7 shape BlobShape; 5 data bytes*; 8 double_data bytes*
        1 num int32 = 0; 2 channels int32 = 0; 3 height int32 = 0; 4 width int32 = 0""",
    "BlobProtoVector": "1 blobs BlobProto*",
    "FillerParameter": """
        1 type string = constant; 2 value float = 0; 3 min float = 0; 4 max float = 1; 5 mean float = 0
        6 std float = 1; 7 sparse int32 = -1; 8 variance_norm FillerParameter.VarianceNorm = FAN_IN""",
    "NetState": "1 phase Phase = TEST; 2 level int32 = 0; 3 stage string*",
    "NetStateRule": """
        1 phase Phase; 2 min_level int32; 3 max_level int32; 4 stage string*; 5 not_stage string*""",
    "ParamSpec": """
        1 name string; 2 share_mode ParamSpec.DimCheckMode; 3 lr_mult float = 1; 4 decay_mult float = 1""",
    "NetParameter": """
        1 name string; 3 input string*; 8 input_shape BlobShape*; 4 input_dim int32*
        5 force_backward bool = false; 6 state NetState; 7 debug_info bool = false
        100 layer LayerParameter*; 2 layers V1LayerParameter*""",
    "LayerParameter": """
        1 name string; 2 type string; 3 bottom string*; 4 top string*; 10 phase Phase; 5 loss_weight float*
        6 param ParamSpec*; 7 blobs BlobProto*; 11 propagate_down bool*
        8 include NetStateRule*; 9 exclude NetStateRule*
        100 transform_param TransformationParameter; 101 loss_param LossParameter
        102 accuracy_param AccuracyParameter; 103 argmax_param ArgMaxParameter
        139 batch_norm_param BatchNormParameter; 141 bias_param BiasParameter; 148 clip_param ClipParameter
        104 concat_param ConcatParameter; 105 contrastive_loss_param ContrastiveLossParameter
        106 convolution_param ConvolutionParameter; 144 crop_param CropParameter; 107 data_param DataParameter
        108 dropout_param DropoutParameter; 109 dummy_data_param DummyDataParameter
        110 eltwise_param EltwiseParameter; 140 elu_param ELUParameter; 137 embed_param EmbedParameter
        111 exp_param ExpParameter; 135 flatten_param FlattenParameter; 112 hdf5_data_param HDF5DataParameter
        113 hdf5_output_param HDF5OutputParameter; 114 hinge_loss_param HingeLossParameter
        115 image_data_param ImageDataParameter; 116 infogain_loss_param InfogainLossParameter
        117 inner_product_param InnerProductParameter; 143 input_param InputParameter
        134 log_param LogParameter; 118 lrn_param LRNParameter; 119 memory_data_param MemoryDataParameter
        120 mvn_param MVNParameter; 206 norm_param NormalizeParameter; 145 parameter_param ParameterParameter
        202 permute_param PermuteParameter; 121 pooling_param PoolingParameter; 122 power_param PowerParameter
        131 prelu_param PReLUParameter; 130 python_param PythonParameter
        146 recurrent_param RecurrentParameter; 136 reduction_param ReductionParameter
        123 relu_param ReLUParameter; 133 reshape_param ReshapeParameter; 142 scale_param ScaleParameter
        124 sigmoid_param SigmoidParameter; 125 softmax_param SoftmaxParameter; 132 spp_param SPPParameter
        126 slice_param SliceParameter; 147 swish_param SwishParameter; 127 tanh_param TanHParameter
        128 threshold_param ThresholdParameter; 138 tile_param TileParameter
        129 window_data_param WindowDataParameter
        9001 bn_param BNParameter; 9002 interp_param InterpParameter
        9004 shuffle_channel_param ShuffleChannelParameter; 9005 upsample_param UpsampleParameter
        9006 relu6_param ReLU6Parameter
        9999 unread UnreadField*""",
    "UnreadField": "1 path string; 2 value string; 3 line uint32",
    "TransformationParameter": """
        1 scale float = 1; 2 mirror bool = false; 3 crop_size uint32 = 0; 4 mean_file string
        5 mean_value float*; 6 force_color bool = false; 7 force_gray bool = false
        11 crop_h uint32 = 0; 12 crop_w uint32 = 0; 8 resize_param ResizeParameter""",
    "ResizeParameter": "3 height uint32 = 0; 4 width uint32 = 0",
    "LossParameter": """
        1 ignore_label int32; 3 normalization LossParameter.NormalizationMode = VALID; 2 normalize bool""",
    "AccuracyParameter": "1 top_k uint32 = 1; 2 axis int32 = 1; 3 ignore_label int32",
    "ArgMaxParameter": "1 out_max_val bool = false; 2 top_k uint32 = 1; 3 axis int32",
    "BatchNormParameter": """
        1 use_global_stats bool; 2 moving_average_fraction float = 0.999; 3 eps float = 1e-05
        7 scale_bias bool = false; 8 scale_filler FillerParameter; 9 bias_filler FillerParameter""",
    "BNParameter": """
        1 slope_filler FillerParameter; 2 bias_filler FillerParameter; 3 momentum float = 0.9
        4 eps float = 1e-05; 5 frozen bool = false; 11 scale_filler FillerParameter
        12 shift_filler FillerParameter; 13 bn_mode BNParameter.BNMode = LEARN""",
    "BiasParameter": "1 axis int32 = 1; 2 num_axes int32 = 1; 3 filler FillerParameter",
    "ClipParameter": "1 min float; 2 max float",
    "ConcatParameter": "2 axis int32 = 1; 1 concat_dim uint32 = 1",
    "ContrastiveLossParameter": "1 margin float = 1; 2 legacy_version bool = false",
    "ConvolutionParameter": """
        1 num_output uint32; 2 bias_term bool = true; 3 pad uint32*; 4 kernel_size uint32*; 6 stride uint32*
        18 dilation uint32*; 9 pad_h uint32 = 0; 10 pad_w uint32 = 0; 11 kernel_h uint32; 12 kernel_w uint32
        13 stride_h uint32; 14 stride_w uint32; 5 group uint32 = 1; 7 weight_filler FillerParameter
        8 bias_filler FillerParameter; 15 engine ConvolutionParameter.Engine = DEFAULT; 16 axis int32 = 1
        17 force_nd_im2col bool = false; 101 hole uint32*; 102 hole_h uint32; 103 hole_w uint32""",
    "CropParameter": "1 axis int32 = 2; 2 offset uint32*",
    "DataParameter": """
        1 source string; 4 batch_size uint32; 7 rand_skip uint32 = 0; 8 backend DataParameter.DB = LEVELDB
        2 scale float = 1; 3 mean_file string; 5 crop_size uint32 = 0; 6 mirror bool = false
        9 force_encoded_color bool = false; 10 prefetch uint32 = 4""",
    "DropoutParameter": "1 dropout_ratio float = 0.5",
    "DummyDataParameter": """
        1 data_filler FillerParameter*; 6 shape BlobShape*; 2 num uint32*; 3 channels uint32*
        4 height uint32*; 5 width uint32*""",
    "EltwiseParameter": """
        1 operation EltwiseParameter.EltwiseOp = SUM; 2 coeff float*; 3 stable_prod_grad bool = true""",
    "ELUParameter": "1 alpha float = 1",
    "EmbedParameter": """
        1 num_output uint32; 2 input_dim uint32; 3 bias_term bool = true; 4 weight_filler FillerParameter
        5 bias_filler FillerParameter""",
    "ExpParameter": "1 base float = -1; 2 scale float = 1; 3 shift float = 0",
    "FlattenParameter": "1 axis int32 = 1; 2 end_axis int32 = -1",
    "HDF5DataParameter": "1 source string; 2 batch_size uint32; 3 shuffle bool = false",
    "HDF5OutputParameter": "1 file_name string",
    "HingeLossParameter": "1 norm HingeLossParameter.Norm = L1",
    "ImageDataParameter": """
        1 source string; 4 batch_size uint32 = 1; 7 rand_skip uint32 = 0; 8 shuffle bool = false
        9 new_height uint32 = 0; 10 new_width uint32 = 0; 11 is_color bool = true; 2 scale float = 1
        3 mean_file string; 5 crop_size uint32 = 0; 6 mirror bool = false; 12 root_folder string""",
    "InfogainLossParameter": "1 source string; 2 axis int32 = 1",
    "InnerProductParameter": """
        1 num_output uint32; 2 bias_term bool = true; 3 weight_filler FillerParameter
        4 bias_filler FillerParameter; 5 axis int32 = 1; 6 transpose bool = false""",
    "InputParameter": "1 shape BlobShape*",
    "InterpParameter": """
        1 height int32 = 0; 2 width int32 = 0; 3 zoom_factor int32 = 1; 4 shrink_factor int32 = 1
        5 pad_beg int32 = 0; 6 pad_end int32 = 0""",
    "LogParameter": "1 base float = -1; 2 scale float = 1; 3 shift float = 0",
    "LRNParameter": """
        1 local_size uint32 = 5; 2 alpha float = 1; 3 beta float = 0.75
        4 norm_region LRNParameter.NormRegion = ACROSS_CHANNELS; 5 k float = 1
        6 engine LRNParameter.Engine = DEFAULT""",
    "MemoryDataParameter": "1 batch_size uint32; 2 channels uint32; 3 height uint32; 4 width uint32",
    "MVNParameter": "1 normalize_variance bool = true; 2 across_channels bool = false; 3 eps float = 1e-09",
    "NormalizeParameter": """
        1 across_spatial bool = true; 2 scale_filler FillerParameter; 3 channel_shared bool = true
        4 eps float = 1e-10""",
    "ParameterParameter": "1 shape BlobShape",
    "PermuteParameter": "1 order uint32*",
    "PoolingParameter": """
        1 pool PoolingParameter.PoolMethod = MAX; 4 pad uint32 = 0; 9 pad_h uint32 = 0; 10 pad_w uint32 = 0
        2 kernel_size uint32; 5 kernel_h uint32; 6 kernel_w uint32; 3 stride uint32 = 1; 7 stride_h uint32
        8 stride_w uint32; 11 engine PoolingParameter.Engine = DEFAULT; 12 global_pooling bool = false
        13 round_mode PoolingParameter.RoundMode = CEIL; 1013 ceil_mode bool = true""",
    "PowerParameter": "1 power float = 1; 2 scale float = 1; 3 shift float = 0",
    "PReLUParameter": "1 filler FillerParameter; 2 channel_shared bool = false",
    "PythonParameter": """
        1 module string; 2 layer string; 3 param_str string; 4 share_in_parallel bool = false""",
    "RecurrentParameter": """
        1 num_output uint32 = 0; 2 weight_filler FillerParameter; 3 bias_filler FillerParameter
        4 debug_info bool = false; 5 expose_hidden bool = false""",
    "ReductionParameter": """
        1 operation ReductionParameter.ReductionOp = SUM; 2 axis int32 = 0; 3 coeff float = 1""",
    "ReLUParameter": "1 negative_slope float = 0; 2 engine ReLUParameter.Engine = DEFAULT",
    "ReLU6Parameter": "1 leak_below float = 0; 2 leak_above float = 0",
    "ReshapeParameter": "1 shape BlobShape; 2 axis int32 = 0; 3 num_axes int32 = -1",
    "ScaleParameter": """
        1 axis int32 = 1; 2 num_axes int32 = 1; 3 filler FillerParameter; 4 bias_term bool = false
        5 bias_filler FillerParameter""",
    "ShuffleChannelParameter": "1 group uint32 = 1",
    "SigmoidParameter": "1 engine SigmoidParameter.Engine = DEFAULT",
    "SliceParameter": "3 axis int32 = 1; 2 slice_point uint32*; 1 slice_dim uint32 = 1",
    "SoftmaxParameter": "1 engine SoftmaxParameter.Engine = DEFAULT; 2 axis int32 = 1",
    "SPPParameter": """
        1 pyramid_height uint32; 2 pool SPPParameter.PoolMethod = MAX
        6 engine SPPParameter.Engine = DEFAULT""",
    "SwishParameter": "1 beta float = 1",
    "TanHParameter": "1 engine TanHParameter.Engine = DEFAULT",
    "ThresholdParameter": "1 threshold float = 0",
    "TileParameter": "1 axis int32 = 1; 2 tiles int32",
    "UpsampleParameter": """
        1 scale uint32; 2 upsample_h uint32; 3 upsample_w uint32; 4 pad_out_h bool = false
        5 pad_out_w bool = false""",
    "WindowDataParameter": """
        1 source string; 2 scale float = 1; 3 mean_file string; 4 batch_size uint32; 5 crop_size uint32 = 0
        6 mirror bool = false; 7 fg_threshold float = 0.5; 8 bg_threshold float = 0.5
        9 fg_fraction float = 0.25; 10 context_pad uint32 = 0; 11 crop_mode string = warp
        12 cache_images bool = false; 13 root_folder string""",
    "V1LayerParameter": """
        2 bottom string*; 3 top string*; 4 name string; 32 include NetStateRule*; 33 exclude NetStateRule*
        5 type string; 6 blobs BlobProto*; 1001 param string*
        1002 blob_share_mode V1LayerParameter.DimCheckMode*; 7 blobs_lr float*; 8 weight_decay float*
        35 loss_weight float*; 27 accuracy_param AccuracyParameter; 23 argmax_param ArgMaxParameter
        9 concat_param ConcatParameter; 40 contrastive_loss_param ContrastiveLossParameter
        10 convolution_param ConvolutionParameter; 11 data_param DataParameter
        12 dropout_param DropoutParameter; 26 dummy_data_param DummyDataParameter
        24 eltwise_param EltwiseParameter; 41 exp_param ExpParameter; 13 hdf5_data_param HDF5DataParameter
        14 hdf5_output_param HDF5OutputParameter; 29 hinge_loss_param HingeLossParameter
        15 image_data_param ImageDataParameter; 16 infogain_loss_param InfogainLossParameter
        17 inner_product_param InnerProductParameter; 18 lrn_param LRNParameter
        22 memory_data_param MemoryDataParameter; 34 mvn_param MVNParameter
        19 pooling_param PoolingParameter; 21 power_param PowerParameter; 30 relu_param ReLUParameter
        38 sigmoid_param SigmoidParameter; 39 softmax_param SoftmaxParameter; 31 slice_param SliceParameter
        37 tanh_param TanHParameter; 25 threshold_param ThresholdParameter
        20 window_data_param WindowDataParameter; 36 transform_param TransformationParameter
        42 loss_param LossParameter; 1 layer V0LayerParameter; 9999 unread UnreadField*""",
    "V0LayerParameter": """
        1 name string; 2 type string; 3 num_output uint32; 4 biasterm bool = true
        5 weight_filler FillerParameter; 6 bias_filler FillerParameter; 7 pad uint32 = 0; 8 kernelsize uint32
        9 group uint32 = 1; 10 stride uint32 = 1; 11 pool V0LayerParameter.PoolMethod = MAX
        12 dropout_ratio float = 0.5; 13 local_size uint32 = 5; 14 alpha float = 1; 15 beta float = 0.75
        22 k float = 1; 16 source string; 17 scale float = 1; 18 meanfile string; 19 batchsize uint32
        20 cropsize uint32 = 0; 21 mirror bool = false; 50 blobs BlobProto*; 51 blobs_lr float*
        52 weight_decay float*; 53 rand_skip uint32 = 0; 54 det_fg_threshold float = 0.5
        55 det_bg_threshold float = 0.5; 56 det_fg_fraction float = 0.25; 58 det_context_pad uint32 = 0
        59 det_crop_mode string = warp; 60 new_num int32 = 0; 61 new_channels int32 = 0
        62 new_height int32 = 0; 63 new_width int32 = 0; 64 shuffle_images bool = false
        65 concat_dim uint32 = 1; 1001 hdf5_output_param HDF5OutputParameter""",
}
"""Message -> its fields, one `number name type [= default]` after the other."""
