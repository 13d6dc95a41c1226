"""Matrices made of matrices: scaled, summed, entry by entry, repeated over a label; and derivatives by a matrix."""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Expr, Symbol

from symformer.display.matrices import Diagonal, Index, Matrix, Scalar
from symformer.notation import Derivative, Func, Layout, Written, substitute
from symformer.notation import sum as total
from symformer.notation.node import ADD, BIG, MUL, POWER
from symformer.typeset import Box, Named, Sign
from symformer.typeset.boxes import Big, Fraction, parens, row
from symformer.typeset.names import name_box


@dataclass(frozen=True)
class Rows(Matrix):
    """diag(v) M: each row scaled by an entry of v."""

    diagonal: Diagonal
    body: Matrix

    def layout(self) -> Layout:
        return Layout(row(self.diagonal.box(MUL), self.body.box(MUL)), MUL)

    def entry(self, at: Index, to: Index) -> Written:
        assert at is not None
        return self.diagonal.scaled(self.body.entry(at, to), at)


@dataclass(frozen=True)
class Columns(Matrix):
    """M diag(v): each column scaled by an entry of v."""

    body: Matrix
    diagonal: Diagonal

    def layout(self) -> Layout:
        return Layout(row(self.body.box(MUL), self.diagonal.box(MUL)), MUL)

    def entry(self, at: Index, to: Index) -> Written:
        assert to is not None
        return self.diagonal.scaled(self.body.entry(at, to), to)


@dataclass(frozen=True)
class Hadamard(Matrix):
    """The elementwise product."""

    parts: tuple[Matrix, ...]

    def layout(self) -> Layout:
        items: list[Box] = []
        for part in self.parts:
            items += [Sign("⊙"), part.box(POWER)] if items else [part.box(POWER)]
        return Layout(row(*items), BIG)

    def entry(self, at: Index, to: Index) -> Written:
        first, *rest = (part.entry(at, to) for part in self.parts)
        for part in rest:
            first = first * part
        return first


@dataclass(frozen=True)
class Total(Matrix):
    """A sum of terms, each with whether it is subtracted."""

    terms: tuple[tuple[Matrix, bool], ...]

    def layout(self) -> Layout:
        items: list[Box] = []
        for position, (term, negative) in enumerate(self.terms):
            if position or negative:
                items.append(Sign("−" if negative else "+"))
            items.append(term.box(BIG if negative or position else ADD))
        return Layout(row(*items), ADD)

    def entry(self, at: Index, to: Index) -> Written:
        out: Written | None = None
        for term, negative in self.terms:
            value = term.entry(at, to)
            if out is None:
                out = -value if negative else value
            else:
                out = out - value if negative else out + value
        assert out is not None
        return out


@dataclass(frozen=True)
class Scaled(Matrix):
    """A matrix times a number, or divided by one."""

    factor: Matrix
    body: Matrix
    inverse: bool

    def layout(self) -> Layout:
        if self.inverse:
            return Layout(Fraction(self.body.box(), self.factor.box()), MUL)
        factor = self.factor.box(MUL if isinstance(self.factor, Scalar) else POWER)
        return Layout(row(factor, self.body.box(MUL)), MUL)

    def entry(self, at: Index, to: Index) -> Written:
        value, factor = self.body.entry(at, to), self.factor.entry(None, None)
        return value / factor if self.inverse else factor * value


@dataclass(frozen=True)
class Repeated(Matrix):
    """A sum over a label, such as a head."""

    label: Symbol
    size: Expr
    body: Matrix

    def layout(self) -> Layout:
        return Layout(row(Big("∑", name_box(self.label.name)), self.body.box(BIG)), BIG)

    def entry(self, at: Index, to: Index) -> Written:
        return total(self.body.entry(at, to), (self.label, self.size))


@dataclass(frozen=True)
class Elementwise(Matrix):
    """A function applied to every entry."""

    name: str
    body: Matrix

    def layout(self) -> Layout:
        return Layout(row(Named(self.name, upright=True), parens(self.body.box())), POWER)

    def entry(self, at: Index, to: Index) -> Written:
        return Func((self.body.entry(at, to),), (self.name,))


@dataclass(frozen=True)
class Partial(Matrix):
    """∂target/∂T as an array of the shape of T, or the Jacobian of a vector by a vector."""

    node: Derivative
    row: Symbol
    column: Index
    target: Box

    def layout(self) -> Layout:
        under = row(Sign("∂"), self.node.entry.tensor.box)
        return Layout(Fraction(row(Sign("∂"), self.target), under), MUL)

    def entry(self, at: Index, to: Index) -> Written:
        letters = {self.row: at, self.column: to}
        return substitute(self.node, {old: new for old, new in letters.items() if old is not None and new is not None})
