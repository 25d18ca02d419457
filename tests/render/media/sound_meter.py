"""What can be heard of a film, measured: when its chirps begin, how long it sounds, how its packets follow.

A file's sound is decoded with PyAV, and every decoded frame is put where its own time says, so that gaps are
silent. A chirp is found by correlation with itself, which holds through lossy codecs to a sample or two
where a threshold would be a pre-echo off.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

CHIRP_S = 0.06
_LOWEST_HZ, _HIGHEST_HZ = 400.0, 3400.0
_ALIKE = 0.6
_COMMON_RATE = 12_000


def chirp(rate: int) -> NDArray[np.float32]:
    """Return the sound of an event: a sweep of 60 ms that is like itself at no other place."""
    time = np.arange(round(CHIRP_S * rate)) / rate
    sweep: NDArray[np.float64] = (
        2 * np.pi * (_LOWEST_HZ * time + (_HIGHEST_HZ - _LOWEST_HZ) / (2 * CHIRP_S) * time**2)
    )
    samples = np.zeros(round(CHIRP_S * rate), np.float32)
    samples[:] = 0.7 * np.sin(sweep)
    return samples


def chirps(at_s: list[float], length_s: float, rate: int = 48_000) -> NDArray[np.float32]:
    """Return a faint tone of some length, with a chirp at each of the times."""
    sound = np.zeros(round(length_s * rate), np.float32)
    sound[:] = 0.02 * np.sin(np.arange(len(sound)) * 0.3)
    for start in at_s:
        place = round(start * rate)
        piece = chirp(rate)[: len(sound) - place]
        sound[place : place + len(piece)] += piece
    return sound


@dataclass(frozen=True)
class Heard:
    """One sound stream, as it is decoded."""

    codec: str
    rate: int
    begins_s: float
    ends_s: float
    decoded_s: float
    """The length of all that was decoded; shorter than the stretch it spans where there are gaps."""
    chirps_s: tuple[float, ...]
    """When each chirp begins."""
    packet_times_s: tuple[Fraction, ...]

    @property
    def packet_steps_s(self) -> list[float]:
        """How far apart its packets are."""
        return [float(after - before) for before, after in pairwise(self.packet_times_s)]


def heard(path: Path, stream: int = 0) -> Heard:
    """Decode a sound stream of a file and measure it."""
    decoded = _decoded(path, stream)
    line = _laid_out(decoded)
    begins_s = float(decoded.times_s[0])
    return Heard(
        codec=decoded.codec,
        rate=decoded.rate,
        begins_s=begins_s,
        ends_s=float(decoded.times_s[-1]) + len(decoded.pieces[-1]) / decoded.rate,
        decoded_s=sum(map(len, decoded.pieces)) / decoded.rate,
        chirps_s=tuple(begins_s + place / decoded.rate for place in _chirp_places(line, decoded.rate)),
        packet_times_s=decoded.packet_times_s,
    )


@dataclass(frozen=True)
class _Decoded:
    codec: str
    rate: int
    times_s: list[Fraction]
    pieces: list[NDArray[np.float32]]
    packet_times_s: tuple[Fraction, ...]


def _decoded(path: Path, stream: int) -> _Decoded:
    with av.open(str(path)) as container:
        audio = container.streams.audio[stream]
        times, pieces, packets = [], [], []
        for packet in container.demux(audio):
            if packet.size and packet.pts is not None:
                packets.append(packet.pts * packet.time_base)
            for frame in packet.decode():
                assert frame.pts is not None and frame.time_base is not None
                times.append(frame.pts * frame.time_base)
                pieces.append(_mono(frame))
        rate, codec = audio.codec_context.sample_rate, audio.codec_context.codec.canonical_name
    return _Decoded(codec, rate, times, pieces, tuple(packets))


def _line(path: Path, stream: int) -> tuple[float, NDArray[np.float32], int]:
    decoded = _decoded(path, stream)
    return float(decoded.times_s[0]), _laid_out(decoded), decoded.rate


def later_s(film: Path, clip: Path, film_stream: int = 0, clip_stream: int = 0) -> float:
    """Return by how much a film's sound is later than a clip's, each on its own clock.

    Both are brought to one rate and correlated; raises AssertionError where they do not sound alike.
    """
    ours, own = (_on_one_rate(*found) for found in ((film, film_stream), (clip, clip_stream)))
    size = 1 << (len(ours) + len(own)).bit_length()
    product = np.fft.irfft(np.fft.rfft(ours, size) * np.conj(np.fft.rfft(own, size)), size)
    place = int(product.argmax())
    assert product[place] > _ALIKE * min(np.sum(ours**2), np.sum(own**2))  # one may be a part of the other
    return (place - size if place > size // 2 else place) / _COMMON_RATE


def _on_one_rate(path: Path, stream: int) -> NDArray[np.float64]:
    """Return a file's sound from its clock's zero on, high tones left out, at 12 kHz."""
    begins_s, line, rate = _line(path, stream)
    seconds = begins_s + np.arange(len(line)) / rate
    wide = max(1, round(rate / _COMMON_RATE))
    calm = np.convolve(line, np.ones(wide) / wide, mode="same")
    wanted = np.arange(round(float(seconds[-1]) * _COMMON_RATE)) / _COMMON_RATE
    return np.asarray(np.interp(wanted, seconds, calm, left=0.0, right=0.0), np.float64)


def flash_times_s(path: Path) -> list[float]:
    """Return when each white picture among black ones is shown."""
    with av.open(str(path)) as container:
        seen = [
            (float((frame.pts or 0) * (frame.time_base or 0)), frame.to_ndarray(format="gray").mean())
            for frame in container.decode(video=0)
        ]
    return [time for time, level in seen if level > 128]


def _mono(frame: av.AudioFrame) -> NDArray[np.float32]:
    """Return a frame's samples, -1 to 1, its channels averaged."""
    samples = frame.to_ndarray()
    if not frame.format.is_planar:
        samples = samples.reshape(-1, frame.layout.nb_channels).T
    if samples.dtype == np.uint8:
        samples = (samples.astype(np.float32) - 128) / 128
    elif samples.dtype.kind == "i":
        samples = samples.astype(np.float32) / 2.0 ** (8 * samples.dtype.itemsize - 1)
    return np.asarray(samples.mean(axis=0), np.float32)


def _laid_out(decoded: _Decoded) -> NDArray[np.float32]:
    """Put pieces where they belong; those that follow each other to 2 ms are joined, as players do it.

    Matroska's times are rounded to a millisecond, and a chirp in pieces that jitter is none any more.
    """
    rate = decoded.rate
    places = [round((time_s - decoded.times_s[0]) * rate) for time_s in decoded.times_s]
    line = np.zeros(max(places) + 2 * rate, np.float32)
    end = 0
    for place, piece in zip(places, decoded.pieces, strict=True):
        begin = end if abs(place - end) <= rate // 500 else max(0, place)
        line[begin : begin + len(piece)] = piece
        end = begin + len(piece)
    return line


def _chirp_places(line: NDArray[np.float32], rate: int) -> list[int]:
    """Return at which samples a chirp begins: where the line is most like one, and more than half."""
    wanted = chirp(rate)
    size = 1 << (len(line) + len(wanted)).bit_length()
    product = np.fft.irfft(np.fft.rfft(line, size) * np.conj(np.fft.rfft(wanted, size)), size)[: len(line)]
    power = np.cumsum(np.concatenate([[0.0], line.astype(np.float64) ** 2, np.zeros(len(wanted))]))
    here = np.sqrt(power[len(wanted) : len(wanted) + len(line)] - power[: len(line)] + 1e-6)
    likeness = product / (here * np.linalg.norm(wanted))
    places = []
    while likeness.max() > _ALIKE:
        place = int(likeness.argmax())
        places.append(place)
        likeness[max(0, place - len(wanted)) : place + len(wanted)] = 0
    return sorted(places)
