"""An ONNX network as Caffe's files: the same numbers at every layer, or a refusal that names the node."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import torch

from lucidreel.models.load import load_folder
from lucidreel.models.onnx_files.convert import convert_onnx
from lucidreel.tests.models.onnx_files.caffe2_layout import caffe2_model
from lucidreel.tests.models.tops import tops_of


def test_googlenet_from_onnx_alone_computes_what_caffe_recorded(shared: Path, tmp_path: Path) -> None:
    case = shared / "conformance" / "thin_googlenet"
    file = tmp_path / "googlenet-9.onnx"
    file.write_bytes(caffe2_model(case).SerializeToString())
    converted = convert_onnx(file, tmp_path / "net")
    tolerance = json.loads((case / "case.json").read_text())["tolerance"]
    with np.load(case / "expected.npz") as recorded:
        expected = dict(recorded)
    network = load_folder(converted.folder)
    assert network.class_layer == "loss3/classifier"
    assert str(network.preprocess).startswith("BGR, 0 to 255, minus 104, 117, 123")
    with torch.no_grad():
        tops = tops_of(network, torch.from_numpy(expected["input"]))
    for name in ("pool1/3x3_s2", "pool2/3x3_s2", "inception_3a/pool", "inception_4c/output", "prob"):
        (value,) = tops[name].values()
        np.testing.assert_allclose(value.numpy(), expected[f"blob:{name}"], **tolerance, err_msg=name)
