"""Training: a run resumes to the very same network, the attack stays in its ball, and exports are exact."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from lucidreel.models.bestiary import train
from lucidreel.models.bestiary.attack import attacked
from lucidreel.models.bestiary.catalogue import class_names
from lucidreel.models.bestiary.drawn import BACKGROUND, drawn_pictures
from lucidreel.models.bestiary.export import export
from lucidreel.models.bestiary.held_out import accuracy
from lucidreel.models.bestiary.net import BestiaryNet, normalise
from lucidreel.models.bestiary.training import Training, TrainSettings, soft_targets
from lucidreel.models.registry import load_network

Drawn = tuple[NDArray[np.uint8], NDArray[np.int64]]

CLASSES = len(class_names())
TINY = TrainSettings(seed=4, epochs=1, batch=6, per_class=1, backgrounds=2, easing=0.2, polish_epochs=1)


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Batches this small only make threads wait for each other: 34 s instead of 1.4 on two busy cores."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Drawn:
    return drawn_pictures(tmp_path_factory.mktemp("drawn"), 4, 1, 2, 104, workers=0)


def randomised_network() -> BestiaryNet:
    """A network whose batch norms have something to fold."""
    torch.manual_seed(2)
    network = BestiaryNet(CLASSES).eval()
    torch.nn.init.normal_(network.classes.weight)  # scores far enough apart to be compared
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(module.weight, 0.5, 1.5)
            torch.nn.init.uniform_(module.bias, -0.3, 0.3)
            for statistic, low, high in ((module.running_mean, -0.3, 0.3), (module.running_var, 0.5, 1.5)):
                assert statistic is not None
                torch.nn.init.uniform_(statistic, low, high)
    return network


def test_resumed_run_ends_with_the_same_weights_as_an_uninterrupted_one(
    pictures: Drawn, tmp_path: Path
) -> None:
    whole, first, second = (Training(TINY, *pictures) for _ in range(3))
    results = [whole.advance() for _ in range(whole.total_steps)]
    assert whole.total_steps == 6 and np.isfinite([loss for loss, _ in results]).all()
    for _ in range(2):
        first.advance()
    first.save(tmp_path / "checkpoint.pt")
    second.restore(tmp_path / "checkpoint.pt")
    while second.step < second.total_steps:
        second.advance()
    for name, value in whole.network.state_dict().items():
        assert torch.equal(value, second.network.state_dict()[name]), name


def test_checkpoint_of_other_settings_is_refused(pictures: Drawn, tmp_path: Path) -> None:
    Training(TINY, *pictures).save(tmp_path / "checkpoint.pt")
    other = Training(replace(TINY, seed=5), *pictures)
    with pytest.raises(ValueError, match="other settings"):
        other.restore(tmp_path / "checkpoint.pt")


def test_attack_stays_in_its_ball_and_raises_the_loss() -> None:
    network = randomised_network()
    images = torch.randn(3, 3, 48, 48, generator=torch.Generator().manual_seed(1))
    targets = soft_targets(np.array([0, 3, BACKGROUND]), 0.05)
    moved = attacked(network, images, targets, 2.0, 3, torch.Generator().manual_seed(1))
    assert ((moved - images).flatten(1).norm(dim=1) <= 2.0 + 1e-4).all()
    before, after = (torch.nn.functional.cross_entropy(network(x), targets) for x in (images, moved))
    assert after > before + 0.01
    assert all(parameter.grad is None for parameter in network.parameters())


def test_backgrounds_are_alike_for_every_class_and_classes_are_smoothed() -> None:
    targets = soft_targets(np.array([2, BACKGROUND]), 0.1)
    assert torch.allclose(targets.sum(dim=1), torch.ones(2))
    assert torch.allclose(targets[0, 2], torch.tensor(0.9 + 0.1 / CLASSES))
    assert torch.allclose(targets[1], torch.full((CLASSES,), 1 / CLASSES))


@pytest.mark.parametrize("size", [(96, 96), (81, 130)])
def test_exported_files_score_as_the_trained_network_does(tmp_path: Path, size: tuple[int, int]) -> None:
    network = randomised_network()
    export(network, tmp_path / "net")
    loaded = load_network(tmp_path / "net")
    images = torch.rand(2, 3, *size, generator=torch.Generator().manual_seed(0))
    scores = loaded.activations(images, ["score"])["score"].reshape(2, -1)
    with torch.no_grad():
        expected = network(normalise(images * 255))
    assert expected.std() > 0.01
    assert torch.allclose(scores, expected, rtol=1e-4, atol=1e-4 * float(expected.abs().max()))


def test_exporting_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        export(randomised_network(), tmp_path / name)
    files = sorted(file.name for file in (tmp_path / "a").iterdir())
    assert files == ["bestiary.caffemodel", "deploy.prototxt", "labels.txt", "model.toml"]
    assert all((tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes() for file in files)


def test_accuracy_counts_right_answers_and_mistakes(pictures: Drawn) -> None:
    network = randomised_network()
    assert network.classes.bias is not None
    with torch.no_grad():
        network.classes.weight.zero_()
        network.classes.bias.copy_((torch.arange(CLASSES) == 3).float())
    images, labels = pictures[0][:CLASSES], pictures[1][:CLASSES]
    measured = accuracy(network, images, labels)
    names = class_names()
    assert measured.overall == pytest.approx(1 / CLASSES, abs=1e-4)
    assert [name for name, share in measured.per_class.items() if share == 1.0] == [names[3]]
    assert len(measured.mistakes) == 10 and all(answer == names[3] for _, answer, _ in measured.mistakes)


def test_training_command_writes_the_network_its_log_and_its_figures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(train, "HELD_OUT_PER_CLASS", 1)
    arguments = ["--epochs=1", "--polish-epochs=0", "--per-class=4", "--backgrounds=0", "--workers=0"]
    train.main(["--work", str(tmp_path / "work"), "--output", str(tmp_path / "net"), *arguments])
    figures = json.loads((tmp_path / "net" / train.FIGURES).read_text(encoding="utf-8"))
    assert set(figures["accuracy"]) == {"clean", "attacked", "attacked_10_steps"}
    assert set(figures["accuracy"]["clean"]["per_class"]) == set(class_names())
    header, line = (tmp_path / "net" / train.LOG).read_text(encoding="utf-8").splitlines()
    assert header.split(",")[0] == "step" and line.startswith("1,")
    assert len(load_network(tmp_path / "net").labels) == CLASSES
