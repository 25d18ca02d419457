"""Encoders that are asked for by name, such as those of a graphics card: which there are, and their quality.

What an encoder of a card is called, and how good it is told to be, differs by maker; FFmpeg gives it a
quality by another option for each. Encoders that want their frames uploaded to the card first (VAAPI,
Vulkan), one for RGB, which few players know, and those for still other codecs are not offered.
"""

from __future__ import annotations

import re
import subprocess
from functools import cache

import imageio_ffmpeg

from ....errors import MediaError, UsageError, suggestion
from ...settings.settings import OutputConfig
from .codecs import CODECS, Codec

# "V....D h264_nvenc   NVIDIA NVENC H.264 encoder (codec h264)"; the codec is left out where it has that name.
_ENCODER_LINE = re.compile(r"^ V\S{5} (\S+) .*?(?:\(codec (\w+)\))?$", re.MULTILINE)
_NOT_OFFERED = ("_vaapi", "_vulkan", "_v4l2m2m", "libx264rgb")
_OUR_NAMES = {"hevc": "h265"}

# By maker, the ending of the encoder's name: how a constant quality is asked for, on the scale of a CRF.
_CONSTANT_QUALITY = {
    "_nvenc": "-rc:v vbr -b:v 0 -cq:v {crf}",
    "_qsv": "-global_quality:v {crf}",
    "_amf": "-rc:v cqp -qp_i:v {crf} -qp_p:v {crf}",
}
# Encoders without one: Apple's have a quality of 1 to 100, others are given bits in plenty.
_OTHER_QUALITY = {"_videotoolbox": "-q:v 70"}
_IN_PLENTY = "-b:v 20M"


@cache
def known_encoders() -> dict[str, str]:
    """Return the encoders of this ffmpeg that can be asked for, and the name of the codec each writes."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner", "-encoders"]
    try:
        said = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise MediaError(f"ffmpeg cannot list its encoders ({error}).", command=command) from error
    found = {name: codec or name for name, codec in _ENCODER_LINE.findall(said.stdout)}
    named = {name: _OUR_NAMES.get(codec, codec) for name, codec in found.items()}
    return {
        name: codec for name, codec in named.items() if codec in CODECS and not name.endswith(_NOT_OFFERED)
    }


def find_encoder(name: str) -> str:
    """Return the name of the codec that this encoder writes. Raises UsageError listing those present."""
    known = known_encoders()
    if name in known:
        return known[name]
    raise UsageError(
        f"--encoder {name}: this ffmpeg has no such encoder.{suggestion(name, known)} "
        f"It has {', '.join(sorted(known))}."
    )


def quality_arguments(encoder: str, codec: Codec, config: OutputConfig) -> tuple[str, ...]:
    """Return what an encoder other than the codec's usual one is told.

    Its presets are its own affair: a trial finds out whether it knows the one asked for. Raises UsageError
    for a CRF where the encoder has no such scale.
    """
    preset = () if config.encoder_preset is None else ("-preset:v", config.encoder_preset)
    kind = next((ending for ending in _CONSTANT_QUALITY if encoder.endswith(ending)), None)
    if kind is not None and codec.crf is not None:
        crf = codec.crf.clean if config.crf is None else config.crf
        return (*_CONSTANT_QUALITY[kind].format(crf=crf).split(), *preset)
    if config.crf is not None:
        raise UsageError(
            f"--crf {config.crf}: {encoder} has no such scale. Leave --crf out, or leave --encoder out for "
            f"{codec.encoder}."
        )
    other = next((words for ending, words in _OTHER_QUALITY.items() if encoder.endswith(ending)), _IN_PLENTY)
    return (*other.split(), *preset)
