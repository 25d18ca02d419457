"""What becomes of a clip's sounds, subtitles and chapters in a film: copied, encoded anew, or left out.

This is the plan, by what players understand. Whether it works, ffmpeg is asked (`encode.copy_probe`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from ..clip_info import Chapter, ClipInfo, SideStream
from ..clip_part import ClipPart
from ..containers import TEXT_SUBTITLES, Container
from ..timing.discontinuities import Splice
from .chapters import film_chapters

_COARSE_S = Fraction(1, 1000)


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
    origin_s: Fraction = Fraction(0)
    """Where the clip's clock starts, on the file's own times."""
    splices: tuple[Splice, ...] = ()
    """Where the file's clock jumps, if it does."""

    @property
    def is_rewritten(self) -> bool:
        """Whether the sounds are brought on one fine clock first (`spliced`).

        AVI counts whole packets of MP3, 24 ms each, and ffmpeg moves a sound by ticks of its own clock.
        """
        return any(self.splices or sound.tick_s > _COARSE_S for sound in self.sounds)


def sound_track(info: ClipInfo, part: ClipPart, container: Container, wanted: bool) -> SoundTrack:
    """Plan what of the clip's other streams goes into `container`; none of the sounds if not `wanted`."""
    sounds = _present(info.sounds, part, info) if wanted and container.sound_encoder is not None else ()
    present = _present(info.subtitles, part, info)
    splices = info.timeline.splices if info.timeline is not None else ()
    copies_all = container.is_like(info.container_name, info.brand)
    copied_subtitles = {s.codec for s in present if copies_all} | container.copied_subtitles
    subtitles = tuple(s for s in present if _is_held(s, container, copied_subtitles) and not splices)
    return SoundTrack(
        path=info.path,
        shift_s=-(info.origin_s + part.zero_s),
        cuts_start=part.cuts_start,
        length_s=part.end_s - part.zero_s if part.cuts_end else None,
        sounds=sounds,
        encoders=tuple(_encoder(sound, container, copies_all) for sound in sounds),
        subtitles=subtitles,
        subtitle_encoders=tuple(
            None if s.codec in copied_subtitles else container.text_encoder for s in subtitles
        ),
        chapters=film_chapters(info.chapters, part),
        notes=(
            *_sound_notes(info, container, wanted, sounds),
            *_subtitle_notes(info, container, present, subtitles, bool(splices)),
        ),
        origin_s=info.origin_s,
        splices=splices,
    )


def _present(streams: Sequence[SideStream], part: ClipPart, info: ClipInfo) -> tuple[SideStream, ...]:
    """Return the streams of the picture's own programme that hold something in the part."""
    own = (stream for stream in streams if not stream.is_of_other_programme)
    return tuple(stream for stream in own if _holds_something(stream, part, info))


def _holds_something(stream: SideStream, part: ClipPart, info: ClipInfo) -> bool:
    if stream.span_s is None:
        return False
    first_s, last_s = (time_s - info.origin_s for time_s in stream.span_s)
    return not (part.cuts_end and first_s >= part.end_s) and not (part.cuts_start and last_s < part.start_s)


def _encoder(sound: SideStream, container: Container, copies_all: bool) -> str | None:
    """Return None for a copy. What PyAV cannot decode is not copied: the trial tells whether ffmpeg can."""
    copied = container.copied_sounds
    can_copy = sound.has_decoder and (copies_all or copied is None or sound.codec in copied)
    return None if can_copy else container.sound_encoder


def _is_held(subtitle: SideStream, container: Container, copied: Collection[str]) -> bool:
    """Tell whether subtitles can be copied or, being text, encoded anew."""
    is_text = subtitle.codec in TEXT_SUBTITLES and container.text_encoder is not None
    return subtitle.has_decoder and (is_text or subtitle.codec in copied)


def _sound_notes(
    info: ClipInfo, container: Container, wanted: bool, sounds: Sequence[SideStream]
) -> Iterator[str]:
    if not wanted:
        return
    if info.sounds and container.sound_encoder is None:
        yield f"{container.suffix} holds no sound: the clip's was left out"
        return
    yield from _absent("sound", info.sounds, sounds)


def _subtitle_notes(
    info: ClipInfo,
    container: Container,
    present: Sequence[SideStream],
    held: Sequence[SideStream],
    jumps: bool,
) -> Iterator[str]:
    if jumps and info.subtitles:
        yield "the clip's subtitles cannot follow where its clock jumps: left out"
        return
    yield from _absent("subtitles", info.subtitles, present)
    for subtitle in present:
        if not subtitle.has_decoder:
            yield f"{named('subtitles', subtitle)}: left out, nothing here can read that kind"
    if left_out := sum(s.has_decoder for s in present) - len(held):
        yield f"{container.suffix} cannot hold {left_out} of the clip's subtitles: left out"


def _absent(kind: str, streams: Sequence[SideStream], present: Sequence[SideStream]) -> Iterator[str]:
    for stream in streams:
        if stream not in present and not stream.is_of_other_programme:
            why = "declared in the file but empty" if stream.span_s is None else "empty in this part"
            yield f"{named(kind, stream)}: left out, {why}"
    if foreign := sum(stream.is_of_other_programme for stream in streams):
        yield f"{foreign} of {len(streams)} {kind} streams left out: of other programmes than the picture"


def named(kind: str, stream: SideStream) -> str:
    """Return "sound 2 of 3 (ac3)" or, where there is but one, "the sound (ac3)"."""
    number, count = stream.place
    return f"{kind} {number} of {count} ({stream.codec})" if count > 1 else f"the {kind} ({stream.codec})"
