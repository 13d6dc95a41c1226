"""Worked numbers: a reader's values in the symbolic steps."""

from symformer.values.errors import ValuesError
from symformer.values.example import Example, Step
from symformer.values.ops import op_program
from symformer.values.reading import Values, bind, read_file
from symformer.values.rounding import Rounding

__all__ = ["Example", "Rounding", "Step", "Values", "ValuesError", "bind", "op_program", "read_file"]
