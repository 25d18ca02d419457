"""Which networks of timm can be listed without importing it: recommended ones, and the user's own."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from pathlib import Path

from ..reading.files import is_file
from .checkpoint import HUB_FILES, SUFFIXES, in_the_hubs_cache
from .published import PREFIX, RECOMMENDED, ROBUST_TAG, Recommended, robust_file


@dataclass(frozen=True)
class Shelved:
    """A network of timm as it is listed; `file` has its weights, if they are on this machine."""

    about: Recommended
    file: Path | None


def is_installed() -> bool:
    """Tell whether timm is installed; it is not imported."""
    return importlib.util.find_spec("timm") is not None


def shelf(own: Path) -> list[Shelved]:
    """Return the recommended networks, and those whose weights lie in the user's folder."""
    listed = [Shelved(each, _file(each, own)) for each in RECOMMENDED]
    names = {each.about.name for each in listed}
    try:
        files = sorted(path for path in own.iterdir() if path.suffix in SUFFIXES and is_file(path))
    except OSError:
        return listed
    for path in files:
        name = PREFIX + path.name.removesuffix(path.suffix)
        if name not in names:
            names.add(name)
            listed.append(Shelved(Recommended(name, "weights of your own", "", str(path)), path))
    return listed


def _file(recommended: Recommended, own: Path) -> Path | None:
    full = recommended.name.removeprefix(PREFIX)
    architecture, _, tag = full.partition(".")
    named = (robust_file(architecture, tag),) if tag.startswith(ROBUST_TAG) else HUB_FILES
    there = [own / f"{full}{suffix}" for suffix in SUFFIXES]
    if is_installed():
        there += in_the_hubs_cache(recommended.repository, named)
    return next((path for path in there if is_file(path)), None)
