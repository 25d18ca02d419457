"""What lies in a network's folder: which files it is made of, and what `model.toml` says about them.

Expected are one definition (`.prototxt`; with several, the one called deploy*), its weights (a `.caffemodel`,
or where there is none an `.onnx` file), and if there are any, labels (a `.txt` with "synset", "label",
"categor" or "classes" in its name) and a mean (`.npy` or `.binaryproto`). A file `model.toml` may name them
and state what no other file tells; each of its keys is a field of `Metadata`. Nothing heavy is imported here,
so that a folder can be looked at in no time.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from ..errors import ModelFileError, one_line, suggestion
from .caffe_files.mistaken import FROM_HDF5, HDF5_ENDING
from .reading.files import FileKind, is_file
from .reading.tables import read_toml

METADATA_FILE = "model.toml"
DREAMS_FILE = "dreams.toml"
LABELS_FILE = "labels.txt"
"""What labels are called that lucidreel writes itself."""
LABEL_WORDS = ("synset", "label", "categor", "classes")
WEIGHT_SUFFIXES = (".caffemodel", ".onnx")

M = TypeVar("M", bound=BaseModel)
ChannelOrder = Literal["BGR", "RGB", "GRAY"]
Words = Annotated[str, AfterValidator(one_line)]  # they are printed as they are
LARGEST_MEAN = 1e6
_KIND = FileKind(
    "description of a network",
    ModelFileError,
    most_bytes=2**16,
    advice="Correct it, or remove it: most folders need none.",
)
_NAMES_OF_FILES = ("definition", "weights", "labels")


class DreamLayer(BaseModel):
    """A layer that is known to dream well."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Words
    dreams: Words
    """What it dreams of, in a few words."""


def layer_to_try(layers: Sequence[DreamLayer], class_layer: str | None) -> DreamLayer | None:
    """Return the deepest of the layers that dream well, but for that of the classes; None without one.

    The first ones dream of textures, the last ones of things; a class layer is better asked for its classes.
    """
    return next((layer for layer in reversed(layers) if layer.name != class_layer), None)


class Dreams(BaseModel):
    """What `dreams.toml` can say: words alone, which change nothing in how the network is run."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    dreams: Words = ""
    """How it dreams, in a sentence or two."""
    layers: tuple[DreamLayer, ...] = ()
    """Layers that are known to dream well, each as `[[layers]]` with a `name` and what it `dreams` of."""


class Metadata(BaseModel):
    """What `model.toml` can say about a network; everything is optional."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    title: Words = ""
    """One line on what the network knows."""
    source: Words = ""
    """Where it comes from, a URL."""
    licence: Words = ""
    """The licence of the weights."""
    definition: str | None = None
    """The definition's file name, when there are several."""
    weights: str | None = None
    """The weights' file name, when there are several."""
    labels: str | None = None
    """The labels' file name."""
    class_layer: str | None = None
    """The layer with one score per class; found by itself in classifiers that end in a softmax."""
    channel_order: ChannelOrder = "BGR"
    """The order of the channels the network was trained with: BGR, RGB or GRAY."""
    mean: tuple[Annotated[float, Field(ge=-LARGEST_MEAN, le=LARGEST_MEAN)], ...] | None = None
    """Mean per channel, in that order and in 0..raw_scale; by default the mean file's, or ImageNet's."""
    raw_scale: Annotated[float, Field(gt=0, le=LARGEST_MEAN)] = 255.0
    """The value of white before the mean is subtracted."""
    scale: Annotated[float, Field(gt=0, le=LARGEST_MEAN)] = 1.0
    """Factor after the mean is subtracted."""
    sha256: str | None = None
    """The weights' checksum; other weights are refused."""


def read_metadata(folder: Path) -> Metadata:
    """Read a folder's model.toml (defaults when there is none); ModelFileError when it is not valid."""
    metadata = _read(folder / METADATA_FILE, Metadata)
    for key in _NAMES_OF_FILES:
        _check_inside(folder, key, getattr(metadata, key))
    return metadata


def read_dreams(folder: Path) -> Dreams:
    """Read a folder's dreams.toml (no words when there is none); ModelFileError when it is not valid."""
    return _read(folder / DREAMS_FILE, Dreams)


def _read(path: Path, model: type[M]) -> M:
    if not os.path.lexists(path):
        return model()
    try:
        return model.model_validate(read_toml(path, _KIND))
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        hint = suggestion(key, model.model_fields) if first["type"] == "extra_forbidden" else ""
        raise ModelFileError(
            f"{path}: {key!r}: {first['msg']}.{hint} Known keys: {', '.join(model.model_fields)}."
        ) from error


def _check_inside(folder: Path, key: str, name: str | None) -> None:
    """Refuse a file elsewhere, also behind a link: a stranger's folder must not read what is not in it."""
    if name is None:
        return
    try:
        inside = (folder / name).resolve().is_relative_to(folder.resolve())
    except (OSError, ValueError, RuntimeError):  # too long, a zero byte, links in a circle
        inside = False
    if not inside:
        raise ModelFileError(
            f"{folder / METADATA_FILE}: {key} = {name!r} is not in the network's folder. Copy the file into "
            "it, and give its name there."
        )


def one_file(folder: Path, suffix: str, named: str | None) -> Path:
    """Return the folder's file of a kind; ModelFileError when there is none, or a choice."""
    if named is not None:
        path = folder / named
        if not is_file(path):
            raise ModelFileError(f"{folder / METADATA_FILE} names {named}, which is not there.")
        return path
    found = [path for path in files_in(folder) if path.suffix == suffix]
    if len(found) > 1 and suffix == ".prototxt":
        found = [path for path in found if path.name.startswith("deploy")] or found
        found = [path for path in found if "solver" not in path.name] or found
    if not found:
        have = ", ".join([path.name for path in files_in(folder)][:8]) or "nothing"
        next_step = (
            " Put the weights there that belong to its definition." if suffix in WEIGHT_SUFFIXES else ""
        )
        raise ModelFileError(f"{folder}: no {suffix} file in this folder (it holds {have}).{next_step}")
    if len(found) > 1:
        key = "definition" if suffix == ".prototxt" else "weights"
        raise ModelFileError(
            f"{folder}: several {suffix} files: {', '.join(path.name for path in found)}. "
            f'Keep one, or name one in {METADATA_FILE}: {key} = "{found[0].name}".'
        )
    return found[0]


def weights_in(folder: Path, metadata: Metadata) -> Path:
    """Return the folder's weights, a `.caffemodel` before an `.onnx`; ModelFileError as of `one_file`."""
    files = files_in(folder)
    suffixes = {path.suffix for path in files}
    hdf5 = next((path for path in files if path.name.endswith(HDF5_ENDING)), None)
    if metadata.weights is None and hdf5 is not None and not suffixes & set(WEIGHT_SUFFIXES):
        raise ModelFileError(f"{hdf5}: {FROM_HDF5}")
    suffix = next((known for known in WEIGHT_SUFFIXES if known in suffixes), WEIGHT_SUFFIXES[0])
    return one_file(folder, suffix, metadata.weights)


def files_in(folder: Path) -> list[Path]:
    """Return what can be read in a network's folder, by name; ModelFileError where nobody may look."""
    try:
        return sorted(path for path in folder.iterdir() if is_file(path))
    except OSError as error:
        raise ModelFileError(f"{folder}: cannot be looked into: {error.strerror}.") from error


def may_be_labels(path: Path) -> bool:
    """Tell whether a file is named as files of labels are."""
    return path.suffix == ".txt" and any(word in path.name.lower() for word in LABEL_WORDS)


def labels_file(folder: Path, metadata: Metadata) -> Path | None:
    """Return the folder's file of labels, if it has one."""
    if metadata.labels is not None:
        return folder / metadata.labels
    found = [path for path in files_in(folder) if may_be_labels(path)]
    # synset_words.txt has ids and words, synsets.txt ids alone.
    found.sort(key=lambda path: "words" not in path.name.lower())
    return found[0] if found else None
