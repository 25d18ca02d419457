"""The resolved settings of a whole run: what is written beside every output and replayed with `--config`.

    [targets] what to dream of          -> dream.config.Targets
    [dream]   how one frame is dreamt   -> dream.config.DreamConfig
    [clip]    which part of a clip, what comes along from frame to frame
    [zoom]    the camera path when there is no clip
    [output]  how the result is encoded

A preset is the same file with only some of the keys.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from ..dream.config.dream import DreamConfig
from ..dream.config.frozen import FrozenConfig
from ..dream.config.ramp import OctaveShares
from ..dream.targets.targets import Targets
from ..models.zoo.choices import Choice, read_choices
from .flow_config import FlowConfig

Seconds = Annotated[float, Field(ge=0)]
SMALLEST_PX, LARGEST_PX = 16, 16384
SizePx = Annotated[int, Field(ge=SMALLEST_PX, le=LARGEST_PX)]
MOST_THREADS = 1024
SLOWEST_FPS, FASTEST_FPS = Fraction(1, 10), 1000


def _checked_frame_rate(words: str) -> str:
    if not re.fullmatch(r"\d{1,9}(/0{0,9}[1-9]\d{0,8}|\.\d{1,40})?", words, re.ASCII):
        raise ValueError(f"fps = {words!r}: write frames per second, like 24, 23.976 or 30000/1001")
    if not SLOWEST_FPS <= Fraction(words) <= FASTEST_FPS:
        raise ValueError(
            f"fps = {words!r}: a frame rate is from {float(SLOWEST_FPS):g} to {FASTEST_FPS} frames per second"
        )
    return words


FrameRate = Annotated[str, AfterValidator(_checked_frame_rate)]


CutTimes = Annotated[tuple[Seconds, ...], AfterValidator(lambda times_s: tuple(sorted(set(times_s))))]


def _checked_model(words: str | tuple[str, ...]) -> str | tuple[str, ...]:
    several = (words,) if isinstance(words, str) else words
    read_choices(several)
    return several[0] if len(several) == 1 else several


Model = Annotated[str | tuple[str, ...], AfterValidator(_checked_model)]


class ClipConfig(FrozenConfig):
    """Which frames of a clip are dreamt, and what of the last frame's dream comes along."""

    start_s: Seconds | None = None
    """Presentation time of the first frame wanted, in seconds; None is the clip's first frame."""

    end_s: Seconds | None = None
    """Frames at or after this time are left out, in seconds; None is the clip's end."""

    size_px: tuple[SizePx, SizePx] | None = None
    """Width and height of the result; None keeps the clip's own."""

    fps: FrameRate | None = None
    """Constant frame rate to resample to ("24", "30000/1001"); None keeps every frame at its own time."""

    carry: Literal["flow", "blend", "none"] = "flow"
    """What of the last frame's dream comes along: `flow` moves it with the picture, `blend` mixes a share of
    it in where it is, `none` dreams every frame by itself."""

    carry_share: Annotated[float, Field(ge=0, le=1)] = 0.3
    """Share of the previous dream in the picture each frame starts from, for `carry = "blend"`."""

    carry_habit: Literal["constant", "random", "loop"] = "constant"
    """How the share varies: always the same, at random for every frame, or up and down in a loop."""

    flow: FlowConfig = FlowConfig()
    """The details of `carry = "flow"`."""

    cuts: Literal["auto", "none"] | CutTimes = "auto"
    """Where shots begin, so that nothing is carried over: `auto` finds out, `none` is nowhere; or seconds."""

    run_in_frames: Annotated[int, Field(ge=0, le=1000)] = 8
    """How many frames are dreamt before each shot and thrown away, so that it begins as strong as it goes on:
    fewer where a dream does not last as long. 0 begins every shot with a dream of its first frame alone."""

    repeats: bool = True
    """Whether a frame that shows the same picture as the one before takes over its dream."""

    @model_validator(mode="after")
    def _end_after_start(self) -> ClipConfig:
        if self.end_s is not None and self.end_s <= (self.start_s or 0.0):
            raise ValueError(f"the end must come after the start ({self.start_s or 0.0:g} s)")
        return self


class ZoomConfig(FrozenConfig):
    """A camera that moves at constant speed into a picture that dreams on."""

    duration_s: Annotated[float, Field(gt=0, le=86_400)] = 10.0
    """Length of the film, in seconds."""

    fps: FrameRate = "24"
    """Frame rate, whole, decimal or rational ("24", "23.976", "24000/1001")."""

    size_px: tuple[SizePx, SizePx] | None = None
    """Width and height of the film; None keeps the picture's own."""

    zoom_per_s: Annotated[float, Field(gt=0.01, lt=100)] = 1.5
    """Magnification per second: 1 stands still, 2 doubles every second, 0.5 moves away."""

    rotate_deg_per_s: Annotated[float, Field(ge=-3600, le=3600)] = 0.0
    """Rotation of the picture per second, in degrees, counter-clockwise."""

    shift_px_per_s: tuple[float, float] = (0.0, 0.0)
    """Movement of the picture per second, in pixels to the right and down."""

    iterations_share: OctaveShares = "0.02>0.3"
    """Share of the iterations spent on every frame after the first, which already carries a dream: a number,
    or "start>end" from the coarsest octave to the finest. What is dreamt in a coarse octave is large from the
    first; what is dreamt in the finest is born small where the camera goes, and grows with it."""

    spectrum_added: Annotated[float, Field(ge=0, le=2)] = 0.3
    """Added to the dream's `spectrum` in every frame after the first, as in `[clip.flow]`: what is dreamt
    again and again turns to ripples, and broader strokes keep them down."""

    evenness: Annotated[float, Field(ge=0, le=1)] = 0.9
    """How far the steps of every frame after the first are spread over the picture: at 0 they go to where the
    network sees most already, and what the camera flies into may stay empty; at 1 they are as strong
    everywhere. Targets that keep to maps are dreamt of where these say, whatever this is."""

    tone_hold: Annotated[float, Field(ge=0, le=1)] = 1.0
    """How far every frame is brought back to the colours, contrast and sharpness of the film's first dream
    before it is dreamt on: 0 lets them drift, to neon in the end, 1 goes all of the way in each octave of
    detail."""

    births: Annotated[float, Field(ge=0, le=128)] = 16.0
    """Newborn detail where the camera moves in: the deviation, in levels of 255, of the soft noise that new
    creatures grow from. 0 shows nothing new but what the network finds in what is there."""


class OutputConfig(FrozenConfig):
    """How the film is encoded."""

    codec: Literal["h264", "h265", "prores", "vp9", "av1", "ffv1"] | None = None
    """The picture's codec; None takes H.264, in a webm VP9."""

    encoder: Annotated[str, Field(pattern=r"^\w[\w-]*$")] | None = None
    """An encoder of ffmpeg by name, such as `h264_nvenc`; None takes the codec's software encoder."""

    crf: Annotated[int, Field(ge=0, le=63)] | None = None
    """Constant rate factor of the encoder; None takes a visually clean default for the codec."""

    encoder_preset: Annotated[str, Field(pattern=r"^\w[\w-]*$")] | None = None
    """The encoder's speed (`slow`, `8`), or the profile of ProRes; None takes a middling one."""

    bit_depth: Literal[8, 10, 16] | None = None
    """Bits per channel; 16 for FFV1 and pictures only. None takes 8, and 10 for ProRes."""

    sound: bool = True
    """Whether the clip's sound is copied along."""

    tags: bool = True
    """Whether the result carries a title, these settings in brief, and the program's name."""


class Settings(FrozenConfig):
    """Everything that decides what a run makes, apart from the paths it reads and writes."""

    model: Model = "bestiary"
    """A network known by name, or a folder with a .prototxt and a .caffemodel; or a list of several that
    dream together (["bestiary", "nets/squeezenet"]), each with a weight if wanted ("nets/squeezenet=0.5")."""

    device: Literal["auto", "cpu", "cuda", "mps"] = "auto"
    """Where the network runs: `auto` takes CUDA, then MPS, then the CPU."""

    threads: Annotated[int, Field(ge=1, le=MOST_THREADS)] | None = None
    """CPU threads that compute; None takes one per core. Another number sums in another order, which the
    steps of a dream can make visible: a render that goes on keeps the number it was begun with."""

    targets: Targets = Targets()
    """What to dream of."""

    dream: DreamConfig = DreamConfig()
    """How one frame is dreamt."""

    clip: ClipConfig = ClipConfig()
    """Which part of a clip, and the carry."""

    zoom: ZoomConfig = ZoomConfig()
    """The camera path of a zoom."""

    output: OutputConfig = OutputConfig()
    """The encoding."""

    @property
    def networks(self) -> tuple[Choice, ...]:
        """The networks that dream, with their weights."""
        return read_choices((self.model,) if isinstance(self.model, str) else self.model)
