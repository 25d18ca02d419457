"""Files of classes in JSON and TOML, and every way to write several classes at once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from lucidreel.dream.targets.class_files import read_class_file
from lucidreel.dream.targets.classes import read_classes
from lucidreel.dream.targets.find_classes import Draws, find_classes
from lucidreel.dream.targets.kinds.classes import ClassTarget
from lucidreel.dream.targets.targets import read_words
from lucidreel.errors import ClassNotFoundError, ConfigError, InputNotFoundError, LucidreelError, TargetError
from lucidreel.models.caffe_network import CaffeNetwork


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("a.json", '["goldfish", "great white shark", 4]', {0: 1, 1: 1, 4: 1}),
        ("a.json", '["goldfish", "goldfish", "2-3"]', {0: 2, 2: 1, 3: 1}),
        ("a.json", '{"goldfish": 1.0, "jellyfish": -0.5}', {0: 1, 2: -0.5}),
        ("a.json", '{"goldfish": 1.0, "0": 0.5}', {0: 1.5}),
        ("a.json", '"0,2-3"', {0: 1, 2: 1, 3: 1}),
        ("a.json", '\ufeff["goldfish"]', {0: 1}),
        ("a.JSON", '{"classes": {"goldfish": 2}}', {0: 2}),
        ("a.toml", 'classes = ["goldfish", "1-2"]', {0: 1, 1: 1, 2: 1}),
        ("a.toml", '[classes]\ngoldfish = 1.0\n"great white shark" = -0.5', {0: 1, 1: -0.5}),
        ("a.toml", "goldfish = 1\n2 = -1", {0: 1, 2: -1}),
    ],
)
def test_lists_and_tables_of_classes_load(
    tmp_path: Path, network: CaffeNetwork, name: str, text: str, expected: dict[int, float]
) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    assert find_classes(read_classes(str(path), Path()), network, Draws(0)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"1": 1, "3": -1}', {1: 1, 3: -1}),
        ('{"target": {"1": 1.0, "3": -1.0}, "model": "googlenet", "weight": null}', {1: 1, 3: -1}),
        ('{"target": "1,3-4", "weight": null, "iters": 10}', {1: 1, 3: 1, 4: 1}),
        ('{"target": "1,3", "weight": -0.5}', {1: -0.5, 3: -0.5}),
        ('{"target": "1,3", "weight": 0.0}', {1: 1, 3: 1}),
    ],
)
def test_files_and_records_of_spikelynch_deepdream_load(
    tmp_path: Path, network: CaffeNetwork, text: str, expected: dict[int, float]
) -> None:
    (tmp_path / "dream.json").write_text(text)
    assert find_classes(read_classes(str(tmp_path / "dream.json"), Path()), network, Draws(0)) == expected


@pytest.mark.parametrize(
    ("name", "text", "error", "message"),
    [
        (
            "a.json",
            "{",
            ConfigError,
            "a.json is not a readable file of classes: it is not JSON",
        ),
        ("a.toml", "goldfish", ConfigError, "it is not TOML .expected"),
        ("a.json", '{"eye": 1,}', ConfigError, "line 1, column 11"),
        ("a.json", "[" * 100_000, ConfigError, "nested more than 32 deep"),
        ("a.json", "[]", ConfigError, "names no class"),
        ("a.json", "{}", ConfigError, "names no class"),
        ("a.json", "7", ConfigError, "holds no classes"),
        ("a.json", '{"target": null}', ConfigError, "holds no classes"),
        ("a.json", '[["goldfish"]]', ConfigError, "is not a class"),
        ("a.json", "[true]", ConfigError, "is not a class"),
        ("a.json", '{"goldfish": "much"}', ConfigError, "no number"),
        ("a.json", '{"goldfish": NaN}', ConfigError, "weighs nan"),
        ("a.json", '{"goldfish": 1e9}', ConfigError, "-1000 to 1000"),
        ("a.json", '["b.json"]', ConfigError, "another file of classes"),
        ("a.json", '["a.json,goldfish"]', ConfigError, "another file of classes, a.json"),
        ("a.json", '["goldfish, b.toml"]', ConfigError, "another file of classes, b.toml"),
        ("a.json", '{"target": ""}', ConfigError, "a.json names no class: write a list"),
        ("a.json", '[" , "]', ConfigError, "names no class"),
        ("a.json", '["goldfihs"]', ClassNotFoundError, "a.json: .*goldfihs.*Nearest: goldfish"),
        ("a.json", '["9"]', ClassNotFoundError, "a.json: class 9: .* 0 to 4"),
        ("a.json", f'["{"9" * 5000}"]', ClassNotFoundError, "a.json: class 9+….* 0 to 4"),
        ("a.json", f'{{"eye": {"9" * 400}}}', ConfigError, "a whole number is larger"),
        (
            "a.json",
            " " * (2**19 + 1),
            ConfigError,
            "524,289 bytes, and .* at most 524,288",
        ),
    ],
)
def test_bad_files_are_named_with_what_is_wrong(
    tmp_path: Path,
    network: CaffeNetwork,
    name: str,
    text: str,
    error: type[LucidreelError],
    message: str,
) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(error, match=message):
        find_classes(read_classes(str(tmp_path / name), Path()), network, Draws(0))


def test_file_that_is_not_there_is_told_with_the_nearest(tmp_path: Path) -> None:
    (tmp_path / "sea.json").write_text('["goldfish"]')
    with pytest.raises(InputNotFoundError, match=r"see.json does not exist. Nearest: sea.json."):
        read_class_file(tmp_path / "see.json")
    with pytest.raises(InputNotFoundError, match="does not exist"):
        read_class_file(tmp_path / "no folder" / "see.json")


def test_link_to_a_file_of_another_ending_is_a_file_of_classes_still(
    tmp_path: Path, network: CaffeNetwork
) -> None:
    (tmp_path / "data").write_text('["goldfish"]')
    (tmp_path / "sea.json").symlink_to("data")
    words = read_words(ClassTarget, ["sea.json"], tmp_path)
    assert list(words) == [str(tmp_path / "sea.json")]
    assert find_classes(read_classes(next(iter(words))), network, Draws(0)) == {0: 1}


def test_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    (tmp_path / "sea.json").write_bytes(b"\xff\xfe\x00\x81")
    with pytest.raises(ConfigError, match=r"it is UTF-16.*save it as UTF-8"):
        read_class_file(tmp_path / "sea.json")


def test_list_with_commas_is_a_set(network: CaffeNetwork) -> None:
    assert find_classes(read_classes("0-2,1-3,goldfish"), network, Draws(0)) == dict.fromkeys(range(4), 1.0)
    assert find_classes(read_classes("goldfish, Carassius auratus"), network, Draws(0)) == {0: 1.0}


def test_ranges_that_name_millions_of_classes_are_refused(network: CaffeNetwork) -> None:
    with pytest.raises(ConfigError, match=r"'0-4,.*' names more than 2,000,000 classes: name each once"):
        find_classes(read_classes("0-4," * 401_000), network, Draws(0))


@pytest.mark.parametrize("word", ["random:all", "randomise"])
def test_all_classes_are_pulled_or_pushed_as_the_seed_decides(network: CaffeNetwork, word: str) -> None:
    drawn = [find_classes(read_classes(word, Path()), network, Draws(seed)) for seed in range(8)]
    assert drawn == [find_classes(read_classes(word, Path()), network, Draws(seed)) for seed in range(8)]
    assert all(list(signs) == [0, 1, 2, 3, 4] and set(signs.values()) <= {1.0, -1.0} for signs in drawn)
    assert len({tuple(signs.values()) for signs in drawn}) > 3


def test_network_without_class_scores_says_what_to_name_instead(network: CaffeNetwork) -> None:
    with pytest.raises(TargetError, match=r"cannot dream of classes.*--layer"):
        find_classes(read_classes("goldfish", Path()), replace(network, class_layer=None), Draws(0))


def test_file_that_names_itself_in_a_list_ends_in_a_message(tmp_path: Path, network: CaffeNetwork) -> None:
    path = tmp_path / "rec.json"
    path.write_text(f'["{path},goldfish"]')
    with pytest.raises(ConfigError, match=r"rec\.json names another file of classes"):
        find_classes(read_classes(str(path), Path()), network, Draws(0))


@pytest.mark.parametrize("word", ["sea.json,peacock", "peacock, sea.json", "sea.json,sea.json"])
def test_file_in_a_list_is_refused_with_what_to_write(
    word: str, tmp_path: Path, network: CaffeNetwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sea.json").write_text('["goldfish"]')
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match=r"Repeat --class: --class sea\.json --class (peacock|sea\.json)\."):
        find_classes(read_classes(word, Path()), network, Draws(0))


def test_file_or_folder_with_a_comma_in_its_name_is_no_list(tmp_path: Path, network: CaffeNetwork) -> None:
    folder = tmp_path / "sea, sand"
    folder.mkdir()
    for name in ("sea.json", "sea,sand.json"):
        (folder / name).write_text('["goldfish"]')
        assert find_classes(read_classes(str(folder / name), Path()), network, Draws(0)) == {0: 1}
    with pytest.raises(InputNotFoundError, match=r"Nearest: sea\.json"):
        find_classes(read_classes(str(folder / "see.json"), Path()), network, Draws(0))
