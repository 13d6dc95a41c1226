"""The witness of identities: both sides as rational functions, at small sizes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import sympy
from sympy import Symbol

from symformer.evaluate import HIDDEN, Effort, Place, Undecidable
from symformer.notation import ShapeError, Tensor
from symformer.proof.points import interpreter_at
from symformer.proof.rational import Letters, RationalField, Restart
from symformer.proof.sizes import small_sizes
from symformer.proof.statement import Statement, in_words
from symformer.proof.verdict import Verdict

MOST_LETTERS = 64
MOST_STEPS = 40_000  # entries and terms


def identity(statement: Statement, exact: Callable[[dict[Symbol, int], int], Exact]) -> Verdict | None:
    """An identity of rational functions at small sizes, and at sizes beyond every number and degree of the line.

    Masks and integers are no letters, and drawing some of them is no identity: then there is none, either. Nor is
    there where what is assumed is more than a domain, since letters know nothing of it.
    """
    if statement.draws() or statement.assumptions.relations:
        return None
    seen = []
    for trial, sizes in enumerate(_choices(statement)):
        if sizes is None or statement.entries(sizes) > MOST_LETTERS:
            return None
        try:
            if not exact(sizes, trial).holds(statement):
                return None
        except (Undecidable, ShapeError):
            return None
        seen.append(in_words(sizes))
    where = "; ".join(dict.fromkeys(seen))
    words = "an identity of rational functions" + (f" at {where}" if where else "")
    return Verdict("exact", words, {"sizes": where})


def _choices(statement: Statement) -> Iterator[dict[Symbol, int] | None]:
    """Small sizes, different and equal, then each size beyond the numbers of the line and its degree."""
    small = [small_sizes(statement.sizes, trial, statement.least) for trial in range(2)]
    for sizes in (*small, dict.fromkeys(statement.sizes, max(2, statement.least))):
        yield sizes if statement.fits(sizes) else statement.fitted(sizes)
    for symbol, number in statement.beyond.items():
        sizes = {**small[0], symbol: max(number, statement.least)}
        yield sizes if statement.fits(sizes) else statement.fitted(sizes)


class Exact:
    """Rational functions at given sizes; starts again with more letters when they run out."""

    def __init__(self, sizes: dict[Symbol, int], trial: int) -> None:
        self.sizes, self.trial, self.letters = sizes, trial, Letters()
        self._start()

    def _start(self) -> None:
        self.field = RationalField(self.letters)
        self.interpreter = interpreter_at(self.field, self.sizes, self.trial, self._letter, effort=Effort(MOST_STEPS))

    def holds(self, statement: Statement) -> bool:
        """Whether both sides are the same rational function, at every choice of the free indices.

        Raises:
            Undecidable: the budget is used up, or a rule does not apply.
        """
        self.field.operations, self.interpreter.effort.left = 0, MOST_STEPS
        while self.letters.count <= 4 * MOST_LETTERS:  # exponentials and roots are letters, too
            try:
                return self._identical(statement)
            except Restart:
                self._start()
        raise Undecidable("too many letters")

    def _letter(self, tensor: Tensor, place: Place) -> Any:
        kind = tensor.domain.kind
        if kind == "sphere":
            raise Undecidable("rows of length 1 are no letters")
        if kind == "simplex" and place[-1] == self.interpreter.shape(tensor)[-1]:
            total = self.field.number(sympy.S.One)
            for other in range(1, place[-1]):
                total = self.field.add(total, self.field.neg(self.interpreter.entry(tensor, (*place[:-1], other))))
            return total
        return self.field.letter(f"{tensor.digest}{place}", positive=kind in ("positive", "simplex", "unit"))

    def _identical(self, statement: Statement) -> bool:
        for env in statement.places(self.interpreter):
            left, right = (self.interpreter.value(side, env) for side in (statement.left, statement.right))
            if left is HIDDEN or right is HIDDEN:
                if left is not right:
                    return False
            elif self.field.add(left, self.field.neg(right)).over:
                return False
        return True
