"""Encode one frame before anything is dreamt, to know that the encoder asked for works on this machine.

An encoder that ffmpeg lists may still lack its graphics card, its driver, or the film's size.
"""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from ....errors import MediaError
from ...files.atomic import partial_path
from ...frames.frames import FilmFormat, Frame
from ...settings.settings import OutputConfig
from ...signals import at_sudden_end
from ..containers import Container
from .encoding import Encoding, choose_encoding, refuse_encoding
from .film_writer import FilmWriter


def check_choice(container: Container | None, config: OutputConfig) -> Encoding | None:
    """Return the encoding that `config` asks for, untried; None for a picture folder.

    Raises UsageError for what does not go together.
    """
    if container is None:
        refuse_encoding(config)
        return None
    return choose_encoding(container, config)


def check_encoding(container: Container | None, config: OutputConfig, film: FilmFormat, output: Path) -> None:
    """Make sure that the film can be encoded as `config` says; without a container it is a picture folder.

    The trial is a hidden file beside `output`, which may be the only place that can be written.

    Raises UsageError for what does not go together, MediaError with ffmpeg's last words for an encoder that
    does not work. A container's usual encoder is not tried.
    """
    encoding = check_choice(container, config)
    if container is None or encoding is None:
        return
    asked = (config.codec, config.encoder, config.encoder_preset, config.bit_depth)
    if any(value is not None for value in asked):
        _try(container, config, film, encoding, partial_path(output))


def _try(
    container: Container, config: OutputConfig, film: FilmFormat, encoding: Encoding, path: Path
) -> None:
    with at_sudden_end(path.unlink):
        try:
            writer = FilmWriter(path, film, container, config, None)
            try:
                black = np.zeros((3, film.height_px, film.width_px), dtype=np.float32)
                writer.write(Frame(0, Fraction(0), black))
                writer.finish()
            finally:
                writer.discard()
            _check_bits(path, encoding)
        except MediaError as error:
            if not error.command:
                raise
            raise MediaError(
                f"the encoder {encoding.encoder} does not work on this machine for "
                f"{film.width_px}x{film.height_px} at {encoding.bit_depth} bits. ffmpeg's last words: "
                f"{_last_words(error)} Name another with --encoder, or leave it out.",
                command=error.command,
                stderr_tail=error.stderr_tail,
            ) from error
        finally:
            path.unlink(missing_ok=True)


def _check_bits(path: Path, encoding: Encoding) -> None:
    """Refuse an encoder that quietly took fewer bits than it was given."""
    with av.open(str(path)) as container:
        kept = container.streams.video[0].codec_context.format
    if encoding.bit_depth > 8 and kept is not None and kept.components[0].bits < encoding.bit_depth:
        raise MediaError(
            f"the encoder {encoding.encoder} writes {kept.components[0].bits} bits, not the "
            f"{encoding.bit_depth} asked for. Leave --bit-depth out, or name another encoder."
        )


def _last_words(error: MediaError) -> str:
    """Return the first lines that ffmpeg wrote, the cause of all others, without its own addresses."""
    lines = [re.sub(r"^(\[[^]]* @ 0x\w+\] )+", "", line).strip() for line in error.stderr_tail.splitlines()]
    said = [line for line in lines if line][:2]
    return " ".join(line if line.endswith(".") else f"{line}." for line in said) or str(error)
