"""What a training step is made of: schedule, sizes, augmentation, attack, targets; how answers count."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from lucidreel.models.bestiary.attack import attacked, radius_of
from lucidreel.models.bestiary.augment import augmented, centred, soft_targets
from lucidreel.models.bestiary.catalogue import class_names
from lucidreel.models.bestiary.drawn import (
    BACKGROUND,
    draw_block,
    held_out_blocks,
    labels_of,
)
from lucidreel.models.bestiary.held_out import accuracy
from lucidreel.models.bestiary.net import INPUT_PX, normalise
from lucidreel.models.bestiary.schedule import Phase, Schedule, climb_and_fall
from lucidreel.models.bestiary.settings import TrainSettings
from lucidreel.models.bestiary.workers import in_order

from .randomised import randomised_network

pytestmark = pytest.mark.usefixtures("one_thread")
CLASSES = len(class_names())
TINY = TrainSettings(seed=4, schedule="32:2:1,48:3:2", batch=6, uses=3, spacing=1, easing=0.2, averaging=0.2)


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
