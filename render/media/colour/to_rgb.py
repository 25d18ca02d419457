"""Turn a decoded frame into an upright RGB picture, with the right matrix and range.

A YUV file names its matrix and range in tags that half of all files lack. Untagged frames are read as
players do: BT.709 from 720 lines (or 1280 columns) on, BT.601 below; limited range unless the pixel format
says full (yuvj420p). Left alone, swscale reads every untagged frame as BT.601, and an HD meadow turns
visibly greener. Matrices that swscale does not know are converted by `matrices`.

YUV passes through 16-bit RGB, so that nothing is rounded to 8 bits on the way in. There swscale puts white at
255 * 256, not at 65535: read so, pictures are within 0.01 of 255 of the exact conversion; read as 65535,
they are half a level too dark. RGB and grey (gif, ffv1) are taken as they are, unless tagged as of limited
range. HDR and wide colours such as BT.2020 end as BT.709 (`dream.picture_files.tone_mapping`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from av.filter import Graph
from av.video.format import VideoFormat

from ....dream.picture_files.tone_mapping import is_wide, to_sdr
from ...frames.frames import Picture
from ..clip_info import ClipInfo
from .fitting import Shape, first_shape, fitted_size, shape_of, with_bars
from .matrices import is_own, swscale_matrix, to_rgb

if TYPE_CHECKING:
    from av.video.frame import VideoFrame

# accurate_rnd and full_chroma_int: without them swscale's YUV to RGB is up to 3 levels off.
_FLAGS = "lanczos+accurate_rnd+full_chroma_int+full_chroma_inp"


class ToRGB:
    """Converts the frames of one clip, scaling them to `size_px` (width, height) where given.

    All come out at that size, or at the first frame's: of other shapes they get bars (`fitting`).
    """

    def __init__(self, info: ClipInfo, size_px: tuple[int, int] | None = None) -> None:
        self._info = info
        self._frame_px = size_px or info.display_size_px
        self._graph: Graph | None = None
        self._graph_input: tuple[str, Shape] | None = None
        self.other_shapes: set[Shape] = set()
        """Shapes other than the first frame's that were met so far."""

    def convert(self, frame: VideoFrame) -> Picture:
        """Return the frame as an upright (3, height, width) picture."""
        kind = (frame.format.name, shape_of(frame, self._info))
        if self._graph is None or kind != self._graph_input:
            self._graph, self._graph_input = self._build(frame, kind[1]), kind
        if is_yuv(frame.format):
            frame.colorspace = 2  # untold: swscale refuses frames of a matrix that it does not know
        self._graph.vpush(frame)
        converted = self._graph.vpull()
        colour = self._info.colour
        pixels = converted.to_ndarray(channel_last=True)
        upright = self._info.orientation.upright(pixels).transpose(2, 0, 1)
        picture = np.ascontiguousarray(upright, dtype=np.float32)
        if is_yuv(converted.format):
            bits = frame.format.components[0].bits
            picture = to_rgb(picture / np.float32(2 ** (16 - bits)), bits, colour)
        else:
            picture /= _white_level(frame.format, converted.format)
            if not (colour.full_range or is_yuv(frame.format)):
                picture = (picture * 255 - 16) / np.float32(219)
            np.clip(picture, 0, 1, out=picture)
        if is_wide(colour.primaries, colour.transfer):
            picture = to_sdr(picture, colour.primaries, colour.transfer, colour.peak_cd)
        return with_bars(picture, self._frame_px)

    def _build(self, frame: VideoFrame, shape: Shape) -> Graph:
        """Build buffer -> scale -> format -> sink for frames like this one (a stream may change midway)."""
        first = first_shape(self._info)
        if shape != first:
            self.other_shapes.add(shape)
        width, height = fitted_size(shape, first, self._info.orientation.size(*self._frame_px))
        graph = Graph()
        source = graph.add_buffer(
            width=frame.width, height=frame.height, format=frame.format, time_base=self._info.time_base
        )
        words, pixels = self._conversion(frame.format)
        scale = graph.add("scale", f"w={width}:h={height}:flags={_FLAGS}:{words}")
        graph.link_nodes(source, scale, graph.add("format", pixels), graph.add("buffersink")).configure()
        return graph

    def _conversion(self, coded: VideoFormat) -> tuple[str, str]:
        """Return swscale's words for what the planes mean, and the pixel format to ask for."""
        colour = self._info.colour
        in_range = "pc" if colour.full_range else "tv"
        if not is_yuv(coded):
            is_deep = any(component.bits > 8 for component in coded.components)
            return "out_range=pc", "rgb48le" if is_deep else "rgb24"
        if self._is_own(coded):
            return f"in_range={in_range}:out_range={in_range}", "yuv444p16le"
        matrix = swscale_matrix(colour, self._info.coded_size_px)
        return f"in_color_matrix={matrix}:in_range={in_range}:out_range=pc", "rgb48le"

    def _is_own(self, coded: VideoFormat) -> bool:
        """Tell whether the planes are converted here, and not by swscale."""
        return is_own(
            self._info.colour, is_subsampled=coded.chroma_width(2) < 2 or coded.chroma_height(2) < 2
        )


def is_yuv(pixel_format: VideoFormat) -> bool:
    """Tell pixel formats with a matrix from RGB, palettes and grey, which have none."""
    return not (pixel_format.is_rgb or pixel_format.has_palette) and len(pixel_format.components) >= 3


def _white_level(coded: VideoFormat, converted: VideoFormat) -> int:
    if converted.name == "rgb24":
        return 255
    return 255 * 256 if is_yuv(coded) else 65535
