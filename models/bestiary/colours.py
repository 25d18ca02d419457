"""Colours as (red, green, blue) triples of floats in 0..1, and the few ways drawings vary them."""

import colorsys

import numpy as np
from numpy.random import Generator

Colour = tuple[float, float, float]

WHITE: Colour = (1.0, 1.0, 1.0)
BLACK: Colour = (0.0, 0.0, 0.0)


def hsv(hue_deg: float, saturation: float, value: float) -> Colour:
    """Colour of a hue in degrees (0 red, 120 green, 240 blue; wraps) with saturation and value in 0..1."""
    saturation, value = min(max(saturation, 0.0), 1.0), min(max(value, 0.0), 1.0)
    return colorsys.hsv_to_rgb((hue_deg / 360.0) % 1.0, saturation, value)


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """Straight blend: ``share`` 0 gives the first colour, 1 the second."""
    red, green, blue = (a + (b - a) * share for a, b in zip(first, second, strict=True))
    return red, green, blue


def darker(colour: Colour, share: float) -> Colour:
    """The colour with ``share`` of the way to black."""
    return mix(colour, BLACK, share)


def lighter(colour: Colour, share: float) -> Colour:
    """The colour with ``share`` of the way to white."""
    return mix(colour, WHITE, share)


def vary(rng: Generator, colour: Colour, amount: float = 0.08) -> Colour:
    """The colour moved by up to ``amount`` in each component, clipped to 0..1."""
    red, green, blue = np.clip(np.asarray(colour) + rng.uniform(-amount, amount, 3), 0.0, 1.0).tolist()
    return red, green, blue


def any_colour(rng: Generator) -> Colour:
    """Any colour at all, from greyish to saturated and from dark to bright."""
    return hsv(rng.uniform(0, 360), rng.uniform(0.0, 0.9), rng.uniform(0.08, 0.95))


def rich(rng: Generator, *hues_deg: tuple[float, float]) -> Colour:
    """A saturated bright colour with a hue from one of the ranges (degrees), or any hue if none is given."""
    low, high = hues_deg[rng.integers(len(hues_deg))] if hues_deg else (0.0, 360.0)
    return hsv(rng.uniform(low, high), rng.uniform(0.65, 1.0), rng.uniform(0.65, 1.0))
