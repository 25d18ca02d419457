"""Making a network of one's own known by name: its files are gathered, checked, and moved in at once.

Given are a folder, single files, an archive of them, or an ONNX file, which becomes Caffe's files. They are
collected in a hidden folder beside the final one, which gets its name when the network in it has loaded:
nobody ever sees half of it.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from ...errors import ModelFileError
from ..model_folder import METADATA_FILE, Metadata, files_in, one_file, read_metadata, weights_in
from ..outline import outline_folder
from ..reading.files import is_file, is_folder
from .archives import is_archive, unpack_network
from .foreign import is_foreign, refuse, refuse_folder_without_definition
from .recognise import recognise
from .registry import EMBEDDED, IMAGENET, NetworkEntry, list_networks, timm_folder
from .user_folder import cannot_write, models_folder

_TAKEN = (".prototxt", ".caffemodel", ".onnx", ".npy", ".binaryproto", ".txt")
_MAKE_NETWORKS = (".prototxt", ".onnx")
_OF_PICTURES = ("channel_order", "mean", "raw_scale", "scale")

Tell = Callable[[str], None]
"""Called with what was found out or assumed on the way, a sentence each."""


def add_network(
    given: Path | Sequence[Path],
    name: str | None = None,
    *,
    link: bool = False,
    stated: Mapping[str, Any] | None = None,
    labels: Path | None = None,
    tell: Tell = lambda _: None,
) -> NetworkEntry:
    """Make a network known under a name, after checking that it loads.

    `stated` are keys of model.toml that are to hold whatever the files say; `labels` is a file of labels
    beside them. A copy of a published network without a model.toml gets one. With `link` a folder is linked
    to instead of copied. Raises ModelFileError when the network does not load, or the name is taken or cannot
    be a folder's name.
    """
    paths = [given] if isinstance(given, Path) else list(given)
    target = _target(paths, name)
    if link:
        return _linked(paths, target, [*(stated or {}), *(() if labels is None else ("labels",))])
    work = target.with_name(f".{target.name}.adding")
    new = [folder for folder in (target.parent, target.parent.parent) if not folder.exists()]
    try:
        shutil.rmtree(work, ignore_errors=True)  # of an attempt that was killed
        target.parent.mkdir(parents=True, exist_ok=True)
        with _told_of(work, paths):
            _assemble(paths, work, target.name, dict(stated or {}), labels, tell)
        work.rename(target)
    except OSError as error:
        raise cannot_write(target, error) from error
    finally:
        shutil.rmtree(work, ignore_errors=True)
        with suppress(OSError):  # they hold the network
            for folder in new:
                folder.rmdir()
    return _entry(target)


def _assemble(
    paths: Sequence[Path], work: Path, name: str, stated: dict[str, Any], labels: Path | None, tell: Tell
) -> None:
    """Make a folder of the network that was given, and load it. Raises ModelFileError, and OSError."""
    labelled = labels is not None or any(path.suffix == ".txt" for path in paths)
    _gather(paths, work, stated, labelled, tell)
    if labels is not None:
        stated["labels"] = _take_labels(labels, work)
    elif len(words := [path.name for path in paths if path.suffix == ".txt"]) == 1:
        stated["labels"] = words[0]
    metadata = read_metadata(work)
    one_file(work, ".prototxt", metadata.definition)
    weights_in(work, metadata)
    _describe_published(work, name, tell)
    _state(work, stated)
    _check(work, name)


def _target(paths: Sequence[Path], name: str | None) -> Path:
    """Return the folder that the network will have. Raises ModelFileError for a name that it cannot have."""
    name = name or _usual_name(paths)
    if not re.fullmatch(r"[\w][\w.+-]*", name):
        raise ModelFileError(
            f"Name {name!r}: use letters, digits, '.', '-', '_' and '+'. Give one with --name."
        )
    target = models_folder() / name
    if name in (EMBEDDED, IMAGENET) or target == timm_folder():
        raise ModelFileError(f"The name {name!r} is taken by lucidreel. Choose another with --name.")
    if os.path.lexists(target):
        raise ModelFileError(
            f"A network called {name!r} exists already. Choose another name with --name, or remove {target} "
            "first."
        )
    return target


def _usual_name(paths: Sequence[Path]) -> str:
    """Return the folder's name, or that of the archive, of the ONNX file or of the weights."""
    if is_folder(paths[0]):
        return paths[0].resolve().name
    best = min(paths, key=lambda path: (path.suffix != ".caffemodel", path.suffix != ".onnx"))
    name = best.name
    while is_archive(Path(name)):
        name = Path(name).stem
    return name.removesuffix(best.suffix)


def _linked(paths: Sequence[Path], target: Path, stated: Sequence[str]) -> NetworkEntry:
    (folder, *others) = paths
    if others or not is_folder(folder):
        raise ModelFileError(f"{folder}: only a folder can be linked to. Leave --link out to copy files.")
    if stated:
        raise ModelFileError(
            f"{folder}: a folder that is linked to stays as it is. Write {', '.join(stated)} into its "
            f"{METADATA_FILE}, or leave --link out."
        )
    _check(folder, target.name)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.symlink_to(folder.resolve(), target_is_directory=True)
    except OSError as error:  # on Windows links need developer mode
        raise cannot_write(target, error) from error
    return _entry(target)


def _gather(paths: Sequence[Path], work: Path, stated: dict[str, Any], labelled: bool, tell: Tell) -> None:
    """Collect the files of a network in a new folder.

    What is stated of an ONNX file's pictures goes into its translation, and is taken out of `stated`. Raises
    ModelFileError for what is no file of a network.
    """
    first = paths[0]
    if is_folder(first):
        if len(paths) > 1:
            raise ModelFileError(f"{first}: a folder is a network by itself. Give it, or single files.")
        work.mkdir()
        _copy(first, work)
    else:
        work.mkdir()
        for path in paths:
            _take(path, paths, work, tell)
    found = {path.suffix for path in work.iterdir()}
    if ".prototxt" not in found and ".onnx" in found:
        _convert(work, stated, labelled, tell)


def _copy(folder: Path, work: Path) -> None:
    """Copy a folder's own files, and those in folders of it that its model.toml names."""
    metadata = read_metadata(folder)
    if any(folder.glob("*.prototxt")) or not any(folder.glob("*.onnx")):
        refuse_folder_without_definition(folder)  # what is missing is told before anything is copied
        one_file(folder, ".prototxt", metadata.definition)
        weights_in(folder, metadata)
    named = (metadata.definition, metadata.weights, metadata.labels)
    names = {path.name for path in files_in(folder) if path.name[0] != "."} | {name for name in named if name}
    for name in sorted(names):
        if is_file(folder / name):
            (work / name).parent.mkdir(parents=True, exist_ok=True)
            _copy_file(folder / name, work / name)


def _copy_file(source: Path, target: Path) -> None:
    """Copy what a file holds. Raises ModelFileError for one that cannot be read, OSError for a full disk."""
    try:
        source.open("rb").close()
    except OSError as error:
        raise ModelFileError(f"{source}: cannot be read ({error.strerror}).") from error
    shutil.copyfile(source, target)


def _take(path: Path, paths: Sequence[Path], work: Path, tell: Tell) -> None:
    """Copy one of the files that were given, or what is in an archive; what no network needs is left out."""
    alone, has_others = len(paths) == 1, any(each.suffix in _MAKE_NETWORKS for each in paths)
    if not is_file(path):
        raise ModelFileError(f"{path}: is not there, or is no file. Give a folder, or a network's files.")
    if is_archive(path):
        unpack_network(path, work)
        return
    wanted = path.suffix in _TAKEN or path.name == METADATA_FILE
    if not wanted and has_others and not is_foreign(path):
        tell(f"{path.name} is no file of a network, and is left out.")
        return
    if not wanted or (path.suffix != ".onnx" and alone):
        raise refuse(path)
    if (work / path.name).exists():
        raise ModelFileError(f"{path}: another file is called {path.name} too. Give each a name of its own.")
    _copy_file(path, work / path.name)


def _take_labels(path: Path, work: Path) -> str:
    """Copy a file of labels, and return what it is called."""
    if not is_file(path):
        raise ModelFileError(f"{path}: is not there, or is no file. Give a file with a line for each class.")
    _copy_file(path, work / path.name)
    return path.name


def _convert(work: Path, stated: dict[str, Any], labelled: bool, tell: Tell) -> None:
    """Make Caffe's files of the ONNX file in a folder."""
    from ..onnx_files.convert import convert_onnx
    from ..onnx_files.pictures import OnnxPictures

    files = sorted(work.glob("*.onnx"))
    if len(files) > 1:
        raise ModelFileError(f"several ONNX files: {', '.join(file.name for file in files)}. Give one.")
    said = {key: stated.pop(key) for key in _OF_PICTURES if key in stated}
    pictures, order = None, said.get("channel_order")
    if said.keys() > {"channel_order"} or (said and order is None):
        white = said.get("raw_scale", 255.0)
        mean = tuple(value * 255.0 / white for value in said.get("mean", (0.0,)))
        factor = said.get("scale", 1.0) * white / 255.0
        pictures = OnnxPictures(order or "RGB", mean, (factor,), "as it was added with")
    made = convert_onnx(files[0], work / "converted", pictures, channel_order=order, has_labels=labelled)
    for path in made.folder.iterdir():
        path.rename(work / path.name)
    made.folder.rmdir()
    files[0].unlink()
    for each in made.notes:
        tell(each)


def _describe_published(folder: Path, name: str, tell: Tell) -> None:
    """Say in a folder without a model.toml what was published of its network.

    Which one that is its weights tell, or its name where nobody published their checksum. Raises OSError.
    """
    if os.path.lexists(folder / METADATA_FILE):
        return
    try:
        known = recognise(weights_in(folder, Metadata()), name)
    except ModelFileError:  # told when it is loaded
        return
    layers = {layer.name for layer in outline_folder(folder, name).layers}
    if known is not None and known.class_layer in (None, *layers):  # else its definition is of another hand
        known.describe_in(folder)
        tell(f"These are the weights of {known.name}, so {METADATA_FILE} says what is published of it.")


def _state(folder: Path, stated: Mapping[str, Any]) -> None:
    """Write what somebody says of a network over what its model.toml says."""
    if stated:
        import tomli_w

        before = read_metadata(folder).model_dump(exclude_unset=True, exclude_none=True)
        (folder / METADATA_FILE).write_text(tomli_w.dumps(before | dict(stated)), encoding="utf-8")


def _check(folder: Path, name: str) -> None:
    """Load a network. Raises ModelFileError."""
    outline_folder(folder, name)  # tells what is missing without waiting for PyTorch
    from ..load import load_folder

    load_folder(folder, name)


@contextmanager
def _told_of(folder: Path, paths: Sequence[Path]) -> Iterator[None]:
    """Have what is wrong with files told of those that were given, not of their copies in a folder."""
    given = paths[0] if is_folder(paths[0]) else None
    try:
        yield
    except ModelFileError as error:
        message = str(error)
        if given is None:
            message = message.replace(f"{folder}{os.sep}", "").replace(str(folder), "these files")
            message = message.replace("in this folder (it holds ", "among them (")
        raise ModelFileError(message.replace(str(folder), str(given))) from error


def _entry(target: Path) -> NetworkEntry:
    return next(entry for entry in list_networks() if entry.folder == target)
