"""One dream of the picture benchmark: dreamt, timed, measured and judged."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from lucidreel.benchmarks.cases import SIZE_PX, Case, Variant
from lucidreel.benchmarks.grid import strongest_grid
from lucidreel.benchmarks.judge import Judge, TfliteJudge
from lucidreel.benchmarks.measures import levels, luma, measure
from lucidreel.benchmarks.nearness import at_psnr
from lucidreel.dream.device import choose_device
from lucidreel.dream.engine import Dreamer
from lucidreel.dream.ensemble import Ensemble
from lucidreel.dream.targets.sharing import share_out
from lucidreel.dream.targets.targets import Targets
from lucidreel.models.labels import Labels
from lucidreel.models.network import Network
from lucidreel.render.frames.frames import Picture
from lucidreel.render.media.pictures.pictures import read_picture

SEED_PICTURE = Path("reference", "seed_spiral_golden_gate_jellyfish_50.png")
"""What the program that lucidreel descends from makes of its case, in the shared folder."""

SEED_CASE = "golden_gate:jellyfish"

Row = dict[str, float]
"""What was measured, by name; see `tables.COLUMNS`."""


@dataclass(frozen=True)
class Result:
    """One dream: whose settings, of which case, with which seed, and what was measured."""

    variant: str
    case: str
    seed: int
    row: Row
    picture: Picture


class Bench:
    """The network, or networks, and the judges that every variant meets."""

    def __init__(
        self,
        network: Network | Ensemble[Network],
        judges: Sequence[Judge | TfliteJudge],
        imagenet: Labels,
        device: str,
        psnr_db: float | None = None,
    ) -> None:
        """Take what has been loaded; `imagenet` has the judges' classes, `device` is a name such as "cpu".

        Where `psnr_db` is given, every dream is scaled to that nearness before it is measured (`nearness`).
        """
        self._psnr_db = psnr_db
        self._network = network
        self._judges = judges
        self._imagenet = imagenet
        self._device = choose_device(device)

    def check(self, case: Case) -> None:
        """Raise ClassNotFoundError now, not after the dreams before, when there is no such class."""
        share_out(Targets(classes={case.class_name: 1.0}), Ensemble.of(self._network), seed=0)
        if self._judges:
            self._imagenet.find(case.class_name)

    def dream(self, variant: Variant, case: Case, seed: int) -> Result:
        """Dream one case and measure it; the time is that of the dream alone, with the network loaded."""
        source = case.source()
        targets = variant.targets_for(case.class_name)
        dreamer = Dreamer(self._network, targets, variant.config(seed), self._device)
        start = time.perf_counter()
        picture = dreamer.dream(source)
        seconds = time.perf_counter() - start
        row = {"seconds": seconds}
        if self._psnr_db is not None:
            picture, row["scaled"] = at_psnr(picture, source, self._psnr_db)
        return self.result(variant.name, case, seed, picture, row)

    def result(self, name: str, case: Case, seed: int, picture: Picture, row: Row) -> Result:
        """Measure a picture against the case's source, and add what is in `row`."""
        source = case.source()
        peak = strongest_grid(luma(levels(picture) - levels(source)))
        measured = {**asdict(measure(picture, source)), "grid_z": peak.z, "grid_px": float(peak.period_px)}
        return Result(name, case.name, seed, {**self._judged(picture, case), **measured, **row}, picture)

    def seeds_own(self, cases: Sequence[Case], shared: Path) -> list[Result]:
        """Measure the picture that spikelynch/deepdream made, where its case is among those run."""
        path = shared / SEED_PICTURE
        here = [case for case in cases if case.name == SEED_CASE and case.size_px == SIZE_PX]
        return [
            self.result("spikelynch's", case, 0, read_picture(path), {}) for case in here if path.is_file()
        ]

    def _judged(self, picture: Picture, case: Case) -> Row:
        if not self._judges:
            return {}
        index = self._imagenet.find(case.class_name)
        verdicts = {judge.name: judge.verdict(picture, index) for judge in self._judges}
        return {
            "recognised": float(np.mean([each.recognised for each in verdicts.values()])),
            "among_five": float(np.mean([each.among_five for each in verdicts.values()])),
            "belief": float(np.mean([each.belief for each in verdicts.values()])),
            "margin": float(np.mean([each.margin for each in verdicts.values()])),
            **{f"recognised_{name}": each.recognised for name, each in verdicts.items()},
            **{f"among_five_{name}": each.among_five for name, each in verdicts.items()},
        }
