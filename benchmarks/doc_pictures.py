"""Makes the documentation's pictures of the sample clip anew, with the program's own commands.

    python -m lucidreel.benchmarks.doc_pictures docs/pictures
    python -m lucidreel.benchmarks.doc_pictures docs/pictures --only maps

Run it in the checkout, after the network, a preset or a default has changed. The contact sheets of classes,
class dreams and picture tools are made by `models/bestiary/sheet.py`, `bestiary_dreams.py` and `picture.py`.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from lucidreel.benchmarks.sheet import captioned_sheet, write_sheet
from lucidreel.render.media.pictures.pictures import read_picture

CLIP = "examples/nebula.mp4"
Cells = tuple[tuple[str, str], ...]

SINGLE = {
    "nebula": f"preview {CLIP} --alone --at 2s -n 0 -c eye",
    "lucid": f"preview {CLIP} --alone --at 2s --preset lucid -n 12..6",
    "layers": f"preview {CLIP} --alone --at 2s --preset layers",
    "menagerie": f"preview {CLIP} --alone --at 2s --preset menagerie",
    "deepdraw": "still noise:480x270 --preset deepdraw -c owl",
}
"""Pictures that stand alone: the words of the command that makes them."""

FERN = "still noise:192x192 -c fern --octaves 2 -n 20"
_TARGET, _MAP = (
    f"preview {CLIP} --alone --at 0.8s --size 320x180 -n 12",
    f"preview {CLIP} --alone --at 2s --size 320x180",
)
SHEETS: dict[str, tuple[int, Cells]] = {
    "targets": (
        4,
        (
            ("the frame", f"preview {CLIP} --alone --at 0.8s --size 320x180 -n 0 -c eye"),
            ("--class jellyfish", f"{_TARGET} -c jellyfish"),
            ("--palette jellyfish,eye,coral,flower", f"{_TARGET} --palette jellyfish,eye,coral,flower"),
            ("--layer conv3_2", f"{_TARGET} -l conv3_2"),
            ("--channel conv3_2:12", f"{_TARGET} --channel conv3_2:12"),
            ("--channel conv3_2:strongest", f"{_TARGET} --channel conv3_2:strongest"),
            (
                "two neurons of classes",
                f"{_TARGET} --neuron classes:35@0.25,0.3 --neuron classes:41@0.75,0.7",
            ),
            ("--guide fern.png", f"{_TARGET} --guide {{fern}}"),
        ),
    ),
    "maps": (
        3,
        (
            ("the frame", f"{_MAP} -n 0 -c eye"),
            ("--class jellyfish", f"{_MAP} -c jellyfish"),
            ("in two bands", f"{_MAP} -c jellyfish@band:0-0.5 -c spiral@band:0.5-1"),
            ("jellyfish@luminance", f"{_MAP} -c jellyfish@luminance"),
            ("by hue", f"{_MAP} -c jellyfish@hue:200±40 -c spiral@hue:350±40"),
            ("--mask centre", f"{_MAP} -c jellyfish --mask centre"),
            ("--keep-colour", f"{_MAP} -c jellyfish --keep-colour"),
            ("--match-colour 1", f"{_MAP} -c jellyfish --match-colour 1"),
            ("--blend 0.5", f"{_MAP} -c jellyfish --blend 0.5"),
        ),
    ),
    "bestiary_layers": (
        3,
        tuple(
            (f"--layer {layer}", f"{_MAP} -n 10 --step-size 1.5 --spectrum 0.2 -l {layer}")
            for layer in ("conv2_1", "conv2_2", "conv3_1", "conv3_2", "conv4_1", "conv4_2")
        ),
    ),
    "presets": (
        3,
        tuple(
            (f"--preset {name}", f"preview {CLIP} --alone --at 2s --preset {name}")
            for name in ("lucid", "reef", "clockwork", "temple", "layers", "cosmos")
        ),
    ),
    "imagenet": (
        2,
        tuple(
            (f"--preset {name}", f"preview {CLIP} --alone --at 2s --preset {name}")
            for name in ("menagerie", "puppyslug", "mosaic", "ornament")
        ),
    ),
    "imagenet_layers": (
        3,
        tuple(
            (f"--layer block{number}", f"{_MAP} --preset menagerie -l block{number}")
            for number in (5, 6, 8, 9, 10, 11, 12, 13, 15)
        ),
    ),
}
"""Contact sheets: columns, and a caption and a command for every picture."""


def make(words: str, output: Path) -> None:
    """Run one command of the program, which writes `output`; raises CalledProcessError where it fails."""
    command = [sys.executable, "-m", "lucidreel.cli", *words.split(), "-o", str(output), "-q", "-y"]
    subprocess.run(command, check=True)
    output.with_name(f"{output.name}.toml").unlink(missing_ok=True)


def sheet(columns: int, cells: Cells, work: Path) -> None:
    """Write work/sheet.jpg, a contact sheet of what the cells' commands make."""
    fern, told = work / "fern.png", []
    if any("{fern}" in words for _, words in cells):
        make(FERN, fern)
    for number, (caption, words) in enumerate(cells):
        picture = work / f"{number}.png"
        make(words.format(fern=fern), picture)
        told.append((caption, read_picture(picture)))
    write_sheet(work / "sheet.jpg", captioned_sheet([told], 320, columns))


def main() -> None:
    """Make what the command line asks for."""
    asked = argparse.ArgumentParser(prog="python -m lucidreel.benchmarks.doc_pictures")
    asked.add_argument("folder", type=Path, help="where the pictures go: docs/pictures")
    asked.add_argument("--only", action="append", choices=[*SINGLE, *SHEETS], help="default: all")
    words = asked.parse_args()
    for name in words.only or [*SINGLE, *SHEETS]:
        if name in SINGLE:
            make(SINGLE[name], words.folder / f"{name}.jpg")
        else:
            with tempfile.TemporaryDirectory() as work:
                sheet(*SHEETS[name], Path(work))
                shutil.move(Path(work) / "sheet.jpg", words.folder / f"{name}.jpg")
        print(f"{name}.jpg", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
