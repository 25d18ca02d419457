"""Every command in the README runs as it stands, in one folder, in the order in which a reader would."""

from __future__ import annotations

import os
import re
import shlex
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from lucidreel import cli
from lucidreel.commands import outcome
from lucidreel.models.imagenet.wheel import INSTALL, weights_file
from lucidreel.models.pycaffe.find_python import VARIABLE

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
FRAMES, LENGTH_S, SIZE_PX = 8, 4, (96, 54)
# What is not run here, and why.
EXCLUDED = {
    "make ": "builds an environment, or runs these very tests; its targets are looked up instead",
    "pip install ": "installs what is installed, or stays away for want of a network",
    "lucidreel models fetch ": "downloads",
    "lucidreel render examples/nebula.mp4 -o dogs.mp4 ": "needs what was not downloaded",
    "lucidreel models add ~": "needs a network of the reader's own",
    "lucidreel still look.png -o both.png ": "needs a network of the reader's own",
}


def blocks(language: str) -> list[str]:
    """The README's code blocks in a language, in order."""
    return re.findall(rf"^```{language}\n(.*?)^```", README, flags=re.MULTILINE | re.DOTALL)


def shell_lines() -> list[str]:
    """Every command of every shell block, without its comment."""
    lines = [line.partition("  #")[0].strip() for block in blocks("sh") for line in block.splitlines()]
    return [line for line in lines if line]


def wants_weights(line: str) -> bool:
    """Whether a line dreams with the network that an extra brings."""
    return any(word in line for word in ("imagenet", "menagerie", "puppyslug"))


def lacks(line: str) -> str | None:
    """What a line needs that is not on every machine, in words; None where it can run."""
    if wants_weights(line) and weights_file() is None:
        return f"the weights are not installed: {INSTALL}"
    if "--backend pycaffe" in line and not os.environ.get(VARIABLE):
        return f"no real Caffe: {VARIABLE} names none"
    return None


def reason_to_exclude(line: str) -> str | None:
    return next((reason for start, reason in EXCLUDED.items() if line.startswith(start)), None)


def shrink_sample(target: Path) -> None:
    """Make the sample clip small and its frames few, so that full settings take seconds; it lasts as long."""
    with av.open(str(ROOT / "examples" / "nebula.mp4")) as source, av.open(str(target), "w") as container:
        pictures = [frame.to_ndarray(format="rgb24") for frame in source.decode(video=0)]
        rate = Fraction(FRAMES, LENGTH_S)
        video = container.add_stream("libx264", rate=rate)
        video.width, video.height = SIZE_PX
        video.pix_fmt = "yuv420p"
        for index, picture in enumerate(pictures[:: len(pictures) // FRAMES]):
            small = np.asarray(cv2.resize(picture, SIZE_PX, interpolation=cv2.INTER_AREA), np.uint8)
            frame = av.VideoFrame.from_ndarray(small, format="rgb24")
            frame.pts, frame.time_base = index, 1 / rate
            container.mux(video.encode(frame))
        container.mux(video.encode(None))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The one folder that all commands run in."""
    place = tmp_path_factory.mktemp("reader")
    (place / "examples").mkdir()
    shrink_sample(place / "examples" / "nebula.mp4")
    return place


@pytest.fixture
def reader(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A reader who has nothing installed but lucidreel, standing in that folder."""
    monkeypatch.setenv("LUCIDREEL_HOME", str(folder / "home"))
    monkeypatch.chdir(folder)
    return folder


@pytest.mark.parametrize("line", [line for line in shell_lines() if reason_to_exclude(line) is None])
def test_the_command_runs_as_it_stands(line: str, reader: Path, capsys: pytest.CaptureFixture[str]) -> None:
    if reason := lacks(line):
        pytest.skip(reason)
    words = shlex.split(line)
    program, target = words[0], None
    if ">" in words:
        words, target = words[: words.index(">")], words[-1]
    assert program == "lucidreel"
    assert cli.run(words[1:]) == 0, capsys.readouterr().err
    said = capsys.readouterr().out
    assert said
    if target is not None:
        (reader / target).write_text(said, encoding="utf-8")
    if "-o" in words:
        output = reader / words[words.index("-o") + 1]
        assert output.stat().st_size > 1000
        assert output.with_name(f"{output.name}.toml").is_file()


def test_the_python_snippet_runs_as_it_stands(reader: Path) -> None:
    (snippet,) = blocks("python")
    exec(compile(snippet, "README.md", "exec"), {})
    assert (reader / "butterflies.png").is_file()


def test_every_exclusion_excludes_something_and_the_make_targets_exist() -> None:
    for start in EXCLUDED:
        assert any(line.startswith(start) for line in shell_lines()), (
            f"{start!r} is not in the README any more"
        )
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    wanted = {line.split()[1] for line in shell_lines() if line.startswith("make ")}
    assert {"demo", "test"} <= wanted
    for target in wanted:
        assert re.search(rf"^{target}:", makefile, flags=re.MULTILINE), target


def test_every_link_leads_somewhere() -> None:
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")]
    for page in pages:
        links = re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8"))
        assert [link for link in links if not (page.parent / link).exists()] == [], page.name


def test_files_that_the_pages_name_exist() -> None:
    for page in [ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")]:
        named = re.findall(r"`([a-z_]+/[a-z_/]+\.(?:py|toml|md))`", page.read_text(encoding="utf-8"))
        assert [name for name in named if not (ROOT / name).exists()] == [], page.name


def test_the_exit_codes_told_are_those_that_errors_have() -> None:
    from lucidreel import errors

    codes = {
        kind.exit_code
        for kind in vars(errors).values()
        if isinstance(kind, type)
        and issubclass(kind, errors.LucidreelError)
        and kind is not errors.LucidreelError
    }
    table = README.partition("| code |")[2].partition("## ")[0]
    told = {int(number) for number in re.findall(r"\| (\d+) \|", table)}
    assert told == codes | {0, outcome.EXIT_BUG, outcome.EXIT_INTERRUPTED}
