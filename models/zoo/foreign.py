"""What a file is that somebody took for a network, and what to do with it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ...errors import ModelFileError, cut
from ..caffe_files.mistaken import FROM_HDF5, HDF5_ENDING
from ..caffe_files.prototxt import read_prototxt
from ..model_folder import METADATA_FILE, WEIGHT_SUFFIXES, files_in, may_be_labels
from .published import ZooNetwork, published_networks
from .recognise import recognise

_ONNX = "`lucidreel models add FILE.onnx` takes it"
_TIMM = (
    "If its architecture is one of timm's, put the file into the folder that `lucidreel models info "
    "timm:NAME` names, and dream with --model timm:NAME.OWN. Otherwise have its own program write an ONNX "
    f"file (torch.onnx.export): {_ONNX}."
)
_TF2ONNX = (
    f"Make an ONNX file of it (python -m tf2onnx.convert {{flag}} {{name}} --output net.onnx): {_ONNX}."
)
_WHAT_TO_DO = {
    ".pth": f"weights of PyTorch, without the program that runs them. {_TIMM}",
    ".pt": f"weights of PyTorch, without the program that runs them. {_TIMM}",
    ".ckpt": f"weights of PyTorch or TensorFlow, without the program that runs them. {_TIMM}",
    ".bin": f"weights without the program that runs them. {_TIMM}",
    ".safetensors": f"weights without the program that runs them. {_TIMM}",
    ".pb": f"a graph of TensorFlow. {_TF2ONNX.replace('{flag}', '--graphdef')}",
    ".tflite": f"a network of TensorFlow Lite. {_TF2ONNX.replace('{flag}', '--tflite')}",
    ".keras": "a network of Keras. Have Keras export it (model.export('saved')), and make an ONNX file of "
    f"that (python -m tf2onnx.convert --saved-model saved --output FILE.onnx): {_ONNX}.",
    ".h5": f"a network of Keras. {_TF2ONNX.replace('{flag}', '--keras')}",
    ".hdf5": f"a network of Keras. {_TF2ONNX.replace('{flag}', '--keras')}",
    ".cfg": f"a definition of Darknet. A converter makes Caffe's files of it, or an ONNX file: {_ONNX}.",
    ".json": f"a description of a network of Keras or MXNet. Make an ONNX file of that network: {_ONNX}.",
    ".weights": f"weights of Darknet. A converter makes Caffe's files of it, or an ONNX file: {_ONNX}.",
    ".mlmodel": f"a network of Core ML. It is read as an ONNX file: {_ONNX}.",
    ".t7": f"a network of the old Torch. It is read as an ONNX file: {_ONNX}.",
    ".params": f"weights of MXNet. Have MXNet write an ONNX file: {_ONNX}.",
    ".solverstate": "where a training stopped, and no weights. Give the .caffemodel of that iteration.",
    ".npy": "a mean, it seems. Give it together with a definition and weights.",
    ".binaryproto": "a mean, it seems. Give it together with a definition and weights.",
    ".toml": "words on a network. Give it together with a definition and weights.",
}
_BESIDE_DEFINITIONS = (".npy", ".binaryproto", ".toml", ".json", ".cfg")
_MOST_NAMES = 6


def is_foreign(path: Path) -> bool:
    """Tell whether a file is named as those of other programs' networks are."""
    return path.suffix.lower() in _WHAT_TO_DO and path.suffix not in _BESIDE_DEFINITIONS


def refuse_folder_without_definition(folder: Path) -> None:
    """Raise ModelFileError for a folder without a definition, with what lies there in its place."""
    files = files_in(folder)
    if any(path.suffix == ".prototxt" or path.name == METADATA_FILE for path in files):
        return
    for path in sorted(files, key=lambda path: path.suffix not in WEIGHT_SUFFIXES):
        if path.suffix in WEIGHT_SUFFIXES or is_foreign(path):
            raise refuse(path)
    have = ", ".join([path.name for path in files][:_MOST_NAMES]) or "nothing"
    raise ModelFileError(
        f"{folder}: no .prototxt file in this folder (it holds {have}). Give the folder that "
        "holds the .prototxt and the .caffemodel."
    )


def about_file(path: Path) -> str:
    """Return what a file is by itself and what to do, as a sentence or two for an error."""
    suffix = path.suffix.lower()
    if path.name.lower().endswith(HDF5_ENDING):
        return FROM_HDF5
    if suffix == ".caffemodel":
        return _about_weights(path)
    if suffix == ".prototxt":
        try:
            read_prototxt(path)
        except ModelFileError as error:  # a solver, something torn
            return str(error).removeprefix(f"{path}: ")
        return (
            "a definition. Give the folder that holds it and its weights (.caffemodel); `lucidreel models "
            f"info {path}` tells of it alone."
        )
    if suffix == ".onnx":
        return f"an ONNX file. {_ONNX.replace('FILE.onnx', str(path))}."
    if suffix in _WHAT_TO_DO:
        return _WHAT_TO_DO[suffix].replace("{name}", path.name)
    if may_be_labels(path):
        return "names of classes, it seems. Give it together with a definition and weights."
    return "no file of a network. Give the folder that holds the .prototxt and the .caffemodel."


def _about_weights(path: Path) -> str:
    """Return whose weights these are, if that is known, and where its definition is."""
    needs = "weights without a definition, which says what to do with them"
    try:
        known = recognise(path)
    except OSError:
        known = None
    if known is not None:
        return f"the weights of {known.name} ({known.title}), without its definition. {_get(known)}"
    names = _layer_names(path)
    alike = [network for network in published_networks().values() if _has_its_layers(network, names)]
    if alike:
        called = ", ".join(network.name for network in alike[:3]) + (" and others" if len(alike) > 3 else "")
        fits = f"Its layers are called like those of {called}, whose definition may fit"
        return f"{needs}. {fits}. {_get(alike[0])}"
    some = ", ".join(names[:_MOST_NAMES]) + (" …" if len(names) > _MOST_NAMES else "")
    return f"{needs}. Give its deploy.prototxt beside it: one with layers {cut(some)}."


def _get(network: ZooNetwork) -> str:
    if network.by_hand:
        return f"`lucidreel models info {network.name}` says where it is published."
    return f"`lucidreel models fetch {network.name}` gets that network whole."


def _layer_names(path: Path) -> list[str]:
    from ..caffe_files.caffemodel import read_caffemodel

    return [name for name, blobs in read_caffemodel(path).items() if blobs]


def _has_its_layers(network: ZooNetwork, names: Sequence[str]) -> bool:
    """Tell whether weights with layers of such names may be a network's, whose good layers are known.

    A layer without weights, as inception_4c/output, is there where others of its block are.
    """
    blocks = {name.rpartition("/")[0] for name in names} - {""}
    wanted = [layer.name for layer in network.layers]
    return bool(wanted) and all(name in names or name.rpartition("/")[0] in blocks for name in wanted)


def refuse(path: Path) -> ModelFileError:
    """Return the error for a file that is no network by itself."""
    return ModelFileError(f"{path}: {about_file(path)}")
