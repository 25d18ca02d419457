"""Targets as they are typed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from lucidreel.commands.target_words import (
    parse_channels,
    parse_classes,
    parse_guides,
    parse_layers,
    parse_neurons,
    parse_palette,
)
from lucidreel.dream.targets.syntax import split_guide, split_map
from lucidreel.errors import UsageError

Parse = Callable[[list[str]], dict[str, float]]


@pytest.mark.parametrize(
    ("parse", "words", "expected"),
    [
        (parse_classes, ["goldfish", "shark=-0.5", "0-7,9"], {"goldfish": 1, "shark": -0.5, "0-7,9": 1}),
        (parse_classes, ["goldfish", "goldfish=2"], {"goldfish": 3}),
        (parse_classes, ["goldfish@!dark=2", "random:all"], {"goldfish@!dark": 2, "random:all": 1}),
        (parse_classes, ["random:1", "random:1=-1"], {"random:1": 1, "random:1#2": -1}),
        (parse_channels, ["random:1", "random:1"], {"random:1": 2}),
        (parse_palette, ["random:2", "random:2"], {"random:2": 1, "random:2#2": 1}),
        (parse_palette, ["goldfish,shark,0-7=2"], {"goldfish,shark,0-7": 2}),
        (parse_layers, ["fire8/concat=0.5", "conv1@luminance"], {"fire8/concat": 0.5, "conv1@luminance": 1}),
        (parse_channels, ["a/b:12=-1", "a:strongest:3@dark"], {"a/b:12": -1, "a:strongest:3@dark": 1}),
        (parse_channels, ["a:weakest", "a:average"], {"a:weakest": 1, "a:average": 1}),
        (parse_neurons, ["conv1:3@0.2,0.7=2", "conv1:3"], {"conv1:3@0.2,0.7": 2, "conv1:3": 1}),
    ],
)  # fmt: skip
def test_words_become_weights(parse: Parse, words: list[str], expected: dict[str, float]) -> None:
    assert parse(words) == expected


def test_files_are_kept_with_their_full_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    here = tmp_path.resolve()
    assert parse_classes(["sea.json@!water.png=2"]) == {f"{here}/sea.json@!{here}/water.png": 2.0}
    assert parse_palette(["sea.toml"]) == {f"{here}/sea.toml": 1.0}
    assert parse_guides(["a@b/bees.jpg@fire8/concat@water.png"]) == {
        f"{here}/a@b/bees.jpg@fire8/concat@{here}/water.png": 1.0
    }
    assert parse_guides(["bees.jpg"]) == {f"{here}/bees.jpg": 1.0}


@pytest.mark.parametrize(
    ("parse", "word", "message"),
    [
        (parse_classes, "goldfish=much", "is not a number"),
        (parse_classes, "=2", "names nothing"),
        (parse_classes, "goldfish@", "TARGET@MAP"),
        (parse_classes, "@dark", "TARGET@MAP"),
        (parse_classes, "eye=0.5@band:0-0.5", "the weight comes last: write eye@band:0-0.5=0.5"),
        (parse_classes, "eye=much@dark", "is not a number"),
        (parse_guides, "bees.jpg=.5@conv1", "write bees.jpg@conv1=.5"),
        (parse_classes, "sea.json,goldfish=2", r"--class sea\.json --class goldfish"),
        (parse_classes, "goldfish,great white shark,sea.json", r"--class sea\.json --class 'goldfish,great"),
        (
            parse_palette,
            "goldfish,sea.toml@dark",
            r"Repeat --palette: --palette sea\.toml --palette goldfish",
        ),
        (parse_palette, "goldfish,shark=-1", "only pulls"),
        (parse_palette, "goldfish,shark@", "TARGET@MAP"),
        (parse_layers, "conv1@=2", "TARGET@MAP"),
        (parse_channels, "conv1", "LAYER:INDEX"),
        (parse_channels, "conv1:x", "LAYER:INDEX"),
        (parse_channels, "conv1:strongst@dark", "Nearest: strongest"),
        (parse_channels, "conv1:3@", "TARGET@MAP"),
        (parse_neurons, "conv1:3@dark", "shares of the picture"),
        (parse_neurons, "conv1:3@0.2", "shares of the picture"),
        (parse_neurons, "conv1", "LAYER:CHANNEL"),
        (parse_guides, "bees", "a picture file"),
        (parse_guides, "bees.jpg@", "TARGET@MAP"),
    ],
)
def test_words_that_cannot_be_meant_are_told(parse: Parse, word: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        parse([word])


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("bees.jpg", ("bees.jpg", "", "")),
        ("bees.jpg@conv1", ("bees.jpg", "conv1", "")),
        ("bees.jpg@@dark", ("bees.jpg", "", "dark")),
        ("a@b.c/bees.jpg@conv1@!dark", ("a@b.c/bees.jpg", "conv1", "!dark")),
        ("bees", ("bees", "", "")),
    ],
)
def test_guide_is_split_where_its_file_ends(word: str, expected: tuple[str, str, str]) -> None:
    assert split_guide(word) == expected


def test_target_is_split_at_its_first_sign() -> None:
    assert split_map("goldfish @ a@b.png") == ("goldfish", "a@b.png")
    assert split_map("goldfish") == ("goldfish", "")
