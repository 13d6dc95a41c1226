"""Formulas as lists of terms, which a page's script adds up for other sizes: nothing there is evaluated as code."""

from __future__ import annotations

from typing import Any

import sympy
from sympy import Expr, Min


def terms(formula: Expr) -> list[list[Any]]:
    """Each term of a polynomial, with negative powers too: its coefficient, then pairs of a size and its power.

    A minimum of a size and a number, as a window has it, is a list of their names in place of the size.
    """
    return [_term(term) for term in sympy.Add.make_args(sympy.expand(formula))]


def _term(term: Expr) -> list[Any]:
    coefficient, rest = term.as_coeff_Mul()
    powers = rest.as_powers_dict() if rest != 1 else {}
    pairs = sorted(([_named(base), int(power)] for base, power in powers.items()), key=str)
    return [float(coefficient), *pairs]


def _named(base: Expr) -> Any:
    return sorted(map(str, base.args)) if isinstance(base, Min) else str(base)
