"""Targets are words and values: whoever writes or reads them waits for nothing that computes."""

from __future__ import annotations

import subprocess
import sys

HEAVY = ("torch", "scipy", "numpy", "PIL", "cv2", "av")


def test_targets_are_read_and_printed_without_what_computes() -> None:
    code = (
        "import sys; from lucidreel.dream.targets.targets import Targets; "
        "targets = Targets(classes=['goldfish@water.png=2'], guides={'bees.jpg@conv1': 1}, "
        "channels=['conv1:strongest']); assert Targets(**targets.tables) == targets; "
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == "[]"
