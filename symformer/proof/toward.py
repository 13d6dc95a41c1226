"""What `≈` and `→` claim beside two sides: a variable, where it goes, and what is left out on the way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sympy
from sympy import Symbol

from symformer.notation import Element, NotationError, Tensor, Written, lift
from symformer.typeset import Box, Sign
from symformer.typeset.boxes import Number, row
from symformer.typeset.names import name_box

ENDS = {sympy.S.Zero: "0", sympy.oo: "∞"}


@dataclass(frozen=True)
class Toward:
    """A limit.

    Attributes:
        variable: a size, or an input; an input with axes is scaled as a whole.
        end: "0" or "∞".
        dropped: for `≈`, the terms that the right side leaves out; they must vanish beside it.
        order: for `≈` without `dropped`, the power of the variable that the error is bounded by.
    """

    variable: Symbol | Tensor
    end: str
    dropped: Written | None = None
    order: int | None = None

    @property
    def digest(self) -> str:
        """A content hash: equal for equal claims."""
        variable = self.variable.digest if isinstance(self.variable, Tensor) else f"size {self.variable}"
        dropped = self.dropped.digest if self.dropped is not None else ""
        return f"{variable} {self.end} {dropped} {self.order}"

    @property
    def box(self) -> Box:
        """`n → ∞`."""
        name = self.variable.box if isinstance(self.variable, Tensor) else name_box(self.variable.name)
        return row(name, Sign("→"), Sign("∞") if self.end == "∞" else Number("0"))


def toward(to: Any, dropped: Any = None, order: int | None = None) -> Toward:
    """The limit that an author writes as `(variable, 0)` or `(variable, oo)`.

    Raises:
        NotationError: another end, or a variable that is neither a size nor an input.
    """
    if not (isinstance(to, tuple) and len(to) == 2):
        raise NotationError(f"a limit is written (variable, 0) or (variable, oo), not {to!r}")
    variable, end = to
    if isinstance(variable, Element) and not variable.kids:
        variable = variable.tensor
    known = isinstance(variable, Tensor) and variable.origin is None
    if not known and not (isinstance(variable, Symbol) and variable.is_positive):
        raise NotationError(f"a limit is taken in a size or an input, not in {variable}")
    exact = sympy.sympify(end)
    if exact not in ENDS:
        raise NotationError(f"a limit goes to 0 or to oo, not to {end}")
    if isinstance(variable, Symbol) and ENDS[exact] == "0":
        raise NotationError(f"the size {variable} cannot go to 0")
    return Toward(variable, ENDS[exact], None if dropped is None else lift(dropped), order)
