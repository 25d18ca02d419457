"""Draws the pictures, trains the network, measures it and writes it as Caffe files, in one command.

``python -m lucidreel.models.bestiary.train --work DIR``. The folder takes the drawn pictures (about 0.5 GB),
a checkpoint every hundred steps and the log; a run that was stopped goes on when the command is given again.
The network, its log and its figures are written to the package's own ``network/`` or to ``--output``.
"""

import argparse
import csv
import json
import logging
import os
import platform
import shutil
from dataclasses import asdict
from datetime import date
from pathlib import Path

import numpy as np
import torch

from . import NETWORK_FOLDER
from .drawn import drawn_pictures
from .export import export
from .held_out import accuracy, as_record
from .training import Training, TrainSettings

DRAWN_PX = 104  # a little more than the network's input, so that batches can be cut out of it
HELD_OUT_SEED = 1_000_000  # added to the training seed
HELD_OUT_PER_CLASS = 50
LOG = "training_log.csv"
FIGURES = "training.json"

_LOG_STEPS = 100
_log = logging.getLogger(__name__)


def run(settings: TrainSettings, work: Path, output: Path, workers: int) -> None:
    """Train to the end, from the checkpoint in ``work`` if there is one, and fill ``output``."""
    training = Training(
        settings,
        *drawn_pictures(work, settings.seed, settings.per_class, settings.backgrounds, DRAWN_PX, workers),
    )
    checkpoint = work / "checkpoint.pt"
    if checkpoint.exists():
        training.restore(checkpoint)
    _log.info("training from step %d to %d", training.step, training.total_steps)
    finish(training, checkpoint, work / LOG)
    export(training.network, output)
    shutil.copyfile(work / LOG, output / LOG)
    (output / FIGURES).write_text(
        json.dumps(figures(training, work, workers), indent=1) + "\n", encoding="utf-8"
    )


def finish(training: Training, checkpoint: Path, log: Path) -> None:
    """Train to the last step, with a checkpoint and a line of the log every hundred steps."""
    results: list[tuple[float, float]] = []
    while training.step < training.total_steps:
        results.append(training.advance())
        if training.step % _LOG_STEPS == 0 or training.step == training.total_steps:
            training.save(checkpoint)
            loss, right = np.nanmean(np.asarray(results), axis=0)
            _append(log, [training.step, f"{training.seconds:.0f}", f"{loss:.4f}", f"{right:.4f}"])
            results.clear()


def figures(training: Training, work: Path, workers: int) -> dict[str, object]:
    """Settings, machine, and accuracy: untouched, under the training's attack, under a longer one."""
    settings = training.settings
    unseen = drawn_pictures(work, settings.seed + HELD_OUT_SEED, HELD_OUT_PER_CLASS, 0, DRAWN_PX, workers)
    attacks = {"clean": 0, "attacked": settings.attack_steps, "attacked_10_steps": 10}
    measured = {
        name: as_record(accuracy(training.network, *unseen, settings.polish_radius, steps))
        for name, steps in attacks.items()
    }
    parameters = sum(parameter.numel() for parameter in training.network.parameters())
    machine = (
        f"{platform.machine()}, {os.cpu_count()} cores, torch {torch.__version__}, {training.device.type}"
    )
    return {
        "date": date.today().isoformat(),
        "machine": machine,
        "minutes": round(training.seconds / 60, 1),
        "parameters": parameters,
        "settings": asdict(settings),
        "held_out_per_class": HELD_OUT_PER_CLASS,
        "accuracy": measured,
    }


def _append(file: Path, row: list[object]) -> None:
    fresh = not file.exists()
    with file.open("a", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        if fresh:
            writer.writerow(["step", "seconds", "loss", "right_under_attack"])
        writer.writerow(row)
    _log.info("step %s, %s s: loss %s, right under attack %s", *row)


def main(arguments: list[str] | None = None) -> None:
    """Train as the command line says; every field of ``TrainSettings`` is an option."""
    parser = argparse.ArgumentParser(prog="python -m lucidreel.models.bestiary.train", description=__doc__)
    parser.add_argument("--work", type=Path, required=True, help="folder for pictures, checkpoint and log")
    parser.add_argument("--output", type=Path, default=NETWORK_FOLDER, help="folder for the finished network")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="drawing processes")
    defaults = asdict(TrainSettings())
    for name, default in defaults.items():
        flag, note = f"--{name.replace('_', '-')}", f"default {default}"
        parser.add_argument(flag, type=type(default), default=default, help=note)
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    settings = TrainSettings(**{name: getattr(options, name) for name in defaults})
    run(settings, options.work, options.output, options.workers)


if __name__ == "__main__":
    main()
