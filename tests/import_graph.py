"""The import graph of the program: which rooms a layer has, which import which, and which in a circle.

A room is what stands on the first level of a layer, a package or a module. Print the figures of every layer:

    .venv/bin/python -m lucidreel.tests.import_graph
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ORDER = ("errors", "models", "dream", "render", "presets", "api", "commands", "cli")
# The package's version is everyone's to read.
BELOW_ALL = "lucidreel"


@dataclass(frozen=True)
class Import:
    """One imported name, and where it stands."""

    path: Path
    line: int
    module: tuple[str, ...]
    name: str

    @property
    def layer(self) -> str:
        return self.module[0] if self.module else (self.name if self.name in ORDER else BELOW_ALL)

    def __str__(self) -> str:
        return f"{self.path.relative_to(ROOT)}:{self.line} imports {self.name} from {'.'.join(self.module)}"


def program_files() -> list[Path]:
    folders = [layer for layer in ORDER if (ROOT / layer).is_dir()]
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py")) + sorted(
        ROOT.glob("*.py")
    )


def own_imports(path: Path) -> Iterator[Import]:
    """Yield every import of this package's own modules, as paths from the package's root."""
    package = path.relative_to(ROOT).parent.parts
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            if node.level:
                base = package[: len(package) - node.level + 1]
                module = (*base, *(node.module or "").split(".")) if node.module else base
            elif (node.module or "").split(".")[0] == "lucidreel":
                module = tuple((node.module or "").split("."))[1:]
            else:
                continue
            for alias in node.names:
                yield Import(path, node.lineno, module, alias.name)
        elif isinstance(node, ast.Import):
            for alias in node.names:
                first, *rest = alias.name.split(".")
                if first == "lucidreel":
                    yield Import(path, node.lineno, tuple(rest), first)


def layer_of(path: Path) -> str:
    part = path.relative_to(ROOT).parts[0].removesuffix(".py")
    return BELOW_ALL if part == "__init__" else part


def room_of(module: tuple[str, ...]) -> str:
    """Return the room of a module given from the package's root; a layer's own __init__ is one."""
    return module[1] if len(module) > 1 else "__init__"


def rooms_of(layer: str) -> dict[str, set[str]]:
    """Return the rooms of a layer, each with those of the same layer that it imports from."""
    inside = [path for path in program_files() if layer_of(path) == layer and path.parent != ROOT]
    modules = {_module_of(path) for path in inside}
    arrows: dict[str, set[str]] = {room_of(module): set() for module in modules}
    for path in inside:
        here = room_of(_module_of(path))
        for one in own_imports(path):
            whole = (*one.module, one.name)
            target = whole if whole in modules else one.module
            if target[:1] == (layer,) and room_of(target) != here:
                arrows[here].add(room_of(target))
    return arrows


def circle_in(arrows: Mapping[str, set[str]]) -> list[str]:
    """Return rooms that import each other in a circle, or nothing where there is none."""
    try:
        TopologicalSorter(arrows).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def _module_of(path: Path) -> tuple[str, ...]:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return parts[:-1] if parts[-1] == "__init__" else parts


def main() -> None:
    """Print rooms and arrows of every layer, and a circle if there is one."""
    for layer in ORDER:
        if arrows := rooms_of(layer):
            count = sum(map(len, arrows.values()))
            circle = " -> ".join(circle_in(arrows)) or "none"
            print(f"{layer:9} {len(arrows):3} rooms, {count:3} arrows; circle: {circle}")


if __name__ == "__main__":
    main()
