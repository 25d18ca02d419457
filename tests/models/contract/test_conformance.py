"""What real Caffe computed: every recorded case, activations and gradients, within the case's tolerance.

`tests/models/tops.py` gives every layer's tops, as Caffe has them in its blobs.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image

from lucidreel.models.load import load_folder
from lucidreel.models.preprocess import Preprocess

from ..tops import tops_of
from .runners import FileNetwork, FileRunner

CASES = (
    "batchnorm_batchstats", "batchnorm_scale", "conv_basic", "conv_dilation_group", "crop", "deconvolution",
    "inject_branch", "inner_product", "input_dim_legacy", "legacy_v0", "legacy_v1", "lrn_across",
    "lrn_within", "neuron_math", "phase_rules", "pool_ave", "pool_global", "pool_max", "relu_family",
    "reshape_flatten_dropout", "scale_bias_broadcast", "slice_concat", "softmax_axis", "split_eltwise",
    "text_syntax", "thin_caffenet", "thin_googlenet", "thin_resnet", "thin_squeezenet_v1.1",
)  # fmt: skip
REAL = "squeezenet_v1.0_real"


def test_every_recorded_case_is_in_this_file(shared: Path) -> None:
    recorded = {path.parent.name for path in (shared / "conformance").glob("*/case.json")}
    assert recorded == {*CASES, REAL}


@pytest.mark.parametrize("case", CASES)
def test_blobs_and_gradients_are_those_of_caffe(shared: Path, file_runner: FileRunner, case: str) -> None:
    folder = shared / "conformance" / case
    facts = json.loads((folder / "case.json").read_text())
    with np.load(folder / "expected.npz") as file:
        expected = dict(file)
    network = file_runner.load(folder)
    data = torch.from_numpy(expected["input"]).requires_grad_()
    tops = tops_of(network, data)
    last = {"data": data} | {name: value for layer in tops.values() for name, value in layer.items()}
    recorded = {key.removeprefix("blob:"): key for key in expected if key.startswith("blob:")}
    assert recorded.keys() == last.keys()
    for name, key in recorded.items():
        assert_within(last[name], expected[key], facts, key)
    for entry in facts["grad"]:
        value = tops[entry["layer"]][entry["top"]]
        if (key := f"at:{entry['layer']}") in expected:
            assert_within(value, expected[key], facts, key)
        diff = torch.from_numpy(expected[entry["diff"]])
        (gradient,) = torch.autograd.grad(value, data, diff, retain_graph=True)
        assert_within(gradient, expected[entry["input_grad"]], facts, entry["input_grad"])


@pytest.mark.skipif(not torch.accelerator.is_available(), reason="no accelerator on this machine")
@pytest.mark.parametrize("case", ["thin_googlenet", "thin_resnet", "pool_max", "lrn_across"])
def test_an_accelerator_computes_the_same_in_float32(shared: Path, case: str) -> None:
    folder = shared / "conformance" / case
    facts = json.loads((folder / "case.json").read_text())
    with np.load(folder / "expected.npz") as file:
        expected = dict(file)
    device = torch.accelerator.current_accelerator()
    assert device is not None
    network = load_folder(folder).to(device, torch.float32)
    data = torch.from_numpy(expected["input"]).requires_grad_()
    tops = tops_of(network, data)
    for entry in facts["grad"]:
        value = tops[entry["layer"]][entry["top"]]
        diff = torch.from_numpy(expected[entry["diff"]]).to(device)
        (gradient,) = torch.autograd.grad(value, data, diff, retain_graph=True)
        assert_within(gradient, expected[entry["input_grad"]], facts, entry["input_grad"])


def assert_within(got: torch.Tensor, expected: NDArray[Any], facts: dict[str, Any], what: str) -> None:
    assert tuple(got.shape) == expected.shape, what
    np.testing.assert_allclose(got.detach().numpy(), expected, **facts["tolerance"], err_msg=what)


@pytest.fixture(scope="module")
def squeezenet(shared: Path, file_runner: FileRunner) -> FileNetwork:
    return file_runner.load(shared / "models" / "squeezenet_v1.0")


@pytest.fixture(scope="module")
def real_case(shared: Path) -> dict[str, Any]:
    text = (shared / "conformance" / REAL / "case.json").read_text()
    facts: dict[str, Any] = json.loads(text)
    return facts


@pytest.mark.parametrize("run", [0, 1], ids=["227x227", "320x240"])
def test_squeezenet_on_a_photo_is_that_of_caffe(
    shared: Path, squeezenet: FileNetwork, real_case: dict[str, Any], run: int
) -> None:
    facts, tolerance = real_case["runs"][run], real_case["tolerance"]
    folder = shared / "conformance" / REAL
    photo = np.asarray(Image.open(folder / facts["png"]).convert("RGB"), dtype=np.float32)
    image = torch.from_numpy(photo.copy()).permute(2, 0, 1)[None] / 255
    data = Preprocess()(image).requires_grad_()
    tops = tops_of(squeezenet, data)
    last = {"data": data} | {name: value for layer in tops.values() for name, value in layer.items()}
    for name, blob in facts["blobs"].items():
        value = last[name].detach().double()
        assert list(value.shape) == blob["shape"], name
        mean_slack = tolerance["blob_mean_rel_to_absmean"] * blob["absmean"]
        assert value.mean().item() == pytest.approx(blob["mean"], abs=mean_slack), name
        assert value.abs().mean().item() == pytest.approx(
            blob["absmean"], rel=tolerance["blob_absmean_rtol"]
        ), name
    with np.load(folder / facts["expected"]) as file:
        expected = dict(file)
    for name in ("prob", "pool10"):
        np.testing.assert_allclose(
            last[name].detach().numpy().ravel(), expected[name].ravel(), **tolerance[name], err_msg=name
        )
    one_hot = torch.zeros_like(last["pool10"])
    one_hot[:, 107] = 1
    fire = tops["fire5/concat"]["fire5/concat"]
    for name, value, diff in (
        ("pool10", last["pool10"], one_hot),
        ("fire5/concat", fire, fire.detach()),
    ):
        (gradient,) = torch.autograd.grad(value, data, diff, retain_graph=True)
        assert_gradient(gradient[0].double().numpy(), expected, name, tolerance)
        size = facts["input_grad"][name]
        slack = tolerance["input_grad_absmean_rms_rtol"]
        assert gradient.abs().mean().item() == pytest.approx(size["absmean"], rel=slack)
        assert gradient.square().mean().sqrt().item() == pytest.approx(size["rms"], rel=slack)


def assert_gradient(
    got: NDArray[Any], expected: dict[str, NDArray[Any]], name: str, tolerance: dict[str, Any]
) -> None:
    wanted = expected[f"q:{name}"].astype(np.float64) * expected[f"step:{name}"]
    assert np.linalg.norm(got - wanted) <= tolerance["input_grad_rel_l2"] * np.linalg.norm(wanted)
    tiles = expected[f"tile_sum:{name}"]
    padded = np.pad(got, ((0, 0), (0, -got.shape[1] % 8), (0, -got.shape[2] % 8)))
    sums = padded.reshape(3, padded.shape[1] // 8, 8, padded.shape[2] // 8, 8).sum((2, 4))
    assert sums.shape == tiles.shape
    assert np.linalg.norm(sums - tiles) <= tolerance["tile_sum_rel_l2"] * np.linalg.norm(tiles)


def test_barn_comes_first_on_the_photo_of_a_barn(shared: Path, squeezenet: FileNetwork) -> None:
    photo = (
        Image.open(shared / "photos" / "red_barn.jpg")
        .convert("RGB")
        .resize((227, 227), Image.Resampling.BICUBIC)
    )
    image = torch.from_numpy(np.array(photo)).permute(2, 0, 1)[None] / 255
    assert squeezenet.class_layer == "pool10"
    with torch.no_grad():
        scores = squeezenet.activations(image, ["pool10"])["pool10"]
    assert scores.shape == (1, 1000, 1, 1)
    assert squeezenet.labels[int(scores.flatten().argmax())].name == "barn"
