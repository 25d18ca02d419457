"""What becomes of a clip's sounds, subtitles and chapters in a film: copied, encoded anew, or left out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from .chapters import film_chapters
from .clip_info import Chapter, ClipInfo, SideStream
from .clip_part import ClipPart
from .containers import TEXT_SUBTITLES, Container


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
    subtitle_encoders: tuple[str | None, ...]
    """For each of the subtitles the encoder it needs, or None where they are copied."""
    chapters: tuple[Chapter, ...]
    """On the film's clock."""
    notes: tuple[str, ...]
    """What a user should know: what could not be copied."""


def sound_track(info: ClipInfo, part: ClipPart, container: Container, wanted: bool) -> SoundTrack:
    """Decide what of the clip's other streams goes into `container`; none of the sounds if not `wanted`."""
    sounds = info.sounds if wanted and container.sound_encoder is not None else ()
    encoders = tuple(_encoder(sound, container) for sound in sounds)
    subtitles = tuple(s for s in info.subtitles if _is_held(s, container))
    subtitle_encoders = tuple(
        None if s.codec in container.copied_subtitles else container.text_encoder for s in subtitles
    )
    return SoundTrack(
        path=info.path,
        shift_s=-(info.origin_s + part.zero_s),
        cuts_start=part.cuts_start,
        length_s=part.end_s - part.zero_s if part.cuts_end else None,
        sounds=sounds,
        encoders=encoders,
        subtitles=subtitles,
        subtitle_encoders=subtitle_encoders,
        chapters=film_chapters(info.chapters, part),
        notes=(
            *_sound_notes(info, container, wanted, sounds, encoders),
            *_subtitle_notes(info, container, subtitles, subtitle_encoders),
        ),
    )


def _encoder(sound: SideStream, container: Container) -> str | None:
    copied = container.copied_sounds
    return None if copied is None or sound.codec in copied else container.sound_encoder


def _is_held(subtitle: SideStream, container: Container) -> bool:
    """Tell whether subtitles can be copied or, being text, encoded anew."""
    is_text = subtitle.codec in TEXT_SUBTITLES and container.text_encoder is not None
    return is_text or subtitle.codec in container.copied_subtitles


def _sound_notes(
    info: ClipInfo,
    container: Container,
    wanted: bool,
    sounds: tuple[SideStream, ...],
    encoders: tuple[str | None, ...],
) -> Iterator[str]:
    if wanted and info.sounds and container.sound_encoder is None:
        yield f"{container.suffix} holds no sound: the clip's was left out"
    for sound, encoder in zip(sounds, encoders, strict=True):
        if encoder is not None:
            codec = encoder.removeprefix("lib")
            yield f"{container.suffix} cannot hold {sound.codec} sound: encoded as {codec}, not copied"


def _subtitle_notes(
    info: ClipInfo,
    container: Container,
    subtitles: tuple[SideStream, ...],
    encoders: tuple[str | None, ...],
) -> Iterator[str]:
    for subtitle, encoder in zip(subtitles, encoders, strict=True):
        if encoder is not None:
            yield f"{container.suffix} cannot hold {subtitle.codec} subtitles: written as {encoder}"
    if left_out := len(info.subtitles) - len(subtitles):
        yield f"{container.suffix} cannot hold {left_out} of the clip's subtitles: left out"
