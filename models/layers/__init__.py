"""The Caffe layer types, each a small differentiable class in one registry (see base.py)."""

from . import (
    activation,
    affine,
    combine,
    convolution,
    lrn,
    normalization,
    pooling,
    published,
    reshape,
    select,
    source,
)
from .base import Layer, PointwiseLayer, Weight, Window, find_layer_type, supported_types

__all__ = [
    "Layer",
    "PointwiseLayer",
    "Weight",
    "Window",
    "activation",
    "affine",
    "combine",
    "convolution",
    "find_layer_type",
    "lrn",
    "normalization",
    "pooling",
    "published",
    "reshape",
    "select",
    "source",
    "supported_types",
]
