"""How a definition says which layer holds the class scores: what takes them, and what only passes them on."""

TAKES_SCORES = ("Softmax", "SoftmaxWithLoss")
"""Layers whose first bottom is one score per class."""

TRANSPARENT = ("Dropout", "Flatten", "Reshape", "Split")
"""Layers through which a class score passes as it is."""
