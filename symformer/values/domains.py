"""Whether a reader's numbers lie where the entries of their tensor live."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import sympy
from sympy import Expr, Symbol

from symformer.evaluate import Place
from symformer.notation import Domain, Tensor
from symformer.values.errors import ValuesError


def check_domain(tensor: Tensor, entries: Mapping[Place, Expr], sizes: Mapping[Symbol, int], source: str) -> None:
    """Checks every entry of a tensor.

    Raises:
        ValuesError: an entry, a row of a simplex or a permutation is none; it is named.
    """
    low, high = _ends(tensor.domain, sizes)
    for place, value in entries.items():
        if not _ALLOWED[tensor.domain.kind](value, low, high):
            where = f"{source}: {tensor.name}" + "".join(f"[{number}]" for number in place)
            span = f" from {low} to {high}" if high is not None else f" from {low} on" if low is not None else ""
            raise ValuesError(f"{where}: expected a {tensor.domain.kind} value{span}, found {value}")
    if tensor.domain.kind in ("simplex", "sphere"):
        _check_rows(tensor, entries, source)
    if tensor.domain.kind == "permutation":
        _check_permutation(tensor, entries, source)


def _ends(domain: Domain, sizes: Mapping[Symbol, int]) -> tuple[Expr | None, Expr | None]:
    """The least and the largest value of whole numbers and intervals, where there is one."""
    if domain.bounds is not None:
        return domain.bounds
    upper = domain.upper.subs(sizes) if domain.upper is not None else None
    if domain.lower is not None:
        return domain.lower.subs(sizes), upper
    return (sympy.S.One if upper is not None else None), upper


def _check_rows(tensor: Tensor, entries: Mapping[Place, Expr], source: str) -> None:
    """Rows of a simplex sum to 1, and so do the squares of rows of length 1, up to single precision."""
    squared = tensor.domain.kind == "sphere"
    totals: dict[Place, Expr] = {}
    for place, value in entries.items():
        totals[place[:-1]] = totals.get(place[:-1], sympy.S.Zero) + (value**2 if squared else value)
    for total in totals.values():
        if abs(total - 1) > sympy.Rational(1, 10**6):
            raise ValuesError(f"{source}: {tensor.name}: expected the last axis to sum to 1, found {float(total):.6g}")


def _check_permutation(tensor: Tensor, entries: Mapping[Place, Expr], source: str) -> None:
    """No number stands twice in a row."""
    rows: dict[Place, set[Expr]] = {}
    for place, value in entries.items():
        row = rows.setdefault(place[:-1], set())
        if value in row:
            raise ValuesError(f"{source}: {tensor.name}: expected a permutation, found {value} twice")
        row.add(value)


_ALLOWED: dict[str, Callable[[Expr, Expr | None, Expr | None], bool]] = {
    "real": lambda value, low, high: True,
    "random": lambda value, low, high: True,
    "sphere": lambda value, low, high: True,
    "positive": lambda value, low, high: bool(value > 0),
    "nonnegative": lambda value, low, high: bool(value >= 0),
    "unit": lambda value, low, high: bool(0 < value < 1),
    "interval": lambda value, low, high: _within(value, low, high),
    "simplex": lambda value, low, high: bool(value >= 0),
    "mask": lambda value, low, high: value in (0, 1),
    "integer": lambda value, low, high: bool(value.is_Integer) and _within(value, low, high),
    "permutation": lambda value, low, high: bool(value.is_Integer) and _within(value, low, high),
}


def _within(value: Expr, low: Expr | None, high: Expr | None) -> bool:
    return bool((low is None or low <= value) and (high is None or value <= high))
