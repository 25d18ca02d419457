"""One image: targets, gradient, octaves and the dreamer that ties them together."""
