"""A training from beginning to end: checkpoints and a log on the way, then the network and its figures."""

import csv
import json
import logging
import os
import platform
import shutil
from contextlib import closing
from dataclasses import asdict
from datetime import date
from pathlib import Path

import numpy as np
import torch

from .drawn import draw_block, drawn_px, held_out_blocks, labels_of
from .export import export
from .held_out import accuracy, as_record
from .net import INPUT_PX, parameter_count
from .settings import TrainSettings
from .training import Training, averaged_network
from .workers import in_order

HELD_OUT_SEED = 1_000_000  # added to the training seed
HELD_OUT_PER_CLASS = 40
LONGER_ATTACK = 10  # steps
CHECKPOINT = "checkpoint.pt"
LOG = "training_log.csv"
FIGURES = "training.json"

_LOG_STEPS = 100
_HEADER = ("step", "seconds", "side_px", "loss", "right_under_attack", "seconds_waited_for_pictures")
_log = logging.getLogger(__name__)


def run(settings: TrainSettings, work: Path, output: Path, workers: int) -> None:
    """Train to the end, from the checkpoint in ``work`` if there is one, and fill ``output``."""
    work.mkdir(parents=True, exist_ok=True)
    training = Training(settings, workers)
    with closing(training.pool):
        if (work / CHECKPOINT).exists():
            training.restore(work / CHECKPOINT)
        _log.info("training from step %d to %d", training.step, training.total_steps)
        finish(training, work / CHECKPOINT, work / LOG)
    export(training.averaged, output)
    shutil.copyfile(work / LOG, output / LOG)
    (output / FIGURES).write_text(json.dumps(figures(training, workers), indent=1) + "\n", encoding="utf-8")


def finish(training: Training, checkpoint: Path, log: Path) -> None:
    """Train to the last step, with a checkpoint and a line of the log every hundred steps."""
    results: list[tuple[float, float]] = []
    while training.step < training.total_steps:
        side = training.schedule.phase(training.step).side_px
        results.append(training.advance())
        if training.step % _LOG_STEPS == 0 or training.step == training.total_steps:
            training.save(checkpoint)
            loss, right = np.nanmean(np.asarray(results), axis=0)
            times = f"{training.seconds:.0f}", f"{training.waited:.0f}"
            _append(log, [training.step, times[0], side, f"{loss:.4f}", f"{right:.4f}", times[1]])
            results.clear()


def figures(training: Training, workers: int) -> dict[str, object]:
    """Settings, machine, and accuracy: untouched, under the training's attack, under a longer one."""
    settings = training.settings
    blocks = held_out_blocks(settings.seed + HELD_OUT_SEED, HELD_OUT_PER_CLASS, drawn_px(INPUT_PX))
    unseen = np.concatenate(list(in_order(draw_block, blocks, workers)))
    attacks = {
        "clean": 0,
        "attacked": training.schedule.phases[-1].attack_steps,
        f"attacked_{LONGER_ATTACK}_steps": LONGER_ATTACK,
    }
    measured = {}
    for name, steps in attacks.items():
        result = accuracy(training.averaged, unseen, labels_of(blocks), settings.strength, steps)
        _log.info("%s: %s, mistakes %s", name, result.overall, result.mistakes)
        measured[name] = as_record(result)
    machine = (
        f"{platform.machine()}, {os.cpu_count()} cores, torch {torch.__version__}, {training.device.type}"
    )
    return {
        "date": date.today().isoformat(),
        "machine": machine,
        "minutes": round(training.seconds / 60, 1),
        "parameters": parameter_count(training.network),
        "settings": asdict(settings),
        "held_out_per_class": HELD_OUT_PER_CLASS,
        "accuracy": measured,
    }


def _append(file: Path, row: list[object]) -> None:
    fresh = not file.exists()
    with file.open("a", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        if fresh:
            writer.writerow(_HEADER)
        writer.writerow(row)
    _log.info("step %s, %s s, %s px: loss %s, right under attack %s, waited %s s", *row)


def export_checkpoint(work: Path, folder: Path) -> None:
    """Write the network as it was at the last checkpoint, while the run goes on or after it."""
    export(averaged_network(work / CHECKPOINT), folder)
