"""Matrices made of matrices: scaled, summed, entry by entry, repeated over a label; and derivatives by a matrix."""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Expr, Symbol

from symformer.display.kinds import SCALAR, Kind, agreeing, multiplied, scalar
from symformer.display.matrices import Array, Diagonal, Index, Matrix, Scalar, raised
from symformer.notation import Derivative, Func, Layout, Pow, Written, applied, substitute
from symformer.notation import sum as total
from symformer.notation.node import ADD, ATOM, BIG, MUL, POWER
from symformer.notation.substitute import fresh
from symformer.typeset import Box, Root, Script, Sign
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

    def kind(self) -> Kind:
        return multiplied(self.diagonal.kind(), self.body.kind())


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

    def kind(self) -> Kind:
        return multiplied(self.body.kind(), self.diagonal.kind())


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

    def kind(self) -> Kind:
        return agreeing(*(part.kind() for part in self.parts))


@dataclass(frozen=True)
class Quotient(Matrix):
    """The elementwise quotient."""

    over: Matrix
    under: Matrix

    def layout(self) -> Layout:
        return Layout(row(self.over.box(POWER), Sign("⊘"), self.under.box(POWER)), BIG)

    def entry(self, at: Index, to: Index) -> Written:
        return self.over.entry(at, to) / self.under.entry(at, to)

    def kind(self) -> Kind:
        return agreeing(self.over.kind(), self.under.kind())


@dataclass(frozen=True)
class Power(Matrix):
    """Every entry to a power; of a number, the power itself."""

    body: Matrix
    exponent: Written

    def layout(self) -> Layout:
        own = self.exponent.layout().box
        sup = own if self.kind() == SCALAR else row(Sign("⊙"), own)
        base, level = self.body.layout()
        if level < ATOM:  # (tanh(S))^⊙2: the function's value, and not its argument
            return Layout(Script(parens(base), None, sup), POWER)
        return raised(self.body, sup)

    def entry(self, at: Index, to: Index) -> Written:
        return Pow((self.body.entry(at, to), self.exponent))

    def kind(self) -> Kind:
        return self.body.kind()


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

    def kind(self) -> Kind:
        return agreeing(*(term.kind() for term, _ in self.terms))


@dataclass(frozen=True)
class Everywhere(Matrix):
    """A number in every place of an array, written as the number: under a function that works entry by entry."""

    number: Matrix
    over: Matrix

    def layout(self) -> Layout:
        return self.number.layout()

    def entry(self, at: Index, to: Index) -> Written:
        return self.number.entry(None, None)

    def kind(self) -> Kind:
        scalar(self.number.kind())
        return self.over.kind()


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
        body = self.body.box(MUL)
        dot = (Sign("·"),) if isinstance(self.body, Scalar) and _both_numbers(self.factor, self.body) else ()
        return Layout(row(factor, *dot, body), MUL)

    def entry(self, at: Index, to: Index) -> Written:
        value, factor = self.body.entry(at, to), self.factor.entry(None, None)
        return value / factor if self.inverse else factor * value

    def kind(self) -> Kind:
        scalar(self.factor.kind())
        return self.body.kind()


def _both_numbers(left: Matrix, right: Matrix) -> bool:
    """Whether two numbers side by side would run together."""
    return all(
        isinstance(one, Scalar) and not one.value.ranges and one.value.plain().is_number for one in (left, right)
    )


@dataclass(frozen=True)
class Repeated(Matrix):
    """A sum over a label, such as a head."""

    label: Symbol
    size: Expr
    body: Matrix

    def layout(self) -> Layout:
        return Layout(row(Big("∑", name_box(self.label.name)), self.body.box(BIG)), BIG)

    def entry(self, at: Index, to: Index) -> Written:
        label = fresh(self.label)
        return total(substitute(self.body.entry(at, to), {self.label: label}), (label, self.size))

    def kind(self) -> Kind:
        return self.body.kind()


@dataclass(frozen=True)
class Elementwise(Matrix):
    """A function applied to every entry."""

    name: str
    body: Matrix

    def layout(self) -> Layout:
        if self.name == "sqrt":
            return Layout(Root(self.body.box()), ATOM)
        return Layout(applied(self.name, self.body.box()), POWER)

    def entry(self, at: Index, to: Index) -> Written:
        return Func((self.body.entry(at, to),), (self.name,))

    def kind(self) -> Kind:
        return self.body.kind()


@dataclass(frozen=True)
class Partial(Matrix):
    """∂target/∂T: a number by an array, in the shape of the array; a vector by a vector; an array by a number.

    Attributes:
        node: the derivative, at its row and column.
        row, column: letters of its row and column in `node`, None where it has none.
        target: what is differentiated, as a number or an array.
        by: what it is differentiated by.
    """

    node: Derivative
    row: Index
    column: Index
    target: Matrix
    by: Matrix

    def layout(self) -> Layout:
        under = row(Sign("∂"), self.by.box(ATOM))
        target = self.target.layout()
        if isinstance(self.target, (Array, Scalar)) and target.level == ATOM:
            return Layout(Fraction(row(Sign("∂"), target.box), under), MUL)
        return Layout(row(Fraction(Sign("∂"), under), parens(target.box)), MUL)

    def entry(self, at: Index, to: Index) -> Written:
        letters = {self.row: at, self.column: to}
        return substitute(self.node, {old: new for old, new in letters.items() if old is not None and new is not None})

    def kind(self) -> Kind:
        target, by = self.target.kind(), self.by.kind()
        if SCALAR in (target, by):
            return by if target == SCALAR else target
        return multiplied(target, by.turned)
