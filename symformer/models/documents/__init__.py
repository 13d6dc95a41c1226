"""The documents of the field as programs: what papers print, in the conventions that each of them has."""

from symformer.models.documents.algorithms import ALGORITHMS, algorithm
from symformer.models.documents.blocks import sinusoidal
from symformer.models.documents.conventions import Conventions
from symformer.models.documents.transformer import VASWANI, transformer

__all__ = ["ALGORITHMS", "VASWANI", "Conventions", "algorithm", "sinusoidal", "transformer"]
