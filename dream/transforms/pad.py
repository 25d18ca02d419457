"""What lies beyond a picture's edge; by itself, because settings name it and import no PyTorch."""

from __future__ import annotations

from typing import Literal

Pad = Literal["reflect", "mean"]
"""Its mirror image, or its mean colour."""
