"""The before-and-after sheets: their commands are the program's own, and their cells are what those made."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lucidreel.benchmarks import contact_sheets
from lucidreel.benchmarks.contact_cases import CASES, CLIPS, FILMED, PHOTOS, ZOOMS, Job, jobs
from lucidreel.benchmarks.contact_figures import film_figures, frame_figures, table
from lucidreel.models.labels import read_labels
from lucidreel.render.frames.frames import Picture
from lucidreel.render.media.pictures.pictures import write_picture

NETWORK = Path(contact_sheets.__file__).parents[1] / "models" / "bestiary" / "network"
PROGRAM = str(Path(sys.executable).with_name("lucidreel"))


def grey(level: float) -> Picture:
    return np.full((3, 24, 32), level / 255, np.float32)


def keep(work: Path, name: str, level: float, frames: int) -> None:
    (work / name).mkdir(parents=True)
    for number in range(frames):
        write_picture(work / name / f"{number + 1:06}.png", grey(level))


def test_there_are_six_clips_four_photos_and_three_zooms() -> None:
    assert (len(CLIPS), len(PHOTOS), len(ZOOMS)) == (6, 4, 3)


def test_every_class_is_known_to_both_networks(shared: Path) -> None:
    for file in (shared / "models" / "squeezenet_v1.0" / "synset_words.txt", NETWORK / "labels.txt"):
        labels = read_labels(file)
        for case in CASES:
            labels.find(case.class_name)  # raises an error where there is none


def test_every_input_is_there(shared: Path) -> None:
    checkout = Path(contact_sheets.__file__).parents[1]
    inputs = {word for job in jobs(shared) for word in job.words if word.endswith((".mp4", ".webm", ".jpg"))}
    assert len(inputs) == 10
    assert all((checkout / word).is_file() for word in inputs)


def test_jobs_are_chosen_by_name(tmp_path: Path) -> None:
    assert [job.name for job in jobs(tmp_path, ["fire2/*"], ["*/imagenet", "*/squeezenet"])] == [
        "fire2/source",
        "fire2/bestiary",
    ]


def test_a_class_of_several_words_stays_one_word(tmp_path: Path) -> None:
    (job,) = jobs(tmp_path, ["sky1024px/bestiary"])
    assert job.words[-2:] == ("--class", "great white shark")


def test_a_render_keeps_frames_and_figures_and_is_not_done_twice(tmp_path: Path) -> None:
    still = Job("noise/bestiary", ("still", "noise:40x30", "-c", "eye", "-n", "0"), film=False)
    contact_sheets.render(tmp_path, PROGRAM, [still])
    told = json.loads((tmp_path / still.name / "figures.json").read_text())
    assert len(told["frames"]) == 1
    contact_sheets.render(tmp_path, "no such program", [still])


def test_a_film_is_kept_as_its_frames(tmp_path: Path) -> None:
    words = ("zoom", "noise:40x30", "--duration", "0.2s", "--fps", "10", "-c", "eye", "-n", "0")
    contact_sheets.render(tmp_path, PROGRAM, [Job("zoom-noise/bestiary", words, film=True)])
    assert len(list((tmp_path / "zoom-noise" / "bestiary").glob("*.png"))) == 2


def test_figures_of_a_grey_frame_are_its_level_and_nothing_else() -> None:
    assert frame_figures(grey(100)) == {"mean": 100, "saturation": 0, "sharpness": 0, "clipped": 0}


def test_a_dream_as_restless_as_its_source_has_no_flicker() -> None:
    rng = np.random.default_rng(0)
    still = rng.random((3, 48, 64), dtype=np.float32) * np.float32(0.5)
    calm = film_figures([still + np.float32(0.1)] * 2, [still] * 2)
    wild = film_figures([still, still + np.float32(0.1)], [still] * 2)
    assert calm[1]["flicker"] == pytest.approx(0, abs=0.01)
    assert wild[1]["flicker"] == pytest.approx(25.5, abs=0.6)


def test_a_sheet_has_a_row_for_the_source_and_two_for_every_dreamer(tmp_path: Path) -> None:
    case = CLIPS[2]
    for when, level in (("before", 90), ("after", 200)):
        keep(tmp_path / when, f"{case.name}/source", 10, 15)
        keep(tmp_path / when, f"{case.name}/bestiary", level, 15)
    rows = contact_sheets.film_rows(case, tmp_path / "before", tmp_path / "after")
    assert [round(float(row[0][1].mean()) * 255) for row in rows] == [10, 90, 200]
    assert {len(row) for row in rows} == {5}


def test_a_preview_is_shown_beside_the_films_frame(tmp_path: Path) -> None:
    film, place = FILMED["preview-fire2"]
    keep(tmp_path, f"{film}/source", 10, place + 1)
    keep(tmp_path, f"{film}/bestiary", 90, place + 1)
    keep(tmp_path, "preview-fire2/bestiary", 100, 1)
    (tmp_path / "preview-fire2/bestiary/figures.json").touch()
    case = next(each for each in CASES if each.name == "preview-fire2")
    row, _ = contact_sheets.preview_rows(case, tmp_path, tmp_path)
    assert row[1][0] == "preview, before: 28.1 dB from the film"


def test_a_network_that_was_not_there_before_is_shown_once(tmp_path: Path) -> None:
    for when in ("before", "after"):
        keep(tmp_path / when, "golden_gate/source", 10, 1)
        keep(tmp_path / when, "golden_gate/bestiary", 90, 1)
    keep(tmp_path / "after", "golden_gate/imagenet", 200, 1)
    keep(tmp_path / "before", "golden_gate/layers", 50, 1)
    keep(tmp_path / "before", "golden_gate/squeezenet", 50, 1)
    (row,) = contact_sheets.photo_rows(PHOTOS[:1], tmp_path / "before", tmp_path / "after")
    told = [caption for caption, _ in row]
    assert told == [
        "golden_gate",
        "bestiary, before",
        "bestiary, after",
        "SqueezeNet, fire8/concat, before",
        "imagenet, after",
    ]


def test_a_dreamer_that_lacks_a_photo_is_left_out(tmp_path: Path) -> None:
    for photo in PHOTOS[:2]:
        keep(tmp_path, f"{photo.name}/source", 10, 1)
        keep(tmp_path, f"{photo.name}/bestiary", 90, 1)
    keep(tmp_path, f"{PHOTOS[0].name}/layers", 90, 1)
    rows = contact_sheets.photo_rows(PHOTOS[:2], tmp_path, tmp_path)
    assert [len(row) for row in rows] == [3, 3]


def test_sheets_are_light_enough_for_the_documentation(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    for dreamer in ("source", "bestiary", "squeezenet"):
        (tmp_path / "fire2" / dreamer).mkdir(parents=True)
        for number in range(15):
            speckled = rng.random((3, 144, 256), dtype=np.float32)
            write_picture(tmp_path / "fire2" / dreamer / f"{number:06}.png", speckled)
    (path,) = contact_sheets.compose(tmp_path / "none", tmp_path, tmp_path)
    assert path.stat().st_size <= 350_000
    with Image.open(path) as sheet:
        assert sheet.width >= 5 * 256


def test_the_table_has_a_line_for_every_job_before_and_after(tmp_path: Path) -> None:
    for when, value in (("before", 0.1), ("after", 0.02)):
        (tmp_path / when / "fire2" / "bestiary").mkdir(parents=True)
        told = {"frames": [{"clipped": value, "psnr_db": 20}]}
        (tmp_path / when / "fire2" / "bestiary" / "figures.json").write_text(json.dumps(told))
    text = table(tmp_path / "before", tmp_path / "after", ["fire2/bestiary"])
    assert "| fire2/bestiary | – → – | – → – | 10.0% → 2.0% | 20.0 → 20.0 | – → – |" in text
