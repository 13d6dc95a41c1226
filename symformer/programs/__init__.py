"""Programs: tensors defined from tensors, by definitions and calls."""

from symformer.programs.graph import elements, input_tensors, parents, reachable, size_symbols, unfolded
from symformer.programs.origin import Call, Computed, Definition, Guard, call, stable, textbook
from symformer.programs.program import Program, program, statement_box
from symformer.programs.tensor import DefinedTensor, define

__all__ = [
    "Call",
    "Computed",
    "DefinedTensor",
    "Definition",
    "Guard",
    "Program",
    "call",
    "define",
    "elements",
    "input_tensors",
    "parents",
    "program",
    "reachable",
    "size_symbols",
    "stable",
    "statement_box",
    "textbook",
    "unfolded",
]
