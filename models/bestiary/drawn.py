"""Drawn pictures by the thousand: made once by worker processes, kept in a file outside the repository.

The file's name carries everything it depends on (seed, count, size and a fingerprint of the drawings), so
that a changed drawing is never trained on from an old file.
"""

import hashlib
import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from .catalogue import class_names
from .picture import draw_picture

BACKGROUND = -1  # the label of a bare background

_CHUNK = 64


def labels_for(per_class: int, backgrounds: int) -> NDArray[np.int64]:
    """The label of every picture in order: all classes in turn, again and again, then bare backgrounds."""
    classes = np.tile(np.arange(len(class_names())), per_class)
    return np.concatenate([classes, np.full(backgrounds, BACKGROUND)]).astype(np.int64)


def drawn_pictures(
    folder: Path, seed: int, per_class: int, backgrounds: int, size_px: int, workers: int
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Pictures (n, size, size, 3) RGB uint8, mapped from a file in ``folder``, and their labels (n,).

    Draws them with ``workers`` processes (0: in this one) when the file is not there yet.
    """
    labels = labels_for(per_class, backgrounds)
    file = folder / f"drawn-{seed}-{per_class}-{backgrounds}-{size_px}-{_fingerprint()}.npy"
    if not file.exists():
        folder.mkdir(parents=True, exist_ok=True)
        unfinished = file.with_suffix(".part")
        shape = (len(labels), size_px, size_px, 3)
        pictures = np.lib.format.open_memmap(unfinished, mode="w+", dtype=np.uint8, shape=shape)
        for start, block in _draw_blocks(labels, seed, size_px, workers):
            pictures[start : start + len(block)] = block
        pictures.flush()
        del pictures  # Windows renames no file that is mapped
        unfinished.replace(file)
    return np.load(file, mmap_mode="r"), labels


def _draw_blocks(
    labels: NDArray[np.int64], seed: int, size_px: int, workers: int
) -> Iterator[tuple[int, NDArray[np.uint8]]]:
    jobs = [
        (start, labels[start : start + _CHUNK].tolist(), seed, size_px)
        for start in range(0, len(labels), _CHUNK)
    ]
    if workers == 0:
        yield from map(_draw_block, jobs)
        return
    with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), _one_thread_each) as pool:
        yield from pool.map(_draw_block, jobs)


def _one_thread_each() -> None:
    cv2.setNumThreads(1)


def _draw_block(job: tuple[int, list[int], int, int]) -> tuple[int, NDArray[np.uint8]]:
    start, labels, seed, size_px = job
    pictures = [
        draw_picture(None if label == BACKGROUND else label, (seed, start + offset), size_px)
        for offset, label in enumerate(labels)
    ]
    return start, np.stack(pictures)


def _fingerprint() -> str:
    """Hash of two small pictures of every class, so that a new or changed drawing is seen."""
    drawn = hashlib.sha256()
    for index in range(len(class_names())):
        for seed in range(2):
            drawn.update(draw_picture(index, (index, seed), 32).tobytes())
    return drawn.hexdigest()[:12]
