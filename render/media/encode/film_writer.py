"""Write a film file: frames go to an ffmpeg process with their exact times, the sound comes from the clip.

Raw video on a pipe has no times, only a rate. NUT is the one container that ffmpeg reads from a pipe which
carries raw RGB with arbitrary rational timestamps: PyAV writes it, ffmpeg encodes it.
"""

from __future__ import annotations

from contextlib import suppress
from fractions import Fraction
from functools import partial
from pathlib import Path
from threading import Lock

import av
import numpy as np
from numpy.typing import NDArray

from ....errors import LucidreelError, MediaError, OutputError
from ...files.atomic import followed, partial_path, publish
from ...files.disk_space import space_words, why_not_written
from ...frames.frames import FilmFormat, Frame
from ...settings.settings import OutputConfig
from ...signals import remember_for_sudden_end
from ..containers import Container
from ..sound.chapters import chapters_text
from ..sound.spliced import write_spliced_sounds
from ..sound.track import SoundTrack
from .command import encode_arguments
from .encoding import choose_encoding
from .ffmpeg import FFmpegProcess
from .tags import Tags, add_gif_comment

# Far below the 2**31 where FFmpeg's fractions end, and finer than anybody sees.
_FINEST = 1_000_000

# What a film will take is guessed from what it took so far, of which encoders hold a little back.
_MARGIN, _LEAST_BYTES = 1.1, 4096


class FilmWriter:
    """A sink that encodes into one film file, which appears under its name only when it is complete."""

    def __init__(
        self,
        output: Path,
        film: FilmFormat,
        container: Container,
        config: OutputConfig,
        track: SoundTrack | None,
        overwrite: bool = False,
        tags: Tags | None = None,
    ) -> None:
        self._output, self._film, self._overwrite = followed(output), film, overwrite
        self._tags, self._sent = tags, 0
        self._encoding = choose_encoding(container, config)
        # Named alike, so that what a kill leaves of both is removed together.
        self._made = self._partial, self._chapters, self._sounds = _partial_paths(self._output)
        self._writing, self._is_whole = Lock(), False
        self._forget_sudden_end = remember_for_sudden_end(partial(_remove, *self._made))
        try:
            if track is not None:
                _write_chapters(self._chapters, track)
                if track.is_rewritten:
                    write_spliced_sounds(track, self._sounds)
            self._ffmpeg = FFmpegProcess(
                encode_arguments(
                    film,
                    container,
                    self._encoding,
                    track,
                    self._chapters,
                    self._sounds,
                    self._partial,
                    None if tags is None else tags.film_words,
                )
            )
        except BaseException:
            self._remove_partial()
            raise
        try:
            self._pipe = _RawPipe(self._ffmpeg, film, self._encoding.pipe_format)
        except BaseException:
            self._ffmpeg.kill()
            self._remove_partial()
            raise

    @property
    def process_id(self) -> int:
        """The operating system's number of the encoding process."""
        return self._ffmpeg.process_id

    def write(self, frame: Frame) -> None:
        """Send one frame to the encoder. Raises MediaError with ffmpeg's last words when it has died."""
        try:
            with self._writing:
                self._pipe.send(
                    self._encoding.levels(frame.picture), round(frame.time_s / self._film.time_base)
                )
                self._sent += 1
        except (OSError, ValueError, av.FFmpegError) as error:
            raise self._failure() from error

    def complete(self) -> Path:
        """Let ffmpeg complete the file, under its hidden name still, and return that. Raises MediaError."""
        if self._is_whole:
            return self._partial
        try:
            with self._writing:
                self._pipe.close()
        except (OSError, ValueError, av.FFmpegError) as error:
            raise self._failure() from error
        try:
            self._ffmpeg.wait()
        except MediaError as error:
            raise self._failure() from error
        if self._tags is not None and self._encoding.codec.name == "gif":
            self._comment(self._tags)
        self._is_whole = True
        return self._partial

    def finish(self) -> None:
        """Complete the file and give it its name. Raises MediaError or OutputError."""
        self.complete()
        publish(self._partial, self._output, self._overwrite)
        self._remove_partial()

    def discard(self) -> None:
        """Kill the encoder and remove what it wrote; a `write` or `finish` on another thread fails."""
        self._ffmpeg.kill()
        with self._writing, suppress(OSError, ValueError, av.FFmpegError):
            self._pipe.close()  # nobody reads its trailer any more
        self._remove_partial()

    def _comment(self, tags: Tags) -> None:
        """Write what ffmpeg cannot."""
        try:
            add_gif_comment(self._partial, tags)
        except OSError as error:
            why = why_not_written(error, self._output, len(tags.title + tags.comment))
            raise OutputError(f"{self._output}: the film cannot be written ({why}).") from error

    def _failure(self) -> LucidreelError:
        """Return the error for an ffmpeg that has died."""
        failure = self._ffmpeg.failure()
        if not self._ffmpeg.met_full_disk:
            return failure
        written = self._partial.stat().st_size if self._partial.exists() else 0
        total = max(self._film.frame_count or 0, self._sent)
        needed = int(max(written, _LEAST_BYTES) * _MARGIN * total / max(self._sent, 1))
        self._partial.unlink(missing_ok=True)  # what it took is free for the next attempt
        return OutputError(
            f"{self._output}: the film cannot be written, disk space has run out: "
            f"{space_words(self._output, needed, 'about ')}, then give the same command again. Finished "
            "frames are kept."
        )

    def _remove_partial(self) -> None:
        _remove(*self._made)
        self._forget_sudden_end()


def _partial_paths(output: Path) -> tuple[Path, Path, Path]:
    """Return fresh names for the film, its chapters and its sounds."""
    return partial_path(output), partial_path(output), partial_path(output)


def _remove(*paths: Path) -> None:
    for path in paths:
        path.unlink(missing_ok=True)


def _write_chapters(path: Path, track: SoundTrack) -> None:
    try:
        text = chapters_text(track.chapters)
        path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        why = why_not_written(error, path, len(text))
        raise OutputError(f"{path.parent} cannot be written to ({why}).") from error


class _RawPipe:
    """Raw RGB frames with timestamps, as a NUT stream into a process."""

    def __init__(self, ffmpeg: FFmpegProcess, film: FilmFormat, pixel_format: str) -> None:
        self._container = av.open(ffmpeg.stdin, mode="w", format="nut")
        # ffmpeg gives each frame the length of one period of the declared rate. It only shows on the last
        # one: the others end where the next begins.
        self._stream = self._container.add_stream("rawvideo", rate=_declared_rate(film.last_frame_s))
        self._stream.width, self._stream.height = film.width_px, film.height_px
        self._stream.pix_fmt = self._pixel_format = pixel_format
        self._stream.codec_context.time_base = film.time_base
        self._time_base = film.time_base

    def send(self, pixels: NDArray[np.uint8] | NDArray[np.uint16], ticks: int) -> None:
        frame = av.VideoFrame.from_ndarray(pixels, format=self._pixel_format)
        frame.pts, frame.time_base = ticks, self._time_base
        self._container.mux(self._stream.encode(frame))

    def close(self) -> None:
        try:
            self._container.mux(self._stream.encode(None))
        finally:
            self._container.close()


def _declared_rate(period_s: Fraction) -> Fraction:
    """Return the rate of this period as a fraction that FFmpeg can hold: both its parts are 32-bit.

    A film cut at 0.23333333333333334 s ends with a frame of a length that takes 17 digits to write.
    """
    if period_s > 1:
        return (1 / period_s).limit_denominator(_FINEST)
    return 1 / max(period_s.limit_denominator(_FINEST), Fraction(1, _FINEST))
