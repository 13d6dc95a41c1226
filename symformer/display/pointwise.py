"""Entry by entry: functions of several arrays, comparisons, and cases; numbers among them stand for themselves."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from symformer.display.kinds import SCALAR, Kind, agreeing
from symformer.display.matrices import Index, Matrix
from symformer.notation import Func, Layout, Logic, Where, Written, applied, said, substitute
from symformer.notation import indicator as compared
from symformer.notation.node import ATOM, LOOSE, POWER
from symformer.typeset import Box, Sign
from symformer.typeset.boxes import Cases, Fence, Prose, parens, row


def _entries(parts: Iterable[Matrix], at: Index, to: Index) -> tuple[Written, ...]:
    """The entries of arrays; of a number, the number."""
    return tuple(part.entry(None, None) if part.kind() == SCALAR else part.entry(at, to) for part in parts)


def _kind(parts: Iterable[Matrix]) -> Kind:
    """The kind of the arrays among some parts."""
    shaped = [kind for part in parts if (kind := part.kind()) != SCALAR]
    return agreeing(*shaped) if shaped else SCALAR


@dataclass(frozen=True)
class Pointwise(Matrix):
    """A function of several arguments, such as max(0, x), of every entry."""

    name: str
    parts: tuple[Matrix, ...]

    def layout(self) -> Layout:
        return Layout(applied(self.name, *(part.box() for part in self.parts)), POWER)

    def entry(self, at: Index, to: Index) -> Written:
        return Func(_entries(self.parts, at, to), (self.name,))

    def kind(self) -> Kind:
        return _kind(self.parts)


@dataclass(frozen=True)
class Condition(Matrix):
    """1 where something holds of entries, else 0."""

    def said(self) -> Box:
        """The condition without brackets."""
        raise NotImplementedError(type(self).__name__)

    def layout(self) -> Layout:
        return Layout(Fence("[", self.said(), "]"), ATOM)


@dataclass(frozen=True)
class Compared(Condition):
    """A relation of entries, such as x > 0."""

    relation: str
    left: Matrix
    right: Matrix

    def said(self) -> Box:
        return row(self.left.box(), Sign(self.relation), self.right.box())

    def entry(self, at: Index, to: Index) -> Written:
        left, right = _entries((self.left, self.right), at, to)
        return compared(left, self.relation, right)

    def kind(self) -> Kind:
        return _kind((self.left, self.right))


@dataclass(frozen=True)
class Joined(Condition):
    """Conditions with "and" or "or" between them, or the one that does not hold ("not")."""

    word: str
    parts: tuple[Condition, ...]

    def said(self) -> Box:
        boxes = [parens(part.said()) if isinstance(part, Joined) else part.said() for part in self.parts]
        if self.word == "not":
            return row(Sign("¬"), boxes[0] if isinstance(self.parts[0], Joined) else parens(boxes[0]))
        sign = Sign("∧" if self.word == "and" else "∨")
        return row(boxes[0], *(item for box in boxes[1:] for item in (sign, box)))

    def entry(self, at: Index, to: Index) -> Written:
        return Logic(_entries(self.parts, at, to), (self.word,))

    def kind(self) -> Kind:
        return _kind(self.parts)


@dataclass(frozen=True)
class Chosen(Matrix):
    """Entries of one array where a condition holds, and of another elsewhere."""

    condition: Condition
    value: Matrix
    other: Matrix

    def layout(self) -> Layout:
        return Layout(Cases(tuple(self._rows())), LOOSE)

    def _rows(self) -> list[tuple[Box, Box]]:
        first = self.value.box(), row(Prose("if "), self.condition.said())
        rest = self.other._rows() if isinstance(self.other, Chosen) else [(self.other.box(), Prose("otherwise"))]
        return [first, *rest]

    def entry(self, at: Index, to: Index) -> Written:
        return Where(_entries((self.condition, self.value, self.other), at, to))

    def kind(self) -> Kind:
        return _kind((self.condition, self.value, self.other))


@dataclass(frozen=True)
class Positions(Condition):
    """A condition on the row and the column, such as j ≤ i; it is said with their letters.

    Attributes:
        node: the condition, at its row and column.
        row, column: their letters in `node`; of a vector the row alone.
        over: the kind of what it is a condition on.
    """

    node: Written
    row: Index
    column: Index
    over: Kind

    def said(self) -> Box:
        return said(self.node)

    def entry(self, at: Index, to: Index) -> Written:
        letters = {self.row: at, self.column: to}
        return substitute(self.node, {old: new for old, new in letters.items() if old is not None})

    def kind(self) -> Kind:
        return self.over
