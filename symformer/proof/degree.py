"""How large sizes must be before a claim that holds at them can be believed: beyond its numbers, beyond its degree.

A polynomial of degree d that is 0 at more than d numbers is 0; a sum of products of entries needs as many places as a
product has factors, else the coefficient of some product of entries is never seen (e₄ by power sums is 0 up to n = 3).
"""

from __future__ import annotations

from sympy import Symbol

from symformer.notation import (
    Add,
    Const,
    Delta,
    Div,
    Element,
    Func,
    Indicator,
    Mul,
    Neg,
    Pow,
    Prod,
    Sum,
    Var,
    Written,
    parts,
    walk,
)
from symformer.notation.operators import Binder
from symformer.programs import elements, is_defined

HIGHEST = 12  # degree that is counted


def beyond(symbol: Symbol, left: Written, right: Written, spanned: set[Symbol]) -> int:
    """A size beyond every number that an index or a size of the claim is compared with, and beyond its degree."""
    sides = (left, right)
    numbers = [number for side in sides for number in through(side)]
    highest = max(degree(side, symbol) for side in sides)
    loose = max(numbers, default=0) if symbol in spanned else max(_all(left, right), default=0)
    return max(loose + 2 if loose else 0, min(highest, HIGHEST) + 1, 2)


def _all(*sides: Written) -> list[int]:
    return [
        int(abs(part.value))
        for side in sides
        for part in walk(side)
        if isinstance(part, Const) and part.value.is_Rational
    ]


def more_parts(most: int, *sides: Written) -> bool:
    """Whether expressions have more parts than so many, with the definitions behind them: each once, as written."""
    total, seen, waiting = 0, set[str](), list(sides)
    while waiting:
        node = waiting.pop()
        total += parts(node)
        if total > most:
            return True
        for tensor in (one.tensor for one in elements(node) if is_defined(one.tensor)):
            if tensor.digest not in seen:
                seen.add(tensor.digest)
                waiting.append(tensor.origin.definition.body)
    return False


def through(node: Written, seen: set[str] | None = None) -> list[int]:
    """The numbers that indices are compared with, in definitions too."""
    seen = set() if seen is None else seen
    found = constants(node)
    for part in walk(node):
        if isinstance(part, Element) and is_defined(part.tensor) and part.tensor.digest not in seen:
            seen.add(part.tensor.digest)
            found += through(part.tensor.origin.definition.body, seen)
    return found


def numbered(node: Written) -> bool:
    """Whether an index is compared with a number: then sizes beyond it must be looked at."""
    return any(
        isinstance(part, (Indicator, Delta))
        and any(number > 1 for kid in part.kids if _counts(kid) for number in _whole(kid))
        for part in walk(node)
    )


def constants(node: Written) -> list[int]:
    """The whole numbers that an index or a size stands beside: in [i ≤ 5], δ(i, 7), n − 3, a range up to 10.

    Several in one place count together: [j ≤ 2i + 5] holds for i = 1 up to j = 7.
    """
    found: list[int] = []
    for part in walk(node):
        if isinstance(part, Binder):
            found += [int(abs(number)) for number in part.size.atoms() if number.is_Integer]
        elif isinstance(part, (Indicator, Delta, Element)):
            found.append(sum(number for kid in part.kids if _counts(kid) for number in _whole(kid)))
        elif isinstance(part, (Add, Mul, Pow)) and any(isinstance(kid, Var) for kid in part.kids):
            found.append(sum(number for kid in part.kids for number in _whole(kid) if isinstance(kid, (Const, Neg))))
    return [number for number in found if number > 1]


def _counts(node: Written) -> bool:
    """Whether an expression is one of indices, sizes and numbers alone."""
    return all(isinstance(part, (Const, Var, Add, Neg, Mul, Div, Pow)) or _whole_function(part) for part in walk(node))


def _whole_function(node: Written) -> bool:
    return isinstance(node, Func) and node.primitive.whole


def _whole(node: Written) -> list[int]:
    return [int(abs(part.value)) for part in walk(node) if isinstance(part, Const) and part.value.is_Rational]


def degree(node: Written, symbol: Symbol, known: dict[str, int] | None = None) -> int:
    """A bound on how many factors with this size, or entries and indices that may run over it, stand in one product."""
    known = {} if known is None else known
    if node.digest not in known:
        known[node.digest] = min(_degree(node, symbol, known), 10 * HIGHEST)
    return known[node.digest]


def _degree(node: Written, symbol: Symbol, known: dict[str, int]) -> int:
    inner = [degree(kid, symbol, known) for kid in node.kids]
    match node:
        case Const():
            return 0
        case Var():
            return 1 if node.symbol == symbol or not node.symbol.is_positive else 0
        case Element() if is_defined(node.tensor):
            return degree(node.tensor.origin.definition.body, symbol, known)
        case Element():
            return int(any(symbol in size.free_symbols for size in node.tensor.shape))
        case Sum():
            return inner[0] + (symbol in node.size.free_symbols)
        case Mul() | Div():
            return sum(inner)
        case Pow():
            exponent = node.kids[1]
            times = int(abs(exponent.value)) + 1 if isinstance(exponent, Const) and exponent.value.is_Rational else 1
            return inner[0] * min(times, 10 * HIGHEST)
        case Prod():
            return 10 * HIGHEST if symbol in node.size.free_symbols else inner[0] * 2
        case Func():
            return max(inner)
    return max(inner, default=0)


def length(node: Written, known: dict[str, int]) -> int:
    """How many parts an expression has with all definitions put in."""
    if node.digest not in known:
        known[node.digest] = 1 + sum(length(kid, known) for kid in node.kids)
        if isinstance(node, Element) and is_defined(node.tensor):
            known[node.digest] += length(node.tensor.origin.definition.body, known)
    return known[node.digest]
