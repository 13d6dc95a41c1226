"""Programs: tensors defined from tensors, by definitions, calls and repeats."""

from symformer.programs.graph import (
    all_sizes,
    definition_at,
    elements,
    input_tensors,
    is_defined,
    parents,
    reachable,
    size_symbols,
    symbols_of,
    unfolded,
)
from symformer.programs.lettered import unambiguous
from symformer.programs.listing import layer_words, statement_box, step_words
from symformer.programs.loop import Bound, Carried, Loop, letters_of, start_box
from symformer.programs.origin import Call, Computed, Definition, Guard, call, hashed, stable, textbook
from symformer.programs.program import DEEP, Program, program
from symformer.programs.rebuild import Rebuild
from symformer.programs.recurrence import Recurrence
from symformer.programs.repeat import every_layer, repeat
from symformer.programs.repeated import Repeat
from symformer.programs.scan import every_step, final_state, scan
from symformer.programs.tensor import DefinedTensor, define

__all__ = [
    "DEEP",
    "Bound",
    "Call",
    "Carried",
    "Computed",
    "DefinedTensor",
    "Definition",
    "Guard",
    "Loop",
    "Program",
    "Rebuild",
    "Recurrence",
    "Repeat",
    "all_sizes",
    "symbols_of",
    "definition_at",
    "hashed",
    "is_defined",
    "call",
    "define",
    "elements",
    "every_layer",
    "every_step",
    "final_state",
    "input_tensors",
    "layer_words",
    "letters_of",
    "parents",
    "program",
    "reachable",
    "repeat",
    "scan",
    "size_symbols",
    "stable",
    "start_box",
    "statement_box",
    "step_words",
    "textbook",
    "unambiguous",
    "unfolded",
]
