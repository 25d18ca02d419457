"""Where the weights of a network of timm are, and reading them.

They are looked for

    in the folder `timm` beside the user's networks, by the network's name: resnet50.mine.safetensors
    in the cache of the Hugging Face hub, where timm and other programs put them
    in PyTorch's own cache, for the few networks that the hub does not have

Files may come from anybody: what is read is tensors and nothing else, be it in a .safetensors or in a pickle.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

from ...errors import ModelFileError, cut
from ..reading.files import is_file
from .importing import import_timm
from .naming import Meaning, tags_of
from .published import PREFIX

SUFFIXES = (".safetensors", ".pth", ".pt", ".bin", ".ckpt")
_INNER = "model."
HUB_FILES = ("model.safetensors", "pytorch_model.bin")


def find_checkpoint(meant: Meaning, own: Path) -> Path | None:
    """Return the file of a network's weights, if it is on this machine; `own` is the user's folder."""
    candidates = [own / f"{meant.full}{suffix}" for suffix in SUFFIXES]
    if not meant.is_own:
        candidates += [
            *in_the_hubs_cache(hub_repository(meant.config), hub_files(meant.config)),
            *_in_torchs_cache(meant.config),
        ]
    return next((path for path in candidates if is_file(path)), None)


def in_the_hubs_cache(repository: str, files: Sequence[str]) -> list[Path]:
    """Return those of a repository's files that the hub's cache has; "" has none."""
    from huggingface_hub import try_to_load_from_cache

    if not repository:
        return []
    named, _, revision = repository.partition("@")
    found = [try_to_load_from_cache(named, file, revision=revision or None) for file in files]
    return [Path(path) for path in found if isinstance(path, str)]


def _in_torchs_cache(config: Mapping[str, Any]) -> list[Path]:
    import torch

    if not (url := config.get("url")):
        return []
    name = url[1] if isinstance(url, tuple) else Path(urlparse(str(url)).path).name
    return [Path(torch.hub.get_dir()) / "checkpoints" / name]


def words_beside(meant: Meaning, checkpoint: Path) -> Path | None:
    """Return the file with the words for the classes of weights of one's own, if it lies beside them."""
    words = checkpoint.with_name(f"{meant.full}.txt")
    return words if meant.is_own and is_file(words) else None


def hub_repository(config: Mapping[str, Any]) -> str:
    """Return where the hub has the weights ("timm/resnet50.a1_in1k"), or ""."""
    return str(config.get("hf_hub_id") or "")


def hub_files(config: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what the file of weights may be called in the hub, the best first."""
    named = config.get("hf_hub_filename")
    return (str(named),) if named else HUB_FILES


def missing(word: str, meant: Meaning, own: Path) -> ModelFileError:
    """Return the error for weights that are not on this machine: what to type, or to do by hand."""
    by_hand = f"{own / meant.full}.safetensors (or .pth)"
    if meant.is_own:
        has = ", ".join(tags_of(meant.architecture)) or "none"
        return ModelFileError(
            f"Network {word!r}: timm has no weights {meant.tag!r} for {meant.architecture} (it has: {has}). "
            f"To dream with weights of your own, put them at {by_hand}."
        )
    repository, url = hub_repository(meant.config), meant.config.get("url")
    if repository:
        return ModelFileError(
            f"Network {word!r}: its weights are not on this machine. `lucidreel models fetch "
            f"{PREFIX}{meant.full}` downloads them from huggingface.co/{repository}. By hand: put its "
            f"{hub_files(meant.config)[0]} at {by_hand}."
        )
    if url:
        return ModelFileError(
            f"Network {word!r}: its weights are not on this machine, nor in the hub. Download "
            f"{url[0] if isinstance(url, tuple) else url}, and put the file at {by_hand}."
        )
    has = ", ".join(f"{PREFIX}{meant.architecture}.{tag}" for tag in tags_of(meant.architecture))
    return ModelFileError(
        f"Network {word!r}: timm has no weights for {meant.full}"
        f"{f' (it has: {has})' if has else ''}. To dream with weights of your own, put them at {by_hand}."
    )


def _plain_numbers() -> list[Any]:
    """Return what NumPy's numbers in a pickle are made by; programs that train note losses as such."""
    import numpy as np

    scalar = np.float64(0).__reduce__()[0]
    return [scalar, np.dtype, *{type(np.dtype(kind)) for kind in ("f4", "f8", "i4", "i8", "bool")}]


def read_checkpoint(path: Path) -> dict[str, Any]:
    """Return the tensors in a file of weights, by name. Raises ModelFileError for what is not one."""
    load_state_dict = import_timm().models.load_state_dict
    import torch

    try:
        with torch.serialization.safe_globals(_plain_numbers()):
            state = load_state_dict(str(path), device="cpu", weights_only=True)
    except Exception as error:  # readers of strangers' files raise all kinds
        if isinstance(error, MemoryError):
            raise
        reason = str(error).splitlines()[0] if str(error) else repr(error)
        raise ModelFileError(
            f"{path}: cannot be read as weights: {cut(reason, 200)}. "
            "Get the file again; of a pickle, only tensors are taken."
        ) from error
    tensors = {str(name): value for name, value in state.items() if isinstance(value, torch.Tensor)}
    if not tensors:
        raise ModelFileError(f"{path}: holds no tensors by name. Give the model's state_dict.")
    # Who trains against an adversary saves it too: model.conv1.weight, attacker.model.conv1.weight, ...
    inner = {name.removeprefix(_INNER): each for name, each in tensors.items() if name.startswith(_INNER)}
    return inner or tensors
