"""What results say of themselves, read back with PyAV and Pillow."""

from __future__ import annotations

import subprocess
from fractions import Fraction
from pathlib import Path

import av
import imageio_ffmpeg
import numpy as np
import pytest
from PIL import Image

from lucidreel import __version__
from lucidreel.render.frames.noise import noise_picture
from lucidreel.render.media.clip.probe import probe
from lucidreel.render.media.encode.tags import add_gif_comment, tags_of
from lucidreel.render.media.pictures.pictures import read_picture, write_picture
from lucidreel.render.settings.settings import Settings
from lucidreel.tests.render.rendering import render_clip, render_zoom
from lucidreel.tests.render.stand_in import StandIn

PROGRAM = f"lucidreel {__version__}"
PICTURE = np.full((3, 24, 32), 0.4, np.float32)


def _settings(tags: bool = True, **targets: object) -> Settings:
    tree = {
        "targets": targets or {"classes": {"goldfish": 1.0}},
        "clip": {"carry": "none", "cuts": "none"},
        "zoom": {"duration_s": 0.2, "fps": "10"},
        "output": {"tags": tags},
    }
    return Settings.read(tree, "the test")


def _clip(path: Path, *tags: str) -> Path:
    command = [
        imageio_ffmpeg.get_ffmpeg_exe(),
        "-v",
        "error",
        "-f",
        "lavfi",
        "-i",
        "testsrc=s=32x32:r=5:d=0.4",
    ]
    subprocess.run([*command, *(word for tag in tags for word in ("-metadata", tag)), str(path)], check=True)
    return path


def _read(path: Path) -> dict[str, str]:
    with av.open(str(path)) as container:
        return {key.lower(): value for key, value in container.metadata.items()}


def _film(clip: Path, output: Path, settings: Settings) -> dict[str, str]:
    render_clip(clip, output, settings, StandIn(), False)
    return _read(output)


@pytest.mark.parametrize("suffix", [".mp4", ".m4v", ".mov", ".mkv", ".webm"])
def test_a_film_says_what_it_is_and_keeps_what_its_clip_said(suffix: str, tmp_path: Path) -> None:
    clip = _clip(tmp_path / "clip.mp4", "title=Harbour", "artist=Änne", "comment=low tide; 100 % = fun")
    told = _film(clip, tmp_path / f"own{suffix}", _settings())
    assert (told["title"], told["artist"]) == ("Harbour", "Änne")
    kept, ours = told["comment"].split("\n")
    assert kept == "low tide; 100 % = fun"
    assert ours.startswith(f"{PROGRAM}: goldfish, network bestiary") and "seed 0" in ours

    told = _film(_clip(tmp_path / "bare.mkv"), tmp_path / f"own-bare{suffix}", _settings())
    assert told["title"] == "Dream of goldfish" and told["comment"].startswith(PROGRAM)
    assert "carry none" in told["comment"]


def test_without_tags_a_film_has_its_clips_alone(tmp_path: Path) -> None:
    clip = _clip(tmp_path / "clip.mp4", "title=Harbour", "comment=low tide")
    told = _film(clip, tmp_path / "own.mp4", _settings(tags=False))
    assert (told["title"], told["comment"]) == ("Harbour", "low tide")
    told = _film(_clip(tmp_path / "bare.mp4"), tmp_path / "bare.mp4.mkv", _settings(tags=False))
    assert "title" not in told and "comment" not in told


def test_a_gif_says_it_in_a_comment_and_still_shows_all_of_its_frames(tmp_path: Path) -> None:
    clip, film = _clip(tmp_path / "clip.mp4", "title=Harbour", f"comment={'long ' * 100}"), tmp_path / "o.gif"
    told = _film(clip, film, _settings())
    assert "Harbour" in told["comment"] and told["comment"].endswith("seed 0")
    with Image.open(film) as frames:
        assert getattr(frames, "n_frames", 1) == 2
        for number in range(2):
            frames.seek(number)
            frames.load()
    with av.open(str(film)) as players:
        assert [packet.pts for packet in players.demux(video=0) if packet.size] == [0, 20]
    assert probe(film).packet_times_s == (Fraction(0), Fraction(1, 5))


def test_a_gif_larger_than_a_chunk_keeps_every_byte_around_its_comment(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (4, 700, 900), np.uint8)
    first, *rest = [Image.fromarray(each) for each in noise]
    first.save(tmp_path / "a.gif", save_all=True, append_images=rest, duration=100)
    whole = (tmp_path / "a.gif").read_bytes()
    tags = tags_of(_settings())
    assert tags is not None
    add_gif_comment(tmp_path / "a.gif", tags)
    told = (tmp_path / "a.gif").read_bytes()
    assert len(whole) > 2**21
    begin = next(n for n in range(len(whole)) if told[n] != whole[n])
    assert told[len(told) - len(whole) + begin :] == whole[begin:]
    assert b"goldfish" in told[begin : begin + 400]


def test_a_zoom_says_what_it_is(tmp_path: Path) -> None:
    film = tmp_path / "zoom.mkv"
    render_zoom(noise_picture(32, 32, 0), film, _settings(), StandIn(), False)
    told = _read(film)
    assert told["title"] == "Dream of goldfish" and "carry" not in told["comment"]


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".gif"])
def test_two_runs_make_the_same_bytes(suffix: str, tmp_path: Path) -> None:
    clip = _clip(tmp_path / "clip.mp4", "title=Harbour")
    for name in ("one", "two"):
        _film(clip, tmp_path / f"{name}{suffix}", _settings())
    assert (tmp_path / f"one{suffix}").read_bytes() == (tmp_path / f"two{suffix}").read_bytes()


@pytest.mark.parametrize("bit_depth", [8, 16])
def test_every_png_of_a_folder_says_it(bit_depth: int, tmp_path: Path) -> None:
    settings = _settings()
    deep = settings.model_copy(update={"output": settings.output.model_copy(update={"bit_depth": bit_depth})})
    render_clip(_clip(tmp_path / "clip.mp4"), tmp_path / "film", deep, StandIn(), False)
    for path in sorted((tmp_path / "film").iterdir()):
        with Image.open(path) as image:
            image.load()
            assert image.info["Title"] == "Dream of goldfish" and image.info["Software"] == PROGRAM


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp", ".tif", ".BMP"])
def test_a_picture_says_it_where_its_format_can_and_keeps_its_pixels(suffix: str, tmp_path: Path) -> None:
    tags = tags_of(_settings(classes={"goldfish": 1.0, "Müller's barbet": -0.5}))
    bare, told = tmp_path / f"bare{suffix}", tmp_path / f"told{suffix}"
    write_picture(bare, PICTURE)
    write_picture(told, PICTURE, tags=tags)
    assert np.array_equal(read_picture(bare), read_picture(told))
    with Image.open(told) as image:
        image.load()
        if suffix == ".png":
            assert image.info["Title"] == "Dream of goldfish, -0.5 Müller's barbet"
            assert image.info["Comment"].startswith(PROGRAM) and image.info["Software"] == PROGRAM
        elif suffix != ".BMP":
            exif = image.getexif()
            assert exif[0x0131] == PROGRAM
            assert "Dream of goldfish" in exif[0x010E] and "seed 0" in exif[0x010E]
        else:
            assert bare.read_bytes() == told.read_bytes()


def test_tags_name_no_folder(tmp_path: Path) -> None:
    home = "/home/ann/secret"
    settings = Settings.read(
        {
            "model": f"{home}/net",
            "targets": {
                "classes": {f"eye@{home}/water.png": 1.0, f"{home}/sea.json@!{home}/a.png": 2.0},
                "guides": {f"{home}/bees.jpg@conv1@{home}/b.png": 1.0},
                "neurons": {"conv1:3@0.2,0.7": 1.0},
            },
        },
        "the test",
    )
    tags = tags_of(settings)
    assert tags is not None
    assert "secret" not in tags.title + tags.comment
    assert tags.title == ("Dream of eye@water.png, 2 sea.json@!a.png, conv1:3@0.2,0.7, bees.jpg@conv1@b.png")
    assert "network net" in tags.comment


def test_several_networks_are_told_and_what_one_of_them_dreams_of_alone() -> None:
    tree = {
        "model": ["/secret/net", "bestiary=0.5"],
        "targets": {"classes": {"net::/secret/sea.json@dark": 1.0, "bestiary::eye": 0.5}},
    }
    tags = tags_of(Settings.read(tree, "the test"))
    assert tags is not None
    assert tags.title == "Dream of net::sea.json@dark, 0.5 bestiary::eye"
    assert "networks net + bestiary," in tags.comment and "secret" not in tags.comment
