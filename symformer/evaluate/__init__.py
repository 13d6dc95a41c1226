"""Programs at concrete sizes, in any field of numbers: symbols, dual numbers, polynomials in random entries."""

from symformer.evaluate.dual import Dual, DualField
from symformer.evaluate.fields import Effort, Field, Ordered, Tied, Unbounded, Undecidable, Undefined, holds
from symformer.evaluate.floats import FloatField
from symformer.evaluate.interpreter import HIDDEN, Interpreter, Place
from symformer.evaluate.symbols import SymbolField, explicit
from symformer.notation.tensors import scalar_symbol

__all__ = [
    "HIDDEN",
    "Dual",
    "DualField",
    "Effort",
    "Field",
    "FloatField",
    "Interpreter",
    "Ordered",
    "Place",
    "SymbolField",
    "Unbounded",
    "Tied",
    "Undecidable",
    "Undefined",
    "explicit",
    "holds",
    "scalar_symbol",
]
