"""Where rounded digits do not add up: said on the page, so that no reader looks for a mistake of their own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

import sympy

from symformer.evaluate import HIDDEN
from symformer.notation import Add, Const, Neg, Written
from symformer.values.rounding import EXACT, LONGEST, Rounding
from symformer.values.substituted import Entered
from symformer.values.worked import Worked, WorkedField


def sum_remark(substituted: Written, result: Written) -> str:
    """A remark where the terms of a sum, as shown, do not add up to its result, as shown; else nothing."""
    terms = [_term(kid) for kid in substituted.kids] if isinstance(substituted, Add) else []
    shown = _number(result)
    if shown is None or not terms or any(term is None for term in terms):
        return ""
    total = _total(term for term in terms if term is not None)
    return "" if total == shown else f"The digits shown add up to {_written(total)}."


def rows_remark(rows: Sequence[Sequence[Any]], field: WorkedField, rounding: Rounding) -> str:
    """A remark on the rows that sum to a whole number, but not in the digits that are shown; else nothing."""
    found = [(place, *_sums(row, field, rounding)) for place, row in enumerate(rows, start=1)]
    wrong = [(place, shown, whole) for place, shown, whole in found if shown is not None and shown != whole]
    who = "row {} adds" if len(rows) > 1 else "the entries add"
    named = [f"{who.format(place)} up to {_written(shown)}; unrounded, to {whole}"
             for place, shown, whole in wrong if abs(shown - whole) >= rounding.unit]  # fmt: skip
    return f"As shown, {', '.join(named)}." if named else ""


def _sums(row: Sequence[Any], field: WorkedField, rounding: Rounding) -> tuple[Decimal | None, int]:
    """What a row's digits add up to, or None, and the whole number to which its unrounded values do."""
    if len(row) < 2 or any(value is HIDDEN for value in row):
        return None, 0
    total: Worked = row[0]
    for value in row[1:]:
        total = field.add(total, value)
    whole = total.ball.unique_fmpz()
    shown = [_number(rounding.shown(value)) for value in row]
    if whole is None or any(number is None for number in shown):
        return None, 0
    return _total(number for number in shown if number is not None), int(whole)


def _total(numbers: Iterable[Decimal]) -> Decimal:
    total = Decimal(0)
    for number in numbers:
        total = EXACT.add(total, number)
    return total


def _term(node: Written) -> Decimal | None:
    if isinstance(node, Neg):
        inner = _number(node.kids[0])
        return None if inner is None else -inner
    return _number(node)


def _number(node: Written) -> Decimal | None:
    """The decimal that a reader sees; None for a fraction, a root or a formula."""
    if isinstance(node, Entered):
        return _number(node.kids[0])
    if isinstance(node, Neg):
        return _term(node)
    if not isinstance(node, Const):
        return None
    value, digits = node.head
    if digits is not None:
        far = abs(int(digits.partition("e")[2] or 0)) > LONGEST  # nobody adds such a number to another by hand
        return None if far else Decimal(digits)
    return Decimal(int(value)) if isinstance(value, sympy.Integer) else None


def _written(number: Decimal) -> str:
    return f"{number:f}".replace("-", "−")
