"""Importing timm, and a torchvision beside it whose compiled part does not fit.

timm imports torchvision for the transforms of its data, of which lucidreel uses nothing. torchvision's
compiled part has to be built for the very PyTorch that is installed. Beside a PyTorch for CPUs alone, pip
installs one that was built for CUDA: its library does not load, its operators are missing, and a line in it
which describes them fails ("operator torchvision::nms does not exist"). Declared, without anything behind
them, they let the import go through; who calls them is told that there is nothing behind them.
"""

from __future__ import annotations

import importlib.util
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from ...errors import ModelFileError

INSTALL = "pip install 'lucidreel[timm]'"
_DESCRIBED = ("nms", "qnms")  # the operators that torchvision describes whether it has them or not
_declared: list[Any] = []  # what is declared is taken back when the object that declared it goes


@cache
def import_timm() -> ModuleType:
    """Return timm. Raises ModelFileError where it, or what it needs, is not installed or does not load."""
    if importlib.util.find_spec("timm") is None:
        raise ModelFileError(f"Networks of timm need the package timm, which is not installed: {INSTALL}")
    if importlib.util.find_spec("torchvision") is None:
        raise ModelFileError(
            "timm needs the package torchvision, which is not installed: pip install torchvision"
        )
    if not torchvision_fits():
        declare_operators()
    try:
        import timm
    except (ImportError, OSError, RuntimeError, AttributeError) as error:
        raise ModelFileError(
            f"timm is installed but cannot be imported: {error}. torch, torchvision and timm have to fit "
            f"each other: {INSTALL} --upgrade"
        ) from error
    module: ModuleType = timm
    return module


def torchvision_fits() -> bool:
    """Tell whether torchvision's compiled part loads beside this PyTorch."""
    import torch

    found = importlib.util.find_spec("torchvision")
    folders = [] if found is None else found.submodule_search_locations or []
    libraries = [path for folder in folders for path in Path(folder).glob("_C.*")]
    try:
        for library in libraries:
            torch.ops.load_library(str(library))  # type: ignore[no-untyped-call]
    except OSError:
        return False
    return bool(libraries)


def declare_operators() -> None:
    """Declare the operators that torchvision's import wants to describe, with nothing behind them."""
    import torch

    for name in _DESCRIBED:
        if not hasattr(torch.ops.torchvision, name):
            library: Any = torch.library.Library("torchvision", "FRAGMENT")  # type: ignore[no-untyped-call]
            library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
            _declared.append(library)
