"""What becomes of a clip's sounds and subtitles in a film: copied untouched, encoded anew, or left out."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from .clip_info import ClipInfo, SideStream
from .clip_part import ClipPart
from .containers import Container


@dataclass(frozen=True)
class SoundTrack:
    """The streams to take from the clip beside the picture, and which moment of it is the film's zero."""

    path: Path
    shift_s: Fraction
    """Added to the file's own times to get the film's."""
    cuts_start: bool
    """Whether sound from before the film's zero is dropped."""
    length_s: Fraction | None
    """Length to cut the sound to, from the film's zero; None leaves it as long as it is."""
    sounds: tuple[SideStream, ...]
    encoders: tuple[str | None, ...]
    """For each sound the encoder it needs, or None where it is copied."""
    subtitles: tuple[SideStream, ...]
    notes: tuple[str, ...]
    """What a user should know: what could not be copied."""


def sound_track(info: ClipInfo, part: ClipPart, container: Container, wanted: bool) -> SoundTrack:
    """Decide what of the clip's other streams goes into `container`; none of the sounds if not `wanted`."""
    sounds = info.sounds if wanted and container.sound_encoder is not None else ()
    encoders = tuple(_encoder(sound, container) for sound in sounds)
    subtitles = tuple(s for s in info.subtitles if s.codec in container.copied_subtitles)
    return SoundTrack(
        path=info.path,
        shift_s=-(info.origin_s + part.zero_s),
        cuts_start=part.cuts_start,
        length_s=part.end_s - part.zero_s if part.cuts_end else None,
        sounds=sounds,
        encoders=encoders,
        subtitles=subtitles,
        notes=tuple(_notes(info, container, wanted, sounds, encoders, subtitles)),
    )


def _encoder(sound: SideStream, container: Container) -> str | None:
    copied = container.copied_sounds
    return None if copied is None or sound.codec in copied else container.sound_encoder


def _notes(
    info: ClipInfo,
    container: Container,
    wanted: bool,
    sounds: tuple[SideStream, ...],
    encoders: tuple[str | None, ...],
    subtitles: tuple[SideStream, ...],
) -> list[str]:
    notes = []
    if wanted and info.sounds and container.sound_encoder is None:
        notes.append(f"{container.suffix} holds no sound: the clip's was left out")
    for sound, encoder in zip(sounds, encoders, strict=True):
        if encoder is not None:
            codec = encoder.removeprefix("lib")
            notes.append(
                f"{container.suffix} cannot hold {sound.codec} sound: encoded as {codec}, not copied"
            )
    if left_out := len(info.subtitles) - len(subtitles):
        notes.append(f"{container.suffix} cannot hold {left_out} of the clip's subtitles: left out")
    return notes
