"""The resolved settings of a whole run: what is written beside every output and replayed with `--config`.

    [targets] what to dream of          -> dream.config.Targets
    [dream]   how one frame is dreamt   -> dream.config.DreamConfig
    [clip]    which part of a clip, what comes along from frame to frame
    [zoom]    the camera path when there is no clip
    [output]  how the result is encoded

A preset is the same file with only some of the keys.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from ...dream.config.dream import MACHINE, DreamConfig
from ...dream.setting.frozen import FrozenConfig
from ...dream.setting.option import Option
from ...dream.setting.varying import Varies
from ...dream.targets.targets import Targets
from ...models.backend import BackendName, python_in_full
from ...models.zoo.choices import Choice, choices_in_full, read_choices
from .flow import CARRY, FlowConfig
from .quantities import CUTS, FRAME_RATE, LONGEST_S, SHIFT, SIZE, SPEED, TIME, rate_as_text

CLIP = "Which part of the clip"
CAMERA = "The camera"
FILM = "The film file"
BLEND = ("clip.carry", "blend")
SMALLEST_PX, LARGEST_PX = 16, 16384
MOST_THREADS = 1024
Seconds = Annotated[float, Field(ge=0, le=LONGEST_S), TIME]
SizePx = Annotated[int, Field(ge=SMALLEST_PX, le=LARGEST_PX)]
Size = Annotated[tuple[SizePx, SizePx], SIZE]
FrameRate = Annotated[str, BeforeValidator(rate_as_text), FRAME_RATE]
CutTimes = Annotated[tuple[Seconds, ...], AfterValidator(lambda times_s: tuple(sorted(set(times_s))))]


def _checked_model(words: str | tuple[str, ...]) -> str | tuple[str, ...]:
    several = (words,) if isinstance(words, str) else words
    read_choices(several)
    return several[0] if len(several) == 1 else several


Model = Annotated[str | tuple[str, ...], AfterValidator(_checked_model)]


class ClipConfig(FrozenConfig):
    """Which frames of a clip are dreamt, and what of the last frame's dream comes along."""

    start_s: Annotated[
        Seconds | None,
        Option(
            "--start",
            panel=CLIP,
            everyday=True,
            metavar="TIME",
            unset="the clip's first frame",
            help="First moment: 2s, 350ms, 1:02.5.",
        ),
    ] = None
    """Presentation time of the first frame wanted, in seconds; None is the clip's first frame."""

    end_s: Annotated[
        Seconds | None,
        Option(
            "--end",
            panel=CLIP,
            everyday=True,
            metavar="TIME",
            unset="the clip's end",
            help="Stop before this moment.",
        ),
    ] = None
    """Frames at or after this time are left out, in seconds; None is the clip's end."""

    size_px: Annotated[
        Size | None,
        Option(
            "--size",
            panel=CLIP,
            everyday=True,
            metavar="WxH",
            unset="the source's own",
            help="Size of the result in pixels: 960x540.",
        ),
    ] = None
    """Width and height of the result; None keeps the clip's own."""

    fps: Annotated[
        FrameRate | None,
        Option(
            "--fps",
            panel=CLIP,
            metavar="RATE",
            unset="every frame at its own time",
            help="Resample to a constant rate: 24, 23.976, 30000/1001.",
        ),
    ] = None
    """Constant frame rate to resample to ("24", "30000/1001"); None keeps every frame at its own time."""

    carry: Annotated[
        Literal["flow", "blend", "none"],
        Option(
            "--carry",
            panel=CARRY,
            everyday=True,
            help="What each frame takes over from the dream before it: flow moves all of it along with the "
            "picture, blend leaves a share of it where it is, none starts every frame from the clip.",
        ),
    ] = "flow"
    """What of the last frame's dream comes along: `flow` moves it with the picture, `blend` mixes a share of
    it in where it is, `none` dreams every frame by itself."""

    carry_share: Annotated[
        float,
        Field(ge=0, le=1),
        Option(
            "--carry-share",
            panel=CARRY,
            metavar="0..1",
            only_with=BLEND,
            help="How much of the last dream is mixed in, for --carry blend.",
        ),
    ] = 0.3
    """Share of the previous dream in the picture each frame starts from, for `carry = "blend"`."""

    carry_habit: Annotated[
        Literal["constant", "random", "loop"],
        Option(
            "--carry-habit",
            panel=CARRY,
            only_with=BLEND,
            help="How the share varies from frame to frame, for --carry blend.",
        ),
    ] = "constant"
    """How the share varies: always the same, at random for every frame, or up and down in a loop."""

    flow: FlowConfig = FlowConfig()
    """The details of `carry = "flow"`."""

    cuts: Annotated[
        Literal["auto", "none"] | CutTimes,
        CUTS,
        Option(
            "--cuts",
            panel=CARRY,
            metavar="auto|none|TIMES",
            help="Where shots begin, and nothing is carried over: found, nowhere, or 2s,3.5s.",
        ),
    ] = "auto"
    """Where shots begin, so that nothing is carried over: `auto` finds out, `none` is nowhere; or seconds."""

    run_in_frames: Annotated[
        int,
        Field(ge=0, le=1000),
        Option(
            "--run-in",
            panel=CARRY,
            metavar="FRAMES",
            help="Frames dreamt before each shot and thrown away, so that it begins as strong as it goes "
            "on; fewer where a dream fades sooner. 0 lets it grow from its first frame.",
        ),
    ] = 8
    """How many frames are dreamt before each shot and thrown away, so that it begins as strong as it goes on:
    fewer where a dream does not last as long. 0 begins every shot with a dream of its first frame alone."""

    repeats: Annotated[
        bool,
        Option("--no-repeats", panel=CARRY, help="Dream every frame, also those that repeat the one before."),
    ] = True
    """Whether a frame that shows the same picture as the one before takes over its dream."""

    @model_validator(mode="after")
    def _end_after_start(self) -> ClipConfig:
        if self.end_s is not None and self.end_s <= (self.start_s or 0.0):
            raise ValueError(f"the end must come after the start ({self.start_s or 0.0:g} s)")
        return self


class ZoomConfig(FrozenConfig):
    """A camera that moves at constant speed into a picture that dreams on."""

    duration_s: Annotated[
        float,
        Field(gt=0, le=86_400),
        TIME,
        Option(
            "--duration -d",
            panel=CAMERA,
            everyday=True,
            metavar="TIME",
            help="Length of the film: 10s, 1:30.",
        ),
    ] = 10.0
    """Length of the film, in seconds."""

    fps: Annotated[
        FrameRate,
        Option("--fps", panel=CAMERA, metavar="RATE", help="Frame rate: 24, 23.976, 30000/1001."),
    ] = "24"
    """Frame rate, whole, decimal or rational ("24", "23.976", "24000/1001")."""

    size_px: Annotated[
        Size | None,
        Option(
            "--size",
            panel=CAMERA,
            everyday=True,
            metavar="WxH",
            unset="the picture's own",
            help="Size of the film in pixels: 960x540.",
        ),
    ] = None
    """Width and height of the film; None keeps the picture's own."""

    zoom_per_s: Annotated[
        float,
        Field(gt=0.01, lt=100),
        SPEED,
        Option(
            "--zoom",
            panel=CAMERA,
            everyday=True,
            metavar="FACTOR/s",
            help="Magnification per second: 1/s stands still, 2/s doubles, 0.5/s moves away.",
        ),
    ] = 1.5
    """Magnification per second: 1 stands still, 2 doubles every second, 0.5 moves away."""

    rotate_deg_per_s: Annotated[
        float,
        Field(ge=-3600, le=3600),
        SPEED,
        Option(
            "--rotate",
            panel=CAMERA,
            everyday=True,
            metavar="DEG/s",
            help="Rotation in degrees per second, counter-clockwise.",
        ),
    ] = 0.0
    """Rotation of the picture per second, in degrees, counter-clockwise."""

    shift_px_per_s: Annotated[
        tuple[float, float],
        SHIFT,
        Option(
            "--shift",
            panel=CAMERA,
            everyday=True,
            metavar="X,Y/s",
            help="Pixels to the right and down per second: 0,5/s.",
        ),
    ] = (0.0, 0.0)
    """Movement of the picture per second, in pixels to the right and down."""

    iterations_share: Annotated[
        float | str, Varies(0, 1, listed=False, runs="octaves", example="0.02..0.3")
    ] = "0.02..0.3"
    """Share of the iterations spent on every frame after the first, which already carries a dream: a number,
    or "start..end" from the coarsest octave to the finest. What is dreamt in a coarse octave is large from
    the first; what is dreamt in the finest is born small where the camera goes, and grows with it."""

    spectrum_added: Annotated[float, Field(ge=0, le=2)] = 0.3
    """Added to the dream's `spectrum` in every frame after the first, as in `[clip.flow]`: what is dreamt
    again and again turns to ripples, and broader strokes keep them down."""

    evenness: Annotated[float, Field(ge=0, le=1)] = 0.9
    """How far the steps of every frame after the first are spread over the picture: at 0 they go to where the
    network sees most already, and what the camera flies into may stay empty; at 1 they are as strong
    everywhere. Targets that keep to maps are dreamt of where these say, whatever this is."""

    tone_hold: Annotated[
        float,
        Field(ge=0, le=1),
        Option(
            "--tone-hold",
            panel=CAMERA,
            metavar="0..1",
            help="How firmly colours, contrast and sharpness are held to the first frame's: 0 lets them "
            "drift, to neon in the end.",
        ),
    ] = 1.0
    """How far every frame is brought back to the colours, contrast and sharpness of the film's first dream
    before it is dreamt on: 0 lets them drift, to neon in the end, 1 goes all of the way in each octave of
    detail."""

    births: Annotated[
        float,
        Field(ge=0, le=128),
        Option(
            "--births",
            panel=CAMERA,
            metavar="LEVELS",
            help="Newborn detail where the camera moves in, for new creatures to grow from: 0 is none.",
        ),
    ] = 16.0
    """Newborn detail where the camera moves in: the deviation, in levels of 255, of the soft noise that new
    creatures grow from. 0 shows nothing new but what the network finds in what is there."""


class OutputConfig(FrozenConfig):
    """How the film is encoded."""

    codec: Annotated[
        Literal["h264", "h265", "prores", "vp9", "av1", "ffv1"] | None,
        Option(
            "--codec",
            panel=FILM,
            metavar="NAME",
            unset="h264, in a webm vp9",
            help="h264, h265, vp9, av1, prores (mov, mkv) or ffv1 (lossless, mkv).",
        ),
    ] = None
    """The picture's codec; None takes H.264, in a webm VP9."""

    crf: Annotated[
        Annotated[int, Field(ge=0, le=63)] | None,
        Option(
            "--crf",
            panel=FILM,
            unset="visually clean for the codec",
            help="Constant rate factor: lower is larger and better.",
        ),
    ] = None
    """Constant rate factor of the encoder; None takes a visually clean default for the codec."""

    encoder_preset: Annotated[
        Annotated[str, Field(pattern=r"^\w[\w-]*$")] | None,
        Option(
            "--encoder-preset",
            panel=FILM,
            metavar="NAME",
            unset="a middling one",
            help="The encoder's speed (slow, fast; vp9 0 to 5, av1 0 to 13); the profile of prores.",
        ),
    ] = None
    """The encoder's speed (`slow`, `8`), or the profile of ProRes; None takes a middling one."""

    bit_depth: Annotated[
        Literal[8, 10, 16] | None,
        Option(
            "--bit-depth",
            panel=FILM,
            unset="8, for prores 10",
            help="Bits per channel; 16 for ffv1 and pictures.",
        ),
    ] = None
    """Bits per channel; 16 for FFV1 and pictures only. None takes 8, and 10 for ProRes."""

    encoder: Annotated[
        Annotated[str, Field(pattern=r"^\w[\w-]*$")] | None,
        Option(
            "--encoder",
            panel=FILM,
            metavar="NAME",
            unset="the codec's software encoder",
            help="An encoder of ffmpeg by name, such as h264_nvenc or hevc_videotoolbox.",
        ),
    ] = None
    """An encoder of ffmpeg by name, such as `h264_nvenc`; None takes the codec's software encoder."""

    sound: Annotated[
        bool,
        Option("--no-sound", panel=FILM, help="Leave the clip's sound out; else it is copied."),
    ] = True
    """Whether the clip's sound is copied along."""

    tags: Annotated[
        bool,
        Option("--no-tags", help="Leave title, settings and program out of the file's tags."),
    ] = True
    """Whether the result carries a title, these settings in brief, and the program's name."""


class Settings(FrozenConfig):
    """Everything that decides what a run makes, apart from the paths it reads and writes."""

    model: Annotated[
        Model,
        Option(
            "--model -m",
            panel=MACHINE,
            everyday=True,
            metavar="NAME|FOLDER[=WEIGHT]",
            repeatable=True,
            completes="models",
            read=choices_in_full,
            help="A network by name (lucidreel models list), a folder with a .prototxt and a .caffemodel, or "
            "timm:NAME, one of timm's. Given again, networks dream together, each with a like part of every "
            "step or by its weight.",
        ),
    ] = "bestiary"
    """A network known by name, or a folder with a .prototxt and a .caffemodel; or a list of several that
    dream together (["bestiary", "nets/squeezenet"]), each with a weight if wanted ("nets/squeezenet=0.5")."""

    backend: Annotated[
        BackendName,
        Option(
            "--backend",
            panel=MACHINE,
            help="What runs the network: PyTorch, or a real Caffe (docs/caffe.md).",
        ),
    ] = "torch"
    """What runs the network: `torch` is lucidreel's own reading of Caffe's files, in PyTorch; `pycaffe` is a
    real Caffe (docs/caffe.md), in fp32 alone."""

    caffe_python: Annotated[
        str | None,
        Option(
            "--caffe-python",
            panel=MACHINE,
            metavar="PATH",
            unset="LUCIDREEL_CAFFE_PYTHON, or the Python that runs lucidreel",
            only_with=("backend", "pycaffe"),
            read=python_in_full,
            help="The Python in which `import caffe` works, for --backend pycaffe.",
        ),
    ] = None
    """The Python in which `import caffe` works, for `backend = "pycaffe"`: a program's path or name. None is
    the one that LUCIDREEL_CAFFE_PYTHON names in the environment, or else the one that runs lucidreel. It
    decides nothing of what is made. As a program to run it is taken from no preset and no record."""

    device: Annotated[
        Literal["auto", "cpu", "cuda", "mps"],
        Option("--device", panel=MACHINE, help="Where the network runs."),
    ] = "auto"
    """Where the network runs: `auto` takes CUDA, then MPS, then the CPU. A real Caffe runs in its CPU mode,
    and for `cuda` in its GPU mode."""

    threads: Annotated[
        Annotated[int, Field(ge=1, le=MOST_THREADS)] | None,
        Option(
            "--threads",
            panel=MACHINE,
            unset="one per core",
            help="CPU threads that compute. The same picture needs the same number.",
        ),
    ] = None
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

    @property
    def runs_on(self) -> str:
        """The device that is meant: `auto` is the CPU for a real Caffe, since few are built for cards."""
        return "cpu" if self.backend == "pycaffe" and self.device == "auto" else self.device

    @model_validator(mode="after")
    def _what_caffe_can(self) -> Settings:
        if self.backend == "pycaffe" and self.dream.precision == "bf16":
            raise ValueError(
                "backend pycaffe computes in fp32 alone, and precision is bf16. Leave precision out, or take "
                "the backend torch"
            )
        if self.backend == "pycaffe" and self.device == "mps":
            raise ValueError(
                "backend pycaffe knows the devices cpu and cuda, and device is mps. Leave device out, or "
                "take the backend torch"
            )
        return self
