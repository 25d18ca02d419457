"""Let ffmpeg try, before anything is dreamt, whether the film's container takes the clip's other streams.

What a container holds depends on more than the codec's name: on its profile, on what the headers leave out,
on the version of ffmpeg. So the streams that are to be copied are written once, all of them to the end, as
beside the picture, but to nowhere: that takes 0.02 s, or as long as it takes to read the file. What does not
work is encoded instead, and what cannot be encoded either is left out, since nothing here can decode it. So
are sounds that are encrypted, or else of which nothing decodes.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory

import imageio_ffmpeg

from ....errors import MediaError
from ..clip_info import SideStream
from ..containers import TEXT_SUBTITLES, Container
from ..sound.spliced import write_spliced_sounds
from ..sound.track import SoundTrack, named
from .command import clip_input, trial_arguments

# Encoding an hour would take a minute; whether it works shows in what follows the first packet.
_ENOUGH_S = 2
_MOST_ERRORS = 0.9


@dataclass(frozen=True)
class _Side:
    """One stream and what is to become of it."""

    kind: str
    stream: SideStream
    encoder: str | None


def workable(track: SoundTrack, container: Container) -> SoundTrack:
    """Return the track with every stream as ffmpeg can write it into the container; changes are noted.

    Raises MediaError for a clip that the ffmpeg program, other than PyAV, cannot open.
    """
    sides = [
        *(_Side("sound", *each) for each in zip(track.sounds, track.encoders, strict=True)),
        *(_Side("subtitles", *each) for each in zip(track.subtitles, track.subtitle_encoders, strict=True)),
    ]
    silent = _undecodable(track, [side for side in sides if side.kind == "sound" and side.encoder is None])
    copied = [side for side in sides if side.encoder is None and side not in silent]
    works = bool(copied) and _is_written(_of(track, copied), container)
    if not works and not _is_written(_of(track, []), container):
        raise MediaError(
            f"the ffmpeg program cannot open {track.path.name}. Convert it first (to mp4, say), or see with "
            "`lucidreel doctor` which ffmpeg it is."
        )
    kept: list[_Side] = []
    notes = list(track.notes)
    for side in sides:
        as_planned = works and side in copied
        way = None if side in silent else side if as_planned else _way(track, side, container)
        kept += [] if way is None else [way]
        notes += _left_out(side, side in silent, container) if way is None else _note(side, way, container)
    return replace(_of(track, kept), notes=tuple(notes))


def _of(track: SoundTrack, sides: list[_Side]) -> SoundTrack:
    sounds = [side for side in sides if side.kind == "sound"]
    subtitles = [side for side in sides if side.kind == "subtitles"]
    return replace(
        track,
        sounds=tuple(side.stream for side in sounds),
        encoders=tuple(side.encoder for side in sounds),
        subtitles=tuple(side.stream for side in subtitles),
        subtitle_encoders=tuple(side.encoder for side in subtitles),
    )


def _way(track: SoundTrack, side: _Side, container: Container) -> _Side | None:
    """Return the first way that works for one stream: as planned, or encoded; None where there is none."""
    encoder = container.sound_encoder
    if side.kind == "subtitles":
        encoder = container.text_encoder if side.stream.codec in TEXT_SUBTITLES else None
    for way in dict.fromkeys((side, replace(side, encoder=encoder or side.encoder))):
        alone = _of(track, [way])
        beginning = replace(alone, length_s=_enough(alone, way.stream))
        if way.encoder is not None and _is_written(beginning, container):
            return way
        if _is_written(alone, container):
            return way
    return None


def _enough(track: SoundTrack, stream: SideStream) -> Fraction:
    """Return how much of the film tells whether a stream can be encoded."""
    first_s = Fraction(0) if stream.span_s is None else stream.span_s[0] + track.shift_s
    enough_s = max(first_s, Fraction(0)) + _ENOUGH_S
    return enough_s if track.length_s is None else min(enough_s, track.length_s)


def _undecodable(track: SoundTrack, sounds: list[_Side]) -> list[_Side]:
    """Return the sounds of which nothing can be decoded: encrypted ones, say, which could well be copied."""
    if not sounds or _decodes(track, sounds):
        return []
    return [
        sound for sound in sounds if not (_decodes(track, [sound]) or _decodes(track, [sound], whole=True))
    ]


def _decodes(track: SoundTrack, sounds: list[_Side], whole: bool = False) -> bool:
    """Tell whether ffmpeg decodes more than a tenth of each of the sounds."""
    maps = [word for sound in sounds for word in ("-map", f"0:{sound.stream.index}")]
    enough_s = max(_enough(track, sound.stream) for sound in sounds)
    until = ["-t", f"{float(enough_s):.6f}"]
    return _succeeds(
        [
            *("-hide_banner", "-nostats", "-nostdin", "-loglevel", "error", "-copyts"),
            *("-max_error_rate", str(_MOST_ERRORS)),
            *clip_input(track),
            *maps,
            *([] if whole else until),
            *("-f", "null", "-"),
        ]
    )


def _is_written(track: SoundTrack, container: Container) -> bool:
    with TemporaryDirectory(prefix="lucidreel-trial-") as folder:
        sounds = Path(folder) / "sounds.nut"
        if track.is_rewritten:
            try:
                write_spliced_sounds(track, sounds)
            except MediaError:
                return False
        return _succeeds(trial_arguments(track, container, sounds))


def _succeeds(arguments: list[str]) -> bool:
    command = [imageio_ffmpeg.get_ffmpeg_exe(), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, check=False)
    except OSError:  # the encoding process will say why
        return True
    return done.returncode == 0


def _left_out(side: _Side, is_silent: bool, container: Container) -> Iterator[str]:
    why = f"it can be neither copied into {container.suffix} nor encoded for it"
    if is_silent or not side.stream.has_decoder:
        why = "nothing here can decode it"
    yield f"{named(side.kind, side.stream)}: left out, {why}"


def _note(planned: _Side, way: _Side, container: Container) -> Iterator[str]:
    codec = planned.stream.codec
    if way.encoder is not None and way.kind == "sound":
        encoded = way.encoder.removeprefix("lib")
        if encoded == codec:
            yield f"{named(way.kind, way.stream)}: encoded anew, since it cannot be copied as it is"
        else:
            yield f"{container.suffix} cannot hold {codec} sound: encoded as {encoded}, not copied"
    elif way.encoder is not None:
        yield f"{container.suffix} cannot hold {codec} subtitles: written as {way.encoder}"
