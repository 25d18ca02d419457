"""What is dreamt and how: the cases and the variants that `picture.py` runs, as written on its command line.

    --case golden_gate:jellyfish             a photo of the shared folder (or a path) and a class
    --case noise:jellyfish                   the program's own noise, 640 x 480: nothing in it favours a place
    --variant soft:spectrum=0.6,sigma_px=1   a name, and the settings it changes
    --variant slow:iterations=10/20/30/40    a list has a slash between its values, coarsest octave first
    --variant ramp:step_size=2>0.5           over the steps of an octave
    --variant two:model=imagenet+FOLDER      other networks than the run's

Keys are those of DreamConfig (`[dream]` in a preset), or those of Targets, which come beside the class.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from lucidreel.dream.config.dream import DreamConfig
from lucidreel.dream.targets.targets import Targets
from lucidreel.errors import UsageError
from lucidreel.render.frames.frames import Picture
from lucidreel.render.frames.noise import noise_picture
from lucidreel.render.media.pictures.pictures import read_picture

CASES = (
    "golden_gate:jellyfish",
    "golden_gate:goldfish",
    "green_bridge:peacock",
    "sky1024px:great white shark",
    "red_barn:traffic light",
    "dog_cat:monarch",
    "flowers:macaw",
)
SIZE_PX = (640, 480)

Value = str | bool | int | float | list[str | int | float]
_NOISE = Path("noise")


@dataclass(frozen=True)
class Case:
    """A photo, of which the middle fills 640 x 480 px or another size, and what to dream into it."""

    photo: Path
    class_name: str
    size_px: tuple[int, int] = SIZE_PX

    @property
    def name(self) -> str:
        """Photo and class as they are written."""
        return f"{self.photo.stem}:{self.class_name}"

    def source(self) -> Picture:
        """Return the photo, (3, h, w) RGB float32 in 0..1: its shape is kept, the rest cut off."""
        wide, high = self.size_px
        if self.photo == _NOISE:
            return noise_picture(wide, high, seed=0)
        height, width = read_picture(self.photo).shape[1:]
        scale = max(wide / width, high / height)
        picture = read_picture(
            self.photo, (max(wide, round(width * scale)), max(high, round(height * scale)))
        )
        top, left = (picture.shape[1] - high) // 2, (picture.shape[2] - wide) // 2
        return np.ascontiguousarray(picture[:, top : top + high, left : left + wide])


@dataclass(frozen=True)
class Variant:
    """A named set of settings that differ from the defaults, and the networks, where they are its own."""

    name: str
    dream: Mapping[str, Value] = field(default_factory=dict)
    targets: Mapping[str, Value] = field(default_factory=dict)
    models: tuple[str, ...] = ()

    def config(self, seed: int) -> DreamConfig:
        """Return the settings of the dream; raises ConfigError for unknown keys and bad values."""
        return DreamConfig.read({"seed": seed, **self.dream}, f"variant {self.name}")

    def targets_for(self, class_name: str) -> Targets:
        """Return the class as target, with what the variant adds."""
        return Targets.read({"classes": {class_name: 1.0}, **self.targets}, f"variant {self.name}")


def parse_case(text: str, photos: Path, size_px: tuple[int, int] = SIZE_PX) -> Case:
    """Read "golden_gate:jellyfish"; raises UsageError for another form or a photo that is not there."""
    photo, colon, class_name = text.rpartition(":")
    if not (colon and photo and class_name):
        raise UsageError(f"{text!r} is not a case: write PHOTO:CLASS, like golden_gate:jellyfish.")
    if photo == _NOISE.name:
        return Case(_NOISE, class_name, size_px)
    path = Path(photo) if Path(photo).is_file() else photos / f"{photo}.jpg"
    if not path.is_file():
        there = ", ".join(sorted(each.stem for each in photos.glob("*.jpg")))
        raise UsageError(f"{text!r}: there is no photo {path}; in {photos}: {there}.")
    return Case(path, class_name, size_px)


def parse_size(text: str) -> tuple[int, int]:
    """Read "448x352" as width and height; raises UsageError for another form."""
    width, _, height = text.partition("x")
    if not (width.isdecimal() and height.isdecimal() and int(width) and int(height)):
        raise UsageError(f"--size {text} is no size: write WIDTHxHEIGHT, like 448x352.")
    return int(width), int(height)


def parse_variant(text: str) -> Variant:
    """Read "name:key=value,key=value"; a name alone stands for the defaults. Raises UsageError."""
    name, _, rest = text.partition(":")
    settings: dict[str, Value] = {}
    for entry in filter(None, rest.split(",")):
        key, equals, value = entry.partition("=")
        if not (name and key and equals and value):
            raise UsageError(
                f"{text!r} is not a variant: write NAME:KEY=VALUE,KEY=VALUE, like soft:spectrum=0.6."
            )
        settings[key.strip()] = parse_value(value.strip())
    models = tuple(str(settings.pop("model")).split("+")) if "model" in settings else ()
    targets = {key: value for key, value in settings.items() if key in Targets.model_fields}
    dream = {key: value for key, value in settings.items() if key not in targets}
    variant = Variant(name, dream, targets, models)
    variant.config(seed=0)  # a typing error is found before the first dream, not after an hour
    return variant


def parse_value(text: str) -> Value:
    """Return a number, a truth value, a list of numbers or ramps ("20/10/5", "2>1/1"), or the word itself."""
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    parts = [_number(part) for part in text.split("/")]
    if len(parts) == 1:
        return parts[0]
    # Of words, only ramps are listed: any other slash may belong to a layer or a path.
    return parts if all(not isinstance(part, str) or ">" in part for part in parts) else text


def _number(text: str) -> int | float | str:
    """Return the number that a text says, or the text."""
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text
