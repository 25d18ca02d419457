"""One training run, step by step: which pictures, which attack, which rate, and how it stops and resumes.

Everything random in a step comes from the run's seed and the step's number. A run restored from a checkpoint
has its pictures drawn again, and goes on exactly as if it had never stopped.
"""

import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from ..torch_internals import fast_cpu_bf16
from .attack import attacked, radius_of
from .augment import augmented, soft_targets
from .catalogue import class_names
from .net import BestiaryNet
from .pool import Pool, PoolPlan
from .schedule import Schedule, climb_and_fall
from .settings import TrainSettings


class Training:
    """A run in progress: the network, its averaged weights, its optimiser, and how far it has come."""

    def __init__(self, settings: TrainSettings, workers: int) -> None:
        """Begin a run whose pictures are drawn by ``workers`` processes (0: by this one)."""
        self.settings = settings
        self.schedule = Schedule.parse(settings.schedule)
        self.total_steps = self.schedule.total_steps
        self.classes = len(class_names())
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        torch.manual_seed(settings.seed)
        self.network, self.averaged = (
            BestiaryNet(self.classes).to(self.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
            for _ in range(2)
        )
        self.averaged.load_state_dict(self.network.state_dict())
        self.averaged.eval()
        self.optimiser = torch.optim.SGD(
            self.network.parameters(),
            settings.peak_rate,
            0.9,
            weight_decay=settings.weight_decay,
            nesterov=True,
        )
        plan = PoolPlan(settings.seed, settings.batch, settings.uses, settings.spacing, settings.bare)
        self.pool = Pool(plan, self.total_steps, lambda step: self.schedule.phase(step).side_px, workers)
        self.step = 0
        self.seconds = 0.0
        self.waited = 0.0

    def advance(self) -> tuple[float, float]:
        """Train on the next batch; returns its loss and the share it named right, both under attack."""
        started = time.monotonic()
        settings, phase, share = self.settings, self.schedule.phase(self.step), self.schedule.done(self.step)
        generator = torch.Generator().manual_seed(settings.seed * 1_000_003 + self.step)
        images, targets = self._batch(phase.side_px, generator)
        for group in self.optimiser.param_groups:
            group["lr"] = settings.peak_rate * climb_and_fall(share, settings.climb)
        self.network.wholeness = min(max((share - settings.averaging) / settings.turning, 0.0), 1.0)
        radius = radius_of(settings.strength * min(1.0, share / settings.easing), phase.side_px)
        with torch.autocast(self.device.type, torch.bfloat16, enabled=half_precision(self.device)):
            self.network.eval()  # the attack must not move the batch norms' averages
            images = attacked(self.network, images, targets, radius, phase.attack_steps, generator)
            self.network.train()
            scores = self.network(images).float()
        loss = functional.cross_entropy(scores, targets)
        self.optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        self.optimiser.step()
        self._remember()
        self.step += 1
        self.seconds += time.monotonic() - started
        named = targets.amax(dim=1) > 0.5
        right = (scores.argmax(dim=1) == targets.argmax(dim=1))[named].float().mean()
        return float(loss.detach()), float(right)

    def _batch(self, side_px: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        started = time.monotonic()
        blocks, labels = self.pool.batch(self.step)
        self.waited += time.monotonic() - started
        images = augmented(blocks, side_px, generator)
        targets = soft_targets(labels, self.classes, self.settings.smoothing)
        return images.to(self.device), targets.to(self.device)

    @torch.no_grad()
    def _remember(self) -> None:
        """Move the averaged weights and statistics a little towards the present ones; sooner at first."""
        memory = min(self.settings.memory, (1 + self.step) / (10 + self.step))
        now = self.network.state_dict()
        for name, value in self.averaged.state_dict().items():
            if value.is_floating_point():
                value.lerp_(now[name], 1.0 - memory)

    def save(self, file: Path) -> None:
        """Write a checkpoint, whole or not at all."""
        state = {
            "settings": asdict(self.settings),
            "classes": list(class_names()),
            "network": self.network.state_dict(),
            "averaged": self.averaged.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "step": self.step,
            "seconds": self.seconds,
        }
        unfinished = file.with_suffix(".part")
        torch.save(state, unfinished)
        unfinished.replace(file)

    def restore(self, file: Path) -> None:
        """Go on from a checkpoint; ValueError when it belongs to other settings or other classes."""
        state = _read(file)
        here = {"settings": asdict(self.settings), "classes": list(class_names())}
        if different := [name for name, value in here.items() if state[name] != value]:
            raise ValueError(
                f"{file} belongs to a run with other {' and '.join(different)} ({state['settings']}). "
                "Give the same settings to go on with it, or another --work folder to start again."
            )
        self.network.load_state_dict(state["network"])
        self.averaged.load_state_dict(state["averaged"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.step, self.seconds = state["step"], state["seconds"]


def averaged_network(file: Path) -> BestiaryNet:
    """The averaged network of a checkpoint, in the middle of a run or at its end."""
    state = _read(file)
    network = BestiaryNet(len(state["classes"]))
    network.load_state_dict(state["averaged"])
    return network.eval()


def _read(file: Path) -> dict[str, Any]:
    state: dict[str, Any] = torch.load(file, map_location="cpu", weights_only=True)
    return state


def half_precision(device: torch.device) -> bool:
    """Whether bfloat16 is faster than float32 here: on CUDA, and on some CPUs."""
    if device.type != "cpu":
        return device.type == "cuda"
    return fast_cpu_bf16()
