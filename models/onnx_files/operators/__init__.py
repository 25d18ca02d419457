"""What becomes of each of ONNX's operators: a function per operator, which adds layers to a translation.

table.py          the operators by name, and the attributes that each is known to have
sliding.py        convolutions, pooling; pads.py, the zeros around maps
pointwise.py      rectifiers and other functions of one value; arithmetic.py, sums and products
reshaping.py      what moves values: Flatten, Reshape, Concat
classifying.py    inner products, normalisation, softmax
"""

from . import arithmetic, classifying, pointwise, reshaping, sliding
from .table import OPERATORS

__all__ = ["OPERATORS", "arithmetic", "classifying", "pointwise", "reshaping", "sliding"]
