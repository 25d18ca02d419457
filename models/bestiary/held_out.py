"""How well the network names pictures it has not seen: per class, untouched and under attack."""

from dataclasses import asdict, dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from .attack import attacked, radius_of
from .augment import centred, soft_targets
from .catalogue import class_names
from .net import INPUT_PX, BestiaryNet

_BATCH = 128


@dataclass(frozen=True)
class Accuracy:
    """Shares named right in 0..1, overall and per class, and mistakes as (truth, answer, count)."""

    overall: float
    per_class: dict[str, float]
    mistakes: list[tuple[str, str, int]]


def accuracy(
    network: BestiaryNet,
    pictures: NDArray[np.uint8],
    labels: NDArray[np.int64],
    strength: float = 0.0,
    steps: int = 0,
) -> Accuracy:
    """Measure on RGB uint8 pictures (n, h, w, 3), attacked with a ``strength`` in ``steps`` (0: none)."""
    network.eval()
    device = network.classes.weight.device
    answers = np.empty(len(labels), dtype=np.int64)
    generator = torch.Generator().manual_seed(0)
    for start in range(0, len(labels), _BATCH):
        part = slice(start, start + _BATCH)
        images = centred(torch.from_numpy(np.array(pictures[part]))).to(device)
        targets = soft_targets(labels[part], len(class_names()), 0.0).to(device)
        images = attacked(network, images, targets, radius_of(strength, INPUT_PX), steps, generator)
        with torch.no_grad():
            answers[part] = network(images).argmax(dim=1).cpu().numpy()
    return _counted(answers, labels)


def as_record(measured: Accuracy) -> dict[str, object]:
    """The figures as plain values for a JSON file."""
    return asdict(measured)


def _counted(answers: NDArray[np.int64], labels: NDArray[np.int64]) -> Accuracy:
    names = class_names()
    per_class = {
        name: round(float((answers == labels)[labels == index].mean()), 4) for index, name in enumerate(names)
    }
    wrong = answers != labels
    pairs, counts = np.unique(np.stack([labels[wrong], answers[wrong]]), axis=1, return_counts=True)
    order = np.argsort(-counts, kind="stable")[:10]
    mistakes = [(names[pairs[0, at]], names[pairs[1, at]], int(counts[at])) for at in order]
    return Accuracy(round(float((~wrong).mean()), 4), per_class, mistakes)
