"""From a gradient to a step of the picture."""
