"""Matrix notation for what is written in indices."""

from symformer.display.matrices import Array, Matrix, Scalar
from symformer.display.recognise import recognise

__all__ = ["Array", "Matrix", "Scalar", "recognise"]
