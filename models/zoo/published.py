"""Networks known by name without being here: what is published of them and where, a TOML file each.

`networks/NAME.toml` says what the network NAME is, which files it consists of and where they are served, with
the checksum that makes any server as good as another, and what it dreams of. To add a network, add a file;
its keys are the fields of `ZooNetwork`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from ...errors import ModelFileError, suggestion
from ..model_folder import (
    DREAMS_FILE,
    LABELS_FILE,
    LARGEST_MEAN,
    METADATA_FILE,
    ChannelOrder,
    DreamLayer,
    Metadata,
    Words,
    labels_file,
)
from ..reading.files import FileKind
from ..reading.tables import read_toml

FOLDER = Path(__file__).parent / "networks"
_LARGEST_BYTES = 4 << 30
_KIND = FileKind("published network", ModelFileError)
_OF_THE_FOLDER = ("class_layer", "channel_order", "mean", "raw_scale", "scale")

Url = Annotated[str, Field(pattern=r"^https?://[^\s/]+/\S+$")]
FileName = Annotated[str, Field(pattern=r"^[\w][\w.+-]*$")]


class ZooFile(BaseModel):
    """One file of a network, as it is served and as it is called in the network's folder."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: FileName
    """What it is called in the network's folder."""
    urls: tuple[Url, ...] = ()
    """Where the same bytes are served; the first is asked first."""
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None
    """The checksum of what the URLs give."""
    sha1: Annotated[str, Field(pattern=r"^[0-9a-f]{40}$")] | None = None
    """The checksum that its authors published, of the same bytes."""
    size_bytes: Annotated[int | None, Field(alias="bytes", gt=0, le=_LARGEST_BYTES)] = None
    """How many bytes the URLs give."""
    member: str | None = None
    """The file in it, where the URLs give an archive; such a file is got by hand."""


class ZooNetwork(BaseModel):
    """A published network: its files, what its folder's model.toml is to say, and what it dreams of."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    name: FileName
    """The file's name without its ending."""
    title: Annotated[Words, Field(min_length=1)]
    licence: Annotated[Words, Field(min_length=1)]
    source: Annotated[Words, Field(min_length=1)]
    dreams: Words = ""
    """How it dreams, in a sentence or two."""
    layers: tuple[DreamLayer, ...] = ()
    labels: tuple[Annotated[Words, Field(min_length=1)], ...] = ()
    """The classes' names in their order, where no file is published that gives them a line each."""
    files: Annotated[tuple[ZooFile, ...], Field(min_length=1)]
    by_hand: Words = ""
    """Why it is not downloaded by its name, and what to do instead; "" where it is."""
    class_layer: str | None = None
    channel_order: ChannelOrder | None = None
    mean: tuple[Annotated[float, Field(ge=-LARGEST_MEAN, le=LARGEST_MEAN)], ...] | None = None
    raw_scale: Annotated[float, Field(gt=0, le=LARGEST_MEAN)] | None = None
    scale: Annotated[float, Field(gt=0, le=LARGEST_MEAN)] | None = None

    @model_validator(mode="after")
    def _can_be_downloaded(self) -> ZooNetwork:
        for file in () if self.by_hand else self.files:
            if not (file.urls and file.sha256 and file.size_bytes) or file.member:
                raise ValueError(
                    f"{file.name} needs urls, sha256 and bytes, and no member, or by_hand says why"
                )
        return self

    @property
    def size_bytes(self) -> int | None:
        """How much its files are together; None where that of one is not known."""
        sizes = [file.size_bytes for file in self.files]
        return None if None in sizes else sum(size or 0 for size in sizes)

    @property
    def metadata(self) -> dict[str, Any]:
        """What model.toml says in this network's folder."""
        words = {"title": self.title, "source": self.source, "licence": self.licence}
        return words | self.model_dump(include=set(_OF_THE_FOLDER), exclude_none=True)

    def describe_in(self, folder: Path) -> None:
        """Write what is known of the network into a folder with its files. Raises OSError."""
        import tomli_w

        (folder / METADATA_FILE).write_text(tomli_w.dumps(self.metadata), encoding="utf-8")
        if dreams := self.model_dump(include={"dreams", "layers"}, exclude_defaults=True):
            (folder / DREAMS_FILE).write_text(tomli_w.dumps(dreams), encoding="utf-8")
        if self.labels and labels_file(folder, Metadata()) is None:
            lines = "".join(f"{label}\n" for label in self.labels)
            (folder / LABELS_FILE).write_text(lines, encoding="utf-8")


def published_networks() -> Mapping[str, ZooNetwork]:
    """Return every published network by its name, in the order of their names."""
    return _networks_in(FOLDER)


@cache
def _networks_in(folder: Path) -> Mapping[str, ZooNetwork]:
    return MappingProxyType({path.stem: read_network(path) for path in sorted(folder.glob("*.toml"))})


def read_network(path: Path) -> ZooNetwork:
    """Return the network that a TOML file describes; ModelFileError for one that is not valid."""
    tables = read_toml(path, _KIND)
    try:
        if "name" in tables:
            raise _KIND.fault(path, "it has the key 'name', but a network is called as its file is")
        return ZooNetwork.model_validate(tables | {"name": path.stem})
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"]) or "files"
        hint = suggestion(str(first["loc"][-1]), _keys()) if first["type"] == "extra_forbidden" else ""
        raise _KIND.fault(path, f"{key!r}: {first['msg']}.{hint}".rstrip(".")) from error


def _keys() -> list[str]:
    """Return all keys of such a file."""
    models: tuple[type[BaseModel], ...] = (ZooNetwork, ZooFile, DreamLayer)
    return [field.alias or name for model in models for name, field in model.model_fields.items()]
