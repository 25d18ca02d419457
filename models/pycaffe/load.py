"""Loading a folder of Caffe files for real Caffe to run."""

from __future__ import annotations

from pathlib import Path

from ..caffe_network import CaffeNetwork
from ..load import load_folder
from .find_python import find_caffe_python
from .network import PycaffeNetwork
from .running_caffe import RunningCaffe


def load_with_pycaffe(
    folder: Path,
    name: str | None = None,
    random_seed: int | None = None,
    python: Path | str | None = None,
    threads: int | None = None,
) -> PycaffeNetwork:
    """Load the network in a folder as `load_folder` does, and start Caffe for it.

    `python` is the Python that has the module caffe (find_python.py says which it is by default), `threads`
    how many of the CPU's Caffe computes with, by default as many as PyTorch. Raises ModelFileError for files
    that are missing or wrong, BackendError where there is no Caffe that can be used.
    """
    found = find_caffe_python(python)
    return run_with_pycaffe(load_folder(folder, name, random_seed), found, threads)


def run_with_pycaffe(
    network: CaffeNetwork, python: Path | str | None = None, threads: int | None = None
) -> PycaffeNetwork:
    """Return a network that is loaded as one that Caffe runs. Raises BackendError."""
    return PycaffeNetwork.of(network, RunningCaffe(find_caffe_python(python), threads=threads))
