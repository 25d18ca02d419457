"""Training: a run resumes to the very same network, the attack stays in its ball, and exports are exact."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from lucidreel.models.bestiary import run, train
from lucidreel.models.bestiary.attack import attacked, radius_of
from lucidreel.models.bestiary.augment import augmented, centred
from lucidreel.models.bestiary.catalogue import class_names
from lucidreel.models.bestiary.drawn import (
    BACKGROUND,
    Block,
    draw_block,
    drawn_px,
    held_out_blocks,
    labels_of,
)
from lucidreel.models.bestiary.export import export
from lucidreel.models.bestiary.held_out import accuracy
from lucidreel.models.bestiary.net import INPUT_PX, BestiaryNet, normalise
from lucidreel.models.bestiary.schedule import Phase, Schedule, climb_and_fall
from lucidreel.models.bestiary.settings import TrainSettings
from lucidreel.models.bestiary.targets import soft_targets
from lucidreel.models.bestiary.training import Training, averaged_network
from lucidreel.models.bestiary.workers import DrawnAhead, in_order
from lucidreel.models.registry import load_network

CLASSES = len(class_names())
TINY = TrainSettings(seed=4, schedule="32:2:1,48:3:2", batch=6, uses=3, spacing=1, easing=0.2, averaging=0.2)


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Batches this small only make threads wait for each other: 34 s instead of 1.4 on two busy cores."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


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


def test_schedule_is_read_and_its_shares_go_by_arithmetic() -> None:
    schedule = Schedule.parse("64:2:1,128:1:2")
    assert schedule.phases == (Phase(64, 2, 1), Phase(128, 1, 2)) and schedule.total_steps == 3
    assert [schedule.phase(step).side_px for step in range(4)] == [64, 64, 128, 128]
    cost = 2 * 64**2 * 5 + 128**2 * 7
    assert schedule.done(0) == 0 and schedule.done(3) == pytest.approx(1)
    assert schedule.done(1) == pytest.approx(64**2 * 5 / cost)


@pytest.mark.parametrize("text", ["", "64", "64:2", "64:2:x", "64:2:1;96:1:1"])
def test_schedule_that_cannot_be_read_says_how_to_write_one(text: str) -> None:
    with pytest.raises(ValueError, match="SIDE:STEPS:ATTACK_STEPS"):
        Schedule.parse(text)


def test_rate_climbs_then_falls_to_nothing() -> None:
    assert climb_and_fall(0, 0.1) == pytest.approx(0.05)
    assert climb_and_fall(0.1, 0.1) == pytest.approx(1)
    assert climb_and_fall(0.55, 0.1) == pytest.approx(0.5) and climb_and_fall(1, 0.1) == pytest.approx(0)


def test_score_goes_over_from_the_average_to_the_maximum() -> None:
    network = randomised_network()
    images = torch.randn(2, 3, 64, 64, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        scores = {}
        for network.wholeness in (0.0, 0.25, 1.0):
            scores[network.wholeness] = network(images)
        class_map = network.classes(network.trunk(images))
    assert torch.allclose(scores[0.0], class_map.mean(dim=(2, 3)))
    assert torch.allclose(scores[1.0], class_map.amax(dim=(2, 3)))
    assert torch.allclose(scores[0.25], 0.75 * scores[0.0] + 0.25 * scores[1.0], atol=1e-5)


def test_radius_is_the_same_change_per_value_at_every_size() -> None:
    for side in (64, 128):
        change = torch.full((3, side, side), 2.7 / 64)
        assert radius_of(2.7, side) == pytest.approx(float(change.norm()), rel=1e-3)


def test_augmented_batch_has_the_size_that_is_asked_for_whatever_its_pictures_have() -> None:
    blocks = [np.full((2, size, size, 3), 117, np.uint8) for size in (36, 54)]
    batch = augmented(blocks, 32, torch.Generator().manual_seed(0))
    assert batch.shape == (4, 3, 32, 32)
    again = augmented(blocks, 32, torch.Generator().manual_seed(0))
    assert torch.equal(batch, again)


def test_centred_cuts_the_middle_out() -> None:
    pictures = torch.zeros(1, INPUT_PX + 16, INPUT_PX + 16, 3, dtype=torch.uint8)
    pictures[:, 8:-8, 8:-8] = 255
    assert torch.equal(centred(pictures), normalise(torch.full((1, 3, INPUT_PX, INPUT_PX), 255.0)))


def test_attack_stays_in_its_ball_and_raises_the_loss() -> None:
    network = randomised_network()
    images = torch.randn(3, 3, 48, 48, generator=torch.Generator().manual_seed(1))
    targets = soft_targets(np.array([0, 3, BACKGROUND]), CLASSES, 0.05)
    moved = attacked(network, images, targets, 2.0, 3, torch.Generator().manual_seed(1))
    assert ((moved - images).flatten(1).norm(dim=1) <= 2.0 + 1e-4).all()
    before, after = (torch.nn.functional.cross_entropy(network(x), targets) for x in (images, moved))
    assert after > before + 0.01
    assert all(parameter.grad is None for parameter in network.parameters())


def test_backgrounds_are_alike_for_every_class_and_classes_are_smoothed() -> None:
    targets = soft_targets(np.array([2, BACKGROUND]), CLASSES, 0.1)
    assert torch.allclose(targets.sum(dim=1), torch.ones(2))
    assert torch.allclose(targets[0, 2], torch.tensor(0.9 + 0.1 / CLASSES))
    assert torch.allclose(targets[1], torch.full((CLASSES,), 1 / CLASSES))


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
    assert files == ["bestiary.caffemodel", "deploy.prototxt", "labels.txt", "model.toml"]
    assert all((tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes() for file in files)


def test_accuracy_counts_right_answers_and_mistakes() -> None:
    network = randomised_network()
    assert network.classes.bias is not None
    with torch.no_grad():
        network.classes.weight.zero_()
        network.classes.bias.copy_((torch.arange(CLASSES) == 3).float())
    images = np.zeros((CLASSES, INPUT_PX, INPUT_PX, 3), np.uint8)
    measured = accuracy(network, images, np.arange(CLASSES))
    names = class_names()
    assert measured.overall == pytest.approx(1 / CLASSES, abs=1e-4)
    assert [name for name, share in measured.per_class.items() if share == 1.0] == [names[3]]
    assert len(measured.mistakes) == 10 and all(answer == names[3] for _, answer, _ in measured.mistakes)


def test_held_out_pictures_go_round_all_classes() -> None:
    blocks = held_out_blocks(9, 2, 24, per_block=CLASSES - 1)
    assert labels_of(blocks).tolist() == [*range(CLASSES)] * 2
    numbers = [block.first for block in blocks]
    assert numbers == [0, CLASSES - 1, 2 * (CLASSES - 1)]
    drawn = np.concatenate(list(in_order(draw_block, blocks[:2], workers=0)))
    assert drawn.shape == (2 * (CLASSES - 1), 24, 24, 3)


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
