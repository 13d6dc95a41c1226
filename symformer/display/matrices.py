"""Matrix notation as a tree of its own, which can be printed and can be lowered back to indices.

A node stands for a matrix, a column vector or a number. `entry(row, column)` is the lowering that the judge compares
with the definition, so that a matrix formula is as sure as the index formula it came from.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import Any

from sympy import Expr, Symbol

from symformer.notation import Element, Layout, Tensor, Written, delta, lift
from symformer.notation import sum as total
from symformer.notation.node import ADD, ATOM, MUL, POWER
from symformer.notation.substitute import fresh
from symformer.typeset import Box, Named, Script, Sign
from symformer.typeset.boxes import indexed, parens, row

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
        return Layout(indexed(base, sub), ATOM)

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
        letter = fresh(self.inner)
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
