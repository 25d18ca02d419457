"""An outline says what the loaded network says, wherever it says anything."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest

from lucidreel.errors import ModelFileError
from lucidreel.models.caffe_files.prototxt import read_prototxt
from lucidreel.models.graph.build import build_graph
from lucidreel.models.load import load_folder
from lucidreel.models.outline import UndecidedError, outline_folder
from lucidreel.models.zoo.registry import load_network, read_outline

_DEFINITION = """
layer { name: "data" type: "Input" top: "data" top: "label" input_param { shape { dim: 1 dim: 3 dim: 24 dim: 24 } } }
layer { name: "conv" type: "Convolution" bottom: "data" top: "a" convolution_param { num_output: 6 kernel_size: 3 } }
layer { name: "relu" type: "ReLU" bottom: "a" top: "a" }
layer { name: "conv" type: "Convolution" bottom: "a" top: "b" convolution_param { num_output: 4 kernel_size: 3 pad: 1 } }
layer { name: "both" type: "Concat" bottom: "a" bottom: "b" top: "both" }
layer { name: "pool" type: "Pooling" bottom: "both" top: "pool" pooling_param { kernel_size: 2 stride: 2 } }
layer { name: "parts" type: "Slice" bottom: "pool" top: "one" top: "other" slice_param { slice_point: 3 } }
layer { name: "after" type: "Sigmoid" bottom: "one" top: "after" }
layer { name: "fc" type: "InnerProduct" bottom: "after" top: "fc" inner_product_param { num_output: 5 } }
layer { name: "drop" type: "Dropout" bottom: "fc" top: "drop" }
layer { name: "loss" type: "SoftmaxWithLoss" bottom: "drop" bottom: "label" top: "loss" }
layer { name: "prob" type: "Softmax" bottom: "drop" top: "prob" }
"""  # noqa: E501


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "deploy.prototxt").write_text(_DEFINITION, encoding="utf-8")
    return tmp_path


def compare(folder: Path, random_seed: int | None = None) -> tuple[int, int]:
    """Hold an outline against its network; return how many layers' channels it tells, and of how many."""
    network, outline = load_folder(folder, random_seed=random_seed), outline_folder(folder, folder.name)
    assert [(each.name, each.type) for each in outline.layers] == [
        (each.name, each.type) for each in network.layers
    ]
    with suppress(UndecidedError):
        assert outline.class_layer == network.class_layer
    told = 0
    for mine, real in zip(outline.layers, network.layers, strict=True):
        try:
            assert mine.channels == real.channels, real.name
            told += 1
            assert mine.shape == real.shape, real.name
        except UndecidedError:
            pass
    return told, len(network.layers)


def test_the_embedded_network_is_outlined_in_full() -> None:
    outline, network = read_outline("bestiary"), load_network("bestiary")
    assert [each.channels for each in outline.layers] == [each.channels for each in network.layers]
    assert (outline.name, outline.class_layer) == (network.name, network.class_layer)
    assert list(outline.labels) == list(network.labels)


def test_repeated_names_left_out_losses_and_cut_blobs_are_told_as_the_network_tells_them(
    folder: Path,
) -> None:
    (folder / "any.caffemodel").touch()
    told, layers = compare(folder, random_seed=1)
    assert (told, layers) == (8, 10)  # not what comes of the slice, until the inner product says a number
    outline = outline_folder(folder, "it")
    assert [each.name for each in outline.layers][:3] == ["conv", "relu", "conv#2"]
    assert outline.class_layer == "fc"


def test_what_a_definition_does_not_tell_is_undecided(folder: Path) -> None:
    (folder / "any.caffemodel").touch()
    by_name = {each.name: each for each in outline_folder(folder, "it").layers}
    with pytest.raises(UndecidedError):
        _ = by_name["after"].channels
    with pytest.raises(UndecidedError):
        _ = by_name["conv"].shape
    assert by_name["fc"].shape == (1, 5)


def test_a_class_layer_named_by_its_blob_is_undecided(folder: Path) -> None:
    (folder / "any.caffemodel").touch()
    (folder / "model.toml").write_text('class_layer = "b"\n')
    with pytest.raises(UndecidedError):
        _ = outline_folder(folder, "it").class_layer


def test_missing_files_are_found_without_loading(folder: Path) -> None:
    with pytest.raises(ModelFileError, match=r"no \.caffemodel file"):
        outline_folder(folder, "it")
    with pytest.raises(ModelFileError, match="not a folder"):
        outline_folder(folder / "none", "it")


def test_outlines_agree_with_the_networks_of_the_conformance_cases(shared: Path) -> None:
    folders = sorted({path.parent for path in (shared / "conformance").rglob("*.caffemodel")})
    told = [compare(folder) for folder in folders if any(folder.glob("*.prototxt"))]
    assert sum(count for count, _ in told) > 0.8 * sum(of for _, of in told)


def test_a_blob_that_an_input_was_to_make_is_there_once_a_layer_makes_it(tmp_path: Path) -> None:
    (tmp_path / "w.caffemodel").touch()
    (tmp_path / "deploy.prototxt").write_text(
        'layer { name: "data" type: "Input" top: "data" top: "conv"\n'
        "  input_param { shape { dim: [1, 3, 8, 8] } shape { dim: [1, 2, 8, 8] } } }\n"
        'layer { name: "conv" type: "Convolution" bottom: "data" top: "conv"\n'
        "  convolution_param { num_output: 2 kernel_size: 1 } }\n"
        'layer { name: "relu" type: "ReLU" bottom: "conv" top: "conv" }\n'
    )
    graph = build_graph(read_prototxt(tmp_path / "deploy.prototxt"), "it")
    assert [node.name for node in graph.nodes] == ["conv", "relu"]
    assert [layer.name for layer in outline_folder(tmp_path, "it").layers] == ["conv", "relu"]
