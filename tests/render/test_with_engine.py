"""The loop around the real engine and a real network: what a preview promises, a render keeps."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from lucidreel.dream.config.dream import DreamConfig
from lucidreel.dream.engine import Dreamer
from lucidreel.dream.targets.targets import Targets
from lucidreel.models.zoo.registry import load_network
from lucidreel.render.carry.camera import CameraCarry
from lucidreel.render.carry.carry import Dreamt
from lucidreel.render.carry.flow_carry import FlowCarry
from lucidreel.render.frames.frames import Frame, Picture
from lucidreel.render.frames.noise import noise_picture
from lucidreel.render.loop import dream_from
from lucidreel.render.media.pictures.pictures import read_picture
from lucidreel.render.media.sources import open_source
from lucidreel.render.motion.flow import still_flow
from lucidreel.render.preview.moments import source_moments
from lucidreel.render.settings.settings import Settings, ZoomConfig
from lucidreel.tests.render.rendering import render_clip, render_zoom

DREAM = DreamConfig(octaves=2, iterations=1, border_px=16, jitter_px=8, precision="fp32")
SIZE = (96, 54)
NEBULA = Path(__file__).resolve().parents[2] / "examples" / "nebula.mp4"


@pytest.fixture(scope="module")
def dreamer(shared: Path) -> Dreamer:
    """A short dream of a real network's layer."""
    network = load_network(shared / "models" / "squeezenet_v1.0")
    return Dreamer(network, Targets(layers={"fire4/concat": 1.0}), DREAM, torch.device("cpu"))


def test_preview_is_the_frame_that_a_render_without_carry_makes(
    shared: Path, tmp_path: Path, plain: Callable[..., Any], dreamer: Dreamer
) -> None:
    clip, config = shared / "clips" / "chaplin.mp4", plain(size_px=SIZE, start_s=4, end_s=4.12)
    render_clip(clip, tmp_path / "film", config, dreamer, overwrite=False)
    sources = [moment.picture for moment in source_moments(clip, [4.0, 4.1], config)]
    previews = [dreamer.dream(source) for source in sources]
    for number, preview, source in zip((1, 3), previews, sources, strict=True):
        frame = read_picture(tmp_path / "film" / f"{number:06d}.png")
        assert np.abs(frame - preview).max() <= 0.5 / 255 + 1e-6
        assert np.abs(frame - source).mean() > 1 / 255


def test_blend_and_zoom_go_through_the_engine(shared: Path, tmp_path: Path, dreamer: Dreamer) -> None:
    config = Settings.read(
        {
            "clip": {"carry": "blend", "size_px": list(SIZE), "end_s": 0.1},
            "zoom": {"duration_s": 0.1, "fps": "30"},
        },
        "the test",
    )
    clip = shared / "clips" / "volcano.mp4"
    film = render_clip(clip, tmp_path / "film.mp4", config, dreamer, overwrite=False)
    assert film.frames == 3
    start = read_picture(shared / "photos" / "flowers.jpg", SIZE)
    zoom = render_zoom(start, tmp_path / "zoom", config, dreamer, overwrite=False)
    assert zoom.frames == 3
    first, last = (read_picture(tmp_path / "zoom" / f"{number:06d}.png") for number in (1, 3))
    assert np.abs(first - dreamer.dream(start)).max() <= 0.5 / 255 + 1e-6
    assert np.abs(last - first).mean() > 1 / 255


def test_a_still_shot_comes_to_rest_and_its_dream_neither_fades_nor_piles_up() -> None:
    network = load_network("bestiary")
    rule = DreamConfig(octaves=1, iterations=4, border_px=8, jitter_px=8, precision="fp32")
    dreamer = Dreamer(network, Targets(classes={"scales": 1.0}), rule, torch.device("cpu"))
    config = Settings.read({"clip": {"size_px": [64, 48]}}, "the test").clip
    source = next(open_source(NEBULA, config).frames()).picture
    film = dreamt_still(source, 100, FlowCarry(config.flow), dreamer)
    changes = [float(np.abs(now - before).mean()) * 255 for before, now in pairwise(film)]
    assert changes[-1] < 0.2 and changes[-1] < changes[4] / 4
    strengths = [float(np.abs(picture - source).mean()) for picture in film]
    assert strengths[0] < strengths[50] < 5 * strengths[0]
    assert strengths[99] == pytest.approx(strengths[50], rel=0.2)
    spreads = [float(picture.std()) for picture in film]
    assert spreads[99] == pytest.approx(spreads[0], rel=0.2)


def dreamt_still(source: Picture, count: int, carry: FlowCarry, dreamer: Dreamer) -> list[Picture]:
    """Return the dreams of one frame shown many times over."""
    last: Dreamt | None = None
    film = []
    for index in range(count):
        frame = Frame(index, Fraction(index, 25), source)
        start = carry.start(frame, last, None if last is None else still_flow(source))
        last = Dreamt(frame, dream_from(dreamer, start, {}), start.history)
        film.append(last.picture)
    return film


def test_a_zoom_keeps_the_tone_of_its_first_frame_where_it_would_drift_to_neon() -> None:
    rule = DreamConfig(octaves=1, iterations=12, border_px=8, jitter_px=8, precision="fp32")
    dreamer = Dreamer(
        load_network("bestiary"), Targets(classes={"jellyfish": 1.0}), rule, torch.device("cpu")
    )
    held, free = (
        tones(ZoomConfig(tone_hold=hold, births=births, fps="12"), dreamer, 30)
        for hold, births in ((ZoomConfig().tone_hold, ZoomConfig().births), (0.0, 0.0))
    )
    assert np.abs(held[-6:].mean(0) / held[:12].mean(0) - 1).max() < 0.2
    assert np.abs(free[-6:].mean(0) / free[:12].mean(0) - 1).max() > 0.3


def tones(config: ZoomConfig, dreamer: Dreamer, count: int) -> NDArray[np.float64]:
    """Return mean, deviation and saturation of every frame of a zoom into noise, (count, 3)."""
    carry, start = CameraCarry(config), noise_picture(64, 48, 0)
    last: Dreamt | None = None
    told = []
    for index in range(count):
        frame = Frame(index, Fraction(index, 12), start)
        picture = dream_from(dreamer, carry.start(frame, last), {})
        last = Dreamt(frame, picture, opening=picture if last is None else last.opening)
        told.append([picture.mean(), picture.std(), (picture.max(0) - picture.min(0)).mean()])
    return np.array(told, dtype=np.float64)
