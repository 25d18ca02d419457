"""A network that lies in a folder, as authors publish them (model_folder.py says what lies in it)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from .backend import TORCH, Backend, BackendName, refuse_caffe
from .model_folder import METADATA_FILE, WEIGHT_SUFFIXES, files_in, may_be_labels, read_metadata
from .reading.files import is_file

if TYPE_CHECKING:
    from .description import NetworkDescription
    from .network import Network
    from .outline import Outline

_DECISIVE = (".prototxt", *WEIGHT_SUFFIXES, ".npy", ".binaryproto")


@dataclass(frozen=True)
class FolderSource:
    """Implements NetworkSource over a folder. Weights may lie elsewhere, in a file of a package."""

    name: str
    folder: Path
    weights_elsewhere: Path | None = None

    @property
    def identity(self) -> str:
        """The folder's whole path, behind all links."""
        return str(self.folder.resolve())

    def outline(self) -> Outline:
        """Return the outline (outline.py); nothing heavy is imported."""
        from .outline import outline_folder

        return outline_folder(self.folder, self.name, weights_elsewhere=self.weights_elsewhere is not None)

    def describe(self) -> NetworkDescription:
        """Describe it by its definition (folder_description.py); nothing heavy is imported."""
        from .folder_description import describe_folder

        elsewhere = self.weights_elsewhere is not None
        return describe_folder(self.folder, self.name, self.files(), weights_elsewhere=elsewhere)

    def refuse(self, backend: BackendName) -> None:
        """Raise ModelFileError for weights of a package in a real Caffe, which cannot read them."""
        if self.weights_elsewhere is not None:
            refuse_caffe(backend, self.name, f"{self.weights_elsewhere.name} is no file of Caffe's")

    def load(self, random_seed: int | None = None, backend: Backend = TORCH) -> Network:
        """Load the folder (load.py), PyTorch with it; for a real Caffe, start one."""
        self.refuse(backend.name)
        if backend.name == "pycaffe":
            from .pycaffe.load import load_with_pycaffe

            return load_with_pycaffe(self.folder, self.name, random_seed, python=backend.caffe_python)
        from .load import load_folder

        return load_folder(self.folder, self.name, random_seed, self.weights_elsewhere)

    def files(self) -> dict[str, Path]:
        """Return definitions, weights, means, labels, and model.toml with whatever it names."""
        metadata = read_metadata(self.folder)
        names = {
            name
            for name in (METADATA_FILE, metadata.definition, metadata.weights, metadata.labels)
            if name is not None
        }
        names |= {
            file.name for file in files_in(self.folder) if file.suffix in _DECISIVE or may_be_labels(file)
        }
        files = {name: self.folder / name for name in sorted(names) if is_file(self.folder / name)}
        weights = self.weights_elsewhere
        return files if weights is None else files | {weights.name: weights}
