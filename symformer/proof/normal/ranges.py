"""Whether a range is sure to hold something: what can be read off a size, and what an author assumes of sizes.

Every size symbol is a whole number from 1 on. So a polynomial in sizes is at least c for all of them if, written in
s − 1 for every size s, it has no negative coefficient and its constant is at least c; it is sure to be whole if its
coefficients are. An assumption p ≥ 0 may be subtracted a few times before.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import product

import sympy
from sympy import Expr

from symformer.notation import lift
from symformer.typeset import text

MOST_TIMES = 3  # an assumption is used


def surely(size: Expr, least: int, known: Sequence[Expr] = ()) -> bool:
    """Whether a size is at least that for all sizes that satisfy `p ≥ 0` for every known p."""
    if size.is_Symbol:
        return least <= 1 or (bool(known) and _surely(size, least, tuple(known)))
    return _surely(size, least, tuple(known))


@cache
def _surely(size: Expr, least: int, known: tuple[Expr, ...]) -> bool:
    if size.is_number:
        return bool(size >= least)
    times = range(MOST_TIMES + 1)
    combined = product(times, repeat=len(known)) if len(known) <= 3 else [()]
    return any(
        _visible(size - least - sum((count * rest for count, rest in zip(counts, known, strict=False)), sympy.S.Zero))
        for counts in combined
    )


def _visible(rest: Expr) -> bool:
    symbols = sorted(rest.free_symbols, key=str)
    moved = sympy.expand(rest.subs({symbol: symbol + 1 for symbol in symbols}, simultaneous=True))
    if not moved.is_polynomial(*symbols):
        return False
    return all(value >= 0 for value in (sympy.Poly(moved, *symbols).coeffs() if symbols else [moved]))


@cache
def whole(size: Expr) -> bool:
    """Whether a size is visibly a whole number."""
    if size.is_Symbol or size.is_Integer:
        return True
    symbols = sorted(size.free_symbols, key=str)
    expanded = sympy.expand(size)
    if not expanded.is_polynomial(*symbols):
        return False
    return all(value.is_Integer for value in (sympy.Poly(expanded, *symbols).coeffs() if symbols else [expanded]))


def at_least_words(size: Expr, least: int) -> str:
    """`n ≥ m` for n − m ≥ 0: what is subtracted stands on the right."""
    terms = sympy.Add.make_args(sympy.expand(size - least))
    more = [term for term in terms if not term.could_extract_minus_sign()]
    less = [-term for term in terms if term.could_extract_minus_sign()]
    left, right = (text(lift(sympy.Add(*side)).layout().box) for side in (more, less))
    return f"{left} ≥ {right}"
