"""The drawings: every class draws, from its seed alone, and no two seeds draw the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lucidreel.models.bestiary.catalogue import Pattern, catalogue, class_names
from lucidreel.models.bestiary.drawn import BACKGROUND, drawn_pictures, labels_for
from lucidreel.models.bestiary.pen import Pen, Pose
from lucidreel.models.bestiary.picture import draw_picture
from lucidreel.models.bestiary.shapes import coil, ellipse, petal, ribbon, spline
from lucidreel.models.bestiary.sheet import main as sheet_command

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


def test_drawn_pictures_are_the_same_by_any_number_of_workers_and_from_the_file(tmp_path: Path) -> None:
    alone, labels = drawn_pictures(tmp_path / "a", 9, 1, 2, 24, workers=0)
    together, _ = drawn_pictures(tmp_path / "b", 9, 1, 2, 24, workers=2)
    again, _ = drawn_pictures(tmp_path / "a", 9, 1, 2, 24, workers=0)
    assert np.array_equal(alone, together) and np.array_equal(alone, again)
    assert labels.tolist() == [*range(len(NAMES)), BACKGROUND, BACKGROUND]
    assert [file.suffix for file in (tmp_path / "a").iterdir()] == [".npy"]


def test_labels_go_round_all_classes() -> None:
    assert labels_for(2, 1).tolist() == [*range(len(NAMES)), *range(len(NAMES)), BACKGROUND]


def test_sheet_command_draws_classes_and_lays_out_a_folder(tmp_path: Path) -> None:
    sheet_command(["-o", str(tmp_path / "classes.jpg"), "--columns", "2"])
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
