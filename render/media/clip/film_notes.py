"""What a user should know of a film when it is finished: whatever did not go the usual way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from ....dream.picture_files.primaries import WIDE_NAMES
from ..clip_info import ClipInfo
from ..containers import Container
from ..media_source import MediaSource
from ..sound.track import SoundTrack


def notes_ahead(
    past_the_end: str | None, output: Path, container: Container | None, track: SoundTrack | None = None
) -> tuple[str, ...]:
    """Return what should be known before a film is begun, since it may not be what was meant.

    `past_the_end` is what there is to say of an end that was asked for beyond the source's.
    """
    notes = [] if past_the_end is None else [past_the_end]
    notes += track.notes if track is not None else ()
    if container is None and not output.exists():
        notes.append(
            f"{output.name} has no suffix such as .mp4: it becomes a folder of numbered pictures, without "
            "sound."
        )
    return tuple(notes)


def film_notes(source: MediaSource, container: Container | None, track: SoundTrack | None) -> tuple[str, ...]:
    """Return the notes on a film, one line each, when all of its frames have been read."""
    notes = track.notes if track is not None else ()
    if container is None and source.has_sound:
        notes = (*notes, "a folder of pictures holds no sound: the clip's was left out")
    return (*notes, *source.notes)


def clip_notes(info: ClipInfo) -> Iterator[str]:
    """Yield what a user should know of a clip's picture."""
    if info.timeline is not None:
        yield from info.timeline.notes
    if len(info.video_indices) > 1:
        yield _choice_of_video(info)
    if info.colour.is_hdr:
        yield "the clip is HDR: its light was compressed to the standard range (BT.709)"
    elif info.colour.primaries in WIDE_NAMES:
        yield f"the clip's colours are {WIDE_NAMES[info.colour.primaries]}: brought to BT.709"
    if info.has_alpha:
        yield "the clip is transparent in places: alpha was dropped, its colours taken as opaque"


@dataclass(frozen=True)
class DecodedSoFar:
    """What was counted while frames of a clip were decoded; an earlier run may have decoded those before."""

    from_s: Fraction | None
    """From when on, on the clip's clock, it was counted; None for all of them."""
    interlaced_frames: int
    changes_shape: bool
    damaged_packets: int
    damaged_frames: int

    def notes(self) -> Iterator[str]:
        """Yield what a user should know of it."""
        since = ""
        if self.from_s is not None:
            since = f" (counted from {float(self.from_s):.4g} s of the clip on, where this run began to read)"
        if self.interlaced_frames:
            yield "the clip is interlaced: of each frame the first field was made whole (bwdif)"
        if self.changes_shape:
            yield "the clip changes its size or shape midway: fitted into the first frame's, with black bars"
        if count := self.damaged_packets:
            packets = "1 damaged packet" if count == 1 else f"{count} damaged packets"
            yield f"{packets} of the clip could not be decoded{since}"
        if count := self.damaged_frames:
            taken = "1 damaged frame of the clip was taken as it is"
            yield (
                taken if count == 1 else f"{count} damaged frames of the clip were taken as they are"
            ) + since


def _choice_of_video(info: ClipInfo) -> str:
    place, count = info.video_indices.index(info.video_index) + 1, len(info.video_indices)
    width_px, height_px = info.display_size_px
    why = "which players show by default"
    if len(info.unread_videos) == count - 1:
        why = "since nothing can be decoded of any other"
    return f"video stream {place} of {count} was taken ({width_px}x{height_px}), {why}"
