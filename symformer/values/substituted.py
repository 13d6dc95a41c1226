"""The step between symbols and result: the formula with numbers where its entries were. Nothing is evaluated."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, count, product
from math import prod
from typing import Any, NamedTuple

import sympy
from sympy import Symbol

from symformer.display import Array, Kind, Matrix, Partial, Repeated, Scalar, Total, transform
from symformer.evaluate import HIDDEN, Interpreter, Place
from symformer.notation import (
    Add,
    ArgMax,
    Condition,
    Const,
    Delta,
    Derivative,
    Element,
    Expectation,
    Layout,
    Max,
    Mul,
    Neg,
    Prod,
    ShapeError,
    Sum,
    Tensor,
    Var,
    Where,
    Written,
    lift,
    substitute,
)
from symformer.notation.node import ADD, ATOM
from symformer.programs import Definition
from symformer.typeset import Box, Entry, Grid, Named, Sign
from symformer.typeset.boxes import parens, row
from symformer.values.rounding import Rounding

TERMS = 6
ROWS = 8
WIDEST = 10  # columns that a matrix of amsmath may have
WHOLE = 64  # entries up to which a matrix is shown whole, however long


class Value(NamedTuple):
    """An expression whose value was shown: its name, the letters that choose one of its numbers, what they run to."""

    name: str
    letters: tuple[Symbol, ...]
    shape: tuple[int, ...]
    node: Written


class Dots(Written):
    """What is left out of a long sum."""

    __slots__ = ()

    def arrange(self) -> Layout:
        return Layout(Sign("…"), ATOM)


class Entered(Written):
    """A number that stands for an entry of a tensor; `head` is (key, whether a minus sign stands before it)."""

    __slots__ = ()

    def arrange(self) -> Layout:
        box, level = self.kids[0].arrange()
        return Layout(Entry(self.head[0], box, self.head[1]), level)


class Largest(Written):
    """max(a, b, …)."""

    __slots__ = ()

    def arrange(self) -> Layout:
        items: list[Box] = []
        for kid in self.kids:
            items += [Sign(","), kid.arrange().box] if items else [kid.arrange().box]
        return Layout(row(Named("max", upright=True), parens(row(*items))), ATOM)


class Unavailable(Exception):
    """The formula has no step between symbols and result, e.g. a derivative that is only written down."""


class Numbers:
    """Puts the numbers of an interpreter into formulas, each under a key: `S-1-2`, or `value:3-1-2`.

    Attributes:
        tensors: the name of each tensor whose entries were shown, by digest.
        shown_tensors: these tensors, in the order in which they were shown.
        values: the expressions whose values were shown, by digest: name, letters, expression.
        spans: what the letters that stand in formulas at the moment run to.
    """

    def __init__(self, interpreter: Interpreter, rounding: Rounding) -> None:
        self.interpreter, self.rounding = interpreter, rounding
        self.tensors: dict[str, str] = {}
        self.shown_tensors: list[Tensor] = []
        self.values: dict[str, Value] = {}
        self.spans: dict[Symbol, int] = {}

    def key(self, tensor: Tensor, place: tuple[int, ...]) -> str:
        """The key of an entry: `S-1-2`; two calls of one op that nobody named are `softmax` and `softmax2`.

        What one layer has of a stack is an entry of the stack.
        """
        sliced = slice_of(tensor)
        if sliced is not None:
            return self.key(sliced[0], (sliced[1], *place))
        if tensor.digest not in self.tensors:
            names = chain([tensor.name], (f"{tensor.name}{number}" for number in count(2)))
            taken = set(self.tensors.values())
            self.tensors[tensor.digest] = next(name for name in names if name not in taken)
            self.shown_tensors.append(tensor)
        return "-".join([self.tensors[tensor.digest], *map(str, place)])

    def valued(self, node: Written, env: Mapping[Symbol, int]) -> Written:
        """The value of an expression, under a key of its own; an entry of a tensor under the entry's."""
        if isinstance(node, Element):
            return self._inside(node, env)
        letters = tuple(sorted(node.free & set(env), key=lambda letter: letter.name))
        name = f"value:{len(self.values) + 1}"
        known = self.values.setdefault(node.digest, Value(name, letters, self._shape(node, letters), node))
        key = "-".join([known.name, *(str(env[letter]) for letter in known.letters)])
        return Entered((self.shown(self.interpreter.value(node, env)),), (key, False))

    def _shape(self, node: Written, letters: tuple[Symbol, ...]) -> tuple[int, ...]:
        own = node.ranges
        return tuple(self.interpreter.size(own[one].size) if one in own else self.spans[one] for one in letters)

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
            return Entered((self.shown(self.interpreter.value(node, env)),), (self.key(node.tensor, place), False))
        if isinstance(node, (Derivative, Delta, Condition, Expectation, Prod, ArgMax)):
            return self.valued(node, env)
        if isinstance(node, Where):
            bit = self.interpreter.value(node.condition, env)
            one = self.interpreter.field.number(sympy.S.One)
            return self._inside(node.kids[1 if self.interpreter.field.compare(bit, "=", one) else 2], env)
        if isinstance(node, Var):
            return lift(sympy.Integer(self.interpreter.number(node, env)))
        if isinstance(node, Sum):
            return self._terms(node, env)
        if isinstance(node, Max):
            return Largest(self._spread(node, env))
        if isinstance(node, Mul) and any(isinstance(kid, Condition) for kid in node.kids):
            return self._guarded(node, env)
        return node.rebuild(tuple(self._inside(kid, env) for kid in node.kids))

    def _guarded(self, node: Mul, env: Mapping[Symbol, int]) -> Written:
        """A product with conditions; where one of them is 0, factors that read outside an axis are not there.

        Raises:
            ShapeError: a factor reads outside an axis, and nothing hides it.
        """
        self.interpreter.value(node, env)
        kids: list[Written] = []
        for kid in node.kids:
            try:
                kids.append(self._inside(kid, env))
            except ShapeError:  # the whole has a value, so that a condition hides this factor
                continue
        return kids[0] if len(kids) == 1 else node.rebuild(tuple(kids))

    def _spread(self, node: Sum | Max, env: Mapping[Symbol, int]) -> tuple[Written, ...]:
        size = self.spans[node.index] = self.interpreter.size(node.size)
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
        return self.array(Array(tensor, tuple(map(lift, fixed))), fixed)

    def array(self, array: Array, fixed: tuple[int, ...]) -> Box:
        """The rows and columns of an array at these other places, as a matrix of numbers."""
        shape = self.interpreter.shape(array.tensor)
        sizes = tuple(shape[axis] for axis in array.free)
        if not sizes:
            return self._cell(array, fixed, (), 1)
        spans = _spans(sizes if len(sizes) == 2 else (*sizes, 1))
        rows = [[self._cell(array, fixed, (i, j)[: len(sizes)], i and j) for j in spans[1]] for i in spans[0]]
        return Grid(tuple(tuple(cells) for cells in rows))

    def _cell(self, array: Array, fixed: tuple[int, ...], place: tuple[int, ...], real: int) -> Box:
        if not real:
            return Sign({(0, 0): "⋱", (0,): "⋮"}.get(place[:2], "…" if place[0] else "⋮"))
        tensor, at = array.tensor, array.placed(fixed, place)
        return Entry(self.key(tensor, at), self.shown(self.interpreter.entry(tensor, at)).layout().box)

    def rows(self, tensor: Tensor, fixed: tuple[int, ...]) -> list[list[Any]]:
        """The values of a matrix, row by row; a vector is one row."""
        sizes = self.interpreter.shape(tensor)[len(fixed) :]
        spans = [range(1, size + 1) for size in sizes]
        if not sizes:
            return []
        leads = [()] if len(sizes) == 1 else [(place,) for place in spans[0]]
        return [[self.interpreter.entry(tensor, (*fixed, *lead, last)) for last in spans[-1]] for lead in leads]

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
                return Filled(
                    self.array(node, tuple(self.interpreter.number(kid, env) for kid in node.fixed)), node.kind()
                )
            case Scalar():
                return Scalar(self.formula(node.value, env))
            case Repeated():
                self.spans[node.label] = self.interpreter.size(node.size)
                labels = range(1, self.spans[node.label] + 1)
                return Total(tuple((self.matrix(node.body, {**env, node.label: label}), False) for label in labels))
            case Partial():
                raise Unavailable
        return None


def labelled(node: Matrix, env: Mapping[Symbol, int]) -> Matrix:
    """A matrix formula with numbers for its labels, such as the head."""

    def rule(part: Matrix) -> Matrix | None:
        if isinstance(part, Array):
            return Array(part.tensor, tuple(substitute(kid, env) for kid in part.fixed), part.axes)
        return Scalar(substitute(part.value, env)) if isinstance(part, Scalar) else None

    return transform(node, rule)


def slice_of(tensor: Tensor) -> tuple[Tensor, int] | None:
    """The stack and the layer, where a tensor is what one layer has of an input: `W_2[i, j] := W[2, i, j]`."""
    if not isinstance(tensor.origin, Definition) or not isinstance(tensor.origin.body, Element):
        return None
    body, letters = tensor.origin.body, tensor.origin.indices
    first, *rest = body.kids or (None,)
    plain = [part.symbol if isinstance(part, Var) else None for part in rest] == list(letters)
    if body.tensor.origin is not None or not plain or not isinstance(first, Const):
        return None
    return body.tensor, int(first.value)


class Hidden_(Written):  # noqa: N801
    """−∞ as a printed number."""

    __slots__ = ()

    def arrange(self) -> Layout:
        return Layout(row(Sign("−"), Sign("∞")), ADD)


@dataclass(frozen=True, eq=False)
class Filled(Matrix):
    """A matrix that is only looked at: its numbers in a grid. Two of them are two, whatever their numbers are."""

    numbers: Box
    type: Kind
    __eq__ = object.__eq__
    __hash__ = object.__hash__

    def kind(self) -> Kind:
        return self.type

    def layout(self) -> Layout:
        return Layout(self.numbers, ATOM)

    def entry(self, at: Symbol | None, to: Symbol | None) -> Written:
        raise Unavailable


def places(
    interpreter: Interpreter, tensor: Tensor, wanted: Callable[[Place], bool] = lambda place: True
) -> list[tuple[Place, str]]:
    """Every wanted choice of the axes before the last two, a matrix each; of many the first and last, with a remark."""
    sizes = interpreter.shape(tensor)[:-2]
    every = [place for place in product(*(range(1, size + 1) for size in sizes)) if wanted(place)]
    if len(every) <= ROWS:
        return [(place, "") for place in every]
    *first, before = every[: ROWS - 2]
    left = f"{len(every) - ROWS + 1} more of {len(every)} are left out here."
    return [*((place, "") for place in first), (before, left), (every[-1], "")]


def _signed(term: Written) -> Written:
    """A negative number in a sum as a subtraction."""
    if isinstance(term, Entered):
        inner = _signed(term.kids[0])
        return Neg((Entered((inner.kids[0],), (term.head[0], True)),)) if isinstance(inner, Neg) else term
    if isinstance(term, Const) and term.value.is_negative:
        value, digits = term.head
        return Neg((Const((), (-value, digits.lstrip("-") if digits else None)),))
    return term


def _spans(sizes: Sequence[int]) -> list[list[int]]:
    """Positions along the two axes of a matrix; 0 stands for dots."""
    whole = prod(sizes) <= WHOLE and max(sizes) <= WIDEST
    return [list(range(1, size + 1)) if whole or size <= ROWS else [*range(1, ROWS - 1), 0, size] for size in sizes]
