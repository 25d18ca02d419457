"""Contact sheets of before and after: the same clips, photos and zooms with two versions of the program.

    python -m lucidreel.benchmarks.contact_sheets render before --program ../old/.venv/bin/lucidreel
    python -m lucidreel.benchmarks.contact_sheets render after
    python -m lucidreel.benchmarks.contact_sheets compose before after docs/pictures

`render` runs the program's own command line, one job of `contact_cases.py` after the other, and keeps each
one's frames and figures in a folder of its own; jobs that are done are left alone, so it may be stopped and
goes on. `--only 'fire2/*'` picks jobs, `--again` makes them anew. `compose` needs no network.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from lucidreel.benchmarks.contact_cases import (
    CLIPS,
    FILMED,
    PHOTOS,
    PREVIEWS,
    ZOOMS,
    Case,
    Job,
    jobs,
)
from lucidreel.benchmarks.contact_figures import film_figures, pictures_in, table, write_figures
from lucidreel.benchmarks.measures import levels, psnr_db
from lucidreel.benchmarks.picture import SHARED
from lucidreel.benchmarks.sheet import captioned_sheet, write_sheet
from lucidreel.render.frames.frames import Picture

_CELL_PX = 256
_NAMES = {
    "source": "the source",
    "bestiary": "bestiary",
    "squeezenet": "SqueezeNet",
    "layers": "SqueezeNet, fire8/concat",
    "imagenet": "imagenet",
}
Cell = tuple[str, Picture]


def render(work: Path, program: str, asked: Sequence[Job]) -> None:
    """Run every job that is not yet done, and write its figures."""
    for job in asked:
        folder = work / job.name
        if (folder / "figures.json").exists():
            continue
        shutil.rmtree(folder, ignore_errors=True)
        folder.parent.mkdir(parents=True, exist_ok=True)
        began = time.perf_counter()
        run(program, job, folder)
        spent_s = time.perf_counter() - began
        frames = film_figures(pictures_in(folder), pictures_in(folder.parent / "source"))
        told = {"words": list(job.words), "version": version(program), "seconds": spent_s, "frames": frames}
        write_figures(folder, told)
        print(f"{job.name}: {len(frames)} frames, {spent_s:.0f} s", file=sys.stderr, flush=True)


def run(program: str, job: Job, folder: Path) -> None:
    """Have the program write a job's frames into a folder; raises CalledProcessError where it fails."""
    if not job.film:
        folder.mkdir()
    output = folder if job.film else folder / "000001.png"
    subprocess.run([program, *job.words, "-o", str(output), "-q", "--threads", "1"], check=True)


def version(program: str) -> str:
    """Return the commit of the checkout that a program lies in, or what it calls itself."""
    git = ["git", "-C", str(Path(program).resolve().parent), "rev-parse", "--short", "HEAD"]
    told = subprocess.run(git, capture_output=True, text=True, check=False)
    if told.returncode:
        told = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    return told.stdout.strip()


def compose(before: Path, after: Path, folder: Path) -> list[Path]:
    """Write all the sheets that there are frames for; return their paths."""
    written = []
    for case in (*CLIPS, *ZOOMS):
        rows = film_rows(case, before, after)
        written += _written(folder / f"before_after_{case.name.replace('-', '_')}.jpg", rows)
    written += _written(folder / "before_after_photos.jpg", photo_rows(PHOTOS, before, after))
    rows = [row for case in PREVIEWS for row in preview_rows(case, before, after)]
    written += _written(folder / "before_after_previews.jpg", rows)
    return written


def film_rows(case: Case, before: Path, after: Path) -> list[list[Cell]]:
    """Return a row of moments for the source, and of every dreamer that has an after, before and after."""
    source = pictures_in(after / case.name / "source") or pictures_in(before / case.name / "source")
    told = [(_NAMES["source"], source)]
    for dreamer in case.dreamers:
        now = pictures_in(after / case.name / dreamer)
        if now:
            told.append((f"{_NAMES[dreamer]}, before", pictures_in(before / case.name / dreamer)))
            told.append((f"{_NAMES[dreamer]}, after", now))
    if len(told) == 1:
        return []
    return [
        [(f"{caption}: frame {at + 1}", pictures[at]) for at in case.shown]
        for caption, pictures in told
        if pictures
    ]


def photo_rows(cases: Sequence[Case], before: Path, after: Path) -> list[list[Cell]]:
    """Return a row for every photo: the photo, and what each dreamer made of it before and after.

    A dreamer is shown where it has dreamt of all the photos after, so that the rows are of one length. What
    a layer's dream was before stands beside that of `imagenet`, which there was not.
    """
    columns = [
        (dreamer, when, work)
        for dreamer in dict.fromkeys(name for case in cases for name in case.dreamers)
        for when, work in (("before", before), ("after", after))
        if all(pictures_in(work / case.name / dreamer) for case in cases)
        and (dreamer == "layers" or all(pictures_in(after / case.name / dreamer) for case in cases))
    ]
    return [
        [
            (case.name, pictures_in(before / case.name / "source")[0]),
            *(
                (f"{_NAMES[dreamer]}, {when}", pictures_in(work / case.name / dreamer)[0])
                for dreamer, when, work in columns
            ),
        ]
        for case in cases
        if columns
    ]


def preview_rows(case: Case, before: Path, after: Path) -> list[list[Cell]]:
    """Return a row before and a row after: the source, what is previewed, and the film's frame."""
    rows = []
    film, place = FILMED[case.name]
    for when, work in (("before", before), ("after", after)):
        for dreamer in case.dreamers:
            seen = [pictures_in(work / name / dreamer) for name in (case.name, film)]
            if all(seen) and (after / case.name / dreamer / "figures.json").exists():
                frame, source = seen[1][place], pictures_in(work / film / "source")[place]
                near = psnr_db(levels(seen[0][0]), levels(frame))
                promised = (f"preview, {when}: {near:.1f} dB from the film", seen[0][0])
                rows.append([(f"{film}, frame {place + 1}", source), promised, (f"film, {when}", frame)])
    return rows


def _written(path: Path, rows: Sequence[Sequence[Cell]]) -> list[Path]:
    if not rows:
        return []
    write_sheet(path, captioned_sheet(rows, _CELL_PX))
    return [path]


def main() -> None:
    """Do what the command line asks for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    making = commands.add_parser("render", help="dream everything with one version")
    making.add_argument("work", type=Path)
    making.add_argument("--program", default=str(Path(sys.executable).with_name("lucidreel")))
    making.add_argument("--shared", type=Path, default=SHARED)
    making.add_argument("--only", action="append", metavar="GLOB")
    making.add_argument("--without", action="append", metavar="GLOB")
    making.add_argument("--again", action="store_true")
    composing = commands.add_parser("compose", help="write the sheets")
    for name in ("before", "after", "folder"):
        composing.add_argument(name, type=Path)
    asked = parser.parse_args()
    if asked.command == "compose":
        for path in compose(asked.before, asked.after, asked.folder):
            print(path, file=sys.stderr)
        names = sorted(_done(asked.after))
        print(table(asked.before, asked.after, names))
        return
    chosen = jobs(asked.shared, asked.only or ["*"], asked.without or [])
    if asked.again:
        for job in chosen:
            shutil.rmtree(asked.work / job.name, ignore_errors=True)
    render(asked.work, asked.program, chosen)


def _done(work: Path) -> set[str]:
    return {str(file.parent.relative_to(work)) for file in work.glob("*/*/figures.json")}


if __name__ == "__main__":
    main()
