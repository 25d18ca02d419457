"""What docs/security.md promises: no code from files, no pickles, no shells, connections to fetch alone."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache

from .import_graph import ROOT, program_files

RUNS_TEXT = {"eval", "exec", "compile", "__import__"}
UNPICKLES = {"pickle", "cPickle", "marshal", "shelve", "dill", "cloudpickle", "joblib", "yaml"}
CONNECTS = {
    "aiohttp", "ftplib", "http", "httpx", "huggingface_hub", "pooch", "requests", "smtplib", "ssl",
    "telnetlib", "urllib3", "webbrowser", "xmlrpc",
}  # fmt: skip
FETCHES = ("models/zoo/", "models/timm/checkpoint.py")  # the latter looks into the hub's cache


@cache
def nodes() -> list[tuple[str, ast.AST]]:
    """Return all that the program's files are made of, with the file."""
    return [
        (path.relative_to(ROOT).as_posix(), node)
        for path in program_files()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    ]


def calls() -> Iterator[tuple[str, ast.Call]]:
    """Yield every call in the program, and where it is."""
    for path, node in nodes():
        if isinstance(node, ast.Call):
            yield f"{path}:{node.lineno}", node


def imports() -> Iterator[tuple[str, str]]:
    """Yield what every file of the program imports from outside, by its whole name, and the file."""
    for path, node in nodes():
        if isinstance(node, ast.Import):
            yield from ((alias.name, path) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module or "", path


def says(call: ast.Call, name: str, value: object) -> bool:
    return any(
        each.arg == name and isinstance(each.value, ast.Constant) and each.value.value is value
        for each in call.keywords
    )


def called(call: ast.Call) -> str:
    """Return what is called, as "subprocess.run"; what is computed first is an ellipsis: "….eval"."""
    names, inner = [], call.func
    while isinstance(inner, ast.Attribute):
        names.append(inner.attr)
        inner = inner.value
    return ".".join(reversed([*names, inner.id if isinstance(inner, ast.Name) else "…"]))


def test_no_text_is_run_as_a_program() -> None:
    assert [place for place, call in calls() if called(call) in RUNS_TEXT] == []


def test_nothing_is_unpickled_but_tensors() -> None:
    assert [each for each in imports() if each[0].partition(".")[0] in UNPICKLES] == []
    assert [place for place, call in calls() if called(call) in ("np.load", "numpy.load")] == []
    loads = [
        (place, call) for place, call in calls() if called(call) in ("torch.load", "models.load_state_dict")
    ]
    assert loads, "the loads were not found at all"
    assert [place for place, call in loads if not says(call, "weights_only", True)] == []


def test_no_shell_is_started() -> None:
    started = [
        (place, call) for place, call in calls() if called(call).startswith(("subprocess.", "os.system"))
    ]
    assert started, "the processes were not found at all"
    assert [
        place for place, call in started if called(call) == "os.system" or says(call, "shell", True)
    ] == []


def test_connections_are_made_where_networks_are_fetched_alone() -> None:
    found = [
        (name, path)
        for name, path in imports()
        if (name.partition(".")[0] in CONNECTS or name == "urllib.request") and not path.startswith(FETCHES)
    ]
    assert found == []
