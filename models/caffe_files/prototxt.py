"""Definitions: reading a `.prototxt` of any age as Caffe reads it for testing, and writing one.

Whatever the file's generation, the result is one NetParameter in today's form: V0 and V1 layers upgraded (see
upgrade.py), `input:` turned into an Input layer, and only the layers that belong to the TEST phase kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from google.protobuf import json_format, text_format

from ...errors import ModelFileError, cut
from .definition_layers import DATA_TYPES, provides_data
from .mistaken import what_else
from .schema import Message, new
from .text_decoder import Source, fill
from .text_format import SIZE_LIMIT, Entry, parse_text
from .upgrade import upgrade_data_layers, upgrade_inputs, upgrade_layers, upgrade_variants

LAYER_LIMIT = 20_000
"""ResNet-50 has 229 layers, and the deepest published networks some thousands."""

_OF_DEFINITIONS = frozenset({"layer", "layers", "input", "input_dim", "input_shape"})
_OF_SOLVERS = frozenset(
    {"net", "train_net", "base_lr", "lr_policy", "max_iter", "solver_mode", "snapshot_prefix", "test_iter"}
)


def read_prototxt(path: Path) -> Message:
    """Read a definition as the NetParameter that the TEST phase runs.

    Raises ModelFileError naming file and line for what cannot be read or parsed.
    """
    try:
        with path.open("rb") as source:
            content = source.read(SIZE_LIMIT + 1)
    except OSError as error:
        raise ModelFileError(f"{path}: cannot be read as a text definition: {error.strerror}.") from error
    if len(content) > SIZE_LIMIT:
        raise ModelFileError(
            f"{path}: has more than {SIZE_LIMIT:,} bytes, many times what a definition has. "
            "Is it the right file? Weights belong in the .caffemodel."
        )
    if other := what_else(content):
        raise ModelFileError(f"{path}: is no definition: {other}.")
    if b"\0" in content:
        raise ModelFileError(
            f"{path}: cannot be read as a text definition: it is a binary file. Weights belong in a "
            ".caffemodel."
        )
    return parse_prototxt(_text(content), str(path))


@lru_cache(maxsize=2)
def parse_prototxt(text: str, where: str = "prototxt") -> Message:
    """Parse a definition's text; `where` names it in errors.

    The message belongs to all who ask for the same text, because an outline is looked at before a network is
    loaded. Nobody changes it.
    """
    net = new("NetParameter")
    tree = parse_text(text, where)
    if sum(entry.name in ("layer", "layers") for entry in tree) > LAYER_LIMIT:
        raise ModelFileError(f"{where}: has more than {LAYER_LIMIT:,} layers (ResNet-50 has 229).")
    _refuse_solver(tree, where)
    fill(net, tree, Source(text, where))
    try:
        upgrade_layers(net)
        upgrade_inputs(net)
        upgrade_data_layers(net)
        upgrade_variants(net)
    except ValueError as error:
        raise ModelFileError(f"{where}: {error}") from error
    kept = [layer for layer in net.layer if _included(layer, tuple(net.state.stage))]
    if not any(provides_data(layer) for layer in kept):
        # A file for training alone: its pictures are prepared as the network wants them all the same.
        kept = [*(layer for layer in net.layer if layer.type in DATA_TYPES), *kept]
    if not kept:
        raise ModelFileError(f"{where}: no layers for the TEST phase. Is this a network definition?")
    result = new("NetParameter")
    result.CopyFrom(net)
    del result.layer[:]
    result.layer.extend(kept)
    return result


def _refuse_solver(tree: Sequence[Entry], where: str) -> None:
    """Raise ModelFileError for the file that tells Caffe how to train, which lies beside many definitions."""
    names = {entry.name for entry in tree}
    if names & _OF_DEFINITIONS or not names & _OF_SOLVERS:
        return
    nets = [entry.text.strip("\"'") for entry in tree if entry.name in ("net", "train_net")]
    trained = f" Its definition is {cut(nets[0])}: that one can be dreamt with." if nets else ""
    raise ModelFileError(f"{where}: is a solver, which says how a network is trained.{trained}")


def write_prototxt(path: Path | str, net: Mapping[str, Any]) -> None:
    """Write a definition given as plain values in Caffe's field names; the same values give the same bytes.

    For instance `{"name": "tiny", "layer": [{"name": "conv1", "type": "Convolution", "bottom": ["data"],
    "top": ["conv1"], "convolution_param": {"num_output": 8, "kernel_size": [3]}}]}`. Unknown or wrong fields
    raise ModelFileError.
    """
    message = new("NetParameter")
    try:
        json_format.ParseDict(dict(net), message)
    except json_format.ParseError as error:
        raise ModelFileError(f"{path}: not a network definition: {error}") from error
    Path(path).write_text(text_format.MessageToString(message), encoding="utf-8", newline="\n")


def _text(content: bytes) -> str:
    """Return a file's text: UTF-8, or else Latin-1, in which comments of other code pages do no harm."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def _included(layer: Message, stages: tuple[str, ...]) -> bool:
    """Whether its rules keep a layer: one include rule that holds suffices, one exclude rule drops it."""
    if layer.include:
        return any(_holds(rule, stages) for rule in layer.include)
    return not any(_holds(rule, stages) for rule in layer.exclude)


def _holds(rule: Message, stages: tuple[str, ...]) -> bool:
    """Whether a rule holds for phase TEST, level 0 and the stages that the file itself sets."""
    return (
        (not rule.HasField("phase") or rule.phase == 1)
        and (not rule.HasField("min_level") or rule.min_level <= 0)
        and (not rule.HasField("max_level") or rule.max_level >= 0)
        and set(rule.stage) <= set(stages)
        and not set(rule.not_stage) & set(stages)
    )
