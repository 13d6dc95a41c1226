"""The witness of identities: both sides as rational functions, at small sizes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy
from sympy import Symbol

from symformer.evaluate import HIDDEN, Place, Undecidable
from symformer.notation import Tensor
from symformer.proof.points import interpreter_at, small_sizes
from symformer.proof.rational import Letters, RationalField, Restart
from symformer.proof.statement import Statement, in_words
from symformer.proof.verdict import Verdict

MOST_LETTERS = 512


def identity(statement: Statement, exact: Callable[[dict[Symbol, int], int], Exact]) -> Verdict | None:
    """An identity of rational functions at two choices of sizes, or None.

    Masks and integers are no letters, and drawing some of them is no identity: then there is none, either.
    """
    if statement.draws():
        return None
    seen = []
    for trial in range(2):
        try:
            sizes = small_sizes(statement.sizes, trial, statement.least)
            sizes = sizes if statement.fits(sizes) else statement.sizes_for(trial)
            if not exact(sizes, trial).holds(statement):
                return None
        except Undecidable:
            return None
        seen.append(in_words(sizes))
    where = "; ".join(dict.fromkeys(seen))
    words = "an identity of rational functions" + (f" at {where}" if where else "")
    return Verdict("exact", words, {"sizes": where})


class Exact:
    """Rational functions at given sizes; starts again with more letters when they run out."""

    def __init__(self, sizes: dict[Symbol, int], trial: int) -> None:
        self.sizes, self.trial, self.letters = sizes, trial, Letters()
        self._start()

    def _start(self) -> None:
        self.field = RationalField(self.letters)
        self.interpreter = interpreter_at(self.field, self.sizes, self.trial, self._letter)

    def holds(self, statement: Statement) -> bool:
        """Whether both sides are the same rational function, at every choice of the free indices.

        Raises:
            Undecidable: the budget is used up, or a rule does not apply.
        """
        self.field.operations = 0
        while self.letters.count <= MOST_LETTERS:
            try:
                return self._identical(statement)
            except Restart:
                self._start()
        raise Undecidable("too many letters")

    def _letter(self, tensor: Tensor, place: Place) -> Any:
        kind = tensor.domain.kind
        if kind == "simplex" and place[-1] == self.interpreter.shape(tensor)[-1]:
            total = self.field.number(sympy.S.One)
            for other in range(1, place[-1]):
                total = self.field.add(total, self.field.neg(self.interpreter.entry(tensor, (*place[:-1], other))))
            return total
        return self.field.letter(f"{tensor.digest}{place}", positive=kind in ("positive", "simplex"))

    def _identical(self, statement: Statement) -> bool:
        for env in statement.places(self.interpreter):
            left, right = (self.interpreter.value(side, env) for side in (statement.left, statement.right))
            if left is HIDDEN or right is HIDDEN:
                if left is not right:
                    return False
            elif self.field.add(left, self.field.neg(right)).over:
                return False
        return True
