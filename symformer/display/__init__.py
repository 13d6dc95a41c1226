"""Matrix notation for what is written in indices."""

from symformer.display.compound import Partial, Repeated, Total
from symformer.display.matrices import Array, Matrix, Scalar, transform
from symformer.display.recognise import recognise

__all__ = ["Array", "Matrix", "Repeated", "Partial", "Scalar", "Total", "recognise", "transform"]
