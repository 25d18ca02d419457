"""Loading a folder of files, as authors publish a network (model_folder.py says which files are expected)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from ..errors import ModelFileError
from .caffe_files.prototxt import read_prototxt
from .caffe_network import CaffeNetwork
from .graph.build import build_graph
from .graph.graph import find_class_layer
from .graph.weights import match_weights, random_weights
from .imagenet.checkpoint import read_checkpoint
from .labels import Labels, read_labels
from .model_folder import METADATA_FILE, Metadata, labels_file, one_file, read_metadata, weights_in
from .preprocess import find_preprocess
from .reading.files import is_folder
from .weights_file import read_weights


def load_folder(
    folder: Path, name: str | None = None, random_seed: int | None = None, checkpoint: Path | None = None
) -> CaffeNetwork:
    """Load the network in a folder; `name` is what to call it (the folder's name by default).

    Its weights lie in the folder, unless there is a `checkpoint` as imagenet/checkpoint.py reads it.

    With `random_seed` weights are made up instead of read, so that a definition alone can be tried and timed.
    Raises ModelFileError naming the file and what is wrong or missing.
    """
    if not is_folder(folder):
        raise ModelFileError(
            f"{folder}: not a folder. A network is a folder with a .prototxt and a .caffemodel."
        )
    metadata = read_metadata(folder)
    definition = one_file(folder, ".prototxt", metadata.definition)
    graph = build_graph(read_prototxt(definition), str(definition))
    if random_seed is not None:
        weights = random_weights(graph, random_seed)
    elif checkpoint is not None:
        weights = match_weights(graph, read_checkpoint(checkpoint), checkpoint)
    else:
        weights_path = weights_in(folder, metadata)
        if metadata.sha256 is not None:
            _verify(weights_path, metadata.sha256)
        weights = match_weights(graph, read_weights(weights_path), weights_path)
    labels_path = labels_file(folder, metadata)
    network = CaffeNetwork(
        name=name or folder.resolve().name,
        graph=graph,
        weights=weights,
        preprocess=find_preprocess(folder, metadata, graph.declared, graph.input_shape[1]),
        labels=Labels() if labels_path is None else read_labels(labels_path),
        class_layer=metadata.class_layer or find_class_layer(graph),
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
        preprocess=find_preprocess(path.parent, Metadata(), graph.declared, graph.input_shape[1]),
        class_layer=find_class_layer(graph),
    )
    return network.to(network.device, network.dtype)


def _verify(path: Path, sha256: str) -> None:
    with path.open("rb") as source:
        found = hashlib.file_digest(source, "sha256").hexdigest()
    if found != sha256.lower():
        raise ModelFileError(
            f"{path}: these are not the weights that {METADATA_FILE} speaks of: their sha256 is {found}, "
            f"not {sha256}. Get the file again, or correct {METADATA_FILE}."
        )


def _check_labels(path: Path, labels: Labels, class_layer: str, scores: Sequence[int]) -> None:
    """Hold the labels against the scores (n, classes, ...): with one too few, all may be out of step."""
    classes = scores[1] if len(scores) > 1 else 1
    if len(labels) != classes:
        raise ModelFileError(
            f"{path}: has {len(labels)} labels, {'fewer' if len(labels) < classes else 'more'} than the "
            f"{classes} classes that layer {class_layer!r} scores. Give one line per class, in the network's "
            f"order, or name another file (labels) or layer (class_layer) in {METADATA_FILE}."
        )
