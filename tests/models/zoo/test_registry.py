"""Networks by name: where they live, how they get there, and what is said when they are not there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lucidreel.errors import ModelFileError
from lucidreel.models.zoo import registry
from lucidreel.models.zoo.adding import add_network
from lucidreel.tests.models.zoo.publishing import DEFINITION, file_of, publish


@pytest.fixture
def folder(tmp_path: Path, weights: bytes) -> Path:
    path = tmp_path / "mine"
    path.mkdir()
    (path / "deploy.prototxt").write_bytes(DEFINITION)
    (path / "mine.caffemodel").write_bytes(weights)
    return path


@pytest.mark.parametrize("link", [False, True])
def test_an_added_folder_is_a_network_by_name(home: Path, folder: Path, link: bool) -> None:
    entry = add_network(folder, link=link)
    assert entry.folder == home / "models" / "mine"
    assert entry.folder.is_symlink() == link
    assert registry.load_network("mine").name == "mine"
    assert "mine" in [known.name for known in registry.list_networks()]
    with pytest.raises(ModelFileError, match="exists already"):
        add_network(folder)
    assert add_network(folder, "again").name == "again"


@pytest.mark.parametrize(
    ("name", "published_as", "is_described"),
    [
        ("mine", "proven", True),
        ("tiny", "by hand", True),
        ("mine", "by hand", False),
        ("tiny", "other", False),
    ],
)
def test_a_published_network_that_came_by_hand_is_described_by_its_weights_or_its_name(
    home: Path,
    folder: Path,
    weights: bytes,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    published_as: str,
    is_described: bool,
) -> None:
    files = {
        "proven": [file_of(weights, "w.caffemodel", "https://example.org/w")],
        "by hand": [{"name": "w.caffemodel"}],
        "other": [file_of(b"others", "w.caffemodel", "https://example.org/w")],
    }
    told = {"by_hand": "ask"} if published_as == "by hand" else {}
    words = {"mean": [1.0, 2.0, 3.0], "labels": list("abcde"), "class_layer": "fc"}
    publish(home.parent, monkeypatch, files[published_as], **told, **words)
    entry = add_network(folder, name)
    network = registry.load_network(name)
    assert entry.title == ("Five" if is_described else "")
    assert len(network.labels) == (5 if is_described else 0)
    assert ("minus 1, 2, 3" in network.pictures) == is_described


def test_what_a_folder_says_of_itself_and_a_definition_of_another_hand_are_left_alone(
    home: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(home.parent, monkeypatch, [{"name": "w.caffemodel"}], by_hand="ask", class_layer="fc9")
    assert add_network(folder, "tiny").title == ""
    publish(home.parent, monkeypatch, [{"name": "w.caffemodel"}], by_hand="ask", class_layer="fc")
    (folder / "model.toml").write_text('title = "My own"')
    other = folder.rename(folder.with_name("other"))
    monkeypatch.setenv("LUCIDREEL_HOME", str(home / "another"))
    assert add_network(other, "tiny").title == "My own"


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such files")
def test_pipes_devices_and_circles_in_a_folder_are_not_copied(home: Path, folder: Path) -> None:
    os.mkfifo(folder / "pipe")
    (folder / "labels.txt").symlink_to("/dev/zero")
    (folder / "circle").symlink_to(".")
    (folder / "notes").mkdir()
    (folder / "notes" / "readme.txt").write_text("words")
    copied = add_network(folder, "mine").folder
    assert copied is not None and not (copied / "notes").exists()
    assert not {"pipe", "labels.txt", "circle"} & {path.name for path in copied.iterdir()}


def test_one_network_that_cannot_be_read_keeps_no_other_from_loading(home: Path, folder: Path) -> None:
    added = add_network(folder).folder
    assert added is not None
    (added / "model.toml").write_text("title = ")
    assert registry.load_network("bestiary").name == "bestiary"
    listed = {entry.name: entry.title for entry in registry.list_networks()}
    assert listed["mine"].startswith("cannot be loaded: ") and "it is not TOML" in listed["mine"]
    with pytest.raises(ModelFileError, match="it is not TOML"):
        registry.load_network("mine")


def test_a_folder_that_does_not_load_is_not_added(home: Path, folder: Path) -> None:
    (folder / "mine.caffemodel").write_bytes(b"torn")
    with pytest.raises(ModelFileError, match=r"mine\.caffemodel"):
        add_network(folder)
    assert not home.exists()
    with pytest.raises(ModelFileError, match="use letters"):
        add_network(folder, "../escape")


def test_a_folder_is_loaded_by_its_path_without_being_added(home: Path, folder: Path) -> None:
    assert registry.load_network(folder).name == registry.load_network(str(folder)).name == "mine"


def test_a_networks_files_are_all_that_decide_what_it_computes(home: Path, folder: Path) -> None:
    for name in ("mean.npy", "model.toml", "synset_words.txt", "README.txt", "log.csv"):
        (folder / name).write_text("")
    decisive = {"deploy.prototxt", "mine.caffemodel", "mean.npy", "model.toml", "synset_words.txt"}
    assert set(registry.find_network(str(folder)).files()) == decisive
    (folder / "sub").mkdir()
    (folder / "sub" / "weights.bin").touch()
    (folder / "model.toml").write_text('weights = "sub/weights.bin"')
    assert set(registry.find_network(folder).files()) == {*decisive, "sub/weights.bin"}
    assert {"deploy.prototxt", "model.toml"} <= set(registry.find_network("bestiary").files())


def test_a_name_wins_over_a_folder_of_that_name_nearby(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bestiary").mkdir()
    monkeypatch.chdir(tmp_path)
    assert registry.load_network("bestiary").name == "bestiary"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("bestiari", r"neither a known name nor a folder\. Nearest: bestiary"),
        ("bestiary:conv4_1", "--model bestiary --layer conv4_1"),
        ("bestiary::conv4_1", "--model bestiary --layer conv4_1"),
        ("bestiary=0.5", "beside a second --model; bestiary alone needs none"),
        ("bvlc_googlenet", "`lucidreel models fetch bvlc_googlenet` downloads it"),
    ],
)
def test_what_is_not_there_is_explained(home: Path, name: str, message: str) -> None:
    with pytest.raises(ModelFileError, match=message):
        registry.load_network(name)


def test_a_file_in_place_of_a_folder_is_explained(home: Path, folder: Path) -> None:
    with pytest.raises(ModelFileError, match="Give the folder"):
        registry.load_network(folder / "deploy.prototxt")


def test_known_networks_are_listed_before_they_are_fetched(home: Path) -> None:
    entries = {entry.name: entry for entry in registry.list_networks()}
    assert next(iter(entries)) == "bestiary"
    assert entries["bvlc_googlenet"].folder is None
    assert all(
        entry.title and entry.licence and entry.source for entry in entries.values() if not entry.folder
    )


def test_words_on_what_layers_dream_of_are_no_part_of_what_makes_a_network_what_it_is() -> None:
    assert (registry.EMBEDDED_FOLDER / "dreams.toml").is_file()
    assert "dreams.toml" not in registry.find_network("bestiary").files()
