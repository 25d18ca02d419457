"""Downloading the weights of a network of timm, from the hub into the cache that all programs share."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from ...errors import ModelFileError, cut
from ..timm.build import outlined
from ..timm.checkpoint import find_checkpoint, hub_files, hub_repository, missing
from ..timm.naming import Meaning, meaning
from .registry import timm_folder


def fetch_timm(name: str, announce: Callable[[str, int | None], None]) -> Path:
    """Download a network's weights, unless they are here, and return their file.

    `announce` is called before a download with where it comes from, and its size in bytes where the hub
    tells; the hub's own program draws its progress. Proxies, tokens, mirrors and the cache's place are set
    for it as everywhere (HF_ENDPOINT, HF_TOKEN, HF_HOME). Raises ModelFileError.
    """
    meant, own = meaning(name), timm_folder()
    outlined(name, meant.architecture, meant.tag)  # what cannot dream need not come
    if (here := find_checkpoint(meant, own)) is not None:
        return here
    if not hub_repository(meant.config) or meant.is_own:
        raise missing(name, meant, own)
    try:
        return _download(meant, announce)
    except Exception as error:  # the hub's program raises its own, and those of what it is made of
        if isinstance(error, (MemoryError, ModelFileError)):
            raise
        raise _failure(name, meant, own, error) from error


def _download(meant: Meaning, announce: Callable[[str, int | None], None]) -> Path:
    import huggingface_hub as hub
    from huggingface_hub.errors import EntryNotFoundError

    repository, _, revision = hub_repository(meant.config).partition("@")
    files = hub_files(meant.config)
    for file in files:
        try:
            told = hub.get_hf_file_metadata(hub.hf_hub_url(repository, file, revision=revision or None))
        except EntryNotFoundError:
            if file == files[-1]:
                raise
            continue
        announce(f"{file} of {repository}", told.size)
        return Path(hub.hf_hub_download(repository, file, revision=revision or None))
    raise AssertionError("the last file was found, or raised")


def _failure(name: str, meant: Meaning, own: Path, error: Exception) -> ModelFileError:
    """Return what went wrong, in a line: offline on purpose, or what the hub or the network said."""
    file = hub_files(meant.config)[0]
    host = os.environ.get("HF_ENDPOINT") or "https://huggingface.co"
    reason = cut(" ".join(str(error).split()) or type(error).__name__, 200)
    offline = os.environ.get("HF_HUB_OFFLINE", "").upper() in ("1", "ON", "YES", "TRUE")
    if offline:
        reason = "HF_HUB_OFFLINE is set, which forbids to ask the hub. Unset it"
    return ModelFileError(
        f"Network {name!r}: {file} of {hub_repository(meant.config)} could not be downloaded from {host}: "
        f"{reason.rstrip('.')}. Try again, or put the file at {own / meant.full}{Path(file).suffix} by hand."
    )
