"""A runner for each test of the folder, and the small classifier that it loads."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

import pytest

from lucidreel.models.caffe_files.caffemodel import write_caffemodel
from lucidreel.models.load import load_folder
from lucidreel.models.network import Network

from .runners import CLASSIFIER, OF_CAFFE_FILES, RUNNERS, FileRunner, Runner

R = TypeVar("R", bound=Runner)


@pytest.fixture(scope="session")
def classifier_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of a small classifier with made-up weights."""
    folder = tmp_path_factory.mktemp("classifier")
    (folder / "deploy.prototxt").write_text(CLASSIFIER)
    network = load_folder(folder, random_seed=5)
    weights = {
        node.name: [tensor.numpy() for tensor in tensors]
        for node, tensors in zip(network.graph.nodes, network.weights, strict=True)
        if tensors
    }
    write_caffemodel(folder / "classifier.caffemodel", weights)
    return folder


@pytest.fixture(scope="session", params=RUNNERS, ids=lambda runner: runner.name)
def runner(request: pytest.FixtureRequest) -> Runner:
    """Each backend in turn."""
    runner: Runner = request.param
    return here(runner)


@pytest.fixture(scope="session", params=OF_CAFFE_FILES, ids=lambda runner: runner.name)
def file_runner(request: pytest.FixtureRequest) -> FileRunner:
    """Each backend that runs Caffe's files, in turn."""
    runner: FileRunner = request.param
    return here(runner)


@pytest.fixture(scope="session")
def network(runner: Runner, classifier_folder: Path) -> Network:
    """The backend's small classifier."""
    return runner.classifier(classifier_folder)


def here(runner: R) -> R:
    """Return the runner, or skip the test with the reason why it cannot run here."""
    if reason := runner.why_not():
        pytest.skip(reason)
    return runner
