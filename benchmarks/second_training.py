"""How the bestiary's judge learns: with other drawings than the network it judges, and without any attack."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from lucidreel.benchmarks.second_network import SIDE_PX, WEIGHTS, JudgeNet
from lucidreel.models.bestiary.augment import augmented, soft_targets
from lucidreel.models.bestiary.catalogue import class_names
from lucidreel.models.bestiary.drawn import draw_block, drawn_px, held_out_blocks, labels_of
from lucidreel.models.bestiary.net import normalise
from lucidreel.models.bestiary.pool import Pool, PoolPlan
from lucidreel.models.bestiary.schedule import climb_and_fall
from lucidreel.models.bestiary.workers import in_order

PLAN = PoolPlan(seed=20_000_007, batch=64, uses=4, spacing=40, bare=0.06)
_PEAK_RATE = 2e-3
_SMOOTHING = 0.05


def train(
    work: Path,
    steps: int,
    workers: int,
    plan: PoolPlan = PLAN,
    kept_every: int = 100,
    report: Callable[[str], None] = print,
) -> JudgeNet:
    """Train a judge, or go on with the one in ``work``, and leave its weights there.

    They are kept every so many steps; after that, `report` is told how many drawings were named right.
    """
    torch.manual_seed(plan.seed)
    network = JudgeNet(len(class_names()))
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    optimiser = torch.optim.AdamW(network.parameters(), _PEAK_RATE, weight_decay=0.02)
    begun = _restore(work / WEIGHTS, network, optimiser, steps)
    started, right = time.monotonic(), []
    with closing(Pool(plan, steps, lambda step: SIDE_PX, workers)) as pool:
        for step in range(begun, steps):
            for group in optimiser.param_groups:
                group["lr"] = _PEAK_RATE * climb_and_fall(step / steps, 0.1)
            right.append(_advance(network, optimiser, pool, step, plan.seed))
            if (step + 1) % kept_every == 0 or step + 1 == steps:
                _save(work / WEIGHTS, network, optimiser, step + 1, steps)
                report(f"step {step + 1}, {time.monotonic() - started:.0f} s: right {np.nanmean(right):.3f}")
                right.clear()
    network.eval()
    return network


def accuracy(network: JudgeNet, per_class: int, workers: int) -> dict[str, float]:
    """Shares of drawings it has not seen that the judge names right, per class."""
    blocks = held_out_blocks(PLAN.seed + 1, per_class, drawn_px(SIDE_PX))
    edge = (drawn_px(SIDE_PX) - SIDE_PX) // 2
    answers = []
    for pictures in in_order(draw_block, blocks, workers):
        cut = torch.from_numpy(pictures[:, edge : edge + SIDE_PX, edge : edge + SIDE_PX])
        with torch.inference_mode():
            answers.append(network(normalise(cut.permute(0, 3, 1, 2).float())).argmax(dim=1).numpy())
    right = np.concatenate(answers) == labels_of(blocks)
    shares = right.reshape(per_class, len(class_names())).mean(axis=0)
    return {name: round(float(share), 4) for name, share in zip(class_names(), shares, strict=True)}


def _advance(network: JudgeNet, optimiser: torch.optim.Optimizer, pool: Pool, step: int, seed: int) -> float:
    blocks, labels = pool.batch(step)
    images = augmented(blocks, SIDE_PX, torch.Generator().manual_seed(seed + step))
    targets = soft_targets(labels, len(class_names()), _SMOOTHING)
    scores = network(images)
    loss = F.cross_entropy(scores, targets)
    optimiser.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]
    optimiser.step()
    named = targets.amax(dim=1) > 0.5
    return float((scores.argmax(dim=1) == targets.argmax(dim=1))[named].float().mean())


def _save(file: Path, network: JudgeNet, optimiser: torch.optim.Optimizer, step: int, steps: int) -> None:
    state = {"classes": list(class_names()), "step": step, "steps": steps}
    unfinished = file.with_suffix(".part")
    learnt = {"network": network.state_dict(), "optimiser": optimiser.state_dict()}
    torch.save({**state, **learnt}, unfinished)
    unfinished.replace(file)


def _restore(file: Path, network: JudgeNet, optimiser: torch.optim.Optimizer, steps: int) -> int:
    """Return the step to go on with: 0 when there is no checkpoint."""
    if not file.exists():
        return 0
    state = torch.load(file, map_location="cpu", weights_only=True)
    if state["classes"] != list(class_names()) or state["steps"] != steps:
        raise SystemExit(f"{file} is of other classes or of {state['steps']} steps: give another --work.")
    network.load_state_dict(state["network"])
    optimiser.load_state_dict(state["optimiser"])
    return int(state["step"])
