"""Check where a result will go before any work is done, so that no hour of dreaming ends at a full stop."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import OutputError
from .files.atomic import followed
from .files.numbered import holds_only_numbered_pictures
from .media.containers import Container, container_for, require_picture_suffix
from .settings.named_files import named_files
from .settings.records import record_path, refuse_foreign_record
from .settings.settings import Settings


def checkpoint_folder(output: Path) -> Path:
    """Return where the frames of `output` are kept: "film.mp4" has the folder "film.mp4.frames" beside it."""
    return output.with_name(f"{output.name}.frames")


def check_not_read(output: Path, settings: Settings) -> None:
    """Refuse to write over what a run reads beside its source: maps, guides, files of classes, the network.

    Raises OutputError, also for what lies where finished frames are kept, and dropped in the end.
    """
    with _refusals(output):
        for file in named_files(settings):
            _refuse_source(output, Path(file.path), file.what)
            _refuse_kept(output, Path(file.path), file.what)
        for network in settings.networks:
            _refuse_kept(output, Path(network.name), "the network")


def check_film_output(output: Path, source: Path | None, overwrite: bool) -> Container | None:
    """Return the container to write, or None for a folder of numbered pictures.

    A path without a suffix, or an existing folder, means a folder of pictures. Raises OutputError when the
    suffix is unknown, the place cannot be written, something is there already, or the source would be lost:
    with the output, or with the frames that are kept beside it.
    """
    _require_name(output)
    with _refusals(output):
        _check_kind(output)
        _check_checkpoint_folder(checkpoint_folder(output))
        is_folder = output.is_dir() or not output.suffix
        container = None if is_folder else container_for(output)
        if source is not None:
            _refuse_source(output, source)
            _refuse_kept(output, source, "the input")
        if is_folder:
            _check_picture_folder(output, overwrite)
        else:
            _check_file(output, overwrite)
        _check_beside(output)
    return container


def check_not_there(output: Path, overwrite: bool) -> None:
    """Look again at a film's output right before it is begun: another run may have completed it meanwhile.

    Raises OutputError.
    """
    with _refusals(output):
        if output.is_dir():
            _check_picture_folder(output, overwrite)
        else:
            _check_file(output, overwrite)


def check_picture_output(output: Path, source: Path | None, overwrite: bool) -> None:
    """Check a single picture in the same way. Raises OutputError."""
    _require_name(output)
    require_picture_suffix(output)
    with _refusals(output):
        _check_kind(output)
        if source is not None:
            _refuse_source(output, source)
        _check_file(output, overwrite)
        _check_beside(output)


def _require_name(output: Path) -> None:
    """Refuse "", "." and "/": a record and a folder of frames lie beside an output, called after it."""
    if output.name in ("", ".."):
        raise OutputError(
            f"{str(output)!r} is no name for an output. Give a file's name, or that of a folder to be made, "
            "such as dream.mp4, dream.png or dream."
        )


@contextmanager
def _refusals(output: Path) -> Iterator[None]:
    """Turn what the system says to a path (too long, not permitted) into OutputError."""
    try:
        record_path(output).exists()  # a longer name than the output's
        yield
    except OSError as error:
        raise OutputError(f"{output} cannot be written ({error.strerror}). Name another output.") from error


def _refuse_source(output: Path, source: Path, what: str = "the input") -> None:
    """Refuse to write over what is read, under whatever name: links are followed. `what` is its name."""
    try:
        if not source.exists():
            return
    except OSError:  # whoever reads it says why it cannot be read
        return
    own, read = output.resolve(), source.resolve()
    if output.exists() and output.samefile(source):
        raise OutputError(f"{output} is {what} itself: a render would destroy it. Name another output.")
    if source.is_dir() and own.is_relative_to(read):
        raise OutputError(f"{output} lies inside the input folder '{source}'. Name an output outside of it.")
    if output.is_dir() and read.is_relative_to(own):
        raise OutputError(
            f"the folder {output} holds {what} {source}: a render would destroy it. Name another output."
        )


def _refuse_kept(output: Path, source: Path, what: str) -> None:
    """Refuse what is read from where this film's finished frames are kept, and dropped in the end."""
    folder = checkpoint_folder(output)
    if os.path.lexists(source) and source.resolve().is_relative_to(folder.resolve()):
        place = "is" if source.resolve() == folder.resolve() else "lies in"
        raise OutputError(
            f"{what} {source} {place} the folder where the frames of {output} are kept until it is complete: "
            "a render would remove them. Name another output."
        )


def _check_kind(output: Path) -> None:
    """Refuse what no file can take the place of: devices, pipes, links that lead nowhere."""
    target = followed(output)
    if target.is_symlink():
        raise OutputError(f"{output} is a link that leads back to itself. Name another output.")
    if output.is_symlink() and not target.parent.is_dir():
        raise OutputError(
            f"{output} is a link to {target}, and the folder {target.parent} does not exist. Make it first, "
            "or name another output."
        )
    if output.exists() and not output.is_file() and not output.is_dir():
        raise OutputError(
            f"{output} is a device or a pipe. An output is written beside its place and moved there when it "
            "is complete: name a file."
        )


def _check_checkpoint_folder(folder: Path) -> None:
    if (folder.exists() or folder.is_symlink()) and not folder.is_dir():
        raise OutputError(
            f"{folder} is no folder, and finished frames are kept in a folder of that name. Move it away, or "
            "name another output."
        )


def _check_file(output: Path, overwrite: bool) -> None:
    if output.is_dir():
        raise OutputError(f"{output} is a folder, and a file is to be written there. Name a file in it.")
    if output.exists() and not overwrite:
        raise OutputError(f"{output} exists. Name another output, or replace it with --overwrite (-y).")
    if output.exists() and not os.access(output, os.W_OK):
        raise OutputError(f"{output} exists and may not be written. Change its permissions, or name another.")


def _check_picture_folder(output: Path, overwrite: bool) -> None:
    if not output.exists():
        return
    if not output.is_dir():
        raise OutputError(f"{output} is a file. Name a folder, or a film with a suffix such as .mp4.")
    if not any(output.iterdir()):
        return
    if not overwrite:
        raise OutputError(
            f"the folder {output} is not empty. Name another, or replace it with --overwrite (-y)."
        )
    if not holds_only_numbered_pictures(output):
        raise OutputError(
            f"the folder {output} holds more than numbered pictures, and --overwrite would remove it all. "
            "Name another folder."
        )


def _check_beside(output: Path) -> None:
    """Make sure that new names can be made where the output goes, and that the record's is free for it."""
    _check_folder(output.absolute().parent)
    if output.is_symlink():
        _check_folder(followed(output).parent)
    refuse_foreign_record(output)


def _check_folder(parent: Path) -> None:
    """Make a new name there."""
    if not parent.is_dir():
        raise OutputError(f"the folder {parent} does not exist. Make it first, or name another output.")
    trial = parent / f".lucidreel-{os.getpid()}-trial"
    try:
        trial.touch()
        trial.unlink()
    except OSError as error:
        raise OutputError(f"the folder {parent} cannot be written to ({error.strerror}).") from error
