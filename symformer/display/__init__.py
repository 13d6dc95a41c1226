"""Matrix notation for what is written in indices."""

from symformer.display.compound import Partial, Repeated, Total
from symformer.display.kinds import SCALAR, IllTyped, Kind
from symformer.display.matrices import IDENTITY, ONES, Array, Matrix, Scalar, transform
from symformer.display.operators import ROW, SOFTMAX
from symformer.display.parts import every_part
from symformer.display.recognise import recognise

__all__ = [
    "IDENTITY",
    "ONES",
    "ROW",
    "SOFTMAX",
    "SCALAR",
    "Array",
    "IllTyped",
    "Kind",
    "Matrix",
    "Partial",
    "Repeated",
    "Scalar",
    "Total",
    "every_part",
    "recognise",
    "transform",
]
