"""How true the two measures of optical flow are, side by side, on motion that is known and on real clips.

    python -m lucidreel.benchmarks.flow PICTURE CLIP ...      the picture is cut, moved and measured
    python -m lucidreel.benchmarks.flow PICTURE CLIP --size 427x240 --frames 14

    error        mean length of (found - true) in pixels, where the content was there before
    1px          share of those pixels that are off by more than 1 px
    believed     share of those pixels that are believed; `new` is the same of what was not there before
    flicker      of a real clip: mean |s_t - moved(s_t-1)| in levels of 255, where all are sure
    ms           the fastest of three runs on a frame, both directions, confidence included

`opencv` measures in renders on the CPU, `torch` in those on CUDA; here it runs on --device.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from lucidreel.benchmarks.flicker import flicker
from lucidreel.render.frames.frames import Map, Picture
from lucidreel.render.media.pictures.pictures import read_picture
from lucidreel.render.media.sources import open_source
from lucidreel.render.motion.flow import FlowEstimator
from lucidreel.render.motion.flow_field import FlowField
from lucidreel.render.motion.opencv_flow import OpenCVFlowEstimator
from lucidreel.render.motion.torch_flow.estimator import TorchFlowEstimator
from lucidreel.render.settings.flow import FlowConfig
from lucidreel.render.settings.quantities import read_size
from lucidreel.render.settings.settings import ClipConfig

SIZE = 640, 360
"""Of the pictures with known motion."""


@dataclass(frozen=True)
class Motion:
    """Two frames whose flow is known."""

    name: str
    before: Picture
    now: Picture
    back_px: FlowField
    there: Map
    """1 where the content was in the frame before, 0 where it is new."""


def motions(picture: Picture) -> Iterator[Motion]:
    """Yield frames cut from a picture under many motions; it is to be larger than 1.3 of `SIZE`."""
    for x, y in ((0.25, -0.4), (0.5, 0.5), (3.3, 1.7), (12.0, -5.0), (30.0, 8.0), (60.0, 0.0)):
        yield affine(f"pan {x:g}, {y:g} px", picture, np.eye(2), (x, y))
    yield affine("rotation 2 deg", picture, _turn(2), (0, 0))
    yield affine("rotation 8 deg", picture, _turn(8), (0, 0))
    yield affine("zoom 3 %", picture, np.eye(2) * 1.03, (0, 0))
    yield affine("zoom 12 %", picture, np.eye(2) * 1.12, (0, 0))
    for speed in (6, 24):
        yield two_layers(f"disc over ground, {speed} px", picture, speed)
    plain = affine("pan 5, 2 px", picture, np.eye(2), (5, 2))
    yield _changed(plain, "5 px, light +20 %, +10", lambda now: now * 1.2 + 10 / 255)
    for levels in (2, 6):
        yield _noisy(plain, f"5 px, noise of {levels} levels", levels)
    flat = np.clip(picture * 4 - 1.5, 0, 1).astype(np.float32)
    yield _noisy(affine("", flat, np.eye(2), (5, 2)), "5 px, large flat regions, noise of 1", 1)


def affine(name: str, picture: Picture, matrix: NDArray[np.float64], shift: tuple[float, float]) -> Motion:
    """Move the camera: before(q) = picture(A(q)), now(p) = picture(p), so p + back(p) = A^-1(p)."""
    width, height = SIZE
    x, y = np.meshgrid(np.arange(width) - (width - 1) / 2, np.arange(height) - (height - 1) / 2)
    at = np.stack([x, y], axis=-1)
    seen = at @ matrix.T + np.array(shift)
    source = (at - np.array(shift)) @ np.linalg.inv(matrix).T
    before = _looked_at(picture, seen)
    field = np.asarray(source - at, np.float32)
    return Motion(name, before, _looked_at(picture, at), field, _inside(source))


def two_layers(name: str, picture: Picture, speed: float) -> Motion:
    """Move a disc with a picture of its own (the mirrored one) to the right, over ground that moves left."""
    width, height = SIZE
    x, y = np.meshgrid(np.arange(width) - (width - 1) / 2, np.arange(height) - (height - 1) / 2)
    at, other = np.stack([x, y], axis=-1), np.ascontiguousarray(picture[:, ::-1, ::-1])
    step = np.array([speed, speed / 4])
    disc_now, disc_before = (np.hypot(*np.moveaxis(at + move, -1, 0)) < 90 for move in (0, step))
    ground_now, ground_before = _looked_at(picture, at), _looked_at(picture, at - step / 2)
    now = np.where(disc_now, _looked_at(other, at), ground_now)
    before = np.where(disc_before, _looked_at(other, at + step), ground_before)
    field = np.where(disc_now[..., None], -step, step / 2).astype(np.float32)
    source = at + field
    hidden = ~disc_now & (np.hypot(*np.moveaxis(source + step, -1, 0)) < 90)
    there = _inside(source) * ~hidden
    return Motion(name, before, now, field, there.astype(np.float32))


def _turn(angle_deg: float) -> NDArray[np.float64]:
    angle = np.deg2rad(angle_deg)
    return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])


def _looked_at(picture: Picture, at: NDArray[np.float64]) -> Picture:
    """Return what a picture shows at places relative to its middle."""
    height, width = picture.shape[1:]
    x, y = (
        (at[..., 0] + (width - 1) / 2).astype(np.float32),
        (at[..., 1] + (height - 1) / 2).astype(np.float32),
    )
    image = np.ascontiguousarray(picture.transpose(1, 2, 0))
    seen = cv2.remap(image, x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
    return np.asarray(np.clip(seen.transpose(2, 0, 1), 0, 1), np.float32)


def _inside(source: NDArray[Any]) -> Map:
    reach = np.array([(SIZE[0] - 1) / 2, (SIZE[1] - 1) / 2])
    return np.asarray((np.abs(source) <= reach).all(axis=-1), np.float32)


def _changed(motion: Motion, name: str, change: Callable[[Picture], Picture]) -> Motion:
    now = np.clip(change(motion.now), 0, 1).astype(np.float32)
    return Motion(name, motion.before, now, motion.back_px, motion.there)


def _noisy(motion: Motion, name: str, sigma: float) -> Motion:
    rng = np.random.default_rng(5)
    before, now = (
        np.clip(frame + rng.normal(0, sigma / 255, frame.shape), 0, 1).astype(np.float32)
        for frame in (motion.before, motion.now)
    )
    return Motion(name, before, now, motion.back_px, motion.there)


def true_table(picture: Picture, estimators: dict[str, FlowEstimator]) -> None:
    """Print, for every known motion and every estimator, how far the flow is from the truth."""
    print(f"{'motion':36}" + "".join(f"{name:>8}: error   1px believed  new " for name in estimators))
    for motion in motions(picture):
        line = f"{motion.name:36}"
        for estimator in estimators.values():
            flow = estimator.between(motion.before, motion.now)
            there = motion.there > 0
            off = np.hypot(*np.moveaxis(flow.back_px - motion.back_px, -1, 0))
            new = flow.confidence[~there].mean() if (~there).any() else np.nan
            line += f"{off[there].mean():15.3f} {(off[there] > 1).mean():6.1%} "
            line += f"{flow.confidence[there].mean():7.1%} {new:6.1%}"
        print(line, flush=True)


def clip_table(clip: Path, config: ClipConfig, frames: int, estimators: dict[str, FlowEstimator]) -> None:
    """Print how much of a real clip each estimator believes, and how still it lies where all of them do."""
    pictures = [frame.picture for frame in islice(open_source(clip, config).frames(), frames)]
    height, width = pictures[0].shape[1:]
    measured = {
        name: [estimator.between(*pair) for pair in pairwise(pictures)]
        for name, estimator in estimators.items()
    }
    common = [
        np.minimum.reduce([flow.confidence for flow in flows])
        for flows in zip(*measured.values(), strict=True)
    ]
    for name, flows in measured.items():
        believed = np.mean([flow.confidence.mean() for flow in flows])
        length = np.mean([np.hypot(*np.moveaxis(flow.back_px, -1, 0)).mean() for flow in flows])
        still = flicker(
            pictures, [replace(flow, confidence=sure) for flow, sure in zip(flows, common, strict=True)]
        )
        ms = 1000 * min(_seconds(estimators[name], pictures) for _ in range(3))
        print(
            f"{clip.name:16} {width}x{height} {len(pictures):3} frames {name:8} believed {believed:6.1%}  "
            f"flicker {still:5.2f}  length {length:5.2f} px  {ms:6.0f} ms",
            flush=True,
        )


def _seconds(estimator: FlowEstimator, pictures: list[Picture]) -> float:
    began = time.perf_counter()
    estimator.between(pictures[0], pictures[1])
    return time.perf_counter() - began


def main() -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("picture", type=Path)
    parser.add_argument("clips", type=Path, nargs="*")
    parser.add_argument("--size", default="427x240")
    parser.add_argument("--frames", type=int, default=14)
    parser.add_argument("--device", default="cpu")
    asked = parser.parse_args()
    rule = FlowConfig()
    estimators: dict[str, FlowEstimator] = {
        "opencv": OpenCVFlowEstimator(rule),
        "torch": TorchFlowEstimator(rule, torch.device(asked.device)),
    }
    true_table(read_picture(asked.picture), estimators)
    for clip in asked.clips:
        clip_table(
            clip, ClipConfig.model_validate({"size_px": read_size(asked.size)}), asked.frames, estimators
        )


if __name__ == "__main__":
    main()
