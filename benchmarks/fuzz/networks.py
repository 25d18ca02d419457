"""Files of networks: definitions, weights, labels, means, descriptions."""

from __future__ import annotations

import io
import math
import shutil
import tarfile
import zipfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np

from lucidreel.benchmarks.fuzz.findings import WrongAnswerError
from lucidreel.benchmarks.fuzz.mutation import of_bytes, of_messages, of_words
from lucidreel.benchmarks.fuzz.target import Target, as_file, seed_files
from lucidreel.models.caffe_files.caffemodel import read_caffemodel
from lucidreel.models.caffe_files.prototxt import parse_prototxt, read_prototxt
from lucidreel.models.folder_description import describe_folder
from lucidreel.models.graph.build import build_graph
from lucidreel.models.graph.graph import Graph
from lucidreel.models.graph.receptive_field import find_receptive_field
from lucidreel.models.graph.weights import match_weights
from lucidreel.models.labels import Labels, read_labels
from lucidreel.models.model_folder import labels_file, one_file, read_metadata
from lucidreel.models.onnx_files.convert import convert_onnx
from lucidreel.models.onnx_files.initialisers import read_initialisers
from lucidreel.models.outline import Outline, UndecidedError, outline_folder
from lucidreel.models.preprocess import read_mean
from lucidreel.models.timm.checkpoint import read_checkpoint
from lucidreel.models.zoo.archives import unpack_network
from lucidreel.models.zoo.published import read_network

_SMALL = """input: "data" input_dim: [1, 3, 8, 8]
layer { name: "conv1" type: "Convolution" bottom: "data" top: "conv1"
        convolution_param { num_output: 2 kernel_size: 3 } }
layer { name: "norm" type: "BatchNorm" bottom: "conv1" top: "norm" }
layer { name: "fc" type: "InnerProduct" bottom: "norm" top: "fc"
        inner_product_param { num_output: 2 } }
layer { name: "fc2" type: "InnerProduct" bottom: "fc" top: "fc2" param { name: "shared" }
        inner_product_param { num_output: 2 bias_term: false } }
layer { name: "fc3" type: "InnerProduct" bottom: "fc2" top: "fc3" param { name: "shared" }
        inner_product_param { num_output: 2 bias_term: false } }
"""
_MOST_COMPARED = 50
"""Layers of a definition for which two readers are compared, so that long files do not take long."""


def _definition(path: Path) -> None:
    """Read a definition, list its layers from the text alone, and wire it up: both have to agree."""
    path.with_name("w.caffemodel").touch()
    outline = outline_folder(path.parent, "fuzzed")
    graph = build_graph(read_prototxt(path), str(path))
    describe_folder(path.parent, "fuzzed", {"deploy.prototxt": path})
    nodes = [node for node in graph.nodes if node.tops]
    if [layer.name for layer in outline.layers] != [node.name for node in nodes]:
        raise WrongAnswerError("the outline lists other layers than the network has")
    for layer, node in list(zip(outline.layers, nodes, strict=True))[:_MOST_COMPARED]:
        shape = graph.shapes[node.tops[0]]
        if layer.width is not None and len(shape) > 1 and layer.width != shape[1]:
            raise WrongAnswerError(f"{layer.type} has {layer.width} channels in the outline, not {shape[1]}")
        find_receptive_field(graph, [node])
    _ask(outline)


def _ask(outline: Outline) -> None:
    try:
        assert outline.class_layer is None or outline.class_layer
    except UndecidedError:
        return


def _seed_definitions() -> Iterator[bytes]:
    yield _SMALL.encode()
    yield from seed_files("conformance/*/*.prototxt", "models/definitions/*.prototxt", "faults/*/*.prototxt")


@cache
def _small_graph() -> Graph:
    """Return a graph that weights can be matched with."""
    return build_graph(parse_prototxt(_SMALL), "small.prototxt")


def _weights(path: Path) -> None:
    match_weights(_small_graph(), read_caffemodel(path), path)


def _seed_weights() -> Iterator[bytes]:
    yield from seed_files("conformance/*/*.caffemodel", "faults/*/*.caffemodel")
    from google.protobuf import text_format

    from lucidreel.models.caffe_files.schema import new

    net = new("NetParameter")
    for node in _small_graph().nodes:
        layer = net.layer.add(name=node.name)
        for weight in node.layer.weights:
            blob = layer.blobs.add()
            blob.shape.dim.extend(weight.shape)
            blob.data.append(np.zeros(math.prod(weight.shape), "<f4").tobytes())
    yield net.SerializeToString(deterministic=True)
    old = 'layers { name: "conv1" blobs { num: 1 channels: 1 height: 1 width: 2 } }'
    yield text_format.Parse(old, new("NetParameter")).SerializeToString()


def _initialisers(path: Path) -> None:
    match_weights(_small_graph(), read_initialisers(path), path)


def _converted(data: bytes, folder: Path) -> None:
    """Translate a network; what was written has to be readable."""
    (folder / "net.onnx").write_bytes(data)
    shutil.rmtree(folder / "net", ignore_errors=True)
    found = convert_onnx(folder / "net.onnx", folder / "net")
    definition = one_file(found.folder, ".prototxt", None)
    graph = build_graph(read_prototxt(definition), str(definition))
    weights = one_file(found.folder, ".caffemodel", None)
    match_weights(graph, read_caffemodel(weights), weights)
    if found.class_layer is not None and all(node.name != found.class_layer for node in graph.nodes):
        raise WrongAnswerError(f"the class layer {found.class_layer!r} is none of the network's")


def _seed_onnx() -> Iterator[bytes]:
    """Yield a small classifier, as Caffe2 names weights, once with raw numbers and once with listed ones."""
    from onnx import TensorProto, helper

    shapes = {
        "conv1_w_0": (2, 3, 3, 3),
        "conv1_b_0": (2,),
        "fc_w_0": (2, 72),
        "fc_b_0": (2,),
        "fc2_w_0": (2, 2),
    }
    for raw in (True, False):
        weights = [
            helper.make_tensor(
                name,
                TensorProto.FLOAT,
                shape,
                np.ones(shape, "<f4").tobytes() if raw else np.ones(shape),
                raw=raw,
            )
            for name, shape in shapes.items()
        ]
        nodes = [
            helper.make_node("Conv", ["data", "conv1_w_0", "conv1_b_0"], ["conv1"], kernel_shape=[3, 3]),
            helper.make_node("Relu", ["conv1"], ["relu1"]),
            helper.make_node("Flatten", ["relu1"], ["flat"], axis=1),
            helper.make_node("Gemm", ["flat", "fc_w_0", "fc_b_0"], ["fc"], transB=1),
            helper.make_node("Softmax", ["fc"], ["prob"], axis=1),
        ]
        data = helper.make_tensor_value_info("data", TensorProto.FLOAT, (1, 3, 8, 8))
        prob = helper.make_tensor_value_info("prob", TensorProto.FLOAT, (1, 2))
        model = helper.make_model(helper.make_graph(nodes, "small", [data], [prob], weights))
        yield model.SerializeToString()


def _seed_mean_messages() -> Iterator[bytes]:
    from lucidreel.models.caffe_files.schema import new

    for shape in ((3,), (3, 2, 2), (1, 3, 2, 2)):
        blob = new("BlobProto")
        blob.shape.dim.extend(shape)
        blob.data.append(np.full(math.prod(shape), 110, "<f4").tobytes())
        yield blob.SerializeToString()


def _seed_mean_arrays() -> Iterator[bytes]:
    for shape, kind in (((3,), "<f4"), ((3, 4, 4), "<f8"), ((1, 3, 2, 2), ">f2"), ((3,), "|u1"), ((), "<i8")):
        file = io.BytesIO()
        np.save(file, np.full(shape, 100, kind))
        yield file.getvalue()
    file = io.BytesIO()
    np.lib.format.write_array(file, np.asfortranarray(np.ones((3, 2, 2))), version=(2, 0))
    yield file.getvalue()


def _labels(path: Path) -> None:
    labels: Labels = read_labels(path)
    for label in list(labels)[:5]:
        for word in (label.wnid, *label.words[:3], str(label.index)):
            if word and not 0 <= labels.find(word) < len(labels):
                raise WrongAnswerError(f"{word!r} names a class that is not there")


def _seed_labels() -> Iterator[bytes]:
    for content in seed_files("models/*/synset_words.txt"):
        yield b"".join(content.splitlines(keepends=True)[:40])
    yield from seed_files("models/bestiary/network/*.txt")
    yield b"/a/abbey 0\n/a/airport/terminal 1\n"
    yield b"\xef\xbb\xbf0: goldfish, Carassius auratus\r\n1: shark\r\n\x1a"
    yield b"n01443537\nn01440764 tench, Tinca tinca\n\n'eye'\n"


def _description(path: Path) -> None:
    metadata = read_metadata(path.parent)
    labels_file(path.parent, metadata)
    one_file(path.parent, ".toml", metadata.definition)


def _seed_descriptions() -> Iterator[bytes]:
    yield from seed_files("models/*/network/model.toml")
    yield b'title = "a"\nmean = [104, 117.5, 123]\nraw_scale = 1.0\nscale = 2\nchannel_order = "RGB"\n'
    yield b'definition = "d.prototxt"\nweights = "w.caffemodel"\nlabels = "l.txt"\nclass_layer = "prob"\n'


def _tensors(data: bytes, folder: Path) -> None:
    """Read the file as what it begins like: timm goes by the name."""
    path = folder / ("net.pth" if data.startswith((b"PK", b"\x80")) else "net.safetensors")
    path.write_bytes(data)
    read_checkpoint(path)


def _seed_tensors() -> Iterator[bytes]:
    import torch
    from safetensors.torch import save

    tensors = {"conv.weight": torch.ones(2, 3), "bn.running_var": torch.ones(2, dtype=torch.float16)}
    yield save(tensors)
    for content in (tensors, {"state_dict": tensors, "epoch": 3}, {"model": dict(tensors)}):
        for new in (True, False):
            file = io.BytesIO()
            torch.save(content, file, _use_new_zipfile_serialization=new)
            yield file.getvalue()


def _archive(data: bytes, folder: Path) -> None:
    shutil.rmtree(folder / "net", ignore_errors=True)
    (folder / "net").mkdir()
    (folder / "net.bin").write_bytes(data)
    for path in unpack_network(folder / "net.bin", folder / "net", 2**20):
        if path.is_symlink() or path.parent != folder / "net":
            raise WrongAnswerError(f"{path} leads out of the folder")


def _seed_archives() -> Iterator[bytes]:
    members = {
        "a/deploy.prototxt": b"name",
        "../w.caffemodel": b"weights",
        "synset_words.txt": b"n01443537 a",
    }
    for kind in (tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT):
        file = io.BytesIO()
        with tarfile.open(fileobj=file, mode="w", format=kind) as tar:
            for name, content in (
                {"n" * (90 if kind == tarfile.USTAR_FORMAT else 120): b""} | members
            ).items():
                member = tarfile.TarInfo(name)
                member.size = len(content)
                tar.addfile(member, io.BytesIO(content))
            link = tarfile.TarInfo("labels.txt")
            link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
            tar.addfile(link)
        yield file.getvalue().rstrip(b"\0") + bytes(1024)
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA):
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", method) as packed:
            for name, content in members.items():
                packed.writestr(name, content)
        yield file.getvalue()


TARGETS = {
    "prototxt": Target(
        "a network's definition, read, outlined and wired up",
        as_file("deploy.prototxt", _definition),
        _seed_definitions, of_words,
    ),
    "caffemodel": Target(
        "weights, read and given to a small network",
        as_file("w.caffemodel", _weights), _seed_weights, of_messages,
    ),
    "onnx": Target(
        "weights in an ONNX file, given to a small network",
        as_file("w.onnx", _initialisers), _seed_onnx, of_messages,
    ),
    "onnx_network": Target(
        "a whole network in an ONNX file, translated to Caffe's files",
        _converted, _seed_onnx, of_messages,
    ),
    "binaryproto": Target(
        "a mean as Caffe stores it", as_file("mean.binaryproto", read_mean), _seed_mean_messages, of_messages
    ),
    "npy": Target("a mean as NumPy stores it", as_file("mean.npy", read_mean), _seed_mean_arrays, of_words),
    "labels": Target("names of classes", as_file("synset_words.txt", _labels), _seed_labels, of_words),
    "model_toml": Target(
        "what model.toml says of a network", as_file("model.toml", _description), _seed_descriptions, of_words
    ),
    "tensors": Target(
        "weights of one's own for timm",
        _tensors, _seed_tensors, of_bytes,
    ),
    "archive": Target(
        "an archive of a network's files", _archive, _seed_archives, of_bytes, raises=(OSError,)
    ),
    "zoo_toml": Target(
        "what is told of a published network", as_file("vgg.toml", read_network),
        lambda: seed_files("models/zoo/networks/*.toml"), of_words,
    ),
}  # fmt: skip
