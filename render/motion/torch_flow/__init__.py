"""Optical flow in PyTorch, for graphics cards: a dense inverse search whose every stage is one batch.

    pyramid      both frames at every scale
    patches      how patches of one frame lie in the other: candidates, then Gauss-Newton
    densify      from patches that overlap to a vector per pixel
    refinement   the same field made smooth where the picture allows it
    search       from coarse to fine through these
    confidence   where flow back and forth agree
    estimator    two pictures in, a `Flow` out

Flow fields are tensors (n, 2, h, w), to the right and down, in pixels; pictures (n, 1, h, w) in levels of
255. The batch holds both directions. Nothing is scattered and no sum depends on the order in which threads
come by, so the same pictures give the same bits on the same device. For that, every operation is one that
PyTorch holds for deterministic in its forward direction: no scatter, no atomics, no convolution that chooses
how to sum.
"""
