"""From index notation to matrix notation, one definition at a time; what has no matrix form is declined."""

from __future__ import annotations

from functools import reduce
from typing import Any

from sympy import Symbol

from symformer.display.compound import Columns, Elementwise, Repeated, Rows, Total
from symformer.display.factors import factors_of, scaled, scaled_by, spread, times
from symformer.display.matrices import Diagonal, Identity, Index, Matrix, Ones, Outer, Product, Scalar, Transpose
from symformer.display.named import Declined, identity, named, partial
from symformer.notation import Add, Delta, Derivative, Div, Element, Func, Mul, Neg, Sum, Written


def recognise(node: Written, indices: tuple[Symbol, ...]) -> Matrix | None:
    """The matrix form of an expression whose free indices are `indices`, or None.

    The last two indices are row and column, one index is a column vector; one index before them is a label, such as a
    head. With more indices a matrix form would say less than the index form.
    """
    if len(indices) > 3:
        return None
    tail = indices[-2:]
    at, to = (tail[0] if tail else None), (tail[1] if len(tail) == 2 else None)
    try:
        return _Recogniser().shaped(node, at, to)
    except Declined:
        return None


def _used(node: Written, at: Index, to: Index) -> tuple[bool, bool]:
    letters = node.free
    return at in letters, to in letters


class _Recogniser:
    def shaped(self, node: Written, at: Index, to: Index) -> Matrix:
        """The node as an array over just these letters, spread by ones where it does not depend on one."""
        row, column = _used(node, at, to)
        if at is None and to is None:
            return self.number(node)
        if to is None:
            return self.vector(node, at) if row else spread(self.number(node), Ones())
        if row and column:
            return self.matrix(node, at, to)
        if row:
            return Outer(self.vector(node, at), Ones())
        if column:
            return Outer(Ones(), self.vector(node, to))
        return spread(self.number(node), Outer(Ones(), Ones()))

    def number(self, node: Written) -> Matrix:
        """A number: an inner product where it is a sum of one, else as written."""
        if isinstance(node, Sum):
            return self._inner(node)
        if isinstance(node, (Mul, Div, Add, Neg)) and any(isinstance(kid, Sum) for kid in node.kids):
            return self._number_parts(node)
        return Scalar(node)

    def _number_parts(self, node: Written) -> Matrix:
        if isinstance(node, (Div, Mul)):
            factors = factors_of(node)
            sums = [self.number(factor) for factor, inverse in factors if isinstance(factor, Sum) and not inverse]
            rest = [(factor, inverse) for factor, inverse in factors if inverse or not isinstance(factor, Sum)]
            if len(sums) == 1:
                return scaled_by(sums[0], rest)
        raise Declined

    def _inner(self, node: Sum) -> Matrix:
        inner = node.index
        parts = factors_of(node.body)
        if any(inverse for _, inverse in parts) or not any(inner in factor.free for factor, _ in parts):
            raise Declined
        outside = [factor for factor, _ in parts if inner not in factor.free]
        vectors = [self.vector(factor, inner) for factor, _ in parts if inner in factor.free]
        left = Ones() if len(vectors) == 1 else reduce(times, vectors[:-1])
        return scaled(Product(Transpose(left), vectors[-1], inner, node.size), outside)

    # -- vectors ----------------------------------------------------------------------------------------------------

    def vector(self, node: Written, at: Index) -> Matrix:
        """A column vector over `at`."""
        assert at is not None
        match node:
            case Element():
                return named(node, (at,))
            case Add():
                return Total(tuple(self._term(kid, at, None) for kid in node.kids))
            case Neg():
                return Total(((self.vector(node.kids[0], at), True),))
            case Mul() | Div():
                return self._vector_product(node, at)
            case Sum():
                return self._sum(node, at, None)
            case Func():
                return Elementwise(node.name, self.vector(node.kids[0], at))
            case Derivative():
                return partial(node, at, None)
        raise Declined

    def _term(self, node: Written, at: Index, to: Index) -> tuple[Matrix, bool]:
        negative = isinstance(node, Neg)
        return self.shaped(node.kids[0] if negative else node, at, to), negative

    def _vector_product(self, node: Written, at: Symbol) -> Matrix:
        numbers, vectors = [], []
        for factor, inverse in factors_of(node):
            if at not in factor.free:
                numbers.append((factor, inverse))
            elif inverse:
                raise Declined
            else:
                vectors.append(self.vector(factor, at))
        return scaled_by(reduce(times, vectors), numbers)

    # -- matrices ---------------------------------------------------------------------------------------------------

    def matrix(self, node: Written, at: Index, to: Index) -> Matrix:
        """A matrix with rows `at` and columns `to`."""
        assert at is not None and to is not None
        match node:
            case Element():
                return named(node, (at, to))
            case Delta():
                return identity(node, at, to)
            case Add():
                return Total(tuple(self._term(kid, at, to) for kid in node.kids))
            case Neg():
                return Total(((self.matrix(node.kids[0], at, to), True),))
            case Mul() | Div():
                return self._matrix_product(node, at, to)
            case Sum():
                return self._sum(node, at, to)
            case Func():
                return Elementwise(node.name, self.matrix(node.kids[0], at, to))
            case Derivative():
                return partial(node, at, to)
        raise Declined

    def _matrix_product(self, node: Written, at: Symbol, to: Symbol) -> Matrix:
        groups: dict[tuple[bool, bool], list[tuple[Written, bool]]] = {}
        for factor, inverse in factors_of(node):
            groups.setdefault(_used(factor, at, to), []).append((factor, inverse))
        rows, columns = groups.get((True, False), []), groups.get((False, True), [])
        both = groups.get((True, True), [])
        if any(inverse for _, inverse in both):
            raise Declined
        body = reduce(times, [self.matrix(factor, at, to) for factor, _ in both]) if both else None
        return scaled_by(self._between(rows, body, columns, at, to), groups.get((False, False), []))

    def _between(self, rows: Any, body: Matrix | None, columns: Any, at: Symbol, to: Symbol) -> Matrix:
        """diag(rows) body diag(columns), or an outer product where there is no body."""
        if body is None:
            if any(inverse for _, inverse in (*rows, *columns)):
                raise Declined
            left = reduce(times, [self.vector(factor, at) for factor, _ in rows])
            return Outer(left, reduce(times, [self.vector(factor, to) for factor, _ in columns]))
        for factor, inverse in rows:
            diagonal = self._diagonal(factor, at, inverse)
            body = diagonal if isinstance(body, Identity) else Rows(diagonal, body)
        for factor, inverse in columns:
            body = Columns(body, self._diagonal(factor, to, inverse))
        return body

    def _diagonal(self, node: Written, at: Symbol, inverse: bool) -> Diagonal:
        """A diagonal, or its inverse; one over a function of a vector reads better with its index."""
        vector = self.vector(node, at)
        if inverse and isinstance(vector, Elementwise):
            raise Declined
        return Diagonal(vector, inverse)

    def _sum(self, node: Sum, at: Symbol, to: Index) -> Matrix:
        """A contraction, or else a sum over a label such as a head."""
        try:
            return self._contraction(node, at, to)
        except Declined:
            return Repeated(node.index, node.size, self.shaped(node.body, at, to))

    def _contraction(self, node: Sum, at: Symbol, to: Index) -> Matrix:
        """Σ over an inner letter: left times (a diagonal) times right."""
        inner = node.index
        left, right, middle, outside = [], [], [], []
        for factor, inverse in factors_of(node.body):
            letters = factor.free
            if inner not in letters:
                outside.append((factor, inverse))
            elif inverse or (at in letters and to in letters and to is not None):
                raise Declined
            elif at in letters:
                left.append(self.matrix(factor, at, inner))
            elif to is not None and to in letters:
                right.append(self.matrix(factor, inner, to))
            else:
                middle.append(self.vector(factor, inner))
        return self._with_outside(self._chained(left, middle, right, node, to), outside, at, to)

    def _chained(self, left: list[Matrix], middle: list[Matrix], right: list[Matrix], node: Sum, to: Index) -> Matrix:
        if not left or (to is not None and not right):
            raise Declined
        head = reduce(times, left)
        if to is None:
            return Product(head, reduce(times, middle) if middle else Ones(), node.index, node.size)
        tail = reduce(times, right)
        body = Rows(Diagonal(reduce(times, middle)), tail) if middle else tail
        return Product(head, body, node.index, node.size)

    def _with_outside(self, body: Matrix, outside: list[tuple[Written, bool]], at: Symbol, to: Index) -> Matrix:
        numbers = [(factor, inverse) for factor, inverse in outside if _used(factor, at, to) == (False, False)]
        if len(numbers) != len(outside):
            raise Declined
        return scaled_by(body, numbers)
