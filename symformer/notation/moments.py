"""Whether declared moments are moments of something: the truncated moment problem, where it can be decided.

E[p(x)²] ≥ 0 for every polynomial p, so for any orders i, j, … the matrix of the moments i + j has no negative
eigenvalue. Where E[p(x)²] = 0, p(x) is 0 with probability 1, so that E[p(x) xᵗ] = 0 for every t. Even moments of
higher order bound those of lower order (Lyapunov). Source: Akhiezer, The Classical Moment Problem, 1965, chapter 2.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations

import sympy
from sympy import Expr, Matrix

MOST_ORDERS = 4  # of a polynomial whose square is looked at


def unreal_moments(moments: Mapping[int, Expr]) -> str:
    """Why no random variable has these moments; empty where that is not seen. Moments with symbols are passed over."""
    for order, value in moments.items():
        if not (isinstance(order, int) and order >= 1):
            return f"{order} is the order of no moment"
        if value.is_real is False or value.is_finite is False:
            return f"moment {order} = {value} is no real number"
    known = {0: sympy.S.One, **{order: value for order, value in moments.items() if value.is_number}}
    return next(_faults(known), "")


def _faults(known: Mapping[int, Expr]) -> Iterator[str]:
    for one, two in combinations(sorted(order for order in known if order % 2 == 0 and order), 2):
        if known[one] >= 0 and known[two] < known[one] ** sympy.Rational(two, one):
            yield f"no random variable has moment {one} = {known[one]} and moment {two} = {known[two]}"
    for orders in _squares(known):
        square = Matrix([[known[i + j] for j in orders] for i in orders])
        if not square.is_positive_semidefinite:
            yield f"a square would have a negative expectation{_shown(_negative(square), orders)}"
        for null in square.nullspace():
            if (fault := _broken_null(null, orders, known)) is not None:
                yield f"a square has expectation 0{_shown(null, orders)}, but that times x^{fault} has another"


def _squares(known: Mapping[int, Expr]) -> Iterator[tuple[int, ...]]:
    """Orders of the monomials of polynomials whose squares have a declared expectation."""
    possible = [order for order in range(max(known) // 2 + 1) if 2 * order in known]
    for count in range(1, min(MOST_ORDERS, len(possible)) + 1):
        for orders in combinations(possible, count):
            if all(one + two in known for one, two in combinations(orders, 2)):
                yield orders


def _negative(square: Matrix) -> Matrix | None:
    """A vector on which a matrix of numbers is negative, if one of its directions shows it."""
    for vector in [*(vectors[0] for _, _, vectors in square.eigenvects())]:
        if (vector.T * square * vector)[0].is_negative:
            return vector
    return None


def _broken_null(null: Matrix, orders: tuple[int, ...], known: Mapping[int, Expr]) -> int | None:
    """An order t for which E[p(x) xᵗ] is declared and not 0, although p(x) = 0 with probability 1."""
    for shift in range(max(known) + 1):
        needed = [(value, order + shift) for value, order in zip(null, orders, strict=True) if value != 0]
        if not all(order in known for _, order in needed):
            continue
        if sympy.simplify(sum(value * known[order] for value, order in needed)) != 0:
            return shift
    return None


def _shown(polynomial: Matrix | None, orders: tuple[int, ...]) -> str:
    if polynomial is None or len(orders) < 2:
        return ""
    x = sympy.Symbol("x")
    return f": that of {sum(value * x**order for value, order in zip(polynomial, orders, strict=True))}"
