"""What the before-and-after sheets show: six clips, four photos and three zooms, and who dreams of them.

    a case     a clip's part, a photo or a flight, its size and the class to be seen in it
    a dreamer  a network, and whether it dreams of the case's class or of one of its own layers
    a job      a case and a dreamer: one command of the program

Classes are such as all networks know. The parts of the clips are short, and chosen for what is hard about
them: a cut, somebody who runs, a fast pan, hair and ropes, smoke, and stars that hardly move.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

SQUEEZENET = Path("models", "squeezenet_v1.0")


@dataclass(frozen=True)
class Case:
    """Something to be dreamt."""

    name: str
    words: str
    """The command with its input; {shared} stands for the folder of photos and clips."""
    class_name: str
    shown: tuple[int, ...] = (0,)
    """Places of the frames that a sheet shows, the first is 0."""
    dreamers: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """The command: render, zoom, still or preview."""
        return self.words.split()[0]

    def source_words(self) -> str | None:
        """Return the command that shows the case before it is dreamt; a zoom is its own source."""
        calm = "--carry none --cuts none" if self.kind == "render" else ""
        return None if self.kind == "zoom" else f"{self.words} {calm} -n 0 -c eye"


def _clip(name: str, words: str, class_name: str, shown: Sequence[int], *others: str) -> Case:
    file = f"examples/{name}.mp4" if name == "nebula" else f"{{shared}}/clips/{name}.*"
    full = f"render {file} {words} --size 256x144"
    return Case(name, full, class_name, tuple(shown), ("bestiary", *others))


CLIPS = (
    _clip("nasa_13013", "--start 7.8s --end 8.4s", "jellyfish", (0, 6, 7, 10, 14), "squeezenet"),
    _clip("chaplin", "--start 0.4s --end 0.8s", "goldfish", (0, 2, 4, 7, 9)),
    _clip("fire2", "--end 1.3s", "jellyfish", (0, 4, 7, 10, 13), "squeezenet"),
    _clip("big_buck_bunny", "--end 0.41s", "peacock", (0, 3, 5, 7, 9), "imagenet"),
    _clip("volcano", "--end 1.25s --fps 8", "jellyfish", (0, 3, 5, 7, 9), "imagenet"),
    _clip("nebula", "--end 1s", "jellyfish", (0, 6, 12, 18, 23), "imagenet"),
)

PHOTOS = tuple(
    Case(
        name,
        f"still {{shared}}/photos/{name}.jpg --size {size}",
        class_name,
        dreamers=("bestiary", "squeezenet", "layers", "imagenet"),
    )
    for name, size, class_name in (
        ("golden_gate", "480x360", "jellyfish"),
        ("sky1024px", "480x270", "great white shark"),
        ("green_bridge", "480x320", "peacock"),
        ("red_barn", "480x320", "goldfish"),
    )
)

_FLIGHT = "--duration 3s --fps 8 --size 192x108"
ZOOMS = tuple(
    Case(f"zoom-{name}", f"zoom {start} {_FLIGHT}", class_name, (0, 6, 12, 18, 23), (dreamer,))
    for name, start, class_name, dreamer in (
        ("golden_gate", "{shared}/photos/golden_gate.jpg", "jellyfish", "squeezenet"),
        ("green_bridge", "{shared}/photos/green_bridge.jpg", "peacock", "bestiary"),
        ("noise", "noise", "jellyfish", "bestiary"),
    )
)

FILMED = {"preview-nebula": ("nebula", 18), "preview-fire2": ("fire2", 10)}
"""Where the film shows what a preview promises: its case, and the place of the frame."""

PREVIEWS = tuple(
    Case(f"preview-{name}", f"preview {moment} --size 256x144", "jellyfish", dreamers=("bestiary",))
    for name, moment in (
        ("nebula", "examples/nebula.mp4 --at 0.75s"),
        ("fire2", "{shared}/clips/fire2.* --at 1s"),
    )
)

CASES = (*CLIPS, *PHOTOS, *ZOOMS, *PREVIEWS)

DREAMERS: Mapping[str, str] = {
    "bestiary": "--model bestiary --class {class}",
    "squeezenet": f"--model {{shared}}/{SQUEEZENET} --class {{class}}",
    "layers": f"--model {{shared}}/{SQUEEZENET} --preset layers --layer fire8/concat",
    "imagenet": "--preset menagerie",
}


@dataclass(frozen=True)
class Job:
    """One command of the program, and the name of the folder for what it makes."""

    name: str
    words: tuple[str, ...]
    film: bool


def jobs(shared: Path, only: Sequence[str] = ("*",), without: Sequence[str] = ()) -> list[Job]:
    """Return the jobs, sources included, whose CASE/DREAMER fits one of `only` and none of `without`."""
    asked = [job for case in CASES for job in _jobs_of(case, shared)]
    return [
        job
        for job in asked
        if any(fnmatchcase(job.name, each) for each in only)
        and not any(fnmatchcase(job.name, each) for each in without)
    ]


def _jobs_of(case: Case, shared: Path) -> list[Job]:
    film = case.kind in ("render", "zoom")
    told = {"source": case.source_words()}
    told |= {name: f"{case.words} {DREAMERS[name]}" for name in case.dreamers}
    return [
        Job(f"{case.name}/{name}", _filled(words, shared, case.class_name), film)
        for name, words in told.items()
        if words is not None
    ]


def _filled(words: str, shared: Path, class_name: str) -> tuple[str, ...]:
    """Return the words one by one, with paths and class put in: those may hold spaces."""
    filled = [word.replace("{shared}", str(shared)).replace("{class}", class_name) for word in words.split()]
    return tuple(_found(word) for word in filled)


def _found(word: str) -> str:
    """Return the one file that a name with an open suffix means."""
    if not word.endswith(".*"):
        return word
    files = sorted(Path(word).parent.glob(Path(word).name))
    return str(files[0]) if files else word
