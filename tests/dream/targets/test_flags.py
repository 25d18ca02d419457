"""Targets as they are typed."""

from __future__ import annotations

from pathlib import Path

import pytest

from lucidreel.dream.targets.classes import ClassFile
from lucidreel.dream.targets.kinds.channels import ChannelTarget
from lucidreel.dream.targets.kinds.classes import ClassTarget
from lucidreel.dream.targets.kinds.guides import GuideTarget
from lucidreel.dream.targets.kinds.layers import LayerTarget
from lucidreel.dream.targets.kinds.neurons import NeuronTarget
from lucidreel.dream.targets.kinds.palette import PaletteTarget
from lucidreel.dream.targets.regions import RegionFile
from lucidreel.dream.targets.target import Target
from lucidreel.dream.targets.targets import read_words
from lucidreel.errors import ConfigError


def read(kind: type[Target], words: list[str]) -> dict[str, float]:
    return read_words(kind, words, Path.cwd())


@pytest.mark.parametrize(
    ("kind", "words", "expected"),
    [
        (ClassTarget, ["goldfish", "shark=-0.5", "0-7,9"], {"goldfish": 1, "shark": -0.5, "0-7,9": 1}),
        (ClassTarget, ["goldfish", "goldfish=2"], {"goldfish": 3}),
        (ClassTarget, ["goldfish@!dark=2", "random:all"], {"goldfish@!dark": 2, "random:all": 1}),
        (ClassTarget, ["random:1", "random:1=-1"], {"random:1": 1, "random:1#2": -1}),
        (ChannelTarget, ["random:1", "random:1"], {"random:1": 2}),
        (ClassTarget, ["0-20=2", "white shark=1e-1", "1", "001"], {"0-20": 2, "white shark": 0.1, "1": 2}),
        (ClassTarget, ['"a@b, c"@dark=2', '"random:3"'], {'"a@b, c"@dark': 2, '"random:3"': 1}),
        (ClassTarget, ['"x=1"'], {"x=1": 1}),
        (ChannelTarget, ["fire8/concat:12", "a:b:012=-2"], {"fire8/concat:12": 1, "a:b:12": -2}),
        (PaletteTarget, ["random:2", "random:2"], {"random:2": 1, "random:2#2": 1}),
        (PaletteTarget, ["goldfish,shark,0-7=2"], {"goldfish,shark,0-7": 2}),
        (LayerTarget, ["fire8/concat=0.5", "conv1@luminance"], {"fire8/concat": 0.5, "conv1@luminance": 1}),
        (ChannelTarget, ["a/b:12=-1", "a:strongest:3@dark"], {"a/b:12": -1, "a:strongest:3@dark": 1}),
        (ChannelTarget, ["a:weakest", "a:average"], {"a:weakest": 1, "a:average": 1}),
        (NeuronTarget, ["conv1:3@0.2,0.7=2", "conv1:3"], {"conv1:3@0.2,0.7": 2, "conv1:3": 1}),
    ],
)  # fmt: skip
def test_words_become_weights(kind: type[Target], words: list[str], expected: dict[str, float]) -> None:
    assert read(kind, words) == expected


def test_files_are_kept_with_their_full_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    here = tmp_path.resolve()
    assert read(ClassTarget, ["sea.json@!water.png=2"]) == {f"{here}/sea.json@!{here}/water.png": 2.0}
    assert read(PaletteTarget, ["sea.toml"]) == {f"{here}/sea.toml": 1.0}
    assert read(GuideTarget, ["a@b/bees.jpg@fire8/concat@water.png"]) == {
        f"{here}/a@b/bees.jpg@fire8/concat@{here}/water.png": 1.0
    }
    assert read(GuideTarget, ["bees.jpg"]) == {f"{here}/bees.jpg": 1.0}


@pytest.mark.parametrize(
    ("kind", "word", "message"),
    [
        (ClassTarget, "goldfish=much", "is not a number"),
        (ClassTarget, "=2", "names nothing"),
        (ClassTarget, " ", "names nothing"),
        (ClassTarget, "eye=", "is not a number"),
        (ClassTarget, "eye=nan", "is not a number"),
        (ClassTarget, "eye=1001", "weights go from -1000 to 1000"),
        (ClassTarget, "eye@lumnance", "Nearest: luminance"),
        (ClassTarget, "goldfish@", "TARGET@MAP"),
        (ClassTarget, "@dark", "TARGET@MAP"),
        (ClassTarget, "eye=0.5@band:0-0.5", "the weight comes last: write eye@band:0-0.5=0.5"),
        (ClassTarget, "eye=much@dark", "is not a number"),
        (GuideTarget, "bees.jpg=.5@conv1", "write bees.jpg@conv1=.5"),
        (ClassTarget, "sea.json,goldfish=2", r"--class sea\.json --class goldfish"),
        (ClassTarget, "goldfish,great white shark,sea.json", r"--class sea\.json --class 'goldfish,great"),
        (
            PaletteTarget,
            "goldfish,sea.toml@dark",
            r"Repeat --palette: --palette sea\.toml --palette goldfish",
        ),
        (PaletteTarget, "goldfish,shark=-1", "only pulls"),
        (PaletteTarget, "goldfish,shark@", "TARGET@MAP"),
        (LayerTarget, "conv1@=2", "TARGET@MAP"),
        (ChannelTarget, "conv1", "LAYER:INDEX"),
        (ChannelTarget, "conv1:x", "LAYER:INDEX"),
        (ChannelTarget, "conv1:-1", "LAYER:INDEX"),
        (ChannelTarget, "conv1:", "LAYER:INDEX"),
        (ChannelTarget, ":3", "LAYER:INDEX"),
        (ChannelTarget, "conv1:strongst@dark", "Nearest: strongest"),
        (ChannelTarget, "conv1:3@", "TARGET@MAP"),
        (NeuronTarget, "conv1:3@dark", "shares of the picture"),
        (NeuronTarget, "conv1:3@0.2", "shares of the picture"),
        (NeuronTarget, "conv1", "LAYER:CHANNEL"),
        (GuideTarget, "bees", "a picture file"),
        (GuideTarget, "bees.jpg@", "PICTURE@LAYER@MAP"),
    ],
)
def test_words_that_cannot_be_meant_are_told(kind: type[Target], word: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        read(kind, [word])


def test_a_weight_follows_the_last_equals_sign_that_is_in_no_files_name() -> None:
    words = ["c=d.json=0.5", "eye@e=f.png=2", "shark=-0.5"]
    assert [ClassTarget.read(word) for word in words] == [
        ClassTarget(ClassFile("c=d.json"), weight=0.5),
        ClassTarget("eye", region=RegionFile("e=f.png"), weight=2),
        ClassTarget("shark", weight=-0.5),
    ]
    assert GuideTarget.read("g=h.png@conv1") == GuideTarget("g=h.png", "conv1")
