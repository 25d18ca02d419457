"""The network that ships: small, intact, and right about pictures nobody has drawn before."""

from __future__ import annotations

import hashlib
import json
import tomllib
from pathlib import Path

import numpy as np
import pytest
import torch

from lucidreel.models.bestiary import NETWORK_FOLDER
from lucidreel.models.bestiary.catalogue import catalogue, class_names
from lucidreel.models.bestiary.export import definition
from lucidreel.models.bestiary.picture import draw_picture
from lucidreel.models.caffe_files.prototxt import read_prototxt, write_prototxt
from lucidreel.models.caffe_network import CaffeNetwork
from lucidreel.models.load import load_folder
from lucidreel.models.zoo.registry import EMBEDDED_FOLDER

PER_CLASS = 12
UNSEEN_SEED = 20_261_123  # neither the training's nor the measurement's


@pytest.fixture(scope="module")
def bestiary() -> CaffeNetwork:
    return load_folder(EMBEDDED_FOLDER, "bestiary")


def test_network_files_are_at_most_eight_megabytes() -> None:
    assert sum(file.stat().st_size for file in NETWORK_FOLDER.iterdir()) <= 8_000_000


def test_weights_are_those_that_were_recorded() -> None:
    facts = tomllib.loads((NETWORK_FOLDER / "model.toml").read_text(encoding="utf-8"))
    content = (NETWORK_FOLDER / "bestiary.caffemodel").read_bytes()
    assert hashlib.sha256(content).hexdigest() == facts["sha256"]


def test_labels_and_definition_are_those_of_the_drawings(bestiary: CaffeNetwork, tmp_path: Path) -> None:
    assert [", ".join(label.words) for label in bestiary.labels] == [entry.words for entry in catalogue()]
    write_prototxt(tmp_path / "deploy.prototxt", definition(len(catalogue())))
    assert read_prototxt(NETWORK_FOLDER / "deploy.prototxt") == read_prototxt(tmp_path / "deploy.prototxt")


def test_recorded_accuracy_is_good_for_every_class() -> None:
    figures = json.loads((NETWORK_FOLDER / "training.json").read_text(encoding="utf-8"))
    clean = figures["accuracy"]["clean"]
    assert list(clean["per_class"]) == list(class_names())
    assert clean["overall"] >= 0.97 and min(clean["per_class"].values()) >= 0.90
    assert figures["accuracy"]["attacked"]["overall"] >= 0.90


def test_network_names_freshly_drawn_pictures(bestiary: CaffeNetwork) -> None:
    assert bestiary.class_layer == "score"
    labels = np.repeat(np.arange(len(catalogue())), PER_CLASS)
    drawn = [draw_picture(int(label), (UNSEEN_SEED, at)) for at, label in enumerate(labels)]
    images = torch.from_numpy(np.stack(drawn)).permute(0, 3, 1, 2).float() / 255
    with torch.no_grad():
        scores = bestiary.activations(images, ["score"])["score"]
    right = scores.reshape(len(labels), -1).argmax(dim=1).numpy() == labels
    assert right.mean() >= 0.95


def test_class_layer_slides_over_larger_pictures(bestiary: CaffeNetwork) -> None:
    images = torch.rand(1, 3, 160, 224, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        scores = bestiary.dense().activations(images, ["score"])["score"]
    assert scores.shape[1] == len(catalogue()) and min(scores.shape[2:]) > 1
