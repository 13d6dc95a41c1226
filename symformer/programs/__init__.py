"""Programs: tensors defined from tensors, by definitions and calls."""

from symformer.programs.definition import (
    Call,
    DefinedTensor,
    Definition,
    Guard,
    call,
    define,
    elements,
    input_tensors,
    parents,
    reachable,
    size_symbols,
    stable,
    textbook,
    unfolded,
)
from symformer.programs.program import Program, program, statement_box

__all__ = [
    "Call",
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
