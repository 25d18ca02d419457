"""How one film's picture is encoded: codec, encoder, bits and quality, checked against each other.

container + OutputConfig -> Encoding -> ffmpeg's arguments, and the levels that go over the pipe
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ....dream.quantize import rgb24, rgb48
from ....errors import UsageError, suggestion
from ...frames.frames import FilmFormat, Picture
from ...settings.settings import OutputConfig
from ..containers import Container
from .codecs import CODECS, Codec
from .encoders import find_encoder, quality_arguments

# swscale takes this for white when it makes YUV out of 16-bit RGB: 65535 would come out brighter than white.
_WHITE_FOR_YUV = 255 * 256


@dataclass(frozen=True)
class Encoding:
    """An encoder with all that it is told, apart from the film's size and times."""

    codec: Codec
    encoder: str
    bit_depth: int
    pixel_format: str
    arguments: tuple[str, ...]
    """ffmpeg's arguments that choose and set the encoder."""

    @property
    def pipe_format(self) -> str:
        """The pixel format in which frames go to ffmpeg."""
        return "rgb24" if self.bit_depth == 8 else "rgb48le"

    def levels(self, picture: Picture) -> NDArray[np.uint8] | NDArray[np.uint16]:
        """Return a picture as (height, width, 3) levels of the pipe's format, rounded once."""
        if self.bit_depth == 8:
            return rgb24(picture)
        if not self.codec.is_rgb:
            return rgb48(picture, _WHITE_FOR_YUV)
        return rgb48(picture, 2**self.bit_depth - 1, 2 ** (16 - self.bit_depth))

    def pixel_format_for(self, film: FilmFormat) -> str:
        """Return the pixel format: whole chroma where the codec cannot halve the film's odd size."""
        odd = film.width_px % 2 or film.height_px % 2
        if odd and not self.codec.takes_odd_sizes:
            return self.pixel_format.replace("yuv420", "yuv444")
        return self.pixel_format


def choose_encoding(container: Container, config: OutputConfig) -> Encoding:
    """Return the encoding that `config` asks for in `container`, or the container's usual one.

    Raises UsageError for a codec that the container does not hold, and for an encoder, a CRF, a preset or a
    bit depth that the codec does not have, saying which there are.
    """
    codec, encoder = _codec_and_encoder(container, config)
    _check_container(codec, container, config)
    depth = _bit_depth(codec, config)
    if encoder != codec.encoder:
        arguments = quality_arguments(encoder, codec, config)
        return Encoding(codec, encoder, depth, codec.pixel_formats[depth], ("-c:v", encoder, *arguments))
    crf, preset = _crf(codec, config), _preset(codec, config)
    pixel_format = codec.preset_pixel_formats.get(preset, codec.pixel_formats[depth])
    arguments = ("-c:v", encoder, *codec.options)
    if preset:
        arguments += (codec.preset_option, preset)
    if crf is not None:
        arguments += ("-crf:v", str(crf))
    return Encoding(codec, encoder, depth, pixel_format, arguments)


def refuse_encoding(config: OutputConfig) -> None:
    """Raise UsageError where `config` says how to encode what becomes numbered pictures."""
    named = {
        "--codec": config.codec,
        "--encoder": config.encoder,
        "--encoder-preset": config.encoder_preset,
        "--crf": config.crf,
    }
    given = [f"{name} {value}" for name, value in named.items() if value is not None]
    if given:
        raise UsageError(
            f"{given[0]}: a folder of numbered pictures is not encoded as a film. Leave it out, or name a "
            "film, such as out.mp4."
        )


def _codec_and_encoder(container: Container, config: OutputConfig) -> tuple[Codec, str]:
    if config.encoder is None:
        codec = CODECS[config.codec or container.video]
        return codec, codec.encoder
    codec = CODECS[find_encoder(config.encoder)]
    if config.codec not in (None, codec.name):
        raise UsageError(
            f"--encoder {config.encoder} writes {codec.title}, and --codec {config.codec} asks for "
            f"{CODECS[config.codec].title}. Leave one of them out."
        )
    return codec, config.encoder


def _check_container(codec: Codec, container: Container, config: OutputConfig) -> None:
    if container.suffix in codec.suffixes:
        return
    asked = f"--codec {codec.name}" if config.encoder is None else f"--encoder {config.encoder}"
    *first, last = codec.suffixes
    held = f"{', '.join(first)} or {last}" if first else last
    raise UsageError(
        f"{asked}: {codec.title} does not go into {container.suffix}, which gets "
        f"{CODECS[container.video].title}. Name an output that ends in {held}, or another codec."
    )


def _bit_depth(codec: Codec, config: OutputConfig) -> int:
    depths = list(codec.pixel_formats)
    if config.bit_depth is None:
        return depths[0]
    if config.bit_depth not in depths:
        raise UsageError(
            f"--bit-depth {config.bit_depth}: {codec.title} is written with "
            f"{' or '.join(str(depth) for depth in depths)} bits here."
        )
    return config.bit_depth


def _crf(codec: Codec, config: OutputConfig) -> int | None:
    if codec.crf is None:
        if config.crf is not None:
            other = f" It has profiles: --encoder-preset {'|'.join(codec.presets)}." if codec.presets else ""
            raise UsageError(f"--crf {config.crf}: {codec.title} has no constant rate factor.{other}")
        return None
    if config.crf is None:
        return codec.crf.clean
    if not codec.crf.lowest <= config.crf <= codec.crf.highest:
        raise UsageError(
            f"--crf {config.crf}: for {codec.title} it is from {codec.crf.lowest}, the best, to "
            f"{codec.crf.highest}."
        )
    return config.crf


def _preset(codec: Codec, config: OutputConfig) -> str:
    wanted = config.encoder_preset
    if wanted is None or wanted in codec.presets:
        return wanted or codec.preset
    if not codec.presets:
        raise UsageError(f"--encoder-preset {wanted}: {codec.title} has none. Leave it out.")
    raise UsageError(
        f"--encoder-preset {wanted}: {codec.title} has none of that name."
        f"{suggestion(wanted, codec.presets)} It has {', '.join(codec.presets)}."
    )
