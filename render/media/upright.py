"""Turn a decoded frame into an upright RGB picture, with the right matrix and range.

A YUV file names its matrix and range in tags that half of all files lack. Untagged frames are read as
players do: BT.709 from 720 lines (or 1280 columns) on, BT.601 below; limited range unless the pixel format
says full (yuvj420p). Left alone, swscale reads every untagged frame as BT.601, and an HD meadow turns
visibly greener.

YUV passes through 16-bit RGB, so that nothing is rounded to 8 bits on the way in. There swscale puts white at
255 * 256, not at 65535: read so, pictures are within 0.01 of 255 of the exact conversion; read as 65535,
they are half a level too dark. RGB frames (gif, ffv1) are taken as they are. HDR and BT.2020 end as BT.709
(`standard_range`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from av.filter import Graph
from av.video.format import VideoFormat

from ..frames import Picture
from .clip_info import ClipInfo, ColourTags
from .standard_range import is_wide, to_standard

if TYPE_CHECKING:
    from av.video.frame import VideoFrame

# H.273 matrix numbers and swscale's names for them.
_MATRIX_NAMES = {1: "bt709", 4: "fcc", 5: "bt601", 6: "bt601", 7: "smpte240m", 9: "bt2020", 10: "bt2020"}
_HD_LINES, _HD_COLUMNS = 720, 1280

# accurate_rnd and full_chroma_int: without them swscale's YUV to RGB is up to 3 levels off.
_FLAGS = "lanczos+accurate_rnd+full_chroma_int+full_chroma_inp"


class UprightPictures:
    """Converts the frames of one clip, scaling them to `size_px` (width, height) where given."""

    def __init__(self, info: ClipInfo, size_px: tuple[int, int] | None = None) -> None:
        self._info = info
        self._coded_size = info.orientation.size(*(size_px or info.display_size_px))
        self._graph: Graph | None = None
        self._graph_input: tuple[str, int, int] | None = None

    def convert(self, frame: VideoFrame) -> Picture:
        """Return the frame as an upright (3, height, width) picture."""
        kind = (frame.format.name, frame.width, frame.height)
        if self._graph is None or kind != self._graph_input:
            self._graph, self._graph_input = self._build(frame), kind
        self._graph.vpush(frame)
        converted = self._graph.vpull()
        upright = self._info.orientation.upright(converted.to_ndarray()).transpose(2, 0, 1)
        picture = np.ascontiguousarray(upright, dtype=np.float32)
        picture /= _white_level(frame.format, converted.format)
        np.minimum(picture, 1, out=picture)
        return to_standard(picture, self._info.colour) if is_wide(self._info.colour) else picture

    def _build(self, frame: VideoFrame) -> Graph:
        """Build buffer -> scale -> format -> sink for frames like this one (a stream may change midway)."""
        width, height = self._coded_size
        graph = Graph()
        source = graph.add_buffer(
            width=frame.width, height=frame.height, format=frame.format, time_base=self._info.time_base
        )
        colour = ""
        if _is_yuv(frame.format):
            matrix = matrix_name(self._info.colour, self._info.coded_size_px)
            in_range = "pc" if self._info.colour.full_range else "tv"
            colour = f":in_color_matrix={matrix}:in_range={in_range}"
        scale = graph.add("scale", f"w={width}:h={height}:flags={_FLAGS}:out_range=pc{colour}")
        is_deep = _is_yuv(frame.format) or any(component.bits > 8 for component in frame.format.components)
        pixel_format = graph.add("format", "rgb48le" if is_deep else "rgb24")
        graph.link_nodes(source, scale, pixel_format, graph.add("buffersink")).configure()
        return graph


def matrix_name(colour: ColourTags, size_px: tuple[int, int]) -> str:
    """Return swscale's name of the matrix to decode with; `size_px` decides for untagged clips."""
    is_hd = size_px[1] >= _HD_LINES or size_px[0] >= _HD_COLUMNS
    return _MATRIX_NAMES.get(colour.matrix, "bt709" if is_hd else "bt601")


def _is_yuv(pixel_format: VideoFormat) -> bool:
    """Tell formats with a matrix from RGB, palettes and grey, which have none."""
    return not (pixel_format.is_rgb or pixel_format.has_palette) and len(pixel_format.components) >= 3


def _white_level(coded: VideoFormat, converted: VideoFormat) -> int:
    if converted.name == "rgb24":
        return 255
    return 255 * 256 if _is_yuv(coded) else 65535
