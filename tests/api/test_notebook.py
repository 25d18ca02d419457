"""The notebook runs from its first cell to its last, with nothing but lucidreel, and shows what it says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

NOTEBOOK = Path(__file__).resolve().parents[2] / "notebooks" / "lucid.ipynb"


def read() -> Any:
    return nbformat.read(NOTEBOOK, as_version=4)  # type: ignore[no-untyped-call]


def shown(cell: Any) -> set[str]:
    """Return the kinds of what a cell shows."""
    return {kind for output in cell.outputs for kind in output.get("data", {})}


def test_it_is_stored_without_outputs_and_imports_nothing_but_lucidreel() -> None:
    cells = [cell for cell in read().cells if cell.cell_type == "code"]
    assert all(cell.outputs == [] and cell.execution_count is None for cell in cells)
    imports = [line for cell in cells for line in cell.source.splitlines() if "import " in line]
    assert imports == ["import lucidreel as lr"]


def test_it_runs_and_shows_pictures_and_films(tmp_path: Path) -> None:
    notebook = read()
    client = NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(tmp_path)}})
    client.execute()
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    errors = [output for cell in cells for output in cell.outputs if output.output_type == "error"]
    assert errors == []
    assert sum("image/png" in shown(cell) for cell in cells) >= 7
    films = [output for cell in cells for output in cell.outputs if "<video" in str(output.get("data"))]
    assert len(films) == 2
    assert {path.name for path in tmp_path.glob("*.mp4")} == {"dream.mp4", "alone.mp4", "flight.mp4"}
