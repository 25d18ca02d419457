"""The scales of the flow in PyTorch: they lie over each other exactly, and all cost the same."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from lucidreel.render.motion.torch_flow.pyramid import finer
from lucidreel.render.motion.torch_flow.search import dense_flow


@pytest.mark.parametrize("size", [(40, 60), (41, 59)])
def test_a_finer_scale_has_the_same_motion_at_the_same_places(size: tuple[int, int]) -> None:
    # A pixel of the coarse scale lies between the finer one's 2 n and 2 n + 1.
    rows, columns = (torch.arange(-(-length // 2)).float() * 2 + 0.5 for length in size)
    field = torch.stack(torch.meshgrid(columns, rows, indexing="xy"))[None] / 2
    inside = slice(1, size[0] - 1), slice(1, size[1] - 1)
    found = finer(field, size)[0][:, *inside]
    expected = torch.meshgrid(torch.arange(size[0]).float(), torch.arange(size[1]).float(), indexing="ij")
    torch.testing.assert_close(found[0], expected[1][inside])
    torch.testing.assert_close(found[1], expected[0][inside])


class Operations(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Counts what is asked of the device."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.count = 0

    def __torch_dispatch__(
        self, operation: Any, types: Any, args: Any = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        self.count += 1
        return operation(*args, **(kwargs or {}))


def test_more_patches_are_no_more_operations() -> None:
    counts = []
    for height, width in ((66, 81), (121, 301)):  # of three scales both
        frames = torch.rand(2, 1, height, width) * 255
        with torch.no_grad(), Operations() as operations:
            dense_flow(frames, frames.flip(0))
        counts.append(operations.count)
    assert counts[0] == counts[1]
