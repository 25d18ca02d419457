"""Files of settings: presets, records, classes, schedules; and the words in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from lucidreel.benchmarks.fuzz.findings import WrongAnswerError
from lucidreel.benchmarks.fuzz.mutation import of_words
from lucidreel.benchmarks.fuzz.target import Target, as_file, as_text, seed_files
from lucidreel.dream.config.schedule_files import read_schedule_flag
from lucidreel.dream.setting.varying import Varies, Varying
from lucidreel.dream.targets.class_files import read_class_file
from lucidreel.dream.targets.regions import read_region
from lucidreel.dream.targets.targets import Targets
from lucidreel.errors import ConfigError
from lucidreel.presets.catalogue import read_preset
from lucidreel.presets.layering import lay_over, with_schedule
from lucidreel.render.settings import quantities
from lucidreel.render.settings.records import read_record, record_path, record_text
from lucidreel.render.settings.settings import Settings


def _preset(path: Path) -> None:
    tree = read_preset(str(path))
    Settings.read(lay_over(with_schedule(tree, {}), {}), "the command line")


def _record(path: Path) -> None:
    """Read a record and what is written of it again: both have to say the same."""
    record = read_record(path)
    again = record_path(path.with_name("again"))
    text = record_text(path.with_name("again"), record.command or "render", record.source, record.settings)
    again.write_text(text, encoding="utf-8")
    read = read_record(again)
    if read.settings != record.settings or read.source != record.source:
        raise WrongAnswerError("what is written of a record is read as another one")
    tree = record.settings.model_dump(mode="json", exclude_none=True)
    Settings.read(lay_over(with_schedule(tree, {}), {}), "the command line")


def _seed_records() -> Iterator[bytes]:
    yield from seed_files("tests/render/checkpoint/schema_1/*.toml", "tests/render/settings/**/*.toml")
    yield from seed_files("presets/*.toml")
    settings = Settings.read({"targets": {"classes": {"eye@dark": 0.5}}}, "seed")
    yield record_text(Path("film.mp4"), "zoom", "/caf\udce9.png", settings, {"preset": "lucid"}).encode()


def _varying(text: str) -> None:
    """Read a number that varies and what is printed of it again: both have to be the same."""
    value = Varying.of(text)
    if Varying.of(str(value)) != value:
        raise WrongAnswerError("what is printed of a number that varies is read as another one")
    Varies(0, 255).checked(text)


def _quantity(text: str) -> None:
    readers: tuple[tuple[Callable[[str], Any], Callable[[Any], str]], ...] = (
        (quantities.read_time, quantities.written_time),
        (quantities.read_cuts, quantities.written_cuts),
        (quantities.read_size, quantities.written_size),
        (quantities.read_frame_rate, str),
        (quantities.read_speed, quantities.written_speed),
        (quantities.read_shift, quantities.written_shift),
    )
    for read, written in readers:
        try:
            value = read(text)
        except ValueError:
            continue
        if read(written(value)) != value:
            raise WrongAnswerError(f"{read.__name__} reads {value!r} as another value when it is printed")


def _targets(text: str) -> None:
    """Read a word as every kind of target, and what is printed of it again."""
    for kind in Targets.kinds().values():
        try:
            target = kind.read(text)
        except ConfigError:
            continue
        if kind.read(str(target)) != target:
            raise WrongAnswerError(f"what is printed of a {kind.__name__} is read as another one")
    region = read_region(text)
    if read_region(region.name) != region:
        raise WrongAnswerError("what is printed of a region is read as another one")


_CLASS_TABLES = (
    b'["goldfish", "great white shark", 107]',
    b'{"goldfish": 1.0, "0-20": -0.5, "random:3#2": 1}',
)
_CLASS_RECORDS = (b'{"target": {"1": 1.0}, "model": "googlenet"}', b'{"target": "1,107", "weight": -0.5}')
_CLASS_TOML = (b'classes = ["goldfish", "0-20"]\n', b'[classes]\n"eye" = 1.0\nshark = -0.5 # no\n')
_SCHEDULES = (
    b'[[schedule]]\nlayer = "conv1"\niterations = 10\nscale = 1.4\n[[schedule]]\nend_sigma = 0.3\n',
    b'[[dream.schedule]]\niterations = 20\ntargets = { classes = { eye = 1.0, "a@b.png" = 2 } }\n',
)
_SCHEDULES_JSON = (
    b'[{"iterations": 10, "step_size": "2.5..0.8"}, {"iterations": 5, "targets": {"layers": {"conv1": 1}}}]',
    b'{"octaves": [{"iter_n": 190, "start_sigma": 2.5, "end_sigma": 0.78, "scale": 1.2}]}',
)
_SCHEDULES_PYTHON = (
    b"""octaves = [
    {
        'layer':'loss3/classifier',
        'iter_n':190,
        'start_sigma':2.5,
        'end_sigma':0.78*1.2, 'start_step_size':11., 'end_step_size':-0.5, 'scale':1.2,
    },
]
print(1)
""",
    b"[{'iter_n': 10}, {'iter_n': (1, 2), 'x': None, 'y': True}]",
)
_VARYING = (b"20", b"20,20,10,5", b"2.5..0.8", b"2.5>0.8,1,0.5", b"5,", b"1e-3..1E2")
_QUANTITIES = (
    b"2", b"2.5s", b"350ms", b"1.5min", b"1h2m3s4ms", b"1:02.5", b"00:01:02", b"2s,3.5s", b"auto", b"960x540",
    b"30000/1001", b"23.976", b"1.5/s", b"-0,5/s", b"50%", b"1:02:03:04", b"720p",
)  # fmt: skip
_TARGET_WORDS = (
    b"bestiary::goldfish@!water.png=0.5", b"fire8/concat:strongest:3@hue:200\xc2\xb130", b"conv1:12@0.2,0.7",
    b'"crane, bird",eye@band:0-0.33=-2', b"0-7,390-397", b"random:3#2", b"random:all", b"sea.json@dark",
    b"a@b/bees.jpg@conv1", b"row:.5-1", b"!hue:200", b"centre", b'"a""b"@luminance',
)  # fmt: skip


def _given(*contents: bytes) -> Callable[[], tuple[bytes, ...]]:
    return lambda: contents


TARGETS = {
    "preset": Target(
        "a preset", as_file("look.toml", _preset), lambda: seed_files("presets/*.toml"), of_words
    ),
    "record": Target(
        "the record of a film, or settings", as_file("film.mp4.toml", _record), _seed_records, of_words
    ),
    "classes_json": Target(
        "a file of classes in JSON", as_file("sea.json", read_class_file),
        _given(*_CLASS_TABLES, *_CLASS_RECORDS), of_words,
    ),
    "classes_toml": Target(
        "a file of classes in TOML", as_file("sea.toml", read_class_file), _given(*_CLASS_TOML), of_words
    ),
    "schedule_toml": Target(
        "a schedule in TOML", as_file("s.toml", lambda path: read_schedule_flag(str(path))),
        _given(*_SCHEDULES), of_words,
    ),
    "schedule_json": Target(
        "a schedule in JSON", as_file("s.json", lambda path: read_schedule_flag(str(path))),
        _given(*_SCHEDULES_JSON), of_words,
    ),
    "schedule_py": Target(
        "a schedule as deepdraw's notebook has it",
        as_file("s.py", lambda path: read_schedule_flag(str(path))), _given(*_SCHEDULES_PYTHON), of_words,
    ),
    "varying": Target(
        "a number that varies", as_text(_varying), _given(*_VARYING), of_words, raises=(ValueError,)
    ),
    "quantity": Target("times, sizes, speeds and rates", as_text(_quantity), _given(*_QUANTITIES), of_words),
    "targets": Target(
        "a target or a map, as it is typed", as_text(_targets), _given(*_TARGET_WORDS), of_words
    ),
}  # fmt: skip
