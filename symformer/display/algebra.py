"""Matrix expressions put together as a mathematician writes them: I left out, transposes pulled out, products flat."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import reduce

from sympy import Expr, Symbol

from symformer.display.compound import Columns, Elementwise, Everywhere, Hadamard, Power, Quotient, Rows, Scaled, Total
from symformer.display.matrices import (
    Diagonal,
    Identity,
    Matrix,
    Ones,
    Outer,
    Product,
    Scalar,
    Transpose,
    Zero,
)
from symformer.display.operators import Inner, Norm, RowNorm, RowSum, Softmax, Triangle, UnitRows
from symformer.notation import Const, Div, Written, lift

ONE = Scalar(lift(1))


def transposed(form: Matrix) -> Matrix:
    """The transpose: of a product the factors' in reverse order, of what is symmetric itself."""
    match form:
        case Transpose():
            return form.body
        case Identity() | Diagonal():
            return form
        case Zero():
            return Zero(form.columns, form.rows)
        case Outer():
            return Outer(form.right, form.left)
        case Product() if form.left.kind().rows is not None and form.right.kind().columns is not None:
            return Product(transposed(form.right), transposed(form.left), form.inner, form.size)
        case Rows():
            return Columns(transposed(form.body), form.diagonal)
        case Columns():
            return Rows(form.diagonal, transposed(form.body))
        case Scaled():
            return Scaled(form.factor, transposed(form.body), form.inverse)
        case Total() if all(_turns(term) for term, _ in form.terms):
            return Total(tuple((transposed(term), negative) for term, negative in form.terms))
        case Hadamard() if all(_turns(part) for part in form.parts):
            return Hadamard(tuple(transposed(part) for part in form.parts))
        case Elementwise() | Power() if _turns(form.body):
            return type(form)(form.name, transposed(form.body)) if isinstance(form, Elementwise) else Power(
                transposed(form.body), form.exponent
            )  # fmt: skip
    return Transpose(form)


def _turns(form: Matrix) -> bool:
    """Whether a transpose is no longer than what is transposed."""
    match form:
        case Transpose() | Identity() | Diagonal() | Outer() | Zero():
            return True
        case Scaled() | Elementwise() | Power():
            return _turns(form.body)
        case Total():
            return all(_turns(term) for term, _ in form.terms)
        case Hadamard():
            return all(_turns(part) for part in form.parts)
        case Rows() | Columns():
            return _turns(form.body)
    return False


def product(left: Matrix, right: Matrix, inner: Symbol, size: Expr) -> Matrix:
    """left · right; a factor I is left out, numbers stand in front."""
    if isinstance(left, Identity):
        return right
    if isinstance(right, Identity):
        return left
    if isinstance(left, Scaled):
        return Scaled(left.factor, product(left.body, right, inner, size), left.inverse)
    if isinstance(right, Scaled):
        return Scaled(right.factor, product(left, right.body, inner, size), right.inverse)
    if isinstance(right, Ones):
        return summed(left, inner, size)
    return Product(left, right, inner, size)


def summed(form: Matrix, inner: Symbol, size: Expr) -> Matrix:
    """The sums of the rows: M1, or rowsum(…) where M is worked out entry by entry; of Mᵀ alike."""
    body = form.body if isinstance(form, Transpose) else form
    if form is body and isinstance(body, (Hadamard, Elementwise, Power, Quotient, Softmax, Triangle)):
        return RowSum(form, inner)
    return Product(form, Ones(size), inner, size)


def unit_rows(body: Matrix, divisors: list[Matrix]) -> Matrix:
    """The product in which rows stand over their lengths, where those divide it; they are taken from the divisors."""
    first = body
    while isinstance(first, Product) and not isinstance(first.left, Ones):
        first = first.left
    for place, one in enumerate(divisors):
        if isinstance(one, RowNorm) and one.body == first:
            del divisors[place]
            return _led_by(body, UnitRows(first, one.inner))
    return body


def _led_by(body: Matrix, new: Matrix) -> Matrix:
    """A product with another matrix in the first place."""
    return replace(body, left=_led_by(body.left, new)) if isinstance(body, Product) else new


def times(parts: Sequence[Matrix]) -> Matrix:
    """The elementwise product, flat; of transposes the transpose of the product."""
    flat = [own for part in parts for own in (part.parts if isinstance(part, Hadamard) else (part,))]
    halves = [part for part in flat if isinstance(part, Triangle) and _is_ones(part.body)]
    if len(halves) == 1 and len(flat) > 1:
        return Triangle(times([part for part in flat if part not in halves]), halves[0].upper)
    real = [part for part in flat if not _is_ones(part)]
    if not real:
        return flat[0]
    if len(real) == 1:
        return real[0]
    if all(isinstance(part, Transpose) for part in real):
        return Transpose(Hadamard(tuple(transposed(part) for part in real)))
    return Hadamard(tuple(real))


def _is_ones(form: Matrix) -> bool:
    return isinstance(form, Ones) or (isinstance(form, Outer) and _is_ones(form.left) and _is_ones(form.right))


def divided(over: Sequence[Matrix], under: Sequence[Matrix], one: Matrix) -> Matrix:
    """Elementwise products and quotients; `one` stands where nothing is over the line."""
    body = times(over) if over else one
    return Quotient(body, times(under)) if under else body


def inner(weights: Sequence[Matrix], letter: Symbol, size: Expr) -> Matrix:
    """Σ of the product of vectors: uᵀv, a squared length, or a sum 1ᵀu."""
    if len(weights) == 1:
        return _summed_vector(weights[0], letter, size)
    *first, last = weights
    left = times(first)
    if left == last:
        return Norm(left, (letter, letter), True)
    return Product(transposed(left), last, letter, size)


def _summed_vector(form: Matrix, letter: Symbol, size: Expr) -> Matrix:
    if isinstance(form, Power) and form.exponent == lift(2):
        return Norm(form.body, (letter, letter), True)
    if isinstance(form, RowSum) and isinstance(form.body, Hadamard):
        *first, last = form.body.parts
        left = times(first)
        return Norm(left, (letter, form.inner), True) if left == last else Inner(left, last, (letter, form.inner))
    if isinstance(form, RowSum) and isinstance(form.body, Power) and form.body.exponent == lift(2):
        return Norm(form.body.body, (letter, form.inner), True)
    if isinstance(form, Hadamard):
        return inner(form.parts, letter, size)
    return Product(Transpose(Ones(size)), form, letter, size)


def scaled_by(body: Matrix, above: Sequence[Matrix], below: Sequence[Matrix]) -> Matrix:
    """All numbers in front in one product, all divisors under one fraction."""
    above = [factor for factor in above if factor != ONE]
    if len(above) + len(below) > 1:
        above, below = _without_units(above, below)
    if above and below and all(isinstance(factor, Scalar) for factor in (*above, *below)):
        above, below = [Scalar(_product_of(above) / _product_of(below))], []
    if above and all(isinstance(factor, Scalar) for factor in (*above, body)):
        body, above = _numbers([*above, body]), []
    body = Scaled(_numbers(above), body, False) if above else body
    return Scaled(_numbers(below), body, True) if below else body


def _without_units(above: Sequence[Matrix], below: Sequence[Matrix]) -> tuple[list[Matrix], list[Matrix]]:
    """1/n among other numbers as a divisor."""
    kept, under = [], list(below)
    for factor in above:
        value = factor.value if isinstance(factor, Scalar) else None
        if isinstance(value, Div) and value.kids[0] == lift(1):
            under.append(Scalar(value.kids[1]))
        else:
            kept.append(factor)
    return kept, under


def _numbers(factors: Sequence[Matrix]) -> Matrix:
    """The product of numbers."""
    if all(isinstance(factor, Scalar) for factor in factors):
        return Scalar(_product_of(factors))
    return reduce(lambda one, two: Scaled(one, two, False), factors)


def _product_of(factors: Sequence[Matrix]) -> Written:
    return reduce(lambda one, two: one * two, (factor.value for factor in factors if isinstance(factor, Scalar)))


def outer(left: Matrix, right: Matrix) -> Matrix:
    """left rightᵀ, with numbers in front."""
    if isinstance(left, Scaled):
        return Scaled(left.factor, outer(left.body, right), left.inverse)
    if isinstance(right, Scaled):
        return Scaled(right.factor, outer(left, right.body), right.inverse)
    return Outer(left, right)


def spread(number: Matrix, over: Matrix) -> Matrix:
    """A number in every place of an array of ones."""
    return over if number == ONE else Scaled(number, over, False)


def entrywise(form: Matrix) -> Matrix:
    """An argument of a function that works entry by entry: there `x + 3` is said with the number, not with ones."""
    if _is_ones(form):
        return Everywhere(ONE, form)
    match form:
        case Scaled() if _is_ones(form.body) and not form.inverse:
            return Everywhere(form.factor, form.body)
        case Scaled() | Power() | Elementwise():
            return replace(form, body=entrywise(form.body))
        case Total():
            return Total(tuple((entrywise(term), negative) for term, negative in form.terms))
        case Hadamard():
            return Hadamard(tuple(map(entrywise, form.parts)))
        case Quotient():
            return Quotient(entrywise(form.over), entrywise(form.under))
    return form


def is_zero(node: Written) -> bool:
    """Whether it is the number 0."""
    return isinstance(node, Const) and node.value == 0
