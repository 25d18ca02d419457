"""Maps, masks and colours from the command line: used as anyone would, replayed from anywhere."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from lucidreel.errors import InputNotFoundError, LucidreelError, MediaError, OutputError, UsageError

from .conftest import Ended

Run = Callable[..., Ended]
Pixels = NDArray[np.uint8]


def pixels(path: Path) -> Pixels:
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))


@pytest.fixture
def folder(tmp_path: Path, sample_clip: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in: a photo, a mask of its left half, and some of the sample clip."""
    y, x = np.mgrid[0:54, 0:96]
    levels = np.stack([x * 2, y * 4, (x // 12 + y // 12) % 2 * 200], axis=2).astype(np.uint8)
    Image.fromarray(levels).save(tmp_path / "photo.png")
    Image.fromarray(np.where(x < 48, 255, 0).astype(np.uint8)).save(tmp_path / "left.png")
    Image.fromarray(np.zeros((9, 9), np.uint8)).save(tmp_path / "black.png")
    (tmp_path / "clip.mp4").symlink_to(sample_clip)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_mask_leaves_every_pixel_of_a_still_outside_it(
    folder: Path, quick: tuple[str, ...], run: Run
) -> None:
    ended = run("still", "photo.png", "-o", "dream.png", "--mask", "left.png", "--step-size", "9", *quick)
    assert ended.code == 0, ended.err
    before, after = pixels(folder / "photo.png"), pixels(folder / "dream.png")
    assert np.array_equal(before[:, 48:], after[:, 48:])
    assert (before[:, :48] != after[:, :48]).mean() > 0.9
    again = run("still", "photo.png", "-o", "other.png", "--mask", "!left.png", "--step-size", "9", *quick)
    assert again.code == 0, again.err
    other = pixels(folder / "other.png")
    assert np.array_equal(before[:, :48], other[:, :48]) and not np.array_equal(before, other)


def test_all_that_stays_of_the_source_reaches_the_dream_and_the_record(
    folder: Path, quick: tuple[str, ...], run: Run
) -> None:
    words = ("--mask", "row:0-0.5", "--keep-colour", "--match-colour", "0.4", "--blend", "0.5")
    ended = run("still", "photo.png", "-o", "dream.png", "-c", "goldfish@!left.png", *words, *quick)
    assert ended.code == 0, ended.err
    record = tomllib.loads((folder / "dream.png.toml").read_text(encoding="utf-8"))
    assert record["targets"]["classes"] == {f"goldfish@!{folder}/left.png": 1.0}
    told = {key: record["dream"][key] for key in ("mask", "keep_colour", "match_colour", "blend")}
    assert told == {"mask": "row:0-0.5", "keep_colour": True, "match_colour": 0.4, "blend": 0.5}
    assert "goldfish" in ended.err and "left.png" in ended.err


def test_half_a_blend_is_half_of_the_change(folder: Path, quick: tuple[str, ...], run: Run) -> None:
    flags = ("-c", "goldfish", "--step-size", "20", *quick)
    for name, blend in (("full.png", "1"), ("half.png", "0.5"), ("none.png", "0")):
        assert run("still", "photo.png", "-o", name, "--blend", blend, *flags).code == 0
    source, full, half = (pixels(folder / name).astype(int) for name in ("photo.png", "full.png", "half.png"))
    assert np.array_equal(source, pixels(folder / "none.png"))
    assert np.abs(2 * (half - source) - (full - source)).max() <= 2
    assert np.abs(full - source).mean() > 5


def test_a_record_is_replayed_from_another_folder(
    folder: Path, quick: tuple[str, ...], run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("-c", "goldfish@left.png", "--mask", "!left.png", "-c", "peacock@luminance", "--size", "96x54")
    assert run("render", "clip.mp4", "-o", "film", "--end", "0.2s", *words, *quick).code == 0
    elsewhere = folder / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    ended = run("render", "--config", "../film.toml", "-o", "again")
    assert ended.code == 0, ended.err
    frames = sorted((folder / "film").iterdir())
    assert len(frames) == 5
    for frame in frames:
        assert np.array_equal(pixels(frame), pixels(elsewhere / "again" / frame.name))


@pytest.mark.parametrize(
    "look",
    [
        '[dream]\nmask = "maps/left.png"\n',
        '[dream]\nmask = "!maps/../maps/right.png"\n',
        '[targets.classes]\n"goldfish@maps/left.png" = 1.0\n',
        (
            '[dream]\noctaves = 2\noctave_targets = [{classes = {"goldfish@maps/left.png" = 1.0}}, {}]\n'
            '[targets.classes]\n"peacock@maps/left.png" = 1.0\n'
        ),
        (
            '[[dream.schedule]]\ntargets.classes = {"goldfish@maps/left.png" = 1.0}\n[[dream.schedule]]\n'
            'iterations = 2\n[targets.classes]\n"jellyfish@maps/left.png" = 1.0\n'
        ),
    ],
    ids=["mask", "inverse", "class", "octaves", "schedule"],
)
def test_a_presets_maps_lie_beside_it(
    look: str, folder: Path, quick: tuple[str, ...], run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "looks" / "maps").mkdir(parents=True)
    left = Image.open(folder / "left.png")
    left.save(folder / "looks" / "maps" / "left.png")
    left.transpose(Image.Transpose.FLIP_LEFT_RIGHT).save(folder / "looks" / "maps" / "right.png")
    (folder / "looks" / "mine.toml").write_text(look, encoding="utf-8")
    monkeypatch.chdir(folder / "looks" / "maps")
    ended = run(
        "still", "../../photo.png", "-o", "dream.png", "-p", "../mine.toml", "--step-size", "9", *quick
    )
    assert ended.code == 0, ended.err
    changed = np.abs(pixels(Path("dream.png")).astype(int) - pixels(folder / "photo.png")).mean((0, 2))
    assert changed[:40].mean() > 5 * changed[70:].mean()
    record = Path("dream.png.toml").read_text(encoding="utf-8")
    assert str(folder / "looks" / "maps") in record


def test_a_schedules_maps_lie_beside_it(
    folder: Path, quick: tuple[str, ...], run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    schedule = '[[schedule]]\niterations = 2\ntargets.classes = {"goldfish@left.png" = 1.0}\n'
    (folder / "slow.toml").write_text(schedule, encoding="utf-8")
    (folder / "away").mkdir()
    monkeypatch.chdir(folder / "away")
    flags = ("--model", quick[1], "--device", "cpu")
    ended = run("still", "../photo.png", "-o", "dream.png", "--schedule", "../slow.toml", *flags)
    assert ended.code == 0, ended.err
    assert f"goldfish@{folder}/left.png" in Path("dream.png.toml").read_text(encoding="utf-8")


def test_preview_shows_what_render_makes_of_a_map_that_moves(
    folder: Path, sample_clip: Path, quick: tuple[str, ...], run: Run
) -> None:
    """The clip is its own mask: its luminance, frame by frame."""
    flags = ("-c", "goldfish", "--mask", str(sample_clip), "--size", "96x54", "--step-size", "9", *quick)
    part = ("--start", "1s", "--end", "1.2s")
    assert run("render", "clip.mp4", "-o", "film", "--carry", "none", *part, *flags).code == 0
    assert run("preview", "clip.mp4", "-o", "look.png", "--at", "1.13s", "--alone", *flags).code == 0
    assert np.array_equal(pixels(folder / "film" / "000004.png"), pixels(folder / "look.png"))
    assert not np.array_equal(pixels(folder / "film" / "000001.png"), pixels(folder / "look.png"))


def test_a_zoom_takes_a_mask(folder: Path, quick: tuple[str, ...], run: Run) -> None:
    still = ("--zoom", "1/s", "--tone-hold", "0", "--births", "0")
    flags = ("--mask", "left.png", "--duration", "0.2s", "--fps", "10", *still, *quick)
    ended = run("zoom", "photo.png", "-o", "film", *flags)
    assert ended.code == 0, ended.err
    before, after = pixels(folder / "photo.png"), pixels(folder / "film" / "000002.png")
    assert np.array_equal(before[:, 48:], after[:, 48:])
    assert not np.array_equal(before[:, :48], after[:, :48])


def test_a_map_that_leaves_nothing_of_a_picture_is_told(
    folder: Path, quick: tuple[str, ...], run: Run
) -> None:
    Image.new("RGB", (64, 48), (90, 90, 90)).save(folder / "grey.png")
    ended = run("still", "grey.png", "-o", "dream.png", "-c", "goldfish@hue:200", *quick)
    assert ended.code == 0, ended.err
    assert "The map hue:200 is black all over this picture" in ended.err
    assert np.array_equal(pixels(folder / "dream.png"), pixels(folder / "grey.png"))
    assert "black" not in run("still", "photo.png", "-o", "other.png", "-c", "goldfish@dark", *quick).err
    ended = run("preview", "grey.png", "-o", "moment.png", "-c", "goldfish@hue:200", *quick)
    assert "The map hue:200 is black all over this picture" in ended.err


BAD: list[tuple[str, str, type[LucidreelError], list[str]]] = [
    ("missing mask", "--mask none.png", InputNotFoundError, ["none.png", "does not exist"]),
    ("missing map", "-c goldfish@none.mp4", InputNotFoundError, ["none.mp4", "does not exist"]),
    ("unknown word", "--mask lumnance", UsageError, ["'lumnance'", "Nearest: luminance"]),
    ("unknown word of a class", "-c goldfish@hue", UsageError, ["'hue'", "hue:200"]),
    ("black map", "-c goldfish@black.png", MediaError, ["black.png", "black all over", "!"]),
    ("no hue", "-c goldfish@hue:999", UsageError, ["'hue:999'", "0 to 360"]),
    ("no band", "--mask band:1-0", UsageError, ["'band:1-0'", "rising"]),
    ("much blend", "--blend 1.5", UsageError, ["--blend 1.5", "less than or equal to 1"]),
    ("negative match", "--match-colour -1", UsageError, ["--match-colour -1", "greater than or equal to 0"]),
    ("a clip as picture", "--mask photo.mp4", InputNotFoundError, ["photo.mp4"]),
]


@pytest.mark.parametrize("command", ["still photo.png -o out.png", "render clip.mp4 -o out.mp4",
                                     "preview clip.mp4 -o out.png", "zoom photo.png -o out.mp4"])  # fmt: skip
@pytest.mark.parametrize(
    ("words", "error", "said"), [case[1:] for case in BAD], ids=[case[0] for case in BAD]
)
def test_a_bad_map_gives_one_message_before_any_network_wakes(
    command: str,
    words: str,
    error: type[LucidreelError],
    said: list[str],
    folder: Path,
    quick: tuple[str, ...],
    run: Run,
) -> None:
    before = sorted(folder.iterdir())
    ended = run(*command.split(), *words.split(), *quick)
    messages = [line for line in ended.err.splitlines() if line.startswith("error: ")]
    assert ended.code == error.exit_code, ended.err
    assert len(messages) == 1 and all(word in messages[0] for word in said), ended.err
    assert "Dreaming of" not in ended.err
    assert sorted(folder.iterdir()) == before


@pytest.mark.parametrize("words", ["--mask left.png", "-c goldfish@!left.png"])
def test_a_map_is_not_overwritten_by_the_dream(
    words: str, folder: Path, quick: tuple[str, ...], run: Run
) -> None:
    before = (folder / "left.png").read_bytes()
    ended = run("still", "photo.png", "-o", "left.png", "--overwrite", *words.split(), *quick)
    assert ended.code == OutputError.exit_code, ended.err
    assert (folder / "left.png").read_bytes() == before
