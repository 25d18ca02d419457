"""One process under atheris: feeds a target until the time is over, and keeps what it finds.

    python -m lucidreel.benchmarks.fuzz.worker TARGET FOLDER SECONDS

Faults that Python can tell are written to FOLDER/findings and the run goes on, so that one does not hide the
next. A hang inside a library, memory beyond 2 GB or a crash ends the process; libFuzzer keeps that input in
FOLDER/findings too.
"""

from __future__ import annotations

import sys
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from random import Random

import atheris

from .findings import Finding, find_fault
from .table import load_target
from .target import ROOT, Mutation, Target

_INSTRUMENTED = ["lucidreel", "tarfile", "tomllib", "zipfile"]
# The timeout is of the wall clock; findings.py counts processor time. What libraries print goes nowhere.
_LIMITS = ("-rss_limit_mb=2048", "-timeout=300", "-print_final_stats=1", "-close_fd_mask=2")
_FORM_KEPT = 0.75


def main() -> None:
    """Run a worker; libFuzzer ends the process."""
    warnings.simplefilter("ignore")  # Pillow's, of broken pictures
    warnings.filterwarnings("error", category=RuntimeWarning, module="lucidreel")  # NumPy's, of our sums
    name, folder, seconds = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    seeds, corpus, findings = (folder / part for part in ("seeds", "corpus", "findings"))
    for part in (seeds, corpus, findings):
        part.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="lucidreel-fuzz-", dir=_memory_disk()) as scratch:
        with atheris.instrument_imports(include=[*_INSTRUMENTED, "tomllib"], exclude=_left_alone()):
            target = load_target(name)
            contents = target.own_seeds
            for content in contents:  # much is imported by the first file that needs it
                _keep(find_fault(target, content, Path(scratch)), content, findings)
        for number, content in enumerate(contents):
            (seeds / f"{number:04d}").write_bytes(content)
        atheris.Setup(
            [
                sys.argv[0], *_LIMITS, f"-max_len={target.most_bytes}", f"-max_total_time={seconds}",
                f"-artifact_prefix={findings}/", str(corpus), str(seeds),
            ],
            _one_file(target, Path(scratch), findings),
            custom_mutator=_mutator(target.mutation(contents)),
        )  # fmt: skip
        atheris.Fuzz()


def _left_alone() -> list[str]:
    """Return the modules to leave as they are: these here, and those that Numba compiles from bytecode."""
    return [
        "lucidreel." + ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for folder in (ROOT / "benchmarks", *(ROOT / layer for layer in ("models", "dream", "render")))
        for path in folder.rglob("*.py")
        if folder.name == "benchmarks" or b"numba" in path.read_bytes()
    ]


def _one_file(target: Target, scratch: Path, findings: Path) -> Callable[[bytes], None]:
    def one_file(data: bytes) -> None:
        _keep(find_fault(target, data, scratch), data, findings)

    return one_file


def _mutator(change: Mutation) -> Callable[[bytes, int, int], bytes]:
    def mutate(data: bytes, most: int, seed: int) -> bytes:
        random = Random(seed)
        changed = change(data, random) if random.random() < _FORM_KEPT else atheris.Mutate(data, most)
        return bytes(changed[:most])

    return mutate


def _keep(found: Finding | None, data: bytes, findings: Path) -> None:
    """Write a finding down, with the shortest file that shows it."""
    if found is None:
        return
    path = findings / f"{found.name}.file"
    if not path.exists() or path.stat().st_size > len(data):
        path.write_bytes(data)
        path.with_suffix(".txt").write_text(f"{found.what}\n\n{found.details}", encoding="utf-8")


def _memory_disk() -> str | None:
    """Return a folder in memory, where Linux has one: a file is written for every input."""
    return "/dev/shm" if Path("/dev/shm").is_dir() else None


if __name__ == "__main__":
    main()
