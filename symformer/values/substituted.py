"""The step between symbols and result: the formula with numbers where its entries were. Nothing is evaluated."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import Any

import sympy
from sympy import Symbol

from symformer.display import Array, Matrix, Partial, Repeated, Scalar, Total, transform
from symformer.evaluate import HIDDEN, Interpreter
from symformer.notation import (
    Add,
    Const,
    Delta,
    Derivative,
    Element,
    Expectation,
    Indicator,
    Layout,
    Max,
    Neg,
    Sum,
    Tensor,
    Var,
    Written,
    lift,
    substitute,
)
from symformer.notation.node import ADD, ATOM
from symformer.typeset import Box, Entry, Grid, Named, Sign
from symformer.typeset.boxes import parens, row
from symformer.values.rounding import Rounding

TERMS = 6
ROWS = 8


class Dots(Written):
    """What is left out of a long sum."""

    __slots__ = ()

    def layout(self) -> Layout:
        return Layout(Sign("…"), ATOM)


class Entered(Written):
    """A number that stands for an entry of a tensor; `head` is (key,)."""

    __slots__ = ()

    def layout(self) -> Layout:
        box, level = self.kids[0].layout()
        return Layout(Entry(self.head[0], box), level)


class Largest(Written):
    """max(a, b, …)."""

    __slots__ = ()

    def layout(self) -> Layout:
        items: list[Box] = []
        for kid in self.kids:
            items += [Sign(","), kid.layout().box] if items else [kid.layout().box]
        return Layout(row(Named("max", upright=True), parens(row(*items))), ATOM)


class Unavailable(Exception):
    """The formula has no step between symbols and result, e.g. a derivative that is only written down."""


class Numbers:
    """Puts the numbers of an interpreter into formulas."""

    def __init__(self, interpreter: Interpreter, rounding: Rounding) -> None:
        self.interpreter, self.rounding = interpreter, rounding

    def shown(self, value: Any) -> Written:
        """A value as it is printed."""
        return Hidden_(()) if value is HIDDEN else self.rounding.shown(value)

    def formula(self, node: Written, env: Mapping[Symbol, int]) -> Written:
        """The expression with numbers for entries and sums written out, as far as TERMS terms.

        Raises:
            Unavailable: the expression is nothing but a derivative or an expectation.
        """
        if isinstance(node, (Derivative, Expectation)):
            raise Unavailable
        return self._inside(node, env)

    def _inside(self, node: Written, env: Mapping[Symbol, int]) -> Written:
        if isinstance(node, Element):
            place = tuple(self.interpreter.number(kid, env) for kid in node.kids)
            return Entered((self.shown(self.interpreter.value(node, env)),), (entry_key(node.tensor, place),))
        if isinstance(node, (Derivative, Delta, Indicator, Expectation)):
            return self.shown(self.interpreter.value(node, env))
        if isinstance(node, Var):
            return lift(sympy.Integer(self.interpreter.number(node, env)))
        if isinstance(node, Sum):
            return self._terms(node, env)
        if isinstance(node, Max):
            return Largest(self._spread(node, env))
        return node.rebuild(tuple(self._inside(kid, env) for kid in node.kids))

    def _spread(self, node: Sum | Max, env: Mapping[Symbol, int]) -> tuple[Written, ...]:
        size = self.interpreter.size(node.size)
        places = range(1, size + 1) if size <= TERMS else [*range(1, TERMS - 1), 0, size]
        return tuple(self._inside(node.body, {**env, node.index: place}) if place else Dots() for place in places)

    def _terms(self, node: Sum, env: Mapping[Symbol, int]) -> Written:
        terms = self._spread(node, env)
        if len(terms) == 1:
            return terms[0]
        first, *rest = terms
        return Add((first, *(_signed(term) for term in rest)))

    def grid(self, tensor: Tensor, fixed: tuple[int, ...] = ()) -> Box:
        """The last two axes of a tensor as a matrix of numbers (a vector as a column), long ones cut with dots."""
        sizes = self.interpreter.shape(tensor)[len(fixed) :]
        if not sizes:
            return self._cell(tensor, fixed, (), 1)
        spans = [_cut(size) for size in (sizes if len(sizes) == 2 else (*sizes, 1))]
        rows = [[self._cell(tensor, fixed, (i, j)[: len(sizes)], i and j) for j in spans[1]] for i in spans[0]]
        return Grid(tuple(tuple(cells) for cells in rows))

    def _cell(self, tensor: Tensor, fixed: tuple[int, ...], place: tuple[int, ...], real: int) -> Box:
        if not real:
            return Sign("…")
        at = (*fixed, *place)
        return Entry(entry_key(tensor, at), self.shown(self.interpreter.entry(tensor, at)).layout().box)

    def hides(self, tensor: Tensor) -> bool:
        """Whether rounding hides something of any entry."""
        return any(
            value is not HIDDEN and self.rounding.hides(value) for value in self.interpreter.array(tensor).values()
        )

    def matrix(self, node: Matrix, env: Mapping[Symbol, int]) -> Matrix:
        """A matrix formula with numbers for its arrays.

        Raises:
            Unavailable: a derivative stands in it.
        """
        return transform(node, lambda part: self._filled(part, env))

    def _filled(self, node: Matrix, env: Mapping[Symbol, int]) -> Matrix | None:
        match node:
            case Array():
                return Filled(self.grid(node.tensor, tuple(self.interpreter.number(kid, env) for kid in node.fixed)))
            case Scalar():
                return Scalar(self.formula(node.value, env))
            case Repeated():
                labels = range(1, self.interpreter.size(node.size) + 1)
                return Total(tuple((self.matrix(node.body, {**env, node.label: label}), False) for label in labels))
            case Partial():
                raise Unavailable
        return None


def labelled(node: Matrix, env: Mapping[Symbol, int]) -> Matrix:
    """A matrix formula with numbers for its labels, such as the head."""

    def rule(part: Matrix) -> Matrix | None:
        if isinstance(part, Array):
            return Array(part.tensor, tuple(substitute(kid, env) for kid in part.fixed))
        return Scalar(substitute(part.value, env)) if isinstance(part, Scalar) else None

    return transform(node, rule)


class Hidden_(Written):  # noqa: N801
    """−∞ as a printed number."""

    __slots__ = ()

    def layout(self) -> Layout:
        return Layout(row(Sign("−"), Sign("∞")), ADD)


class Filled(Matrix):
    """A matrix that is only looked at: its numbers in a grid."""

    def __init__(self, grid: Box) -> None:
        object.__setattr__(self, "numbers", grid)

    def layout(self) -> Layout:
        return Layout(self.numbers, ATOM)  # type: ignore[attr-defined]

    def entry(self, at: Symbol | None, to: Symbol | None) -> Written:
        raise Unavailable


def places(interpreter: Interpreter, tensor: Tensor) -> list[tuple[int, ...]]:
    """Every choice of the axes before the last two: one matrix each."""
    sizes = interpreter.shape(tensor)[:-2]
    return list(product(*(range(1, size + 1) for size in sizes)))


def entry_key(tensor: Tensor, place: tuple[int, ...]) -> str:
    """The key of an entry: `S-1-2`."""
    return "-".join([tensor.name, *(str(number) for number in place)])


def _signed(term: Written) -> Written:
    """A negative number in a sum as a subtraction."""
    if isinstance(term, Entered):
        inner = _signed(term.kids[0])
        return Neg((Entered((inner.kids[0],), term.head),)) if isinstance(inner, Neg) else term
    if isinstance(term, Const) and term.value.is_negative:
        value, digits = term.head
        return Neg((Const((), (-value, digits.lstrip("-") if digits else None)),))
    return term


def _cut(size: int) -> list[int]:
    """Positions along an axis; 0 stands for dots."""
    return list(range(1, size + 1)) if size <= ROWS else [*range(1, ROWS - 1), 0, size]
