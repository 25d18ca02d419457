"""Several networks on the command line, in presets and records, and where they make no sense."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from lucidreel.errors import (
    ClassNotFoundError,
    ConfigError,
    LucidreelError,
    ModelFileError,
    PresetError,
    TargetError,
    UsageError,
)
from lucidreel.models.caffe_files.caffemodel import write_caffemodel
from lucidreel.models.zoo.choices import Choice, choices_in_full, folder_in_full, read_choices
from lucidreel.render.media.pictures.pictures import read_picture
from lucidreel.render.settings.records import read_record
from lucidreel.render.settings.settings import Settings

from .conftest import Ended

Run = Callable[..., Ended]
SHORT = ("--octaves", "2", "--iterations", "2", "--device", "cpu", "--size", "48x36")


@pytest.fixture(scope="session")
def other(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A second network: the first one's layers under other names, other weights, classes in another order."""
    folder = tmp_path_factory.mktemp("more") / "other"
    folder.mkdir()
    definition = (tiny / "deploy.prototxt").read_text(encoding="utf-8").replace('"classes"', '"scores"')
    (folder / "deploy.prototxt").write_text(definition, encoding="utf-8")
    (folder / "labels.txt").write_text("eye\njellyfish\npeacock\ngoldfish\n", encoding="utf-8")
    random = np.random.default_rng(2)
    weights = {
        "conv1": [random.normal(0, 0.02, (8, 3, 5, 5)), random.normal(0, 0.1, 8)],
        "scores": [random.normal(0, 0.3, (4, 8, 1, 1)), np.zeros(4)],
    }
    write_caffemodel(folder / "other.caffemodel", weights, name="other")
    return folder


def test_networks_dream_together_and_the_record_replays_it(
    tiny: Path, other: Path, tmp_path: Path, run: Run
) -> None:
    first, again = tmp_path / "a.png", tmp_path / "b.png"
    words = ("-m", tiny, "-m", f"{other}=0.5", "-c", "goldfish", "-c", "eye", *SHORT)
    ended = run("still", "noise", "-o", first, *words)
    assert ended.code == 0, ended.err
    assert "Dreaming of goldfish + eye (other alone), with tiny and other on cpu." in ended.err
    record = tomllib.loads((tmp_path / "a.png.toml").read_text(encoding="utf-8"))
    assert record["model"] == [str(tiny), f"{other}=0.5"]
    assert run("still", "--config", tmp_path / "a.png.toml", "-o", again).code == 0
    assert np.array_equal(read_picture(first), read_picture(again))


def test_a_preset_may_list_networks_and_a_flag_replaces_them(
    tiny: Path, other: Path, tmp_path: Path, run: Run
) -> None:
    preset = tmp_path / "look.toml"
    preset.write_text(f'# Two.\nmodel = ["{tiny}", "{other}"]\n[targets.classes]\njellyfish = 1\n')
    both = run("still", "noise", "-o", tmp_path / "a.png", "--preset", preset, *SHORT)
    assert both.code == 0 and "with tiny and other on" in both.err, both.err
    one = run("still", "noise", "-o", tmp_path / "b.png", "--preset", preset, "-m", other, *SHORT)
    assert one.code == 0 and "with other on" in one.err, one.err


def test_one_network_is_recorded_as_it_always_was(tiny: Path, tmp_path: Path, run: Run) -> None:
    assert run("still", "noise", "-o", tmp_path / "a.png", "-m", tiny, "-c", "peacock", *SHORT).code == 0
    record = tomllib.loads((tmp_path / "a.png.toml").read_text(encoding="utf-8"))
    assert record["model"] == str(tiny)
    assert Settings.read({"model": ["bestiary"]}, "a list of one").model == "bestiary"
    (tmp_path / "old.toml").write_text('model = "bestiary"\n')
    assert read_record(tmp_path / "old.toml").settings.networks == (Choice("bestiary"),)


def test_a_network_that_nothing_is_for_is_told(tiny: Path, other: Path, tmp_path: Path, run: Run) -> None:
    ended = run("still", "noise", "-o", tmp_path / "a.png", "-m", tiny, "-m", other, "-c", "eye", *SHORT)
    assert ended.code == 0 and "Nothing of that is for tiny" in ended.err, ended.err


def test_layers_go_by_the_networks_name(tiny: Path, other: Path, tmp_path: Path, run: Run) -> None:
    words = ("-m", tiny, "-m", other, "-l", "other::conv1=0.5", "--channel", "scores:1@luminance", *SHORT)
    ended = run("still", "noise", "-o", tmp_path / "a.png", *words)
    assert ended.code == 0, ended.err
    assert "0.5 conv1 (other alone) + scores:1@luminance (other alone)" in ended.err


def test_a_file_of_classes_may_be_for_one_network(
    tiny: Path, other: Path, tmp_path: Path, sample_clip: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sea.json").write_text('{"jellyfish": 1, "eye": 0.5}')
    words = ("-m", tiny, "-m", other, "-c", "other::sea.json@luminance", "-c", "peacock", *SHORT)
    ended = run("render", sample_clip, "-o", tmp_path / "dream.mp4", *words, "--end", "0.1s")
    assert ended.code == 0, ended.err
    assert "jellyfish@luminance (other alone) + 0.5 eye@luminance (other alone)" in ended.err
    record = tomllib.loads((tmp_path / "dream.mp4.toml").read_text(encoding="utf-8"))
    assert f"other::{tmp_path / 'sea.json'}@luminance" in record["targets"]["classes"]


WRONG: list[tuple[str, type[LucidreelError], list[str]]] = [
    ("-m TINY -m TINY", UsageError, ["named twice", "Leave one out", "=2"]),
    ("-m TINY -m TINY=2", UsageError, ["named twice"]),
    ("-m mine -m TINY", ModelFileError, ["are the same network", "named twice"]),
    ("-m TINY -m othr", ModelFileError, ["'othr'", "neither a known name nor a folder"]),
    ("-m TINY -m bestary=0.5", ModelFileError, ["'bestary'", "Nearest: bestiary"]),
    ("-m bestiary,imagenet", ModelFileError, ["--model bestiary --model imagenet"]),
    ("-m TINY -m OTHER=0", UsageError, ["above 0", "up to 1000"]),
    ("-m TINY -m OTHER=-1", UsageError, ["above 0", "--class other::NAME=-1"]),
    ("-m TINY -m OTHER=2000", UsageError, ["up to 1000"]),
    (" ".join(f"-m n{number}" for number in range(9)), UsageError, ["9 networks", "at most 8"]),
    ("-m TINY -m OTHER -c goldfsh", ClassNotFoundError, ["tiny or other", "Nearest: goldfish"]),
    ("-m TINY -m OTHER -c othr::eye", TargetError, ["'othr'", "Nearest: other"]),
    ("-m TINY -m OTHER -c tiny::eye", ClassNotFoundError, ["eye"]),
    ("-m TINY -m OTHER -l conv1", TargetError, ["tiny::conv1 or other::conv1"]),
    ("-m TINY -m OTHER -l conv9", TargetError, ["neither tiny nor other has a layer 'conv9'", "conv1"]),
    ("-m TINY -m OTHER --channel conv1:3", TargetError, ["tiny::conv1:3 or other::conv1:3"]),
    ("-m TINY -m OTHER --channel other::conv1:8", TargetError, ["0 to 7"]),
    ("-m TINY -m OTHER --palette goldfish", TargetError, ["two classes or more"]),
]


@pytest.mark.parametrize(("words", "error", "told"), WRONG, ids=[words for words, _, _ in WRONG])
def test_wrong_networks_and_targets_are_told_before_torch_loads(
    words: str,
    error: type[LucidreelError],
    told: list[str],
    tiny: Path,
    other: Path,
    home: Path,
    tmp_path: Path,
    run: Run,
) -> None:
    (home / "models").mkdir()
    (home / "models" / "mine").symlink_to(tiny)
    filled = [word.replace("TINY", str(tiny)).replace("OTHER", str(other)) for word in words.split()]
    ended = run("still", "noise", "-o", tmp_path / "a.png", *filled)
    assert ended.code == error.exit_code, ended.err
    assert len(ended.err.strip().splitlines()) == 1 and all(word in ended.err for word in told), ended.err
    assert list(tmp_path.iterdir()) == []


def test_a_render_goes_on_only_with_the_same_networks_and_weights(
    tiny: Path, other: Path, tmp_path: Path, sample_clip: Path, run: Run
) -> None:
    output = tmp_path / "dream.mp4"
    common = ("-c", "goldfish", *SHORT, "--end", "0.1s", "--keep-frames")
    first = run("render", sample_clip, "-o", output, "-m", tiny, "-m", other, *common)
    assert first.code == 0, first.err
    for networks in (("-m", tiny), ("-m", tiny, "-m", f"{other}=2"), ("-m", other, "-m", tiny)):
        changed = run("render", sample_clip, "-o", output, "--overwrite", *networks, *common)
        assert changed.code == 9 and "model: " in changed.err, changed.err
    again = run("render", sample_clip, "-o", output, "--overwrite", "-m", tiny, "-m", other, *common)
    assert again.code == 0, again.err
    ahead = run(
        "render", sample_clip, "-o", tmp_path / "b.mp4", "-m", tiny, "-m", other, *common[:-1], "--dry-run"
    )
    assert "goldfish, with tiny and other, on cpu" in ahead.out


@pytest.mark.parametrize(
    ("key", "told"),
    [('["bestiary", "bestiary"]', "named twice"), ("[]", "names no network"), ("3", "string")],
)
def test_presets_with_networks_that_make_no_sense_are_refused(
    key: str, told: str, tmp_path: Path, run: Run
) -> None:
    preset = tmp_path / "look.toml"
    preset.write_text(f"# Wrong.\nmodel = {key}\n")
    ended = run("still", "noise", "-o", tmp_path / "a.png", "--preset", preset)
    assert ended.code == PresetError.exit_code == ConfigError.exit_code
    assert told in ended.err, ended.err


def test_classes_of_several_networks_are_listed_once_with_who_knows_them(
    tiny: Path, other: Path, run: Run
) -> None:
    ended = run("models", "classes", "-m", tiny, "-m", other)
    rows = [line.split(maxsplit=1) for line in ended.out.splitlines()[1:]]
    assert [row[0] for row in rows] == ["0", "1", "2", "3", "other"]
    assert "all" in rows[0][1] and "tiny" in rows[1][1] and rows[4][1].strip() == "eye"
    assert len(run("models", "classes", "jelly", "-m", tiny, "-m", other).out.splitlines()) == 2
    assert run("models", "classes", "-m", tiny, "-m", tiny).code == UsageError.exit_code
    twice = run("models", "layers", "-m", tiny, "-m", other)
    assert twice.code == UsageError.exit_code and "given twice" in twice.err


def test_a_folder_whose_name_ends_like_a_weight_is_a_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tuned=2").mkdir()
    (tmp_path / "plain").mkdir()
    read = choices_in_full(["tuned=2", "plain=0.5", "bestiary=3"])
    assert read == [str(tmp_path / "tuned=2"), f"{tmp_path / 'plain'}=0.5", "bestiary=3"]
    assert read_choices(read) == (
        Choice(str(tmp_path / "tuned=2")),
        Choice(str(tmp_path / "plain"), 0.5),
        Choice("bestiary", 3.0),
    )


def test_a_folder_is_named_in_full_unless_a_network_has_that_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("bestiary", "mine"):
        (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path)
    assert folder_in_full("bestiary") == "bestiary"
    assert folder_in_full("./bestiary") == str(tmp_path / "bestiary")
    assert folder_in_full("mine") == str(tmp_path / "mine")
    assert folder_in_full("elsewhere") == "elsewhere"
