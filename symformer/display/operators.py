"""Operations of matrices that papers write by name: softmax, rowsum, norms, inner products, layer norm."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce

from sympy import Expr, Symbol

from symformer.display.compound import Hadamard, Power
from symformer.display.kinds import SCALAR, IllTyped, Kind, agreeing, column, scalar
from symformer.display.matrices import Index, Matrix
from symformer.display.pointwise import Condition
from symformer.notation import Layout, Written, exp, indicator, lift, log, sqrt
from symformer.notation import max as largest
from symformer.notation import sum as total
from symformer.notation.node import ATOM, POWER
from symformer.notation.substitute import fresh
from symformer.typeset import Box, Named, Number, Script, Sign
from symformer.typeset.boxes import Fence, parens, row

SOFTMAX = Named("softmax", upright=True)
ROW = Named("row", upright=True)  # below the bars of the lengths of rows


def applied(name: str, *arguments: Matrix) -> Layout:
    """A function in upright letters, of one argument or several."""
    items: list[Box] = []
    for argument in arguments:
        items += [Sign(","), argument.box()] if items else [argument.box()]
    return Layout(row(Named(name, upright=True), parens(row(*items))), POWER)


def squared_in(form: Matrix) -> Matrix | None:
    """What is squared entry by entry in x^(⊙2) or x ⊙ x."""
    if isinstance(form, Power) and form.exponent == lift(2):
        return form.body
    if isinstance(form, Hadamard) and len(form.parts) == 2 and form.parts[0] == form.parts[1]:
        return form.parts[0]
    return None


def _size(kind: Kind) -> Expr:
    """How many entries a row of a matrix has, or a column vector."""
    size = kind.columns if kind.columns is not None else kind.rows
    if size is None:
        raise IllTyped("a number has no rows")
    return size


@dataclass(frozen=True)
class AlongRows(Matrix):
    """Something of the rows of a matrix, or of a vector; `inner` is the letter that runs along a row."""

    body: Matrix
    inner: Symbol

    def _row(self, at: Index, letter: Index) -> Written:
        """An entry of the row; of a vector, which has one row, its entry."""
        return self.body.entry(letter, None) if self.body.kind().columns is None else self.body.entry(at, letter)

    def _total(self, at: Index, *, exponentials: bool) -> Written:
        letter = fresh(self.inner)
        own = self._row(at, letter)
        return total(exp(own) if exponentials else own, (letter, _size(self.body.kind())))


@dataclass(frozen=True)
class Softmax(AlongRows):
    """The softmax of each row, or of a vector; with masks, over the entries that all of them let through."""

    masks: tuple[Matrix, ...] = ()

    def layout(self) -> Layout:
        if not self.masks:
            return applied("softmax", self.body)
        said = [mask.said() if isinstance(mask, Condition) else mask.box() for mask in self.masks]
        sub = row(said[0], *(item for box in said[1:] for item in (Sign("∧"), box)))
        return Layout(row(Script(SOFTMAX, sub), parens(self.body.box())), POWER)

    def _weight(self, at: Index, to: Index) -> Written:
        weight = exp(self.body.entry(at, to))
        return reduce(lambda one, mask: mask.entry(at, to) * one, reversed(self.masks), weight)

    def entry(self, at: Index, to: Index) -> Written:
        letter, vector = fresh(self.inner), self.body.kind().columns is None
        others = self._weight(letter, None) if vector else self._weight(at, letter)
        return self._weight(at, to) / total(others, (letter, _size(self.body.kind())))

    def kind(self) -> Kind:
        _size(self.body.kind())
        return agreeing(self.body.kind(), *(mask.kind() for mask in self.masks))


@dataclass(frozen=True)
class Reduction(AlongRows):
    """One number for each row: a column vector from a matrix, a number from a vector."""

    def kind(self) -> Kind:
        kind = self.body.kind()
        _size(kind)
        return Kind(kind.rows) if kind.columns is not None else SCALAR


@dataclass(frozen=True)
class RowSum(Reduction):
    """The sums of the rows, as papers on attention write `P1` where P is no plain name."""

    def layout(self) -> Layout:
        return applied("rowsum", self.body)

    def entry(self, at: Index, to: Index) -> Written:
        return self._total(at, exponentials=False)


@dataclass(frozen=True)
class LogSumExp(Reduction):
    """log Σ exp of each row, or of a vector."""

    def layout(self) -> Layout:
        return applied("logsumexp", self.body)

    def entry(self, at: Index, to: Index) -> Written:
        return log(self._total(at, exponentials=True))


@dataclass(frozen=True)
class RowNorm(Reduction):
    """The lengths of the rows."""

    def layout(self) -> Layout:
        return Layout(Script(Fence("‖", self.body.box(), "‖"), ROW), ATOM)

    def entry(self, at: Index, to: Index) -> Written:
        letter = fresh(self.inner)
        return sqrt(total(self._row(at, letter) ** 2, (letter, _size(self.body.kind()))))


@dataclass(frozen=True)
class Largest(Reduction):
    """The largest entry of each row, or of a vector."""

    def layout(self) -> Layout:
        return applied("rowmax" if self.body.kind().columns is not None else "max", self.body)

    def entry(self, at: Index, to: Index) -> Written:
        letter = fresh(self.inner)
        return largest(self._row(at, letter), (letter, _size(self.body.kind())))


@dataclass(frozen=True)
class Norm(Matrix):
    """The length of a vector, or of a matrix with all its entries as one vector (Frobenius); or its square."""

    body: Matrix
    letters: tuple[Symbol, Symbol]
    squared: bool

    def layout(self) -> Layout:
        kind = self.body.kind()
        sub = Named("F", upright=True) if kind.columns is not None else None
        bars = Fence("‖", self.body.box(), "‖")
        if sub is None and not self.squared:
            return Layout(bars, ATOM)
        return Layout(Script(bars, sub, Number("2") if self.squared else None), POWER)

    def entry(self, at: Index, to: Index) -> Written:
        kind, (first, second) = self.body.kind(), map(fresh, self.letters)
        if kind.columns is None:
            square = total(self.body.entry(first, None) ** 2, (first, kind.rows))
        else:
            inner = total(self.body.entry(first, second) ** 2, (second, kind.columns))
            square = total(inner, (first, kind.rows))
        return square if self.squared else sqrt(square)

    def kind(self) -> Kind:
        if self.body.kind().rows is None:
            raise IllTyped("a norm is taken of a vector or matrix")
        return SCALAR


@dataclass(frozen=True)
class Inner(Matrix):
    """⟨A, B⟩: the sum of the products of all entries of two matrices."""

    left: Matrix
    right: Matrix
    letters: tuple[Symbol, Symbol]

    def layout(self) -> Layout:
        return Layout(Fence("⟨", row(self.left.box(), Sign(","), self.right.box()), "⟩"), ATOM)

    def entry(self, at: Index, to: Index) -> Written:
        first, second = map(fresh, self.letters)
        kind = self.left.kind()
        product = self.left.entry(first, second) * self.right.entry(first, second)
        return total(total(product, (second, kind.columns)), (first, kind.rows))

    def kind(self) -> Kind:
        if agreeing(self.left.kind(), self.right.kind()).columns is None:
            raise IllTyped("an inner product of matrices is taken of matrices")
        return SCALAR


@dataclass(frozen=True)
class Triangle(Matrix):
    """The part of a matrix on and below its diagonal (`tril`), or on and above it (`triu`)."""

    body: Matrix
    upper: bool

    def layout(self) -> Layout:
        return applied("triu" if self.upper else "tril", self.body)

    def entry(self, at: Index, to: Index) -> Written:
        return indicator(to, "≥" if self.upper else "≤", at) * self.body.entry(at, to)

    def kind(self) -> Kind:
        kind = self.body.kind()
        if kind.rows is None or kind.columns is None:
            raise IllTyped("only a matrix has a triangle")
        return kind


@dataclass(frozen=True)
class UnitRows(AlongRows):
    """Each row over its length."""

    def layout(self) -> Layout:
        return applied("L2Norm", self.body)

    def entry(self, at: Index, to: Index) -> Written:
        return self.body.entry(at, to) / RowNorm(self.body, self.inner).entry(at, None)

    def kind(self) -> Kind:
        _size(self.body.kind())
        return self.body.kind()


@dataclass(frozen=True)
class Normalised(AlongRows):
    """Layer norm (RMS norm where nothing is subtracted) of each row, or of a vector, without gain and bias.

    Attributes:
        epsilon: what is added under the root, None for nothing.
        centred: whether the mean is subtracted.
    """

    epsilon: Matrix | None
    centred: bool

    def layout(self) -> Layout:
        return applied("LayerNorm" if self.centred else "RMSNorm", self.body)

    def entry(self, at: Index, to: Index) -> Written:
        kind = self.body.kind()
        size, letter = lift(_size(kind)), fresh(self.inner)
        other = fresh(self.inner)
        mean = total(self._row(at, other), (other, _size(kind))) / size if self.centred else lift(0)
        spread = total((self._row(at, letter) - mean) ** 2, (letter, _size(kind))) / size
        under = spread + self.epsilon.entry(None, None) if self.epsilon is not None else spread
        return (self.body.entry(at, to) - mean) / sqrt(under)

    def kind(self) -> Kind:
        if self.epsilon is not None:
            scalar(self.epsilon.kind())
        _size(self.body.kind())
        return self.body.kind()


def is_column(form: Matrix) -> bool:
    """Whether a form is a column vector."""
    kind = form.kind()
    return kind.columns is None and column(kind) is not None
