"""What `models info`, `layers` and `classes` tell of networks that are whole, in parts, or not here."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from lucidreel.errors import ModelFileError, UsageError

from .conftest import Ended

Run = Callable[..., Ended]
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def own(tiny: Path, tmp_path: Path) -> Path:
    """A copy of the small network that a test may change."""
    return Path(shutil.copytree(tiny, tmp_path / "own"))


@pytest.mark.parametrize(
    "words",
    ["info", "info imagenet", "layers", "classes --search shark", "info bvlc_googlenet"],
)
def test_looking_at_networks_loads_neither_pytorch_nor_numpy(words: str) -> None:
    program = (
        "import sys; from lucidreel.cli import run; run(sys.argv[1:]); "
        "print(sorted({'torch', 'numpy', 'numba', 'onnx', 'timm'} & set(sys.modules)))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program, "models", *words.split()], capture_output=True, text=True, check=True
    )
    assert ended.stdout.splitlines()[-1] == "[]"


def test_info_tells_files_costs_and_good_layers(run: Run) -> None:
    out = run("models", "info").out
    for words in (
        "bestiary: 49 drawn creatures",
        "bestiary.caffemodel     7.1 MB  weights",
        "1.8 million, 7.1 MB",
        "GFLOP per megapixel, forward to the class layer",
        "conv4_1          16   113",
        "striped coils",
        "try         lucidreel still photo.jpg -o dream.png --model bestiary --layer conv4_2",
    ):
        assert words in out


def test_info_tells_what_is_published_of_a_network_that_is_not_here(run: Run) -> None:
    ended = run("models", "info", "bvlc_googlenet")
    assert ended.code == 0
    assert "not here" in ended.out and "`lucidreel models fetch bvlc_googlenet`" in ended.out
    layers = run("models", "layers", "bvlc_googlenet")
    assert layers.code == ModelFileError.exit_code and "models fetch" in layers.err


def test_info_of_a_definition_alone_says_that_weights_are_missing(own: Path, run: Run) -> None:
    (own / "tiny.caffemodel").unlink()
    for asked in (own, own / "deploy.prototxt"):
        ended = run("models", "info", asked)
        assert ended.code == 0
        assert "missing     weights." in ended.out and "try " not in ended.out
        assert "parameters  644, 3 kB" in ended.out


def test_info_says_what_it_assumes_and_what_to_do(own: Path, run: Run) -> None:
    (own / "labels.txt").unlink()
    out = run("models", "info", own).out
    assert "No file states a mean" in out and "mean = [104, 117, 123] in model.toml" in out
    assert "labels.txt with a line for each of the 4" in out
    (own / "model.toml").write_text("mean = [1, 2, 3]\n")
    (own / "labels.txt").write_text("a\nb\n")
    out = run("models", "info", own).out
    assert "No file states a mean" not in out
    assert "there are 4 classes and 2 labels" in out


def test_dreams_toml_tells_what_layers_dream_of(own: Path, run: Run) -> None:
    (own / "dreams.toml").write_text(
        'dreams = "It dreams of nets."\n[[layers]]\nname = "conv1"\ndreams = "knots"\n'
        '[[layers]]\nname = "gone"\ndreams = "nothing"\n'
    )
    out = run("models", "info", own).out
    assert "dreams      It dreams of nets." in out and "knots" in out and "gone" not in out
    marked = run("models", "layers", own, "--search", "CONV").out.splitlines()
    assert marked[1].endswith("* knots") and len(marked) == 2


def test_info_as_json_holds_layers_and_classes(tiny: Path, run: Run) -> None:
    told = json.loads(run("models", "info", tiny, "--json").out)
    assert told["input_size"] == [24, 24] and told["classes"] == 4 and told["class_layer"] == "score"
    assert [layer["name"] for layer in told["layers"]] == ["conv1", "relu1", "classes", "score", "prob"]
    assert told["labels"][0]["names"] == ["goldfish", "Carassius auratus"]


def test_layers_are_found_by_name_and_type(tiny: Path, run: Run) -> None:
    found = run("models", "layers", tiny, "--type", "pooling").out.splitlines()
    assert [line.split()[0] for line in found[1:]] == ["score"]
    assert "Nearest: conv1" in run("models", "layers", tiny, "--search", "conv2").err
    assert "It has Convolution, ReLU, Pooling, Softmax" in run("models", "layers", tiny, "--type", "LRN").err


def test_classes_are_found_by_word_id_and_number(run: Run) -> None:
    for word in ("jellyfish", "n01910747", "107"):
        found = run("models", "classes", "imagenet", "--search", word).out.splitlines()
        assert found[1].split()[:3] == ["107", "n01910747", "jellyfish"] and len(found) == 2


def test_words_that_no_class_has_are_answered_with_the_nearest(tiny: Path, run: Run) -> None:
    assert "Nearest: jellyfish" in run("models", "classes", tiny, "--search", "jelyfish").err
    ended = run("models", "classes", "tinny", "jellyfish", "--model", tiny)
    assert "jellyfish" in ended.out and "None of tiny's classes has 'tinny' in its names." in ended.err
    told = run("models", "classes", "bvlc_googlenett").err
    assert "Networks are named with --model: bvlc_googlenet" in told


def test_classes_without_names_are_counted(own: Path, run: Run) -> None:
    (own / "labels.txt").unlink()
    assert "4 classes by number, 0 to 3" in run("models", "classes", own).err


def test_what_the_page_on_networks_shows_is_what_is_printed(run: Run) -> None:
    page = (ROOT / "docs" / "networks.md").read_text(encoding="utf-8")
    shown = re.findall(r"^\$ lucidreel (models .*)\n((?:.*\n)*?)```$", page, flags=re.MULTILINE)
    assert len(shown) == 3
    for words, text in shown:
        out = run(*words.split()).out
        place = "here        …/site-packages/lucidreel/models/imagenet/network"
        printed = re.sub(r"(?m)^here .*$", place, out)
        assert printed.rstrip() == text.rstrip()


def test_adding_says_what_was_understood(tiny: Path, run: Run) -> None:
    files = (tiny / name for name in ("deploy.prototxt", "tiny.caffemodel", "labels.txt"))
    ended = run("models", "add", *files, "--name", "mine", "--mean", "1,2,3", "--channel-order", "rgb")
    assert ended.code == 0, ended.err
    assert "RGB, 0 to 255, minus 1, 2, 3 (as model.toml says)" in ended.out
    assert "try         lucidreel still photo.jpg -o dream.png --model mine --class jellyfish" in ended.out


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (("--mean", "a,b"), "--mean 'a,b': numbers with commas"),
        (("--mean", "1,2"), "--mean has 2 numbers"),
        (("--channel-order", "XYZ"), "--channel-order XYZ"),
        (("--scale", "-1"), "--scale -1.0"),
        (("--mean", "nan"), "--mean"),
    ],
)
def test_flags_of_add_are_read_before_any_file(flags: tuple[str, str], message: str, run: Run) -> None:
    ended = run("models", "add", "nowhere", *flags)
    assert ended.code == UsageError.exit_code and message in ended.err


def test_a_network_that_is_only_called_like_a_published_one_has_dreams_of_its_own(
    tiny: Path, run: Run
) -> None:
    assert run("models", "add", tiny, "--name", "vgg16").code == 0
    published = run("models", "info", "vgg19").out
    own = run("models", "info", "vgg16").out
    assert "DREAM OF" in published and "DREAM OF" not in own and "rich textures" not in own
