"""A network as a folder of files, as its authors publish it.

Expected are one definition (`.prototxt`; with several, the one called deploy*), one `.caffemodel`, and if
there are any, labels (a `.txt` with "synset", "label", "categor" or "classes" in its name) and a mean (`.npy`
or `.binaryproto`). A file `model.toml` may name them and state what no other file tells; each of its keys is
a field of `Facts`.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from ..errors import ModelFileError, suggestion
from .caffe_network import CaffeNetwork
from .caffemodel import read_caffemodel
from .class_layer import find_class_layer
from .graph import build_graph
from .labels import Labels, read_labels
from .preprocess import ChannelOrder, Preprocess, read_mean
from .prototxt import read_prototxt
from .weights import match_weights, random_weights

FACTS_FILE = "model.toml"
LABEL_WORDS = ("synset", "label", "categor", "classes")


class Facts(BaseModel):
    """What `model.toml` can say about a network; everything is optional."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str = ""
    """One line on what the network knows."""
    source: str = ""
    """Where it comes from, a URL."""
    licence: str = ""
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
    mean: tuple[float, ...] | None = None
    """Mean per channel, in that order and in 0..raw_scale; by default the mean file's, or ImageNet's."""
    raw_scale: float = 255.0
    """The value of white before the mean is subtracted."""
    scale: float = 1.0
    """Factor after the mean is subtracted."""
    sha256: str | None = None
    """The weights' checksum; other weights are refused."""


def load_folder(folder: Path, name: str | None = None, random_seed: int | None = None) -> CaffeNetwork:
    """Load the network in a folder; `name` is what to call it (the folder's name by default).

    With `random_seed` weights are made up instead of read, so that a definition alone can be tried and timed.
    Raises ModelFileError naming the file and what is wrong or missing.
    """
    if not folder.is_dir():
        raise ModelFileError(
            f"{folder}: not a folder. A network is a folder with a .prototxt and a .caffemodel."
        )
    facts = read_facts(folder)
    definition = _one_file(folder, ".prototxt", facts.definition)
    graph = build_graph(read_prototxt(definition), str(definition))
    if random_seed is None:
        weights_path = _one_file(folder, ".caffemodel", facts.weights)
        if facts.sha256 is not None:
            _verify(weights_path, facts.sha256)
        weights = match_weights(graph, read_caffemodel(weights_path), weights_path)
    else:
        weights = random_weights(graph, random_seed)
    labels_path = _labels_file(folder, facts)
    network = CaffeNetwork(
        name=name or folder.resolve().name,
        graph=graph,
        weights=weights,
        preprocess=_preprocess(folder, facts, graph.input_shape[1]),
        labels=Labels() if labels_path is None else read_labels(labels_path),
        class_layer=facts.class_layer or find_class_layer(graph),
    )
    if network.class_layer is not None:
        class_node = network.find_layer(network.class_layer)
        network = replace(network, class_layer=class_node.name)
        if labels_path is not None:
            _check_labels(labels_path, network.labels, class_node.name, graph.shapes[class_node.tops[0]])
    return network.to(network.device, network.dtype)


def load_definition(path: Path, random_seed: int) -> CaffeNetwork:
    """Load a single `.prototxt` with made-up weights, for trying and timing an architecture."""
    graph = build_graph(read_prototxt(path), str(path))
    network = CaffeNetwork(
        name=path.stem,
        graph=graph,
        weights=random_weights(graph, random_seed),
        class_layer=find_class_layer(graph),
    )
    return network.to(network.device, network.dtype)


def read_facts(folder: Path) -> Facts:
    """Read a folder's model.toml (defaults when there is none); ModelFileError when it is not valid."""
    path = folder / FACTS_FILE
    if not path.exists():
        return Facts()
    try:
        return Facts.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ModelFileError(f"{path}: cannot be read: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        hint = suggestion(key, Facts.model_fields) if first["type"] == "extra_forbidden" else ""
        raise ModelFileError(
            f"{path}: {key!r}: {first['msg']}.{hint} Known keys: {', '.join(Facts.model_fields)}."
        ) from error


def _one_file(folder: Path, suffix: str, named: str | None) -> Path:
    """Return the folder's file of a kind; ModelFileError when there is none, or a choice."""
    if named is not None:
        path = folder / named
        if not path.is_file():
            raise ModelFileError(f"{folder / FACTS_FILE} names {named}, which is not there.")
        return path
    found = sorted(path for path in folder.iterdir() if path.suffix == suffix and path.is_file())
    if len(found) > 1 and suffix == ".prototxt":
        found = [path for path in found if path.name.startswith("deploy")] or found
    if not found:
        have = ", ".join(sorted(path.name for path in folder.iterdir())[:8]) or "nothing"
        raise ModelFileError(f"{folder}: no {suffix} file in this folder (it holds {have}).")
    if len(found) > 1:
        key = "definition" if suffix == ".prototxt" else "weights"
        raise ModelFileError(
            f"{folder}: several {suffix} files: {', '.join(path.name for path in found)}. "
            f'Keep one, or name one in {FACTS_FILE}: {key} = "{found[0].name}".'
        )
    return found[0]


def _verify(path: Path, sha256: str) -> None:
    with path.open("rb") as source:
        found = hashlib.file_digest(source, "sha256").hexdigest()
    if found != sha256.lower():
        raise ModelFileError(
            f"{path}: these are not the weights that {FACTS_FILE} speaks of: their sha256 is {found}, "
            f"not {sha256}. Get the file again, or correct {FACTS_FILE}."
        )


def _check_labels(path: Path, labels: Labels, class_layer: str, scores: Sequence[int]) -> None:
    """Hold the labels against the scores (n, classes, ...): with one too few, all may be out of step."""
    classes = scores[1] if len(scores) > 1 else 1
    if len(labels) != classes:
        raise ModelFileError(
            f"{path}: has {len(labels)} labels, {'fewer' if len(labels) < classes else 'more'} than the "
            f"{classes} classes that layer {class_layer!r} scores. Give one line per class, in the network's "
            f"order, or name another file (labels) or layer (class_layer) in {FACTS_FILE}."
        )


def _labels_file(folder: Path, facts: Facts) -> Path | None:
    if facts.labels is not None:
        return folder / facts.labels
    found = sorted(
        path
        for path in folder.glob("*.txt")
        if path.is_file() and any(word in path.name.lower() for word in LABEL_WORDS)
    )
    # synset_words.txt has ids and words, synsets.txt ids alone.
    found.sort(key=lambda path: "words" not in path.name.lower())
    return found[0] if found else None


def _preprocess(folder: Path, facts: Facts, channels: int) -> Preprocess:
    mean_files = sorted(path for path in folder.iterdir() if path.suffix in (".npy", ".binaryproto"))
    order: ChannelOrder = "GRAY" if channels == 1 else facts.channel_order
    if facts.mean is not None:
        mean = facts.mean
    elif mean_files:
        mean = read_mean(mean_files[0])
    else:
        mean = Preprocess().mean if order == "BGR" else Preprocess().mean[::-1] if order == "RGB" else (0.0,)
    if len(mean) not in (1, 1 if order == "GRAY" else 3):
        raise ModelFileError(f"{folder}: a mean of {len(mean)} values for {channels} channels.")
    return Preprocess(order, mean, facts.raw_scale, facts.scale)
