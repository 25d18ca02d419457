"""An ONNX file read by the package `onnx`, after its bytes were held against what a network can have."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeAlias

from google.protobuf.message import DecodeError

from ...errors import ModelFileError
from ..caffe_files.mistaken import what_else
from ..caffe_files.wire_format import WireError
from ..reading.files import FileKind, read_bytes
from .limits import RefusedFieldError, check_fields

OnnxModel: TypeAlias = Any
"""A ModelProto of the package `onnx`."""

INSTALL = "pip install 'lucidreel[onnx]'"

LARGEST_FILE = 2**31 - 1
"""Bytes; protobuf reads no more, so larger networks keep their weights in other files."""

OLDEST_OPSET, NEWEST_OPSET = 1, 28
"""The versions of ONNX's operators that are known here."""

_STATES_OPSET = 3
"""The version of the format from which on a file has to say so."""

_KIND = FileKind("ONNX file", ModelFileError, most_bytes=LARGEST_FILE)


def read_onnx(path: Path) -> OnnxModel:
    """Read an ONNX file.

    Raises ModelFileError for a file that is missing, torn or of another kind, that holds what no plain
    convolutional network has, and where the package is missing.
    """
    onnx = _package(path)
    content = read_bytes(path, _KIND)
    try:
        check_fields(content, onnx.ModelProto.DESCRIPTOR)
        model = onnx.ModelProto()
        model.ParseFromString(content)
    except RefusedFieldError as error:
        raise ModelFileError(
            f"{path}: holds {error}, which lucidreel does not read. Plain convolutional classifiers in one "
            "file are read (from PyTorch, torch.onnx.export(…, external_data=False))."
        ) from error
    except (WireError, DecodeError) as error:
        if other := what_else(content):
            raise ModelFileError(f"{path}: not an ONNX file: {other}.") from error
        raise ModelFileError(
            f"{path}: not a complete ONNX file ({len(content):,} bytes: {error}). "
            "It is torn or of another kind; download or export it again."
        ) from error
    if not model.graph.node and not model.graph.initializer:
        raise ModelFileError(f"{path}: holds no network ({len(content):,} bytes). Is it the right file?")
    return model


def opset(model: OnnxModel, path: Path) -> int:
    """Return the version of ONNX's own operators that a file is written in. Raises ModelFileError."""
    versions = [entry.version for entry in model.opset_import if entry.domain in ("", "ai.onnx")]
    if not versions and model.ir_version >= _STATES_OPSET:
        raise ModelFileError(
            f"{path}: does not say which version of ONNX's operators it is written in. The file is torn; "
            "download or export it again."
        )
    version = max(versions, default=OLDEST_OPSET)
    if not OLDEST_OPSET <= version <= NEWEST_OPSET:
        raise ModelFileError(
            f"{path}: is written in version {version} of ONNX's operators; {OLDEST_OPSET} to {NEWEST_OPSET} "
            "are known. Export it with another opset_version."
        )
    return int(version)


def _package(path: Path) -> Any:
    try:
        import onnx
    except ImportError as error:
        raise ModelFileError(f"{path}: reading ONNX files needs the package onnx: {INSTALL}.") from error
    return onnx
