"""The scripts of docs/python.md, run in their order as a reader would, in one folder; and the notebook."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

import lucidreel as lr

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")
SCRIPTS = re.findall(r"^```python\n(.*?)^```", PAGE, flags=re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a reader has: a picture, a short clip, and whatever the scripts before have made."""
    folder = tmp_path_factory.mktemp("reader")
    lr.write_image(folder / "look.png", lr.noise(96, 64, seed=2))
    lr.zoom(
        lr.noise(64, 48),
        folder / "clip.mp4",
        duration_s=0.5,
        fps="12",
        octaves=1,
        iterations=1,
        classes={"eye": 1},
    )
    return {"__name__": "__main__", "folder": folder}


@pytest.mark.parametrize("number", range(len(SCRIPTS)))
def test_a_script_of_the_page_runs(
    number: int, reader: dict[str, Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(reader["folder"])
    exec(compile(SCRIPTS[number], f"docs/python.md, script {number + 1}", "exec"), reader)
    said = capsys.readouterr().out
    for text in re.findall(r"print\(error\)  # (.*?) …$", SCRIPTS[number], flags=re.MULTILINE):
        assert said.startswith(text)


def test_the_page_has_made_what_it_says(reader: dict[str, Any]) -> None:
    assert len(SCRIPTS) == 7
    made = {path.name for path in reader["folder"].iterdir()}
    assert {"butterflies.png", "dream.mp4", "again.mp4", "flight.mp4", "held.mp4", "moment.png"} <= made
    assert reader["dream"].shape == reader["photo"].shape or reader["dream"].shape == (64, 96, 3)
    assert [event.shape for event in reader["moments"]] == [(72, 128, 3)] * 2
