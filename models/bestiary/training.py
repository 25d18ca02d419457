"""One training run, step by step: which batch, which attack, which rate, and how it is stopped and resumed.

Everything random in a step comes from the run's seed and the step's number. A run restored from a checkpoint
therefore goes on exactly as if it had never stopped.

A run has two rounds: a long one, and a shorter one that polishes what was learnt with a warm restart of the
rate (SGDR, arXiv 1608.03983) against a wider ball.
"""

import math
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from .attack import attacked
from .augment import augmented
from .catalogue import class_names
from .drawn import BACKGROUND
from .net import BestiaryNet


@dataclass(frozen=True)
class TrainSettings:
    """What a training run depends on."""

    seed: int = 1
    epochs: int = 5
    batch: int = 64
    per_class: int = 850
    """Pictures drawn of every class."""
    backgrounds: int = 850
    """Pictures of nothing, to be scored alike for every class."""
    peak_rate: float = 0.1
    """Highest learning rate; it climbs for a fifth of the round, then falls to 0 along a half cosine."""
    weight_decay: float = 5e-4
    smoothing: float = 0.05
    """Share of the certainty that is spread over all classes."""
    radius: float = 5.0
    """Of the attack's L2 ball in the first round, in normalised units (64 steps of 255) over the picture."""
    attack_steps: int = 2
    easing: float = 0.4
    """Share of the first round over which the ball grows: at full size at once, nothing is learnt."""
    averaging: float = 0.714
    """Share of the first round in which a class's score is its map's average, before it becomes the maximum.
    The average teaches every cell and so learns fast; the maximum asks for one whole creature somewhere."""
    polish_epochs: int = 3
    """Length of the second round, which begins at ``polish_rate`` and falls along a half cosine."""
    polish_rate: float = 0.04
    polish_radius: float = 7.0
    """Of the attack's ball in the second round."""


class Training:
    """A run in progress: the network, its optimiser, and how far it has come."""

    def __init__(
        self, settings: TrainSettings, pictures: NDArray[np.uint8], labels: NDArray[np.int64]
    ) -> None:
        self.settings = settings
        self.pictures, self.labels = pictures, labels
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        torch.manual_seed(settings.seed)
        self.network = BestiaryNet(len(class_names()))
        self.network.to(self.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.optimiser = torch.optim.SGD(
            self.network.parameters(),
            settings.peak_rate,
            0.9,
            weight_decay=settings.weight_decay,
            nesterov=True,
        )
        self.steps_per_epoch = len(labels) // settings.batch
        self.first_round = settings.epochs * self.steps_per_epoch
        self.total_steps = self.first_round + settings.polish_epochs * self.steps_per_epoch
        self.step = 0
        self.seconds = 0.0

    def advance(self) -> tuple[float, float]:
        """Train on the next batch; returns its loss and the share it named right, both under attack."""
        started = time.monotonic()
        generator = torch.Generator().manual_seed(self.settings.seed * 1_000_003 + self.step)
        images, targets = self._batch(generator)
        for group in self.optimiser.param_groups:
            group["lr"] = self._rate()
        self.network.averaging = self.step < self.settings.averaging * self.first_round
        with torch.autocast(self.device.type, torch.bfloat16, enabled=half_precision(self.device)):
            self.network.eval()  # the attack must not move the batch norms' averages
            images = attacked(
                self.network, images, targets, self._radius(), self.settings.attack_steps, generator
            )
            self.network.train()
            scores = self.network(images).float()
        loss = functional.cross_entropy(scores, targets)
        self.optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        self.optimiser.step()
        self.step += 1
        self.seconds += time.monotonic() - started
        named = targets.amax(dim=1) > 0.5
        right = (scores.argmax(dim=1) == targets.argmax(dim=1))[named].float().mean()
        return float(loss.detach()), float(right)

    def save(self, file: Path) -> None:
        """Write a checkpoint, whole or not at all."""
        state = {
            "settings": asdict(self.settings),
            "network": self.network.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "step": self.step,
            "seconds": self.seconds,
        }
        unfinished = file.with_suffix(".part")
        torch.save(state, unfinished)
        unfinished.replace(file)

    def restore(self, file: Path) -> None:
        """Go on from a checkpoint; ValueError when it belongs to other settings."""
        state = torch.load(file, map_location=self.device, weights_only=True)
        if state["settings"] != asdict(self.settings):
            raise ValueError(
                f"{file} belongs to a run with other settings ({state['settings']}). "
                "Give the same settings to go on with it, or another --work folder to start afresh."
            )
        self.network.load_state_dict(state["network"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.step, self.seconds = state["step"], state["seconds"]

    def _batch(self, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        epoch, place = divmod(self.step, self.steps_per_epoch)
        order = np.random.default_rng((self.settings.seed, epoch)).permutation(len(self.labels))
        chosen = np.sort(order[place * self.settings.batch : (place + 1) * self.settings.batch])
        images = augmented(torch.from_numpy(self.pictures[chosen]), generator)
        targets = soft_targets(self.labels[chosen], self.settings.smoothing)
        return images.to(self.device), targets.to(self.device)

    def _radius(self) -> float:
        if self.step >= self.first_round:
            return self.settings.polish_radius
        return self.settings.radius * min(1.0, self.step / max(1.0, self.settings.easing * self.first_round))

    def _rate(self) -> float:
        if self.step >= self.first_round:
            share = (self.step - self.first_round) / (self.total_steps - self.first_round)
            return self.settings.polish_rate * _half_cosine(share)
        share = self.step / self.first_round
        if share < 0.2:
            return self.settings.peak_rate * (0.05 + 0.95 * share / 0.2)
        return self.settings.peak_rate * _half_cosine((share - 0.2) / 0.8)


def _half_cosine(share: float) -> float:
    """Fall smoothly from 1 to 0."""
    return 0.5 * (1 + math.cos(math.pi * share))


def soft_targets(labels: NDArray[np.int64], smoothing: float) -> Tensor:
    """Probabilities (n, classes): smoothed certainty for a class, all alike for a bare background."""
    classes = len(class_names())
    targets = torch.full((len(labels), classes), 1.0 / classes)
    named = torch.from_numpy(np.flatnonzero(labels != BACKGROUND))
    targets[named] = smoothing / classes
    targets[named, torch.from_numpy(labels)[named]] += 1.0 - smoothing
    return targets


def half_precision(device: torch.device) -> bool:
    """Whether bfloat16 is faster than float32 here: on CUDA, and on CPUs that multiply it in hardware."""
    if device.type != "cpu":
        return device.type == "cuda"
    capabilities = getattr(torch.cpu, "get_capabilities", dict[str, bool])()  # torch 2.8 cannot be asked
    return bool(capabilities.get("amx_bf16") or capabilities.get("avx512_bf16"))
