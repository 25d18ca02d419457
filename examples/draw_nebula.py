"""Draws examples/nebula.mp4, the sample clip: two drifting nebulae, one hard cut, and a soft sound.

    python examples/draw_nebula.py [OUT.mp4]

Nothing in it was photographed. Each nebula is layers of 1/f noise, drawn out into wisps by bending their own
coordinates, coloured like the lines of glowing gas (hydrogen red, oxygen teal), with dust in front that
swallows light. Nearer layers move faster. Everything follows from the seeds below: the same library versions
draw the same file.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

WIDTH_PX, HEIGHT_PX = 480, 270
FPS = 24
SAMPLE_RATE_HZ = 48_000
TEXTURE_PX = 1024

Picture = NDArray[np.float32]


@dataclass(frozen=True)
class Shot:
    """One nebula: the colours of its gases (linear RGB) and how the camera moves."""

    seed: int
    frames: int
    hydrogen: tuple[float, float, float]
    oxygen: tuple[float, float, float]
    haze: tuple[float, float, float]
    drift_px_per_s: tuple[float, float]
    zoom_per_s: float
    chord_hz: tuple[float, ...]


SHOTS = (
    Shot(
        seed=7,
        frames=54,
        hydrogen=(1.00, 0.16, 0.30),
        oxygen=(0.10, 0.62, 0.85),
        haze=(0.10, 0.10, 0.34),
        drift_px_per_s=(16.0, -5.0),
        zoom_per_s=1.035,
        chord_hz=(110.0, 164.81, 220.0, 277.18),
    ),
    Shot(
        seed=29,
        frames=42,
        hydrogen=(1.00, 0.42, 0.10),
        oxygen=(0.16, 0.75, 0.48),
        haze=(0.22, 0.10, 0.06),
        drift_px_per_s=(-12.0, -9.0),
        zoom_per_s=1.05,
        chord_hz=(98.0, 146.83, 246.94, 329.63),
    ),
)


def fractal_noise(random: np.random.Generator, slope: float) -> Picture:
    """Return a seamless texture of noise with amplitude 1/f^slope, mean 0 and deviation 1."""
    white = np.fft.rfft2(random.standard_normal((TEXTURE_PX, TEXTURE_PX)))
    fy = np.fft.fftfreq(TEXTURE_PX)[:, None]
    fx = np.fft.rfftfreq(TEXTURE_PX)[None, :]
    frequency = np.hypot(fy, fx)
    # The longest waves would be larger than the frame: they only tilt its brightness.
    band = np.where(frequency < 2.5 / TEXTURE_PX, 0.0, 1.0 / np.maximum(frequency, 1e-9) ** slope)
    noise = np.fft.irfft2(white * band, s=(TEXTURE_PX, TEXTURE_PX))
    return np.asarray((noise - noise.mean()) / noise.std(), np.float32)


def bend(texture: Picture, along: tuple[Picture, Picture], strength_px: float) -> Picture:
    """Return the texture with its coordinates bent along two others: what makes clouds into wisps."""
    rows, columns = np.mgrid[0:TEXTURE_PX, 0:TEXTURE_PX].astype(np.float32)
    bent_columns = (columns + strength_px * along[0]) % TEXTURE_PX
    bent_rows = (rows + strength_px * along[1]) % TEXTURE_PX
    bent = cv2.remap(texture, bent_columns, bent_rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
    return np.asarray(bent, np.float32)


def smooth_step(low: float, high: float, values: Picture) -> Picture:
    """Return 0 below `low`, 1 above `high`, and a smooth ramp between."""
    t = np.clip((values - low) / (high - low), 0.0, 1.0)
    return np.asarray(t * t * (3.0 - 2.0 * t), np.float32)


class Sky:
    """One shot's textures and stars, and the view of them at any moment."""

    def __init__(self, shot: Shot) -> None:
        self.shot = shot
        random = np.random.default_rng(shot.seed)
        along = (fractal_noise(random, 2.6), fractal_noise(random, 2.6))
        # Turbulence makes the logarithm of a gas's density a normal field: wide dim wisps, few bright knots.
        self.hydrogen = np.exp(1.15 * bend(fractal_noise(random, 1.9), along, 34.0))
        self.oxygen = np.exp(0.9 * bend(fractal_noise(random, 2.1), along, 30.0))
        self.dust = np.exp(1.1 * bend(fractal_noise(random, 1.7), along, 42.0))
        shock = np.abs(bend(fractal_noise(random, 1.9), along, 38.0))
        self.filaments = np.exp(-shock / 0.09) * self.hydrogen
        self.far_stars = star_field(random, count=5200, brightest=0.85)
        self.near_stars = star_field(random, count=110, brightest=2.4)
        self.twinkle = smooth_step(-1.5, 1.5, fractal_noise(random, 0.7))

    def view(self, texture: Picture, time_s: float, depth: float) -> Picture:
        """Return the part of a texture that the camera sees; `depth` 1 moves fully, 0 not at all."""
        magnified = self.shot.zoom_per_s ** (time_s * depth)
        drift_x, drift_y = (speed * time_s * depth for speed in self.shot.drift_px_per_s)
        xs = (np.arange(WIDTH_PX, dtype=np.float32) - WIDTH_PX / 2) / magnified + TEXTURE_PX / 2 + drift_x
        ys = (np.arange(HEIGHT_PX, dtype=np.float32) - HEIGHT_PX / 2) / magnified + TEXTURE_PX / 2 + drift_y
        columns, rows = np.meshgrid(xs.astype(np.float32), ys.astype(np.float32))
        seen = cv2.remap(texture, columns, rows, cv2.INTER_CUBIC, borderMode=cv2.BORDER_WRAP)
        return np.asarray(seen, np.float32)

    def frame(self, time_s: float) -> Picture:
        """Return the picture at a moment, (h, w, 3) RGB in 0..1."""
        hydrogen = self.view(self.hydrogen, time_s, 0.6)[..., None]
        oxygen = self.view(self.oxygen, time_s, 0.4)[..., None]
        filaments = self.view(self.filaments, time_s, 0.6)[..., None]
        dust = self.view(self.dust, time_s, 1.0)[..., None]
        # Two windows that slide over each other in opposite directions: every star flickers on its own.
        shimmer = self.view(self.twinkle, 3.0 * time_s, 1.0) + self.view(
            self.twinkle, -2.0 * time_s + 9.0, 1.0
        )
        far = self.view(self.far_stars, time_s, 0.15) * (0.5 + 0.5 * shimmer[..., None])
        near = self.view(self.near_stars, time_s, 0.8)
        red, teal, haze = (
            np.asarray(colour, np.float32)
            for colour in (self.shot.hydrogen, self.shot.oxygen, self.shot.haze)
        )
        light = 0.05 * haze + 0.16 * oxygen * haze + 0.17 * hydrogen * red + 0.16 * oxygen * teal
        light = light + 0.22 * filaments * (0.6 * red + 0.4)
        # Dust swallows blue before red, as it does between the stars.
        through = np.exp(-0.34 * dust * np.asarray([0.75, 1.0, 1.2], np.float32))
        light = light * through + far * through**2 + near
        return np.asarray((1.0 - np.exp(-1.7 * np.maximum(light, 0.0))) ** (1 / 1.3), np.float32)


def star_field(random: np.random.Generator, count: int, brightest: float) -> Picture:
    """Return a seamless (h, w, 3) texture of stars: few bright, many faint, from reddish to blue-white."""
    field = np.zeros((TEXTURE_PX, TEXTURE_PX, 3), np.float32)
    for x, y in random.uniform(12, TEXTURE_PX - 12, (count, 2)):
        brightness = brightest * random.power(0.3)
        warmth = random.uniform(0.0, 1.0)
        colour = np.asarray([0.72 + 0.28 * warmth, 0.82, 1.0 - 0.35 * warmth], np.float32)
        radius = 0.5 + 0.4 * brightness
        column, row = int(x), int(y)
        rows, columns = np.mgrid[row - 11 : row + 12, column - 11 : column + 12]
        squared = (rows - y) ** 2 + (columns - x) ** 2
        # A sharp core and a faint wide halo, as lenses draw it.
        spread = np.exp(-squared / (2 * radius**2)) + 0.06 * brightness * np.exp(-np.sqrt(squared) / 2.4)
        field[row - 11 : row + 12, column - 11 : column + 12] += (
            brightness * spread[..., None].astype(np.float32) * colour
        )
    return field


def drone(shot: Shot) -> NDArray[np.float64]:
    """Return one shot's sound, (samples, 2): slowly beating strings and a few bells."""
    random = np.random.default_rng(shot.seed)
    samples = round(shot.frames / FPS * SAMPLE_RATE_HZ)
    time_s = np.arange(samples) / SAMPLE_RATE_HZ
    sound = np.zeros((samples, 2))
    for note_hz in shot.chord_hz:
        for detune in (-0.35, 0.4):
            phase = random.uniform(0, 2 * np.pi)
            tone = np.sin(2 * np.pi * (note_hz + detune) * time_s + phase)
            tone += 0.3 * np.sin(4 * np.pi * (note_hz + detune) * time_s)
            place = random.uniform(0.25, 0.75)
            sound += 0.045 * tone[:, None] * [1 - place, place]
    for start_s in np.sort(random.uniform(0.1, samples / SAMPLE_RATE_HZ - 0.5, 4)):
        sound += bell(random, shot.chord_hz[random.integers(4)] * 4, time_s - start_s)
    edge = np.minimum(time_s, time_s[::-1])
    return sound * np.minimum(edge / 0.08, 1.0)[:, None]


def bell(random: np.random.Generator, note_hz: float, time_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a bell struck at time 0, (samples, 2): inharmonic partials, each with its own fade."""
    sounding = np.maximum(time_s, 0.0)
    tone = sum(
        strength * np.sin(2 * np.pi * note_hz * ratio * sounding) * np.exp(-sounding * fade)
        for ratio, strength, fade in ((1.0, 1.0, 2.2), (2.76, 0.45, 4.0), (5.4, 0.2, 7.0))
    )
    place = random.uniform(0.1, 0.9)
    attack = np.minimum(sounding / 0.004, 1.0)
    return (0.06 * tone * attack * (time_s > 0))[:, None] * [1 - place, place]


def frames() -> Iterator[NDArray[np.uint8]]:
    """Yield every picture of the clip, (h, w, 3) RGB 8 bit."""
    for shot in SHOTS:
        sky = Sky(shot)
        for index in range(shot.frames):
            yield (sky.frame(index / FPS) * 255.0 + 0.5).astype(np.uint8)


def write(path: Path) -> None:
    """Draw the clip and encode it: h264 with BT.709 tags, AAC sound."""
    with av.open(str(path), "w", options={"movflags": "+faststart"}) as container:
        video = container.add_stream("libx264", rate=FPS, options={"crf": "17", "preset": "veryslow"})
        video.width, video.height, video.pix_fmt = WIDTH_PX, HEIGHT_PX, "yuv420p"
        video.codec_context.thread_count = 1  # x264's choices depend on its threads
        for name in ("colorspace", "color_primaries", "color_trc"):
            setattr(video.codec_context, name, 1)  # 1 is BT.709 in all three lists
        video.codec_context.color_range = 1  # limited
        audio = container.add_stream("aac", rate=SAMPLE_RATE_HZ, layout="stereo", bit_rate=96_000)
        for index, picture in enumerate(frames()):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame = frame.reformat(format="yuv420p", dst_colorspace="ITU709", dst_color_range="MPEG")
            frame.pts, frame.time_base = index, Fraction(1, FPS)
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
        sound = np.concatenate([drone(shot) for shot in SHOTS]).astype(np.float32)
        whole = av.AudioFrame.from_ndarray(np.ascontiguousarray(sound.T), format="fltp", layout="stereo")
        whole.sample_rate = SAMPLE_RATE_HZ
        container.mux(audio.encode(whole))
        container.mux(audio.encode(None))


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).with_name("nebula.mp4")
    write(target)
    print(f"{target}: {target.stat().st_size / 1e6:.2f} MB")
