"""Worked numbers: a reader's values in the symbolic steps."""

from symformer.values.errors import ValuesError
from symformer.values.example import Example, Step
from symformer.values.files import read_file
from symformer.values.ops import op_program
from symformer.values.reading import Values, bind
from symformer.values.rounding import Rounding
from symformer.values.substituted import slice_of
from symformer.values.writing import literal, template

__all__ = [
    "Example",
    "Rounding",
    "Step",
    "Values",
    "ValuesError",
    "bind",
    "literal",
    "op_program",
    "read_file",
    "slice_of",
    "template",
]
