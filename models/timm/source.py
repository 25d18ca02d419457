"""A network of timm that was named and is not loaded."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import ModelFileError
from ..backend import TORCH, Backend, BackendName, refuse_caffe
from ..description import NetworkDescription
from ..network import Listing

if TYPE_CHECKING:
    from .network import TimmNetwork


@dataclass(frozen=True)
class TimmSource:
    """Implements NetworkSource over a name such as "timm:resnet50.a1_in1k".

    `own` is the folder of the user's own weights (checkpoint.py). Whatever is asked of it imports timm.
    """

    name: str
    own: Path

    @property
    def identity(self) -> str:
        """The whole name, with the tag of timm's own choice where none was given."""
        from .naming import meaning
        from .published import PREFIX

        return PREFIX + meaning(self.name).full

    def outline(self) -> Listing:
        """Return its layers and classes; the weights have to be there, but are not read."""
        from .build import outlined
        from .naming import meaning

        meant = meaning(self.name)
        found = outlined(self.name, meant.architecture, meant.tag)
        self._checkpoint()
        return self.load() if meant.is_own else found

    def describe(self) -> NetworkDescription:
        """Describe it by a run without numbers (description.py); its weights need not be there."""
        from .build import outlined
        from .description import describe_timm
        from .naming import meaning

        meant = meaning(self.name)
        outline = outlined(self.name, meant.architecture, meant.tag)
        try:
            return describe_timm(outline, self._checkpoint())
        except ModelFileError as missing:
            return describe_timm(outline, missing)

    def refuse(self, backend: BackendName) -> None:
        """Raise ModelFileError for a real Caffe, which cannot run it."""
        refuse_caffe(backend, self.name, "it is a network of PyTorch's timm")

    def load(self, random_seed: int | None = None, backend: Backend = TORCH) -> TimmNetwork:
        """Load it, with timm; with `random_seed` no weights are needed."""
        from .build import loaded, made_up
        from .naming import meaning

        self.refuse(backend.name)
        if random_seed is not None:
            return made_up(self.name, meaning(self.name), random_seed)
        return loaded(self.name, meaning(self.name), self._checkpoint())

    def files(self) -> dict[str, Path]:
        """Return the file of weights, and that of its classes' words if it has one."""
        from .checkpoint import words_beside
        from .naming import meaning

        meant, checkpoint = meaning(self.name), self._checkpoint()
        words = words_beside(meant, checkpoint)
        return {f"{meant.full}{path.suffix}": path for path in (checkpoint, words) if path is not None}

    def _checkpoint(self) -> Path:
        from .checkpoint import find_checkpoint, missing
        from .naming import meaning

        meant = meaning(self.name)
        found = find_checkpoint(meant, self.own)
        if found is None:
            raise missing(self.name, meant, self.own)
        return found
