"""Lines of programs, for tests of what passes do to them."""

from __future__ import annotations

import symformer as sf
from symformer.compile.lines import program_lines, program_scope


def lines_of(*tensors):
    """The lines of a program."""
    made = sf.program(*tensors)
    return program_lines(made, program_scope(made, set(), set(), set()))
