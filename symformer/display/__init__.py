"""Matrix notation for what is written in indices."""

from symformer.display.matrices import Array, Matrix, Partial, Repeated, Scalar, Total, transform
from symformer.display.recognise import recognise

__all__ = ["Array", "Matrix", "Repeated", "Partial", "Scalar", "Total", "recognise", "transform"]
