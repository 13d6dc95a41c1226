"""Matrix notation as a tree of its own, which can be printed and can be lowered back to indices.

A node stands for a matrix, a column vector or a number. `entry(row, column)` is the lowering that the judge compares
with the definition, so that a matrix formula is as sure as the index formula it came from.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import Any

from sympy import Expr, Symbol

from symformer.notation import Derivative, Element, Func, Layout, Tensor, Written, delta, lift, substitute
from symformer.notation import sum as total
from symformer.notation.node import ADD, ATOM, BIG, MUL, POWER
from symformer.notation.substitute import fresh
from symformer.typeset import Box, Named, Script, Sign
from symformer.typeset.boxes import Big, Fraction, parens, row
from symformer.typeset.names import name_box

Index = Any  # a SymPy symbol, or None
ONES = Named("1", bold=True)
TRANSPOSE = Sign("⊤")


@dataclass(frozen=True)
class Matrix:
    """A node; subclasses say how it looks and what its entries are."""

    def layout(self) -> Layout:
        """How it looks, and how tightly that holds together."""
        raise NotImplementedError

    def entry(self, at: Index, to: Index) -> Written:
        """The entry in row `at` and column `to` (None for a vector or number)."""
        raise NotImplementedError

    def box(self, level: int = ADD) -> Box:
        """The box, in brackets where its place asks for more."""
        box, own = self.layout()
        return parens(box) if own < level else box


@dataclass(frozen=True)
class Scalar(Matrix):
    """A number: any expression without the row and column index."""

    value: Written

    def layout(self) -> Layout:
        return self.value.layout()

    def entry(self, at: Index, to: Index) -> Written:
        return self.value


@dataclass(frozen=True)
class Array(Matrix):
    """A named matrix or vector, with its leading indices (a head) fixed."""

    tensor: Tensor
    fixed: tuple[Written, ...]

    def layout(self) -> Layout:
        if not self.fixed:
            return Layout(self.tensor.box, ATOM)
        sub = row(*(kid.layout().box for kid in self.fixed))
        base = self.tensor.box
        if isinstance(base, Script) and base.sub is not None:
            return Layout(Script(base.base, row(base.sub, Sign(","), sub), base.sup), ATOM)
        return Layout(Script(base, sub), ATOM)

    def entry(self, at: Index, to: Index) -> Written:
        letters = tuple(letter for letter in (at, to) if letter is not None)
        return Element((*self.fixed, *(lift(letter) for letter in letters)), (self.tensor,))


@dataclass(frozen=True)
class Transpose(Matrix):
    """A transposed matrix, or a vector as a row."""

    body: Matrix

    def layout(self) -> Layout:
        box = self.body.box(ATOM)
        if isinstance(box, Script) and box.sup is None:
            return Layout(Script(box.base, box.sub, TRANSPOSE), POWER)
        return Layout(Script(box, None, TRANSPOSE), POWER)

    def entry(self, at: Index, to: Index) -> Written:
        return self.body.entry(to, at)


@dataclass(frozen=True)
class Product(Matrix):
    """left · right over an inner letter of the given size; either side may be a vector."""

    left: Matrix
    right: Matrix
    inner: Symbol
    size: Expr

    def layout(self) -> Layout:
        return Layout(row(self.left.box(MUL), self.right.box(MUL)), MUL)

    def entry(self, at: Index, to: Index) -> Written:
        letter = fresh(self.inner, {one for one in (at, to) if one is not None})
        return total(self.left.entry(at, letter) * self.right.entry(letter, to), (letter, self.size))


@dataclass(frozen=True)
class Outer(Matrix):
    """left rightᵀ of two column vectors."""

    left: Matrix
    right: Matrix

    def layout(self) -> Layout:
        return Layout(row(self.left.box(MUL), Transpose(self.right).box(POWER)), MUL)

    def entry(self, at: Index, to: Index) -> Written:
        return self.left.entry(at, None) * self.right.entry(to, None)


@dataclass(frozen=True)
class Ones(Matrix):
    """The column vector of ones."""

    def layout(self) -> Layout:
        return Layout(ONES, ATOM)

    def entry(self, at: Index, to: Index) -> Written:
        return lift(1)


@dataclass(frozen=True)
class Identity(Matrix):
    """The identity matrix."""

    def layout(self) -> Layout:
        return Layout(Named("I"), ATOM)

    def entry(self, at: Index, to: Index) -> Written:
        return delta(at, to)


@dataclass(frozen=True)
class Diagonal(Matrix):
    """diag(v), or its inverse."""

    body: Matrix
    inverse: bool = False

    def layout(self) -> Layout:
        box: Box = row(Named("diag", upright=True), parens(self.body.box()))
        return Layout(Script(box, None, row(Sign("−"), Named("1"))) if self.inverse else box, POWER)

    def scaled(self, value: Written, letter: Symbol) -> Written:
        """value times (or divided by) the entry of the diagonal at this letter."""
        own = self.body.entry(letter, None)
        return value / own if self.inverse else own * value

    def entry(self, at: Index, to: Index) -> Written:
        assert at is not None
        return self.scaled(delta(at, to), at)


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


def transform(node: Matrix, rule: Callable[[Matrix], Matrix | None]) -> Matrix:
    """The tree with nodes replaced where the rule gives something, from the top; that is not searched again."""
    found = rule(node)
    if found is not None:
        return found
    changed = {field.name: _transformed(getattr(node, field.name), rule) for field in fields(node)}
    return replace(node, **changed)


def _transformed(part: Any, rule: Callable[[Matrix], Matrix | None]) -> Any:
    if isinstance(part, Matrix):
        return transform(part, rule)
    if isinstance(part, tuple):
        return tuple(_transformed(item, rule) for item in part)
    return part
