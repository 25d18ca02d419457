"""A network's weights: whichever kind of file they lie in, as arrays under the names of Caffe's layers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .caffe_files.caffemodel import read_caffemodel


def read_weights(path: Path) -> dict[str, list[NDArray[np.float32]]]:
    """Read the blobs of every layer that has any, by layer name, from a `.caffemodel` or an `.onnx` file.

    Raises ModelFileError as caffemodel.py and onnx_files/initialisers.py do.
    """
    if path.suffix.lower() == ".onnx":
        from .onnx_files.initialisers import read_initialisers

        return read_initialisers(path)
    return read_caffemodel(path)
