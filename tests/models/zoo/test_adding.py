"""A network of one's own is added whole or not at all, from a folder, single files, an archive."""

from __future__ import annotations

import errno
import io
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest

from lucidreel.errors import ModelFileError
from lucidreel.models.caffe_files.caffemodel import write_caffemodel
from lucidreel.models.zoo import registry
from lucidreel.models.zoo.adding import add_network
from lucidreel.models.zoo.archives import unpack_network
from lucidreel.models.zoo.describe import describe

DEFINITION = """
input: "data" input_dim: 1 input_dim: 3 input_dim: 4 input_dim: 4
layer { name: "fc" type: "InnerProduct" bottom: "data" top: "fc" inner_product_param { num_output: 3 } }
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LUCIDREEL_HOME", str(tmp_path / "home"))
    return tmp_path / "home" / "models"


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """A definition, weights, and the classes' names in a file that is not called like one."""
    folder = tmp_path / "downloads"
    folder.mkdir()
    (folder / "net.prototxt").write_text(DEFINITION)
    write_caffemodel(folder / "net.caffemodel", {"fc": [np.ones((3, 48)), np.zeros(3)]})
    (folder / "words.txt").write_text("eye\near\nnose\n")
    return sorted(folder.iterdir())


def left_in(home: Path) -> list[str]:
    return sorted(path.name for path in home.iterdir()) if home.exists() else []


def test_single_files_become_a_network_with_what_was_said_of_it(home: Path, files: list[Path]) -> None:
    entry = add_network(files, "mine", stated={"mean": [1, 2, 3], "channel_order": "RGB", "scale": 0.5})
    assert entry.folder == home / "mine" and left_in(home) == ["mine"]
    network = registry.load_network("mine")
    assert network.labels.find("ear") == 1
    assert network.pictures == "RGB, 0 to 255, minus 1, 2, 3, times 0.5 (as model.toml says)"


def test_a_network_of_files_is_called_like_its_weights(home: Path, files: list[Path]) -> None:
    assert add_network(files).name == "net"


def test_what_is_said_comes_before_a_folders_words(home: Path, files: list[Path], tmp_path: Path) -> None:
    folder = files[0].parent
    (folder / "model.toml").write_text('title = "Faces"\nmean = [9, 9, 9]\nlabels = "gone.txt"\n')
    (tmp_path / "other.txt").write_text("a\nb\nc\n")
    entry = add_network(folder, "faces", stated={"mean": [1.0]}, labels=tmp_path / "other.txt")
    assert entry.title == "Faces"
    network = registry.load_network("faces")
    assert "minus 1 " in network.pictures and network.labels.find("c") == 2
    assert "mean = [9, 9, 9]" in (folder / "model.toml").read_text()  # the user's own stays as it was


@pytest.mark.parametrize("kind", ["zip", "tar.gz"])
def test_an_archive_of_files_is_a_network(home: Path, files: list[Path], tmp_path: Path, kind: str) -> None:
    archive = tmp_path / f"face.v2.{kind}"
    if kind == "zip":
        with zipfile.ZipFile(archive, "w") as packed:
            for file in files:
                packed.write(file, f"deep/er/{file.name}")
            packed.writestr("__MACOSX/._net.prototxt", "no definition")
    else:
        with tarfile.open(archive, "w:gz") as tar:
            for file in files:
                tar.add(file, f"deep/{file.name.replace('prototxt', 'protxt')}")
    assert add_network(archive).name == "face.v2"
    assert describe("face.v2").classes == 3


def test_what_is_taken_from_an_archive_stays_in_its_folder(tmp_path: Path, files: list[Path]) -> None:
    archive, folder = tmp_path / "evil.tar", tmp_path / "out"
    folder.mkdir()
    with tarfile.open(archive, "w") as tar:
        tar.add(files[1], "../../escaped.prototxt")
        link = tarfile.TarInfo("net.caffemodel")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(link)
        tar.addfile(tarfile.TarInfo("run.sh"), io.BytesIO())
    assert unpack_network(archive, folder) == [folder / "escaped.prototxt"]
    assert [path.name for path in folder.iterdir()] == ["escaped.prototxt"]


def test_archives_that_hold_too_much_or_nothing_are_refused(tmp_path: Path, files: list[Path]) -> None:
    archive = tmp_path / "net.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.write(files[0], "a/net.caffemodel")
        packed.write(files[0], "b/net.caffemodel")
    for number, (most_bytes, message) in enumerate([(10, "more than a network"), (10**6, "several files")]):
        folder = tmp_path / str(number)
        folder.mkdir()
        with pytest.raises(ModelFileError, match=message):
            unpack_network(archive, folder, most_bytes)
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("readme.md", "words")
    with pytest.raises(ModelFileError, match="holds no file of a network"):
        unpack_network(archive, tmp_path)
    archive.write_bytes(b"torn")
    with pytest.raises(ModelFileError, match="cannot be unpacked"):
        unpack_network(archive, tmp_path)


def test_of_a_folder_its_own_files_are_copied_and_may_be_changed(
    home: Path, files: list[Path], tmp_path: Path
) -> None:
    folder = files[0].parent
    (folder / "snapshots").mkdir()
    (folder / "snapshots" / "huge.caffemodel").touch()
    (folder / ".git").touch()
    (folder / "LICENSE").touch()
    for path in (*folder.iterdir(), folder):
        path.chmod(path.stat().st_mode & ~0o222)
    try:
        copy = add_network(folder, "mine", stated={"scale": 0.5}).folder
    finally:
        folder.chmod(0o755)
    assert copy is not None and copy.stat().st_mode & 0o200
    copied = ["LICENSE", "model.toml", "net.caffemodel", "net.prototxt", "words.txt"]
    assert sorted(path.name for path in copy.iterdir()) == copied
    assert all(path.stat().st_mode & 0o200 for path in copy.iterdir())


def test_files_that_no_network_needs_are_left_out_and_told(home: Path, files: list[Path]) -> None:
    (files[0].parent / "LICENSE").touch()
    told: list[str] = []
    add_network(sorted(files[0].parent.iterdir()), "mine", tell=told.append)
    assert told == ["LICENSE is no file of a network, and is left out."]


def test_what_files_lack_is_told_of_those_that_were_given(home: Path, files: list[Path]) -> None:
    with pytest.raises(
        ModelFileError, match=r"no \.caffemodel file among them \(net\.prototxt, words\.txt\)"
    ):
        add_network(files[1:], "mine")
    solver = files[0].with_name("solver.prototxt")
    solver.write_text('net: "train_val.prototxt" base_lr: 0.01')
    with pytest.raises(ModelFileError, match=r"^solver\.prototxt: is a solver"):
        add_network([files[0], solver], "mine")
    assert left_in(home) == []


def test_a_folder_without_a_definition_is_told_what_lies_in_it(home: Path, files: list[Path]) -> None:
    files[1].unlink()
    for take in (add_network, registry.find_network):
        with pytest.raises(ModelFileError, match=r"net\.caffemodel: weights without a definition"):
            take(files[0].parent)
    files[0].rename(files[0].with_suffix(".jpg"))
    with pytest.raises(
        ModelFileError, match=r"no \.prototxt file in this folder \(it holds net\.jpg, words\.txt"
    ):
        add_network(files[0].parent)


def test_a_full_disk_is_told_once(home: Path, files: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    def fill(source: Path, target: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(source), None, str(target))

    monkeypatch.setattr("shutil.copyfile", fill)
    with pytest.raises(ModelFileError, match=r"the disk is full\. Make room, .* LUCIDREEL_HOME\.$"):
        add_network(files[0].parent, "mine")
    assert left_in(home) == []


def test_files_that_do_not_load_leave_nothing_behind(home: Path, files: list[Path]) -> None:
    files[0].write_bytes(b"torn")
    with pytest.raises(ModelFileError, match=r"^net\.caffemodel: not a complete") as raised:
        add_network(files, "mine")
    assert ".mine.adding" not in str(raised.value)
    assert left_in(home) == []


def test_what_a_killed_attempt_left_is_no_network_and_in_nobodys_way(home: Path, files: list[Path]) -> None:
    (home / ".mine.adding").mkdir(parents=True)
    (home / ".mine.adding" / "half.prototxt").touch()
    assert add_network(files, "mine").name == "mine"
    assert left_in(home) == ["mine"]
    assert not (home / "mine" / "half.prototxt").exists()


def test_a_folder_that_is_linked_to_is_not_written_into(home: Path, files: list[Path]) -> None:
    folder = files[0].parent
    with pytest.raises(ModelFileError, match=r"Write mean into its model\.toml"):
        add_network(folder, link=True, stated={"mean": [1.0]})
    with pytest.raises(ModelFileError, match="only a folder can be linked to"):
        add_network(files, link=True)


def test_names_that_are_taken_are_refused(home: Path, files: list[Path]) -> None:
    add_network(files, "mine")
    with pytest.raises(ModelFileError, match=r"'mine' exists already\. Choose another name with --name"):
        add_network(files, "mine")
    for name in ("imagenet", "timm"):
        with pytest.raises(ModelFileError, match=f"'{name}' is taken by lucidreel"):
            add_network(files, name)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("net.pth", "torch.onnx.export"),
        ("net.safetensors", "timm:NAME"),
        ("net.pb", "tf2onnx.convert --graphdef net.pb"),
        ("net.h5", "tf2onnx.convert --keras net.h5"),
        ("net.caffemodel.h5", r"Caffe's HDF5 form.*\.save\('net\.caffemodel'\)"),
        ("net.tflite", "tf2onnx.convert --tflite net.tflite"),
        ("net.solverstate", "Give the .caffemodel of that iteration"),
        ("mean.binaryproto", "a mean, it seems"),
        ("net.xyz", "no file of a network"),
    ],
)
def test_files_of_other_kinds_are_answered_with_what_to_do(
    home: Path, tmp_path: Path, name: str, message: str
) -> None:
    (tmp_path / name).touch()
    for take in (add_network, registry.find_network):
        with pytest.raises(ModelFileError, match=message):
            take(tmp_path / name)


def test_weights_alone_are_told_whose_they_may_be(home: Path, tmp_path: Path, files: list[Path]) -> None:
    with pytest.raises(ModelFileError, match=r"Give its deploy\.prototxt beside it: one with layers fc\."):
        add_network(files[0])
    layers = ["inception_3a/5x5_reduce", "inception_3b/3x3", "inception_4c/1x1", "inception_4d/3x3_reduce"]
    places = {layer: [np.zeros(1)] for layer in layers}
    write_caffemodel(tmp_path / "tuned.caffemodel", places)
    with pytest.raises(ModelFileError, match="called like those of bvlc_googlenet"):
        add_network(tmp_path / "tuned.caffemodel")
