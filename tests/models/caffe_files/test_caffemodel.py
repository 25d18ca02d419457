"""Weights of every age and spelling, and files that are torn or something else."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from lucidreel.errors import ModelFileError
from lucidreel.models.caffe_files.caffemodel import read_binaryproto, read_caffemodel, write_caffemodel
from lucidreel.models.caffe_files.schema import new
from lucidreel.models.load import load_folder

ANY_ARRAY = arrays.arrays(
    np.float32, arrays.array_shapes(min_dims=0, max_dims=4, max_side=4), elements=st.floats(-9, 9, width=32)
)


@given(weights=st.dictionaries(st.text(min_size=1, max_size=8), st.lists(ANY_ARRAY, min_size=1, max_size=3)))
def test_what_is_written_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, weights: dict[str, list[np.ndarray]]
) -> None:
    path = tmp_path_factory.mktemp("weights") / "net.caffemodel"
    write_caffemodel(path, {"first": [1.0], **weights}, name="net")
    again = read_caffemodel(path)
    assert list(again) == ["first", *(name for name in weights if name != "first")]
    for name, blobs in weights.items():
        for got, expected in zip(again[name], blobs, strict=True):
            assert got.dtype == np.float32
            np.testing.assert_array_equal(got, expected)


def test_the_same_weights_give_the_same_bytes(tmp_path: Path) -> None:
    weights: dict[str, list[np.ndarray]] = {"b": [np.ones((2, 3)), np.zeros(2)], "a": [np.arange(4.0)]}
    write_caffemodel(tmp_path / "one", weights)
    write_caffemodel(tmp_path / "two", weights)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_a_single_number_stays_a_blob_without_sides(tmp_path: Path) -> None:
    write_caffemodel(tmp_path / "one", {"prelu": [np.float32(0.25)]})
    (blob,) = read_caffemodel(tmp_path / "one")["prelu"]
    assert blob.shape == () and blob == 0.25


def test_numbers_written_one_by_one_are_read_too(tmp_path: Path) -> None:
    # Field 100 (layer), length 20: field 1 (name) "a", field 7 (blobs), length 15: three unpacked floats.
    floats = b"".join(b"\x2d" + np.float32(v).tobytes() for v in (1.5, -2.0, 0.25))
    shape = b"\x3a\x03\x0a\x01\x03"
    blob = b"\x3a" + bytes([len(floats + shape)]) + floats + shape
    layer = b"\x0a\x01a" + blob
    path = tmp_path / "unpacked.caffemodel"
    path.write_bytes(b"\xa2\x06" + bytes([len(layer)]) + layer)
    assert read_caffemodel(path)["a"][0].tolist() == [1.5, -2.0, 0.25]


def test_numbers_in_several_packed_pieces_are_joined(tmp_path: Path) -> None:
    net = new("NetParameter")
    blob = net.layer.add(name="a").blobs.add()
    blob.shape.dim.extend([3])
    blob.data.extend([np.array([1, 2], "<f4").tobytes(), np.array([3], "<f4").tobytes()])
    (tmp_path / "pieces").write_bytes(net.SerializeToString())
    assert read_caffemodel(tmp_path / "pieces")["a"][0].tolist() == [1, 2, 3]


def test_old_four_dimensional_blobs_serve_vectors_and_matrices(tmp_path: Path) -> None:
    (tmp_path / "deploy.prototxt").write_text(
        """input: "data" input_dim: [1, 3, 2, 2]
        layer { name: "fc" type: "InnerProduct" bottom: "data" top: "fc"
                inner_product_param { num_output: 5 } }"""
    )
    write_caffemodel(tmp_path / "w.caffemodel", {"fc": [np.ones((1, 1, 5, 12)), np.ones((1, 1, 1, 5))]})
    network = load_folder(tmp_path)
    assert [tuple(tensor.shape) for tensor in network.weights[0]] == [(5, 12), (5,)]


@pytest.fixture
def tiny_folder(tmp_path: Path) -> Path:
    (tmp_path / "deploy.prototxt").write_text(
        """input: "data" input_dim: [1, 3, 8, 8]
        layer { name: "conv" type: "Convolution" bottom: "data" top: "conv"
                convolution_param { num_output: 4 kernel_size: 3 } }
        layer { name: "fc" type: "InnerProduct" bottom: "conv" top: "fc"
                inner_product_param { num_output: 5 } }"""
    )
    weights = {"conv": [np.ones((4, 3, 3, 3)), np.ones(4)], "fc": [np.ones((5, 144)), np.ones(5)]}
    write_caffemodel(tmp_path / "w.caffemodel", weights)
    return tmp_path


def test_a_file_cut_off_anywhere_is_refused(tiny_folder: Path) -> None:
    path = tiny_folder / "w.caffemodel"
    content = path.read_bytes()
    load_folder(tiny_folder)
    for length in [*range(0, len(content), 97), len(content) - 1]:
        path.write_bytes(content[:length])
        with pytest.raises(ModelFileError, match=r"w\.caffemodel"):
            load_folder(tiny_folder)


def test_a_cut_squeezenet_is_refused(shared: Path, tmp_path: Path) -> None:
    source = shared / "models" / "squeezenet_v1.0"
    (tmp_path / "deploy.prototxt").write_bytes((source / "deploy.prototxt").read_bytes())
    content = (source / "squeezenet_v1.0.caffemodel").read_bytes()
    for share in (0.001, 0.3, 0.5, 0.9, 0.999):
        (tmp_path / "s.caffemodel").write_bytes(content[: int(len(content) * share)])
        with pytest.raises(ModelFileError, match=r"s\.caffemodel"):
            load_folder(tmp_path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "holds no layers"),
        (b"<!DOCTYPE html><html><body>404</body></html>", "it is a web page"),
        (b"\x89HDF\r\n\x1a\n" + bytes(100), "HDF5"),
        (b"\xff" * 64, "not a complete .caffemodel"),
    ],
)
def test_other_files_are_not_taken_for_weights(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "w.caffemodel"
    path.write_bytes(content)
    with pytest.raises(ModelFileError, match=message):
        read_caffemodel(path)


def test_missing_weights_name_layer_and_nearest(tiny_folder: Path) -> None:
    write_caffemodel(tiny_folder / "w.caffemodel", {"conv1": [np.ones((4, 3, 3, 3)), np.ones(4)]})
    with pytest.raises(ModelFileError, match=r"w.caffemodel: layer 'conv' .* no weights .* Nearest: conv1"):
        load_folder(tiny_folder)


@pytest.mark.parametrize(
    "blobs", [[np.ones((4, 3, 5, 5)), np.ones(4)], [np.ones((4, 3, 3, 3))], [np.ones(108), np.ones(4)]]
)
def test_weights_of_another_shape_name_both_shapes(tiny_folder: Path, blobs: list[np.ndarray]) -> None:
    write_caffemodel(tiny_folder / "w.caffemodel", {"conv": blobs, "fc": [np.ones((5, 144)), np.ones(5)]})
    with pytest.raises(ModelFileError, match=r"'conv' .*asks for \(4, 3, 3, 3\), \(4,\)") as caught:
        load_folder(tiny_folder)
    assert str(blobs[0].shape) in str(caught.value)


def test_a_mean_image_is_read_from_binaryproto(tmp_path: Path) -> None:
    blob = new("BlobProto")
    blob.num, blob.channels, blob.height, blob.width = 1, 3, 2, 2
    blob.data.append(np.arange(12, dtype=np.float32).tobytes())
    (tmp_path / "mean.binaryproto").write_bytes(blob.SerializeToString())
    assert read_binaryproto(tmp_path / "mean.binaryproto").shape == (1, 3, 2, 2)
    (tmp_path / "torn.binaryproto").write_bytes(blob.SerializeToString()[:-3])
    with pytest.raises(ModelFileError, match=r"torn\.binaryproto"):
        read_binaryproto(tmp_path / "torn.binaryproto")
