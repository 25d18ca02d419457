"""Draws the pictures, trains the network, measures it and writes it as Caffe files, in one command.

``python -m lucidreel.models.bestiary.train --work DIR``. The folder takes a checkpoint every hundred steps
and the log; a run that was stopped goes on when the command is given again. Pictures are drawn by worker
processes while the network learns. The network, its log and its figures are written to the package's own
``network/`` or to ``--output``. With ``--export FOLDER`` nothing is trained: the network as it was at the
last checkpoint is written to that folder, also while a run goes on, so that its dreams can be looked at.
"""

import argparse
import logging
import os
from dataclasses import asdict
from pathlib import Path

from ..torch_environment import prepare_environment
from . import NETWORK_FOLDER
from .settings import TrainSettings

# This module is imported by every worker process, and is quick because torch is not.


def main(arguments: list[str] | None = None) -> None:
    """Train as the command line says; every field of ``TrainSettings`` is an option."""
    parser = argparse.ArgumentParser(prog="python -m lucidreel.models.bestiary.train", description=__doc__)
    parser.add_argument("--work", type=Path, required=True, help="folder for the checkpoint and the log")
    parser.add_argument("--output", type=Path, default=NETWORK_FOLDER, help="folder for the finished network")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="drawing processes")
    parser.add_argument("--export", type=Path, metavar="FOLDER", help="write the last checkpoint's network")
    defaults = asdict(TrainSettings())
    for name, default in defaults.items():
        flag, note = f"--{name.replace('_', '-')}", f"default {default}"
        parser.add_argument(flag, type=type(default), default=default, help=note)
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    settings = TrainSettings(**{name: getattr(options, name) for name in defaults})
    prepare_environment(spins=0)  # the cores belong to the workers meanwhile
    from . import run

    if options.export is not None:
        run.export_checkpoint(options.work, options.export)
    else:
        run.run(settings, options.work, options.output, options.workers)


if __name__ == "__main__":
    main()
