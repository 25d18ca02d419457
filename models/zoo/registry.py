"""Networks by name: the embedded one, those in the user's folder, and any folder by its path.

A name stands for a folder of the same form everywhere. `bestiary` comes with the package; others live in
`models/` under the user's data folder, where `fetch` (fetch.py) and `add` (adding.py) put them. Looking a
name up is light; what executes networks, PyTorch with it, is imported when one is loaded.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from ...errors import ModelFileError, suggestion
from ..backend import Backend, BackendName
from ..folder_source import FolderSource
from ..imagenet.wheel import INSTALL, weights_file
from ..model_folder import Metadata, read_metadata
from ..network import Listing, Network
from ..network_source import NetworkSource
from ..reading.files import is_file, is_folder
from ..timm.importing import INSTALL as INSTALL_TIMM
from ..timm.published import PREFIX
from ..timm.shelf import is_installed, shelf
from ..timm.source import TimmSource
from .published import published_networks
from .user_folder import models_folder

EMBEDDED = "bestiary"
EMBEDDED_FOLDER = Path(__file__).parents[1] / "bestiary" / "network"
IMAGENET = "imagenet"
IMAGENET_FOLDER = Path(__file__).parents[1] / "imagenet" / "network"
_GETS = {"to install": "installs it", "to fetch": "downloads it", "by hand": "says how to get it"}


@dataclass(frozen=True)
class NetworkEntry:
    """A network that has a name: where it is, or where it could be fetched from."""

    name: str
    title: str
    licence: str
    source: str
    folder: Path | None
    """The folder it is loaded from; None while it is only known by name."""
    get_with: str = ""
    """The command that brings it here, or says how to get it; "" where it is here."""
    status: str = "here"
    """A word or two on where it is: "here", "to fetch", "to install", "by hand"."""
    size_bytes: int | None = None
    """How much is to come before it is here; None where that is not known, or it is here."""


def _own_folders() -> list[Path]:
    """Return the folders of the user's networks; what may not be looked into holds none."""
    try:
        folders = sorted(models_folder().iterdir())
    except (OSError, ModelFileError):  # none was ever fetched, another user's home, no home at all
        return []
    own = []
    for folder in folders:
        with suppress(OSError):
            # One that begins with a dot is being fetched.
            if folder.name[0] != "." and any(file.suffix == ".prototxt" for file in folder.iterdir()):
                own.append(folder)
    return own


def list_networks() -> tuple[NetworkEntry, ...]:
    """Return every network with a name: those that come with lucidreel, the user's, those to be fetched."""
    entries = _without_the_zoo()
    for name, known in published_networks().items():
        get_with, status = f"lucidreel models fetch {name}", "by hand" if known.by_hand else "to fetch"
        entry = NetworkEntry(
            name, known.title, known.licence, known.source, None, get_with, status, known.size_bytes
        )
        entries.setdefault(name, entry)
    entries |= {entry.name: entry for entry in _timm_entries()}
    return tuple(entries.values())


def _without_the_zoo() -> dict[str, NetworkEntry]:
    """Return the networks that come with lucidreel and the user's, by name; the zoo takes longer to read."""
    entries = {EMBEDDED: _entry(EMBEDDED, EMBEDDED_FOLDER), IMAGENET: _imagenet_entry()}
    return entries | {folder.name: _entry(folder.name, folder) for folder in _own_folders()}


def timm_folder() -> Path:
    """Return the folder for weights of the user's own, of architectures that timm has."""
    return models_folder() / "timm"


def _timm_entries() -> list[NetworkEntry]:
    """Return the recommended networks of timm, and those whose weights are the user's own."""
    try:
        listed = shelf(timm_folder())
    except ModelFileError:  # no home at all
        return []
    entries = []
    for each in listed:
        about = NetworkEntry(
            each.about.name, each.about.title, each.about.licence, each.about.repository, None
        )
        if not is_installed():
            entries.append(replace(about, get_with=INSTALL_TIMM, status="to install"))
        elif each.file is None:
            get_with = f"lucidreel models fetch {about.name}"
            entries.append(replace(about, get_with=get_with, status="to fetch"))
        else:
            entries.append(replace(about, folder=each.file.parent))
    return entries


def load_network(
    name_or_folder: str | Path = EMBEDDED,
    *,
    backend: BackendName = "torch",
    caffe_python: str | Path | None = None,
    random_seed: int | None = None,
) -> Network:
    """Load a network: one by name, by default the embedded one, or one from any folder.

    `backend` says what runs it, PyTorch ("torch") or a real Caffe ("pycaffe") under `caffe_python` (see
    docs/caffe.md). With `random_seed` a definition without weights (a folder, or the path of a `.prototxt`)
    gets made-up ones, for tests and timings. Raises ModelFileError, with the nearest names for an unknown
    one, ConfigError for an unknown backend, and DeviceError where no Caffe is found.
    """
    runs_in = Backend(backend, None if caffe_python is None else str(caffe_python))
    path = Path(name_or_folder)
    if random_seed is not None and path.suffix == ".prototxt" and is_file(path):
        from ..load import load_definition

        network = load_definition(path, random_seed)
        if runs_in.name == "torch":
            return network
        from ..pycaffe.load import run_with_pycaffe

        return run_with_pycaffe(network, runs_in.caffe_python)
    return find_network(name_or_folder).load(random_seed, runs_in)


def read_outline(name_or_folder: str | Path) -> Listing:
    """Return the names of a network's classes and layers, without loading it.

    Raises ModelFileError for an unknown name, files that are missing, and those that cannot be read.
    """
    return find_network(name_or_folder).outline()


def find_network(name_or_folder: str | Path) -> NetworkSource:
    """Return where a network is loaded from, for a name or a folder; nothing is loaded.

    A name wins over a folder of that name that happens to lie in the current directory. Raises
    ModelFileError, with the nearest names for an unknown one.
    """
    path, name = Path(name_or_folder), str(name_or_folder)
    if name.startswith(PREFIX):
        return TimmSource(name, timm_folder())
    here = _without_the_zoo().get(name)
    if here is not None and here.folder is not None:
        return FolderSource(name, here.folder, weights_elsewhere(here.folder))
    known = {entry.name: entry for entry in list_networks()}
    if entry := known.get(name):
        raise ModelFileError(
            f"Network {name!r} is known but not on this machine. `{entry.get_with}` {_GETS[entry.status]}."
        )
    if is_folder(path):
        from .foreign import refuse_folder_without_definition

        refuse_folder_without_definition(path)
        return FolderSource(path.resolve().name, path, weights_elsewhere(path))
    if is_file(path):
        from .foreign import refuse

        raise refuse(path)
    raise ModelFileError(
        f"Network {name!r}: neither a known name nor a folder.{_meant(name, known)} "
        "`lucidreel models list` lists the names."
    )


def _meant(name: str, known: Mapping[str, NetworkEntry]) -> str:
    """Return a sentence on what someone may have meant by a name that no network has, or ""."""
    parts = [part.strip() for part in name.split(",")]
    if len(parts) > 1 and all(part in known for part in parts):
        return f" Several dream together as {' '.join(f'--model {part}' for part in parts)}."
    base, _, layer = name.partition(":")
    if base in known and (layer := layer.lstrip(":")):
        return f" A layer of it is dreamt of with --model {base} --layer {layer}."
    base, weighed, _ = name.rpartition("=")
    if weighed and base in known:
        return f" A weight is a number, and counts beside a second --model; {base} alone needs none."
    return suggestion(name, known)


def weights_elsewhere(folder: Path) -> Path | None:
    """Return the weights of a network whose folder has none: of `imagenet`, which a package brings."""
    return weights_file() if folder == IMAGENET_FOLDER else None


def _imagenet_entry() -> NetworkEntry:
    entry = _entry(IMAGENET, IMAGENET_FOLDER)
    return (
        entry
        if weights_file() is not None
        else replace(entry, folder=None, get_with=INSTALL, status="to install")
    )


def _entry(name: str, folder: Path) -> NetworkEntry:
    try:
        metadata = read_metadata(folder)
    except ModelFileError as error:  # told when it is loaded; the other networks have nothing to do with it
        metadata = Metadata(title=f"cannot be loaded: {error}")
    return NetworkEntry(name, metadata.title, metadata.licence, metadata.source, folder)
