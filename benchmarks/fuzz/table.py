"""Which module has which target: known without importing the readers, which have to be instrumented first."""

from __future__ import annotations

from importlib import import_module

from .target import Target

MODULES = {
    "networks": (
        "prototxt", "caffemodel", "onnx", "onnx_network", "binaryproto", "npy", "labels", "model_toml",
        "archive", "zoo_toml", "tensors",
    ),
    "settings": (
        "preset", "record", "classes_json", "classes_toml", "schedule_toml", "schedule_json", "schedule_py",
        "varying", "quantity", "targets",
    ),
    "kept": ("plan", "journal", "state", "frame", "note", "holder"),
    "caffe": ("caffe_greeting", "caffe_answer"),
    "media": ("picture", "profile", "clip"),
}  # fmt: skip
NAMES = tuple(name for names in MODULES.values() for name in names)


def load_target(name: str) -> Target:
    """Return a target by its name, and import what it reads with. Raises KeyError."""
    module = next(module for module, names in MODULES.items() if name in names)
    target: Target = import_module(f"{__package__}.{module}").TARGETS[name]
    return target
