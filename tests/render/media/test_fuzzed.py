"""Clips that fuzzing found: each ends in a MediaError."""

from __future__ import annotations

from base64 import b85decode
from pathlib import Path
from zlib import decompress

import pytest

from lucidreel.errors import MediaError
from lucidreel.render.media.clip.probe import probe

# The header of an AVIF, of which Pillow says RuntimeError.
BROKEN_AVIF = decompress(
    b85decode(
        "c-muNV9-"
        "e`sVqn=%PeL90wA3RV&@j88D<veTjXY@8RljtrujM=Isv6$=cbk<GC+W0MoLZ*l+93(nOwqv2KWjxOLD<1Mj)2U%*j"
        "s%aa=%rMu;f$OCYTa#2T5Id1-L9Qb0~B6O@-&W?<-"
        "?pOX)^D=V|0r~pWNXBH&q18I@W;(}DDeG7m%3Wx;?GAl9}K)z!54+ZE>1KWaE000k%G9m"
    )
)


def test_a_picture_that_no_decoder_understands_is_no_clip(tmp_path: Path) -> None:
    (tmp_path / "clip.mp4").write_bytes(BROKEN_AVIF)
    with pytest.raises(MediaError, match="is damaged, cut off before its index, or of no kind"):
        probe(tmp_path / "clip.mp4")
