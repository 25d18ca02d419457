"""What Tab offers, asked for as shells ask: the program is started anew with the line in its environment."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

# Whoever imports torch, which takes seconds, meets an ImportError, and nothing would be offered.
_PROGRAM = """
import sys
sys.modules["torch"] = None
sys.argv[0] = "lucidreel"
from lucidreel.cli import main
main()
"""


def offered(line: str, shell: str = "bash", **more: str) -> list[str]:
    """Return what is offered for the last word of a line, which may be empty."""
    words = shlex.split(line) + ([""] if line.endswith(" ") else [])
    asked = {"COMP_WORDS": "\n".join(words), "COMP_CWORD": str(len(words) - 1), **more}
    ended = subprocess.run(
        [sys.executable, "-c", _PROGRAM],
        env={**os.environ, "_LUCIDREEL_COMPLETE": f"complete_{shell}", **asked},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.stderr == ""
    return [line for line in ended.stdout.splitlines() if line]


@pytest.mark.parametrize(
    ("line", "among"),
    [
        ("lucidreel re", ["render"]),
        ("lucidreel render --preset ", ["lucid", "reef", "deepdraw"]),
        ("lucidreel render --pre", ["--preset", "--precision", "--preview-every"]),
        ("lucidreel still x.png --class go", ["goldfish"]),
        ("lucidreel still x.png --class eye,tree", ["eye,tree_frog"]),
        ("lucidreel zoom noise --palette spir", ["spiral"]),
        ("lucidreel preview x.mp4 --layer conv4", ["conv4_1", "conv4_2"]),
        ("lucidreel render --channel conv4_1", ["conv4_1:strongest"]),
        ("lucidreel render --carry ", ["flow", "blend", "none"]),
        ("lucidreel render --model best", ["bestiary"]),
        ("lucidreel models fetch bvlc", ["bvlc_googlenet", "bvlc_reference_caffenet"]),
        ("lucidreel presets show puppy", ["puppyslug"]),
    ],
)
def test_names_are_offered_where_they_belong(line: str, among: list[str]) -> None:
    found = offered(line)
    begun = shlex.split(line + "''")[-1]
    assert set(among) <= set(found)
    assert all(word.startswith(begun) for word in found)


def test_classes_and_layers_are_those_of_the_network_on_the_line(tiny: Path) -> None:
    assert offered(f"lucidreel still x.png --model {tiny} --class ") == [
        "goldfish", "Carassius_auratus", "great_white_shark", "jellyfish", "peacock",
    ]  # fmt: skip
    assert "relu1" in offered(f"lucidreel still x.png -m {tiny} --layer re")
    assert offered(f"lucidreel still x.png -m {tiny}/none --layer re") == []


def test_names_of_several_networks_are_offered_together(tiny: Path) -> None:
    line = f"lucidreel still x.png -m {tiny} --model bestiary"
    assert offered(f"{line} --class gold") == ["goldfish"]
    assert {"peacock", "peacock_feather"} <= set(offered(f"{line} --class pea"))
    assert offered(f"{line} --layer conv4_1") == ["conv4_1"]
    assert offered(f"{line} --layer tiny::con") == ["tiny::conv1"]


def test_names_that_a_shell_would_read_otherwise_are_not_offered(tiny: Path, tmp_path: Path) -> None:
    folder = tmp_path / "tiny"
    shutil.copytree(tiny, folder)
    (folder / "labels.txt").write_text("jack-o'-lantern\njack (card)\njackal\njackdaw; bird\n")
    assert offered(f"lucidreel still x.png -m {folder} -c jack") == ["jackal"]


@pytest.mark.parametrize(
    "line", ["lucidreel render exam", "lucidreel render x.mp4 -o ou", "lucidreel still x"]
)
def test_files_are_left_to_the_shell(line: str) -> None:
    assert offered(line) == []


def test_other_shells_are_told_what_a_word_stands_for() -> None:
    line = "lucidreel render --preset luc"
    zsh = "\n".join(offered(line, "zsh", _TYPER_COMPLETE_ARGS=line))
    assert '"lucid":"' in zsh and '"lucid":""' not in zsh
    (fish,) = offered(line, "fish", _TYPER_COMPLETE_ARGS=line, _TYPER_COMPLETE_FISH_ACTION="get-args")
    assert fish.startswith("lucid\t")


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash here")
def test_a_real_bash_completes_a_class(tmp_path: Path) -> None:
    program = tmp_path / "lucidreel"
    program.write_text(f"#!{sys.executable}\nfrom lucidreel.cli import main\nmain()\n")
    program.chmod(0o755)
    script = (
        'eval "$(env _LUCIDREEL_COMPLETE=source_bash lucidreel)"; '
        "COMP_WORDS=(lucidreel still x.png -c jellyf); COMP_CWORD=4; "
        '_lucidreel_completion lucidreel; echo "${COMPREPLY[@]}"'
    )
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    ended = subprocess.run(
        ["bash", "--norc", "-c", script],
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ended.stdout.split() == ["jellyfish"]


def test_words_to_choose_from_are_offered_and_nothing_for_what_stands_for_others() -> None:
    assert offered("lucidreel render clip.mp4 --cuts ") == ["auto", "none"]
    assert offered("lucidreel render clip.mp4 --bit-depth ") == ["8", "10", "16"]
    assert "prores" in offered("lucidreel render clip.mp4 --codec ")
    assert offered("lucidreel render clip.mp4 --carry-share ") == []
