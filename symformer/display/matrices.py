"""Matrix notation as a tree of its own, which can be printed, type-checked, and lowered back to indices.

A node stands for a matrix, a column vector or a number. `entry(row, column)` is the lowering that the judge compares
with the formula in indices, so that a matrix formula is as sure as the index formula it came from; `kind()` is its
type.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from itertools import groupby
from typing import Any

from sympy import Expr, Symbol

from symformer.display.kinds import SCALAR, IllTyped, Kind, Size, column, multiplied
from symformer.notation import Element, Layout, Tensor, Written, delta, lift
from symformer.notation import sum as total
from symformer.notation.node import ADD, ATOM, MUL, POWER
from symformer.notation.substitute import fresh
from symformer.typeset import Box, Named, Number, Script, Sign
from symformer.typeset.boxes import indexed, parens, row

Index = Any  # a SymPy symbol, or None
ONES = Named("1", bold=True)
IDENTITY = Named("I")
TRANSPOSE = Sign("⊤")


@dataclass(frozen=True)
class Matrix:
    """A node; subclasses say how it looks, what its entries are, and what kind of thing it is."""

    def layout(self) -> Layout:
        """How it looks, and how tightly that holds together."""
        raise NotImplementedError

    def entry(self, at: Index, to: Index) -> Written:
        """The entry in row `at` and column `to` (None for a vector or number)."""
        raise NotImplementedError

    def kind(self) -> Kind:
        """What it is, and of which sizes.

        Raises:
            IllTyped: its parts do not fit.
        """
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

    def kind(self) -> Kind:
        return SCALAR


@dataclass(frozen=True)
class Array(Matrix):
    """A named matrix or vector, with its other indices (a head) fixed.

    Attributes:
        tensor: the array.
        fixed: what stands on the axes that are not its rows and columns, in their order.
        axes: which axes are rows and columns; by default the last ones.
    """

    tensor: Tensor
    fixed: tuple[Written, ...]
    axes: tuple[int, ...] | None = None

    @property
    def free(self) -> tuple[int, ...]:
        """Which axes are rows and columns."""
        count = len(self.tensor.shape)
        return tuple(range(len(self.fixed), count)) if self.axes is None else self.axes

    def placed(self, fixed: tuple[Any, ...], free: tuple[Any, ...]) -> tuple[Any, ...]:
        """One item an axis: these on the fixed axes, those on the others."""
        others, own = iter(fixed), dict(zip(self.free, free, strict=False))
        return tuple(own[axis] if axis in own else next(others) for axis in range(len(self.tensor.shape)))

    def layout(self) -> Layout:
        if not self.fixed:
            return Layout(self.tensor.box, ATOM)
        sub = row(*_listed([kid.layout().box for kid in self.fixed]))
        base = self.tensor.box
        return Layout(indexed(base, sub), ATOM)

    def entry(self, at: Index, to: Index) -> Written:
        letters = tuple(lift(letter) for letter in (at, to) if letter is not None)
        return Element(self.placed(self.fixed, letters), (self.tensor,))

    def kind(self) -> Kind:
        return Kind(*(self.tensor.shape[axis] for axis in self.free))


def _listed(boxes: list[Box]) -> list[Box]:
    """Subscripts side by side; with commas where one of them is more than a letter or digit."""
    if all(isinstance(box, (Named, Number)) for box in boxes):
        return boxes
    return [item for box in boxes for item in (Sign(","), box)][1:]


@dataclass(frozen=True)
class Transpose(Matrix):
    """A transposed matrix, or a vector as a row."""

    body: Matrix

    def layout(self) -> Layout:
        return raised(self.body, TRANSPOSE)

    def entry(self, at: Index, to: Index) -> Written:
        return self.body.entry(to, at)

    def kind(self) -> Kind:
        return self.body.kind().turned


@dataclass(frozen=True)
class Product(Matrix):
    """left · right over an inner letter of the given size; either side may be a vector."""

    left: Matrix
    right: Matrix
    inner: Symbol
    size: Expr

    def layout(self) -> Layout:
        boxes: list[Layout] = []
        for form, run in groupby(self.chain()):
            count = len(list(run))
            power = count > 1 and not isinstance(form, Transpose)  # (Aᵀ)² is no shorter than AᵀAᵀ
            boxes += [raised(form, Number(str(count)))] if power else [form.layout()] * count
        return boxes[0] if len(boxes) == 1 else Layout(row(*(_inside(box, MUL) for box in boxes)), MUL)

    def chain(self) -> list[Matrix]:
        """The factors one after the other."""
        return [
            own for side in (self.left, self.right) for own in (side.chain() if isinstance(side, Product) else [side])
        ]

    def entry(self, at: Index, to: Index) -> Written:
        letter = fresh(self.inner)
        return total(self.left.entry(at, letter) * self.right.entry(letter, to), (letter, self.size))

    def kind(self) -> Kind:
        return multiplied(self.left.kind(), self.right.kind())


def raised(form: Matrix, sup: Box) -> Layout:
    """A form with something above it: Aᵀ, softmax(S)ᵀ, (AB)ᵀ."""
    box, level = form.layout()
    if isinstance(box, Script):
        whole = box.sup is None and level == ATOM
        return Layout(Script(box.base, box.sub, sup) if whole else Script(parens(box), None, sup), POWER)
    return Layout(Script(box if level >= POWER else parens(box), None, sup), POWER)


def _inside(layout: Layout, level: int) -> Box:
    return parens(layout.box) if layout.level < level else layout.box


@dataclass(frozen=True)
class Outer(Matrix):
    """left rightᵀ of two column vectors."""

    left: Matrix
    right: Matrix

    def layout(self) -> Layout:
        return Layout(row(self.left.box(MUL), Transpose(self.right).box(POWER)), MUL)

    def entry(self, at: Index, to: Index) -> Written:
        return self.left.entry(at, None) * self.right.entry(to, None)

    def kind(self) -> Kind:
        return Kind(column(self.left.kind()), column(self.right.kind()))


@dataclass(frozen=True)
class Ones(Matrix):
    """The column vector of ones."""

    size: Expr

    def layout(self) -> Layout:
        return Layout(ONES, ATOM)

    def entry(self, at: Index, to: Index) -> Written:
        return lift(1)

    def kind(self) -> Kind:
        return Kind(self.size)


@dataclass(frozen=True)
class Zero(Matrix):
    """The vector or matrix of zeros."""

    rows: Size
    columns: Size

    def layout(self) -> Layout:
        return Layout(Number("0"), ATOM)

    def entry(self, at: Index, to: Index) -> Written:
        return lift(0)

    def kind(self) -> Kind:
        return Kind(self.rows, self.columns)


@dataclass(frozen=True)
class Identity(Matrix):
    """The identity matrix."""

    size: Expr

    def layout(self) -> Layout:
        return Layout(IDENTITY, ATOM)

    def entry(self, at: Index, to: Index) -> Written:
        return delta(at, to)

    def kind(self) -> Kind:
        return Kind(self.size, self.size)


@dataclass(frozen=True)
class Diagonal(Matrix):
    """diag(v), or its inverse."""

    body: Matrix
    inverse: bool = False

    def layout(self) -> Layout:
        box: Box = row(Named("diag", upright=True), parens(self.body.box()))
        return Layout(Script(box, None, Number("-1")) if self.inverse else box, POWER)

    def scaled(self, value: Written, letter: Symbol) -> Written:
        """value times (or divided by) the entry of the diagonal at this letter."""
        own = self.body.entry(letter, None)
        return value / own if self.inverse else own * value

    def entry(self, at: Index, to: Index) -> Written:
        if at is None:
            raise IllTyped("a diagonal matrix has rows")
        return self.scaled(delta(at, to), at)

    def kind(self) -> Kind:
        size = column(self.body.kind())
        return Kind(size, size)


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
    if isinstance(part, tuple) and not isinstance(part, Kind):
        return tuple(_transformed(item, rule) for item in part)
    return part
