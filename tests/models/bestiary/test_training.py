"""Training: a run resumes to the very same network, and exports are exact."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from lucidreel.models.bestiary import run, train
from lucidreel.models.bestiary.catalogue import class_names
from lucidreel.models.bestiary.drawn import (
    Block,
    draw_block,
    drawn_px,
)
from lucidreel.models.bestiary.export import export
from lucidreel.models.bestiary.net import normalise
from lucidreel.models.bestiary.settings import TrainSettings
from lucidreel.models.bestiary.training import Training, averaged_network
from lucidreel.models.bestiary.workers import DrawnAhead
from lucidreel.models.zoo.registry import load_network

from .randomised import randomised_network

pytestmark = pytest.mark.usefixtures("one_thread")
CLASSES = len(class_names())
TINY = TrainSettings(seed=4, schedule="32:2:1,48:3:2", batch=6, uses=3, spacing=1, easing=0.2, averaging=0.2)


def test_resumed_run_ends_with_the_same_weights_as_an_uninterrupted_one(tmp_path: Path) -> None:
    whole, first, second = (Training(TINY, workers=0) for _ in range(3))
    results = [whole.advance() for _ in range(whole.total_steps)]
    assert whole.total_steps == 5 and np.isfinite([loss for loss, _ in results]).all()
    for _ in range(2):
        first.advance()
    first.save(tmp_path / "checkpoint.pt")
    second.restore(tmp_path / "checkpoint.pt")
    while second.step < second.total_steps:
        second.advance()
    for ended, resumed in ((whole.network, second.network), (whole.averaged, second.averaged)):
        for name, value in ended.state_dict().items():
            assert torch.equal(value, resumed.state_dict()[name]), name
    pairs = zip(whole.network.parameters(), whole.averaged.parameters(), strict=True)
    assert not any(torch.equal(*pair) for pair in pairs)


def test_checkpoint_of_other_settings_is_refused(tmp_path: Path) -> None:
    Training(TINY, workers=0).save(tmp_path / "checkpoint.pt")
    with pytest.raises(ValueError, match="other settings"):
        Training(replace(TINY, seed=5), workers=0).restore(tmp_path / "checkpoint.pt")


def test_checkpoint_of_other_classes_is_refused(tmp_path: Path) -> None:
    training = Training(TINY, workers=0)
    training.save(tmp_path / "checkpoint.pt")
    state = torch.load(tmp_path / "checkpoint.pt", weights_only=True)
    torch.save({**state, "classes": ["dodo"]}, tmp_path / "checkpoint.pt")
    with pytest.raises(ValueError, match="other classes"):
        training.restore(tmp_path / "checkpoint.pt")


def test_every_block_is_used_as_often_as_the_settings_say_and_each_step_takes_one_of_every_age() -> None:
    training = Training(replace(TINY, schedule="32:9:1"), workers=0)
    used = [number for step in range(9) for number in training.pool.blocks_of(step)]
    assert training.pool.blocks_of(4) == [4, 5, 6]
    assert {used.count(number) for number in range(2, 9)} == {TINY.uses}


def test_blocks_are_drawn_as_large_as_their_last_use_asks_for() -> None:
    training = Training(TINY, workers=0)
    sizes = [training.pool.block(number).size_px for number in range(7)]
    assert sizes == [drawn_px(32)] * 2 + [drawn_px(48)] * 5


def test_pictures_of_a_run_are_the_same_by_any_number_of_workers() -> None:
    pictures = []
    for workers in (0, 1, 2):
        with closing(Training(TINY, workers).pool) as pool:
            pictures.append([*pool.batch(0)[0], *pool.batch(1)[0]])
    for others in pictures[1:]:
        assert all(np.array_equal(*pair) for pair in zip(pictures[0], others, strict=True))


def test_worker_that_fails_raises_its_error_here() -> None:
    no_class = Block((CLASSES,), 0, 1, 16)
    with DrawnAhead(draw_block, lambda number: no_class, 2, workers=1) as drawn, pytest.raises(IndexError):
        drawn.take([0])


def test_worker_that_dies_raises_instead_of_hanging() -> None:
    with DrawnAhead(os._exit, lambda number: 1, 2, workers=1) as drawn, pytest.raises(BrokenProcessPool):
        drawn.take([0])


WAITING = """
import time
from lucidreel.models.bestiary.workers import DrawnAhead

if __name__ == "__main__":
    drawn = DrawnAhead(abs, int, 3, workers=1)
    print(drawn.take([2]), flush=True)
    time.sleep(300)
"""


def test_workers_end_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    script = tmp_path / "waiting.py"
    script.write_text(WAITING, encoding="utf-8")
    parent = subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert parent.stdout is not None
    assert parent.stdout.readline().strip() == b"[2]"
    parent.kill()
    rest, _ = parent.communicate(timeout=60)  # the worker holds the other end of the pipe as long as it lives
    assert rest == b""


def test_results_are_made_once_and_forgotten_below_the_least_that_is_asked_for() -> None:
    made: list[int] = []

    def make(job: int) -> int:
        made.append(job)
        return job

    drawn = DrawnAhead(make, lambda number: number * 10, 9, workers=0)
    assert drawn.take([0, 2]) == [0, 20] and drawn.take([2, 3]) == [20, 30]
    assert made == [0, 20, 30]
    assert drawn.take([0]) == [0] and made[-1] == 0


@pytest.mark.parametrize("size", [(128, 128), (81, 130)])
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
    assert files == ["bestiary.caffemodel", "deploy.prototxt", "dreams.toml", "labels.txt", "model.toml"]
    assert all((tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes() for file in files)


def test_training_command_writes_the_network_its_log_and_its_figures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "HELD_OUT_PER_CLASS", 1)
    monkeypatch.setattr(run, "LONGER_ATTACK", 2)
    monkeypatch.setenv("OMP_WAIT_POLICY", "PASSIVE")
    work = ["--work", str(tmp_path / "work")]
    options = ["--schedule=32:1:1", "--batch=8", "--uses=2", "--spacing=1", "--workers=0"]
    train.main([*work, "--output", str(tmp_path / "net"), *options])
    figures = json.loads((tmp_path / "net" / run.FIGURES).read_text(encoding="utf-8"))
    assert set(figures["accuracy"]) == {"clean", "attacked", "attacked_2_steps"}
    assert set(figures["accuracy"]["clean"]["per_class"]) == set(class_names())
    header, line = (tmp_path / "net" / run.LOG).read_text(encoding="utf-8").splitlines()
    assert header.split(",")[0] == "step" and line.startswith("1,")
    assert len(load_network(tmp_path / "net").labels) == CLASSES
    train.main([*work, "--export", str(tmp_path / "between")])
    weights = [(tmp_path / folder / "bestiary.caffemodel").read_bytes() for folder in ("net", "between")]
    assert weights[0] == weights[1]


def test_exported_checkpoint_is_the_averaged_network(tmp_path: Path) -> None:
    training = Training(TINY, workers=0)
    training.advance()
    training.save(tmp_path / "checkpoint.pt")
    exported = averaged_network(tmp_path / "checkpoint.pt").state_dict()
    assert all(torch.equal(value, exported[name]) for name, value in training.averaged.state_dict().items())
