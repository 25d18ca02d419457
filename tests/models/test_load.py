"""A folder of files is a network; what is missing, ambiguous or contradictory is named."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import numpy as np
import pytest
import torch

from lucidreel.errors import LayerNotFoundError, ModelFileError
from lucidreel.models.caffe_files.caffemodel import write_caffemodel
from lucidreel.models.caffe_files.schema import new
from lucidreel.models.load import load_folder
from lucidreel.models.model_folder import read_metadata
from lucidreel.models.preprocess import Preprocess, read_mean

DEFINITION = """
input: "data" input_dim: [1, 3, 8, 8]
layer { name: "conv" type: "Convolution" bottom: "data" top: "conv"
        convolution_param { num_output: 4 kernel_size: 3 } }
layer { name: "pool" type: "Pooling" bottom: "conv" top: "pool"
        pooling_param { pool: AVE global_pooling: true } }
layer { name: "prob" type: "Softmax" bottom: "pool" top: "prob" }
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "tiny"
    path.mkdir()
    (path / "deploy.prototxt").write_text(DEFINITION)
    write_caffemodel(path / "tiny.caffemodel", {"conv": [np.full((4, 3, 3, 3), 0.5), np.arange(4)]})
    return path


def test_a_folder_with_two_files_is_a_network(folder: Path) -> None:
    network = load_folder(folder)
    assert (network.name, network.class_layer, network.input_size) == ("tiny", "pool", (8, 8))
    assert network.preprocess == Preprocess("BGR", (104.0, 117.0, 123.0), 255.0, 1.0)
    assert len(network.labels) == 0


def test_the_deploy_file_is_preferred_to_training_files(folder: Path) -> None:
    (folder / "train_val.prototxt").write_text("nonsense")
    (folder / "solver.prototxt").write_text("nonsense")
    assert load_folder(folder).class_layer == "pool"


def test_labels_are_found_by_their_files_name(folder: Path) -> None:
    (folder / "readme.txt").write_text("nothing\n")
    (folder / "synset_words.txt").write_text("n01443537 goldfish, Carassius auratus\neye\nhook\nfan\n")
    (folder / "synsets.txt").write_text("n01443537\n")
    assert load_folder(folder).labels[0].words == ("goldfish", "Carassius auratus")


def test_a_mean_image_becomes_a_mean_per_channel(folder: Path) -> None:
    image = np.stack([np.full((4, 6), value) for value in (100.0, 110.0, 120.0)])
    image[:, :2] += 10
    np.save(folder / "mean.npy", image)
    assert load_folder(folder).preprocess.mean == (105.0, 115.0, 125.0)
    blob = new("BlobProto")
    blob.num, blob.channels, blob.height, blob.width = 1, 3, 4, 6
    blob.data.append(image.astype("<f4").tobytes())
    (folder / "mean.npy").unlink()
    (folder / "mean.binaryproto").write_bytes(blob.SerializeToString())
    assert load_folder(folder).preprocess.mean == (105.0, 115.0, 125.0)


def test_model_toml_states_what_no_other_file_tells(folder: Path) -> None:
    (folder / "kinds.txt").write_text("eye\nspiral\nhook\nfan\n")
    (folder / "model.toml").write_text(
        'labels = "kinds.txt"\nclass_layer = "conv"\nchannel_order = "RGB"\nmean = [1, 2, 3]\nscale = 0.5\n'
    )
    network = load_folder(folder)
    assert network.class_layer == "conv" and network.labels.find("spiral") == 1
    assert network.preprocess == Preprocess("RGB", (1.0, 2.0, 3.0), 255.0, 0.5)


def test_a_grey_network_gets_one_channel(folder: Path) -> None:
    (folder / "deploy.prototxt").write_text(DEFINITION.replace("[1, 3, 8, 8]", "[1, 1, 8, 8]"))
    write_caffemodel(folder / "tiny.caffemodel", {"conv": [np.ones((4, 1, 3, 3)), np.zeros(4)]})
    network = load_folder(folder)
    value = network.activations(torch.ones(1, 3, 8, 8), ["conv"])["conv"]
    assert value.flatten().tolist() == pytest.approx([9 * 255.0] * value.numel())


def test_weights_can_be_made_up_and_are_the_same_for_the_same_seed(folder: Path) -> None:
    (folder / "tiny.caffemodel").unlink()
    one, two, other = (load_folder(folder, random_seed=seed) for seed in (1, 1, 2))
    assert torch.equal(one.weights[0][0], two.weights[0][0])
    assert not torch.equal(one.weights[0][0], other.weights[0][0])


def test_missing_files_are_named(folder: Path, tmp_path: Path) -> None:
    (folder / "tiny.caffemodel").unlink()
    with pytest.raises(ModelFileError, match=r"no \.caffemodel file .* deploy\.prototxt"):
        load_folder(folder)
    (folder / "deploy.prototxt").unlink()
    with pytest.raises(ModelFileError, match=r"no \.prototxt file in this folder \(it holds nothing\)"):
        load_folder(folder)
    with pytest.raises(ModelFileError, match="not a folder"):
        load_folder(tmp_path / "absent")


@pytest.mark.parametrize(("name", "key"), [("other.prototxt", "definition"), ("other.caffemodel", "weights")])
def test_a_choice_of_files_is_not_guessed(folder: Path, name: str, key: str) -> None:
    (folder / "deploy.prototxt").rename(folder / "net.prototxt")
    original = folder / ("net.prototxt" if key == "definition" else "tiny.caffemodel")
    (folder / name).write_bytes(original.read_bytes())
    with pytest.raises(ModelFileError, match=rf"several \.{name.split('.')[1]} files: .*{key} = ") as caught:
        load_folder(folder)
    assert name in str(caught.value) and original.name in str(caught.value)
    (folder / "model.toml").write_text(f'{key} = "{name}"\n')
    assert load_folder(folder).class_layer == "pool"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('class_layr = "pool"', r"'class_layr'.* Nearest: class_layer"),
        ('channel_order = "GBR"', "'channel_order'"),
        ("mean = [1, 2]", "a mean of 2 values for 3 channels"),
        ("mean = 3 4", "it is not TOML"),
        ('weights = "absent.caffemodel"', r"names absent\.caffemodel, which is not there"),
        ("mean = [nan]", "'mean.0': Input should be a finite number"),
        ("mean = [1e300]", "'mean.0': Input should be less than"),
        ("scale = 0", "'scale': Input should be greater than 0"),
        ("raw_scale = inf", "'raw_scale'"),
        ("mean = [" + "9" * 5000 + "]", "a whole number is larger"),
        ('title = "' + "x" * 100_000 + '"', "description of a network has at most 65,536"),
        (
            'labels = "/dev/zero"',
            "labels = '/dev/zero' is not in the network's folder. Copy the file into it",
        ),
        ('labels = "../labels.txt"', "is not in the network's folder"),
        ('weights = "link"', "weights = 'link' is not in the network's folder"),
        ('definition = "' + "x" * 5000 + '"', "which is not there"),
        ('labels = "\\u0000"', "which is no character"),
        ('labels = "."', "it is a folder"),
    ],
)
def test_facts_that_do_not_hold_are_named(folder: Path, text: str, message: str) -> None:
    (folder / "model.toml").write_text(text)
    (folder.parent / "labels.txt").write_text("eye\nhook\nfan\nbone\n")
    (folder / "link").symlink_to("../labels.txt")
    with pytest.raises(ModelFileError, match=message):
        load_folder(folder)


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such files")
@pytest.mark.parametrize("name", ["model.toml", "deploy.prototxt", "tiny.caffemodel"])
def test_pipes_and_devices_in_a_folder_are_refused_unread(folder: Path, name: str) -> None:
    (folder / name).unlink(missing_ok=True)
    os.mkfifo(folder / name)
    with pytest.raises(ModelFileError):
        load_folder(folder)
    (folder / name).unlink()
    (folder / name).symlink_to("/dev/zero")
    with pytest.raises(ModelFileError):
        load_folder(folder)


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such files")
def test_labels_and_means_that_are_no_files_are_passed_over(folder: Path) -> None:
    os.mkfifo(folder / "labels.txt")
    (folder / "synset_words.txt").symlink_to("/dev/zero")
    (folder / "mean.npy").symlink_to("/dev/zero")
    os.mkfifo(folder / "mean.binaryproto")
    network = load_folder(folder)
    assert len(network.labels) == 0 and network.preprocess.mean == (104.0, 117.0, 123.0)


@pytest.mark.skipif(os.name != "posix", reason="permission bits do not bind on Windows")
def test_a_folder_that_may_not_be_looked_into_is_named(folder: Path, bound_by_permissions: None) -> None:
    folder.chmod(0)
    with pytest.raises(ModelFileError, match="tiny: cannot be looked into: Permission denied"):
        load_folder(folder)
    folder.chmod(0o700)


def test_words_of_a_network_are_one_line_each(folder: Path) -> None:
    (folder / "model.toml").write_text('title = "two\\nlines \\u001b[31m"')
    assert read_metadata(folder).title == r"two\nlines \x1b[31m"


def test_weights_are_held_against_their_checksum(folder: Path) -> None:
    checksum = hashlib.sha256((folder / "tiny.caffemodel").read_bytes()).hexdigest()
    (folder / "model.toml").write_text(f'sha256 = "{checksum}"')
    assert load_folder(folder).class_layer == "pool"
    (folder / "model.toml").write_text(f'sha256 = "{checksum[::-1]}"')
    with pytest.raises(ModelFileError, match=rf"tiny\.caffemodel.*{checksum}"):
        load_folder(folder)


def test_a_class_layer_that_does_not_exist_is_refused(folder: Path) -> None:
    (folder / "model.toml").write_text('class_layer = "pol"')
    with pytest.raises(LayerNotFoundError, match="Nearest: pool"):
        load_folder(folder)


@pytest.mark.parametrize(
    ("count", "words"), [(3, "3 labels, fewer than the 4"), (5, "5 labels, more than the 4")]
)
def test_labels_that_are_not_one_per_class_are_refused(folder: Path, count: int, words: str) -> None:
    (folder / "labels.txt").write_text("".join(f"kind {number}\n" for number in range(count)))
    with pytest.raises(ModelFileError, match=rf"labels\.txt: has {words} classes that layer 'pool' scores"):
        load_folder(folder)


def test_labels_of_a_network_without_classes_may_be_any_number(folder: Path) -> None:
    (folder / "deploy.prototxt").write_text(DEFINITION.partition('layer { name: "pool"')[0])
    (folder / "labels.txt").write_text("eye\n")
    network = load_folder(folder)
    assert network.class_layer is None and len(network.labels) == 1


def test_a_class_layer_named_by_its_blob_gets_the_layers_name(folder: Path) -> None:
    (folder / "deploy.prototxt").write_text(
        DEFINITION.replace('top: "pool"', 'top: "scores"').replace('bottom: "pool"', 'bottom: "scores"')
    )
    (folder / "model.toml").write_text('class_layer = "scores"')
    assert load_folder(folder).class_layer == "pool"


@pytest.mark.parametrize("shape", [(3,), (3, 1), (1, 3), (3, 2, 2), (1, 3, 2, 2), (1, 1, 3, 1)])
def test_a_mean_is_read_in_every_shape_that_has_one_number_per_channel(
    tmp_path: Path, shape: tuple[int, ...]
) -> None:
    values = np.broadcast_to(
        np.array([104, 117, 123], np.float32).reshape([-1 if side == 3 else 1 for side in shape]), shape
    )
    np.save(tmp_path / "mean.npy", values)
    assert read_mean(tmp_path / "mean.npy") == (104, 117, 123)


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e300])
def test_a_mean_that_is_no_colour_is_refused(tmp_path: Path, value: float) -> None:
    np.save(tmp_path / "mean.npy", np.full((3, 2, 2), value))
    with pytest.raises(ModelFileError, match="out of all range"):
        read_mean(tmp_path / "mean.npy")


def test_means_of_other_shapes_are_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "mean.npy", np.zeros((4, 4)))
    with pytest.raises(ModelFileError, match=r"its shape is \(4, 4\)"):
        read_mean(tmp_path / "mean.npy")
    (tmp_path / "torn.npy").write_bytes((tmp_path / "mean.npy").read_bytes()[:20])
    with pytest.raises(ModelFileError, match=r"torn\.npy is not a readable mean: its header"):
        read_mean(tmp_path / "torn.npy")
