"""Each published network is described in full, and what is said of its layers holds for its definition."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

from lucidreel.commands.zoo_page import zoo_page
from lucidreel.models.labels import parse_labels
from lucidreel.models.outline import outline_folder
from lucidreel.models.zoo.published import ZooNetwork, published_networks

PAGE = Path(__file__).parents[3] / "docs" / "zoo.md"
NETWORKS = list(published_networks().values())
CLASSES = {"age_net": 8, "gender_net": 2, "oxford102": 102, "flickr_style": 20}
"""Networks whose labels are in their own file, and how many classes their definitions have."""


@pytest.mark.parametrize("network", NETWORKS, ids=lambda network: network.name)
class TestEachNetwork:
    def test_says_how_it_dreams_and_names_five_layers(self, network: ZooNetwork) -> None:
        assert network.dreams
        assert len({layer.name for layer in network.layers}) == 5
        assert network.class_layer
        assert network.source.startswith("http")

    def test_says_what_is_done_to_its_pictures(self, network: ZooNetwork) -> None:
        assert network.channel_order == "BGR"
        assert network.mean is not None
        assert len(network.mean) == 3
        assert all(70 < mean < 190 for mean in network.mean)

    def test_has_a_definition_and_weights(self, network: ZooNetwork) -> None:
        names = [file.name for file in network.files]
        assert names[0] == "deploy.prototxt"
        assert sum(name.endswith(".caffemodel") for name in names) == 1
        assert all(file.urls for file in network.files)
        urls = [url for file in network.files for url in file.urls]
        assert len(set(urls)) == len(urls)
        moving = [url for url in urls if "githubusercontent" in url or "huggingface" in url]
        assert all(re.search("/[0-9a-f]{40}/", url) for url in moving), "an address whose content may change"

    def test_is_fetched_by_checksum_or_got_by_hand(self, network: ZooNetwork) -> None:
        proven = [file for file in network.files if file.sha256 and file.size_bytes]
        if network.by_hand:
            assert len(proven) < len(network.files)
            told = re.findall(r"`lucidreel models add \S+ [^`]+`", network.by_hand)
            assert len(told) == 1 and network.name in told[0]
            weights = next(file for file in network.files if file.name.endswith(".caffemodel"))
            assert weights.urls[0] in network.by_hand
            return
        assert len(proven) == len(network.files)
        weights = next(file for file in network.files if file.name.endswith(".caffemodel"))
        assert len({url.split("/")[2] for url in weights.urls}) > 1, "no second server"

    def test_a_published_sha1_is_told_to_whoever_gets_it_by_hand(self, network: ZooNetwork) -> None:
        for file in network.files:
            if file.sha1 and not file.sha256:
                assert file.sha1 in network.by_hand

    def test_labels_of_its_own_are_as_many_as_its_classes(self, network: ZooNetwork) -> None:
        has_file = any(word in file.name for file in network.files for word in ("categor", "synset", "label"))
        assert not (has_file and network.labels)
        assert len(network.labels) == CLASSES.get(network.name, 0)
        if network.labels:
            labels = parse_labels(network.labels)
            assert [labels.find(word) for word in network.labels] == list(range(len(labels)))


def test_no_two_networks_share_weights_and_all_share_files_of_one_checksum() -> None:
    weights = [file.sha256 for network in NETWORKS for file in network.files if ".caffemodel" in file.name]
    known = [checksum for checksum in weights if checksum]
    assert len(known) == len(set(known)) == 12
    synsets = {
        file.sha256 for network in NETWORKS for file in network.files if file.name == "synset_words.txt"
    }
    assert len(synsets) == 1


@pytest.mark.parametrize(
    ("definition", "names"),
    [
        ("bvlc_googlenet", ("bvlc_googlenet", "googlenet_places205", "googlenet_places365")),
        ("bvlc_reference_caffenet", ("bvlc_reference_caffenet", "bvlc_alexnet", "vgg_cnn_s")),
        ("ResNet-50-deploy", ("resnet50",)),
    ],
)
def test_layers_are_those_of_the_definition(
    shared: Path, tmp_path: Path, definition: str, names: tuple[str, ...]
) -> None:
    text = (shared / "models" / "definitions" / f"{definition}.prototxt").read_bytes()
    (tmp_path / "deploy.prototxt").write_bytes(text)
    (tmp_path / "none.caffemodel").touch()  # an outline does not look into it
    outline = outline_folder(tmp_path, definition)
    layers = {layer.name for layer in outline.layers}
    for name in names:
        network = published_networks()[name]
        assert layers >= {layer.name for layer in network.layers}, name
        assert network.class_layer == outline.class_layer
    exact = published_networks()[names[0]].files[0].sha256
    assert names[0] == "resnet50" or hashlib.sha256(text).hexdigest() == exact


def test_squeezenet_of_the_shared_folder_is_the_published_definition(shared: Path) -> None:
    folder, network = shared / "models" / "squeezenet_v1.0", published_networks()["squeezenet_v1.0"]
    outline = outline_folder(folder, "squeezenet_v1.0")
    assert {layer.name for layer in outline.layers} >= {layer.name for layer in network.layers}
    assert network.class_layer == outline.class_layer
    for file in network.files:
        if not file.name.endswith(".caffemodel"):  # those of the folder are others: Deep Compression's
            assert hashlib.sha256((folder / file.name).read_bytes()).hexdigest() == file.sha256
            assert (folder / file.name).stat().st_size == file.size_bytes


def test_the_page_of_the_zoo_is_what_the_files_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == zoo_page(), (
        "write it anew: .venv/bin/python -m lucidreel.commands.zoo_page > docs/zoo.md"
    )
