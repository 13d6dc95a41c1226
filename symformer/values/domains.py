"""Whether a reader's numbers lie where the entries of their tensor live."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import sympy
from sympy import Expr, Symbol

from symformer.evaluate import Place
from symformer.notation import Tensor
from symformer.values.errors import ValuesError


def check_domain(tensor: Tensor, entries: Mapping[Place, Expr], sizes: Mapping[Symbol, int], source: str) -> None:
    """Checks every entry of a tensor.

    Raises:
        ValuesError: an entry, a row of a simplex or a permutation is none; it is named.
    """
    upper = tensor.domain.upper.subs(sizes) if tensor.domain.upper is not None else None
    for place, value in entries.items():
        if not _ALLOWED[tensor.domain.kind](value, upper):
            where = f"{source}: {tensor.name}" + "".join(f"[{number}]" for number in place)
            span = f" from 1 to {upper}" if upper is not None else ""
            raise ValuesError(f"{where}: expected a {tensor.domain.kind} value{span}, found {value}")
    if tensor.domain.kind == "simplex":
        _check_rows(tensor, entries, source)
    if tensor.domain.kind == "permutation":
        _check_permutation(tensor, entries, source)


def _check_rows(tensor: Tensor, entries: Mapping[Place, Expr], source: str) -> None:
    """Rows of a simplex sum to 1, up to the rounding of single precision."""
    totals: dict[Place, Expr] = {}
    for place, value in entries.items():
        totals[place[:-1]] = totals.get(place[:-1], sympy.S.Zero) + value
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


_ALLOWED: dict[str, Callable[[Expr, Expr | None], bool]] = {
    "real": lambda value, upper: True,
    "random": lambda value, upper: True,
    "positive": lambda value, upper: bool(value > 0),
    "nonnegative": lambda value, upper: bool(value >= 0),
    "simplex": lambda value, upper: bool(value >= 0),
    "mask": lambda value, upper: value in (0, 1),
    "integer": lambda value, upper: bool(value.is_Integer and (upper is None or 1 <= value <= upper)),
    "permutation": lambda value, upper: bool(value.is_Integer and 1 <= value <= upper),
}
