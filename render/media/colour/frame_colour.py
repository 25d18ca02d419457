"""What a decoded frame says of its colours: matrix, range, primaries, transfer, and its brightest light."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np

from ....errors import MediaError
from ..clip_info import ColourTags
from .matrices import refusal
from .to_rgb import is_yuv

if TYPE_CHECKING:
    from av.video.frame import VideoFrame

_UNTOLD_RANGE, _FULL_RANGE = 0, 2


def frame_colour(frame: VideoFrame, path: Path) -> ColourTags:
    """Return the frame's tags. Raises MediaError for those whose colours nobody here can make out."""
    colour = ColourTags(
        matrix=int(frame.colorspace),
        full_range=_is_full_range(frame),
        primaries=int(frame.color_primaries),
        transfer=int(frame.color_trc),
        peak_cd=_peak_cd(frame),
    )
    if (why := refusal(colour)) is not None:
        raise MediaError(
            f"{path.name}: {why}. Convert it first, for example with ffmpeg -i {path.name} "
            "-vf zscale=matrix=709:transfer=709:primaries=709 converted.mp4."
        )
    return colour


def _is_full_range(frame: VideoFrame) -> bool:
    """Tell the range; untagged YUV is limited, untagged RGB and grey are full."""
    told = int(frame.color_range)
    if told == _UNTOLD_RANGE:
        return frame.format.name.startswith("yuvj") or not is_yuv(frame.format)
    return told == _FULL_RANGE or frame.format.name.startswith("yuvj")


def _peak_cd(frame: VideoFrame) -> float | None:
    """Return the lower of the brightest light of the content and of the display it was made on.

    FFmpeg's AVContentLightMetadata is MaxCLL and MaxFALL; AVMasteringDisplayMetadata is ten fractions, the
    last one the display's brightest light, and two flags, the last one for whether its light is known.
    """
    told = []
    content = frame.side_data.get("CONTENT_LIGHT_LEVEL")
    if content is not None:
        told.append(float(np.frombuffer(cast(bytes, content), np.uint32)[0]))
    display = frame.side_data.get("MASTERING_DISPLAY_METADATA")
    if display is not None:
        *_, above, below, _, has_light = np.frombuffer(cast(bytes, display), np.int32).tolist()
        told.append(above / below if has_light and below else 0.0)
    return min((light for light in told if light > 0), default=None)
