"""Clips with a hole in their data: rendered as far as they decode, and told about."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lucidreel.render.films import Summary

_TS_PACKET = 188


def test_frames_decoded_from_damaged_data_are_told(
    tmp_path: Path, write_clip: Callable[..., Path], rendered: Callable[..., Summary]
) -> None:
    rng = np.random.default_rng(3)
    noise: list[NDArray[np.uint8]] = [rng.integers(0, 255, (48, 64, 3), dtype=np.uint8) for _ in range(20)]
    whole = write_clip(tmp_path / "whole.ts", noise, codec="mpeg2video", pixel_format="yuv420p", options={})
    data = whole.read_bytes()
    middle = len(data) // _TS_PACKET // 2 * _TS_PACKET
    torn = tmp_path / "torn.ts"
    torn.write_bytes(data[:middle] + data[middle + 2 * _TS_PACKET :])
    assert not any("damaged" in note for note in rendered(whole, "whole.mkv").notes)
    summary = rendered(torn, "torn.mkv")
    assert summary.frames == 20
    assert any("damaged frames of the clip were taken as they are" in note for note in summary.notes)
