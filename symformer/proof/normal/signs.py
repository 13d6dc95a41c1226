"""Signs that can be read off an expression as it is written: squares, roots, exponentials, declared positivity.

The normal form loses them (a variance multiplied out is no sum of squares any more), so they are read before it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from symformer.notation import (
    Add,
    ArgMax,
    Condition,
    Const,
    Delta,
    Div,
    Domain,
    Element,
    Expectation,
    Func,
    Hidden,
    Indicator,
    Logic,
    Max,
    Mul,
    Neg,
    Pow,
    Prod,
    Sum,
    Var,
    Where,
    Written,
    walk,
)
from symformer.programs import Definition, elements, is_defined
from symformer.proof.normal.ranges import surely

POSITIVE, NONNEGATIVE, UNKNOWN = 2, 1, 0


def sign(node: Written) -> int:
    """POSITIVE, NONNEGATIVE or UNKNOWN, for every value of the inputs at which the expression is defined."""
    rule = _RULES.get(type(node))
    return rule(node) if rule is not None else UNKNOWN


def _constant(node: Const) -> int:
    return POSITIVE if node.value > 0 else NONNEGATIVE if node.value == 0 else UNKNOWN


def _element(node: Element) -> int:
    if is_defined(node.tensor):
        return _of_definition(sign, node.tensor.origin.definition)
    return _KINDS.get(node.tensor.domain.kind, _bounded)(node.tensor.domain)


def _bounded(domain: Domain) -> int:
    """By the least number of an interval, or of integers."""
    least = domain.bounds[0] if domain.bounds else domain.lower if domain.kind == "integer" else None
    if domain.whole and least is None:
        return POSITIVE
    return UNKNOWN if least is None else POSITIVE if least.is_positive else NONNEGATIVE if least == 0 else UNKNOWN


def _add(node: Add) -> int:
    signs = [sign(kid) for kid in node.kids]
    return _below_one(node) if UNKNOWN in signs else max(signs)


def _below_one(node: Add) -> int:
    """1 − t for a t that is less than 1, or at most 1."""
    if len(node.kids) != 2 or not isinstance(node.kids[0], Const) or not isinstance(node.kids[1], Neg):
        return UNKNOWN
    over, taken = node.kids[0].value, at_most_one(node.kids[1].kids[0])
    return UNKNOWN if over < 1 else POSITIVE if over > 1 and taken else taken


def at_most_one(node: Written) -> int:
    """POSITIVE for what is visibly between 0 and 1 and less than 1, NONNEGATIVE where it may be 1, else UNKNOWN."""
    match node:
        case Element() if is_defined(node.tensor):
            return _of_definition(at_most_one, node.tensor.origin.definition)
        case Element():
            kinds = {"unit": POSITIVE, "simplex": NONNEGATIVE, "mask": NONNEGATIVE}
            return kinds.get(node.tensor.domain.kind, UNKNOWN)
        case Delta() | Condition():
            return NONNEGATIVE
        case Const():
            return UNKNOWN if not 0 <= node.value <= 1 else POSITIVE if node.value < 1 else NONNEGATIVE
        case Func():
            return POSITIVE if node.primitive.below_one and not may_hide(node) else UNKNOWN
        case Mul():
            found = [at_most_one(kid) for kid in node.kids]
            return 0 if UNKNOWN in found else max(found)
        case Pow():
            exponent = node.kids[1]
            counts = isinstance(exponent, (Const, Element, Var)) and sign(exponent) == POSITIVE
            return at_most_one(node.kids[0]) if counts else UNKNOWN
    return UNKNOWN


def may_hide(node: Written) -> bool:
    """Whether −∞ stands somewhere in an expression."""
    return any(isinstance(part, Hidden) for part in walk(node)) or any(
        is_defined(element.tensor) and _of_definition(may_hide, element.tensor.origin.definition)
        for element in elements(node)
    )


@lru_cache(maxsize=4096)
def _of_definition(of: Callable[[Written], int], definition: Definition) -> int:
    """What holds of a definition's body, whatever its indices: asked once, since many expressions read it."""
    return of(definition.body)


def _sum(node: Sum) -> int:
    """A sum over a range that may be empty may be 0."""
    found = sign(node.body)
    return found if surely(node.size, 1) else min(found, NONNEGATIVE)


def _power(node: Pow) -> int:
    base, exponent = sign(node.kids[0]), node.kids[1].plain()
    if base == POSITIVE:
        return POSITIVE
    even = exponent.is_Integer and exponent % 2 == 0 and exponent > 0
    return NONNEGATIVE if even or (base == NONNEGATIVE and exponent.is_positive) else UNKNOWN


def _function(node: Func) -> int:
    """By its row of the table; what may be −∞ somewhere may be 0."""
    rule = node.primitive.sign
    known = {"positive": POSITIVE, "nonnegative": NONNEGATIVE, "": UNKNOWN}
    found = known[rule] if isinstance(rule, str) else rule(*map(sign, node.kids))
    return min(found, NONNEGATIVE) if found == POSITIVE and may_hide(node) else found


def _product(node: Mul) -> int:
    """Signs of the factors; a factor that stands there twice is a square."""
    odd = [kid for kid in {kid.digest: kid for kid in node.kids}.values() if node.kids.count(kid) % 2]
    paired = NONNEGATIVE if len(odd) < len(node.kids) else POSITIVE
    return min([paired, *(sign(kid) for kid in odd)])


def _bit(node: Written) -> int:
    return NONNEGATIVE


def _maximum(node: Max) -> int:
    """That of nothing, where all is hidden, is 0."""
    found = sign(node.body)
    return min(found, NONNEGATIVE) if may_hide(node) else found


_KINDS: dict[str, Callable[[Domain], int]] = {
    "positive": lambda domain: POSITIVE,
    "unit": lambda domain: POSITIVE,
    "simplex": lambda domain: POSITIVE,
    "nonnegative": lambda domain: NONNEGATIVE,
    "mask": lambda domain: NONNEGATIVE,
}
_RULES: dict[type, Callable[[Any], int]] = {
    Const: _constant,
    Var: lambda node: POSITIVE if node.symbol.is_integer else UNKNOWN,  # sizes and indices count from 1
    Element: _element,
    Add: _add,
    Mul: _product,
    Div: lambda node: min(sign(kid) for kid in node.kids),
    Pow: _power,
    Func: _function,
    Sum: _sum,
    Max: lambda node: (
        min(sign(node.body), NONNEGATIVE) if may_hide(node) or not surely(node.size, 1) else sign(node.body)
    ),
    Expectation: lambda node: sign(node.kids[0]),
    Delta: _bit,
    Indicator: _bit,
    Logic: _bit,
    Where: lambda node: min(map(sign, node.kids[1:])),
    Prod: lambda node: sign(node.body),
    ArgMax: lambda node: POSITIVE,
}
