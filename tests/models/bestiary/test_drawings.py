"""The drawings: every class draws, from its seed alone, and no two seeds draw the same."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lucidreel.models.bestiary import backgrounds
from lucidreel.models.bestiary import picture as picture_module
from lucidreel.models.bestiary.catalogue import Pattern, catalogue, class_names
from lucidreel.models.bestiary.drawn import BACKGROUND, Block, draw_block, label_of
from lucidreel.models.bestiary.fields import Field
from lucidreel.models.bestiary.light import Light, lit
from lucidreel.models.bestiary.pen import Pen, Pose
from lucidreel.models.bestiary.picture import draw_picture
from lucidreel.models.bestiary.placing import distract, usual_reach
from lucidreel.models.bestiary.shapes import coil, ellipse, petal, ribbon, spline
from lucidreel.models.bestiary.sheet import main as sheet_command

Kind = Callable[[np.random.Generator, int], Field]

NAMES = class_names()
RED, BLACK = (1.0, 0.0, 0.0), (0.0, 0.0, 0.0)


def test_there_are_at_least_twelve_classes_with_distinct_words() -> None:
    words = [word.strip() for entry in catalogue() for word in entry.words.split(",")]
    assert len(NAMES) >= 12
    assert len(set(words)) == len(words)


@pytest.mark.parametrize("index", range(len(NAMES)), ids=NAMES)
def test_class_draws_the_same_picture_for_the_same_seed_and_another_for_another(index: int) -> None:
    picture = draw_picture(index, (3, index), 48)
    assert picture.shape == (48, 48, 3) and picture.dtype == np.uint8
    assert np.array_equal(picture, draw_picture(index, (3, index), 48))
    assert np.abs(picture.astype(int) - draw_picture(index, (4, index), 48)).mean() > 5


@pytest.mark.parametrize("index", range(len(NAMES)), ids=NAMES)
def test_class_covers_a_good_part_of_the_canvas_when_drawn_alone(index: int) -> None:
    entry, rng = catalogue()[index], np.random.default_rng(5)
    if isinstance(entry, Pattern):
        x, y = np.meshgrid(*[np.linspace(0, 4, 64, dtype=np.float32)] * 2)
        surface = entry.paint(x, y, rng)
        assert surface.shape == (64, 64, 3) and surface.std() > 0.05
        return
    canvas = np.full((128, 128, 3), 255, np.uint8)
    entry.draw(Pen(canvas, Pose(64, 64, 50)), rng)
    drawn = (canvas != 255).any(axis=2)
    assert 0.12 < drawn.mean() < 0.98
    assert drawn[32:96, 32:96].mean() > 0.3


def test_pen_puts_units_where_the_pose_says() -> None:
    canvas = np.zeros((40, 60, 3), np.uint8)
    square = [(-1, -1), (1, -1), (1, 1), (-1, 1)]
    Pen(canvas, Pose(x_px=30, y_px=20, unit_px=5, stretch_x=2.0)).fill(square, RED)
    rows, columns = np.nonzero(canvas[:, :, 0] > 127)
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (15, 25, 20, 40)
    assert canvas[:, :, 1:].max() == 0


def test_pen_tilts_clockwise() -> None:
    canvas = np.zeros((40, 40, 3), np.uint8)
    Pen(canvas, Pose(20, 20, 10, angle_deg=90)).line([(0, 0), (1, 0)], RED, 0.2)  # +x turns to down
    assert canvas[28, 20, 0] == 255 and canvas[20, 28, 0] == 0


def test_translucent_fill_mixes_with_what_is_under_it() -> None:
    canvas = np.zeros((20, 20, 3), np.uint8)
    Pen(canvas, Pose(10, 10, 8)).fill(ellipse(0, 0, 1, 1), RED, opacity=0.5)
    assert canvas[10, 10].tolist() == [128, 0, 0]


def test_shapes_have_their_given_extents() -> None:
    assert np.allclose(np.abs(ellipse(1, 2, 3, 4) - (1, 2)).max(axis=0), (3, 4))
    assert np.allclose(ellipse(0, 0, 2, 1, angle_deg=90)[0], (0, 2))
    assert np.allclose(petal(0, 0.5, 1.0, 0.4)[:, 0].max(), 1.5)
    band = ribbon([(0, 0), (1, 0), (2, 0)], 0.5)
    assert np.allclose(band[:, 1], [0.25] * 3 + [-0.25] * 3)
    path = coil(2, 0.1, 0.9)
    assert np.allclose(np.linalg.norm(path[[0, -1]], axis=1), (0.1, 0.9))
    knots = [(0, 0), (1, 0), (1, 1)]
    assert np.allclose(spline(knots, steps=4)[::4], knots)


def test_every_stretch_of_the_row_has_all_classes_once_and_its_bare_backgrounds() -> None:
    for stretch in range(3):
        labels = [label_of(number, 7, 5, 2) for number in range(stretch * 7, stretch * 7 + 7)]
        assert sorted(labels) == [BACKGROUND, BACKGROUND, 0, 1, 2, 3, 4]
    orders = [[label_of(number, seed, 5, 2) for number in range(7)] for seed in range(4)]
    assert any(order != orders[0] for order in orders)


def test_a_block_is_drawn_from_its_numbers_alone() -> None:
    whole = draw_block(Block((0, BACKGROUND, 2), 10, 3, 24))
    assert whole.shape == (3, 24, 24, 3) and whole.dtype == np.uint8
    assert np.array_equal(whole[1:], draw_block(Block((BACKGROUND, 2), 11, 3, 24)))


@pytest.mark.parametrize("kind", [kind for _, kind in backgrounds.KINDS], ids=lambda kind: kind.__name__)
def test_backgrounds_are_colours_of_the_asked_size(kind: Kind) -> None:
    for seed in range(3):
        picture = kind(np.random.default_rng(seed), 40)
        assert picture.shape == (40, 40, 3) and picture.dtype == np.float32 and np.isfinite(picture).all()


@pytest.mark.parametrize("index", [NAMES.index("ladybird"), NAMES.index("zebra")])
def test_pieces_of_other_classes_are_behind_the_subject_and_never_on_top(
    index: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whenever one is drawn, the subject is drawn next, onto the same canvas."""
    calls: list[str] = []

    def noted(name: str) -> Callable[..., object]:
        real = getattr(picture_module, name)

        def note(*of: object) -> object:
            calls.append(name)
            return real(*of)

        return note

    for name in ("distract", "place_creatures", "lay_pattern"):
        monkeypatch.setattr(picture_module, name, noted(name))
    monkeypatch.setattr(picture_module, "DISTRACTED", 1.1)
    for seed in range(6):
        draw_picture(index, seed, 32)
    assert "distract" in calls
    followers = [after for call, after in pairwise([*calls, "end"]) if call == "distract"]
    assert set(followers) <= {"place_creatures", "lay_pattern"}


def test_pieces_of_other_classes_are_at_most_half_as_large_as_the_subject() -> None:
    entry = catalogue()[NAMES.index("ladybird")]
    sizes = []
    for seed in range(12):
        canvas = np.full((160, 160, 3), 255, np.uint8)
        changed = distract(canvas.copy(), entry, np.random.default_rng(seed), 0.3)
        sizes.append((np.abs(changed.astype(int) - 255) > 60).any(axis=2).sum())
    assert 0 < max(sizes) < (2 * 0.15 * 160 * 1.3) ** 2 and min(sizes) < max(sizes)


def test_reaches_go_from_a_fifth_of_the_picture_to_more_than_all_of_it() -> None:
    rng = np.random.default_rng(1)
    reaches = [usual_reach(rng) for _ in range(400)]
    assert 0.1 <= min(reaches) < 0.13 and 0.6 < max(reaches) <= 0.7
    assert 0.25 < np.median(reaches) < 0.45


def test_light_shades_what_is_drawn_and_throws_its_shadow_to_the_far_side() -> None:
    before = np.full((80, 80, 3), 200, np.uint8)
    after = before.copy()
    after[30:50, 30:50] = 100
    shone = lit(before, after, Light(angle=0.0, flank=0.4, shadow=0.6, reach=0.1, softness=0.005))
    assert shone[40, 32, 0] > 100 > shone[40, 47, 0]  # light falls towards +x: the left flank is lit
    assert shone[40, 54, 0] < 120 and shone[40, 25, 0] == 200


def test_nothing_drawn_is_lit_as_it_was() -> None:
    canvas = np.full((40, 40, 3), 9, np.uint8)
    assert np.array_equal(lit(canvas, canvas.copy(), Light(1.0, 0.4, 0.6, 0.1, 0.01)), canvas)


def test_sheet_command_draws_classes_and_lays_out_a_folder(tmp_path: Path) -> None:
    sheet_command(["-o", str(tmp_path / "classes.jpg"), "--columns", "2", "--blocks", "1"])
    with Image.open(tmp_path / "classes.jpg") as sheet:
        assert sheet.width == 2 * 100 + 4 and sheet.height == len(NAMES) * 114 + 4
    folder = tmp_path / "dreams"
    folder.mkdir()
    for name in ("a_b", "c"):
        Image.new("RGB", (30, 30), "red").save(folder / f"{name}.png")
    sheet_command(["-o", str(tmp_path / "dreams.png"), "--folder", str(folder), "--columns", "1"])
    with Image.open(tmp_path / "dreams.png") as sheet:
        assert sheet.size == (200, 2 * 210 + 4)
        assert sheet.getpixel((100, 100)) == (255, 0, 0) and sheet.getpixel((100, 320)) == (255, 0, 0)
