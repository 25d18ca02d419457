"""A second network that knows the bestiary's drawings, to say what it recognises in the first one's dreams.

    python -m lucidreel.benchmarks.bestiary_judge --work DIR

A network that dreamt a picture recognises it in any case; what counts is whether another one does. The judge
has another architecture, other drawings of the classes and another seed, and has never been attacked. It is
not shipped. DIR takes its weights, a checkpoint every hundred steps, with which the same command goes on, and
its accuracy on drawings it has not seen. `bestiary_dreams.py` shows it dreams.
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path

from lucidreel.models.torch_environment import prepare_environment

STEPS = 1500
FIGURES = "judge.json"

_HELD_OUT_PER_CLASS = 20


def main() -> None:
    """Train what the command line asks for, and say how good it has become."""
    asked = argparse.ArgumentParser(
        prog="python -m lucidreel.benchmarks.bestiary_judge", description="Train the bestiary's judge."
    )
    asked.add_argument("--work", type=Path, required=True, metavar="DIR", help="for its weights and figures")
    asked.add_argument("--steps", type=int, default=STEPS, metavar="N", help="default: %(default)s")
    asked.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="drawing processes")
    words = asked.parse_args()
    prepare_environment(spins=0)
    from lucidreel.benchmarks.second_training import accuracy, train

    words.work.mkdir(parents=True, exist_ok=True)
    network = train(words.work, words.steps, words.workers)
    per_class = accuracy(network, _HELD_OUT_PER_CLASS, words.workers)
    overall = sum(per_class.values()) / len(per_class)
    figures = {"steps": words.steps, "overall": round(overall, 4), "per_class": per_class}
    (words.work / FIGURES).write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    weakest = sorted(per_class.items(), key=lambda item: item[1])[:8]
    print(f"right {overall:.3f}; weakest: {', '.join(f'{name} {share:.2f}' for name, share in weakest)}")


if __name__ == "__main__":
    main()
