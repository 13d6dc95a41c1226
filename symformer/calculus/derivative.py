"""The derivative of an indexed expression by an entry of a tensor: delta for the entry itself, then the usual rules.

The tensor of the entry is taken as independent; other defined tensors are followed through their definitions, unless
they are held. Bound indices give way to those of the entry, so nothing is captured. A maximum, and anything else that
index notation only names, has no derivative here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sympy import Symbol

from symformer.calculus.slopes import power_slopes, slopes
from symformer.notation import (
    Add,
    ArgMax,
    Const,
    Delta,
    Derivative,
    Div,
    Element,
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
    delta,
    lift,
)
from symformer.programs import definition_at, is_defined

ZERO, ONE = lift(0), lift(1)


def others(node: Prod, index: Symbol) -> Written:
    """The product of all factors but the one at an index."""
    inner, factor = node.open()
    kept = Where((Indicator((lift(inner), lift(index)), ("≠",)), factor, ONE))
    return Prod((kept,), (inner, node.size))


def largest_at(node: Max, index: Symbol) -> Written:
    """1 where an index is that of the largest entry, the first of several."""
    inner, body = node.open()
    return Indicator((lift(index), ArgMax((body,), (inner, node.size))), ("=",))


class NoDerivative(ArithmeticError):
    """No rule differentiates this expression."""


def derivative(node: Written, entry: Element, held: frozenset[str] = frozenset()) -> Written:
    """∂ node / ∂ entry, as a written expression; 0 where the node does not depend on the entry's tensor.

    Args:
        node: what is differentiated.
        entry: an entry of a tensor, which is taken as independent.
        held: digests of tensors that do not move either.

    Raises:
        NoDerivative: a maximum, a hidden entry, or a repeat.
    """
    return _By(entry, held).of(node)


def worked_out(node: Derivative) -> Written:
    """The derivative that a node writes down; a direct one holds what its target is computed from.

    Raises:
        NoDerivative: as `derivative`.
    """
    return derivative(node.target, node.entry, node.held)


class Rules:
    """The rules of differentiation; what an entry of a tensor differentiates to is said by those who use them."""

    def of(self, node: Written) -> Written:
        rule = _RULES.get(type(node))
        if rule is None:
            raise NoDerivative(f"no derivative of {type(node).__name__}")
        return rule(self, node)

    def element(self, node: Element) -> Written:
        """The derivative of an entry."""
        raise NotImplementedError(type(self).__name__)

    def hidden(self, node: Hidden) -> Written:
        """The derivative of what a mask hides."""
        raise NoDerivative("no derivative of Hidden")

    def value(self, node: Written) -> Written:
        """What a node is called, where it has a name."""
        return node

    def sum(self, node: Sum) -> Written:
        index, body = node.open()
        found = self.of(body)
        return found if found == ZERO else Sum((found,), (index, node.size))

    def product(self, node: Mul) -> Written:
        terms = []
        for place, kid in enumerate(node.kids):
            found = self.of(kid)
            if found != ZERO:
                terms.append(_product([*node.kids[:place], found, *node.kids[place + 1 :]]))
        return _total(terms)

    def quotient(self, node: Div) -> Written:
        over, under = node.kids
        up, down = self.of(over), self.of(under)
        terms = [] if up == ZERO else [up / under]
        if down == ZERO:
            return _total(terms)
        value = self.value(node)
        return _total([*terms, -(over * down) / under**2 if value is node else -(value * down) / under])

    def power(self, node: Pow) -> Written:
        pairs = zip(power_slopes(node, self.value(node)), map(self.of, node.kids), strict=True)
        return _total([_product([slope, found]) for slope, found in pairs if found != ZERO])

    def function(self, node: Func) -> Written:
        pairs = zip(slopes(node, self.value(node)), map(self.of, node.kids), strict=True)
        return _total([_product([slope, found]) for slope, found in pairs if ZERO not in (slope, found)])

    def where(self, node: Where) -> Written:
        """The derivative of what is chosen."""
        chosen, *values = node.kids
        one, two = map(self.of, values)
        return ZERO if one == two == ZERO else Where((chosen, one, two))

    def product_over(self, node: Prod) -> Written:
        """Σ_j (∂ factor j) · Π_k factor k but for j: no division, so that a factor may be 0."""
        index, body = node.open()
        found = self.of(body)
        return found if found == ZERO else Sum((_product([found, others(node, index)]),), (index, node.size))

    def maximum(self, node: Max) -> Written:
        """The derivative of the largest entry: Σ_j [j is where it is largest] ∂ entry j."""
        index, body = node.open()
        found = self.of(body)
        return found if found == ZERO else Sum((_product([largest_at(node, index), found]),), (index, node.size))

    def add(self, node: Add) -> Written:
        return _total([found for found in map(self.of, node.kids) if found != ZERO])

    def negative(self, node: Neg) -> Written:
        found = self.of(node.kids[0])
        return found if found == ZERO else -found

    def nested(self, node: Derivative) -> Written:
        return self.of(worked_out(node))

    def nothing(self, node: Written) -> Written:
        return ZERO


def _total(terms: list[Written]) -> Written:
    if not terms:
        return ZERO
    return terms[0] if len(terms) == 1 else Add(tuple(terms))


def _product(factors: list[Written]) -> Written:
    kept = [factor for factor in factors if factor != ONE]
    if not kept:
        return ONE
    return kept[0] if len(kept) == 1 else Mul(tuple(kept))


@dataclass(frozen=True)
class _By(Rules):
    """Differentiation by one entry."""

    entry: Element
    held: frozenset[str]

    def element(self, node: Element) -> Written:
        if node.tensor == self.entry.tensor:
            return _product([delta(own, other) for own, other in zip(node.kids, self.entry.kids, strict=True)])
        if node.tensor.origin is None or node.tensor.digest in self.held:
            return ZERO
        if not is_defined(node.tensor):
            raise NoDerivative(f"{node.tensor.name} is a repeat: its derivative is another, by reverse mode")
        return self.of(definition_at(node))


_RULES: dict[type, Callable[[Any, Any], Written]] = {
    Const: Rules.nothing,
    Var: Rules.nothing,
    Delta: Rules.nothing,
    Indicator: Rules.nothing,
    Logic: Rules.nothing,
    ArgMax: Rules.nothing,
    Where: Rules.where,
    Prod: Rules.product_over,
    Max: Rules.maximum,
    Hidden: lambda rules, node: rules.hidden(node),
    Element: lambda rules, node: rules.element(node),
    Add: Rules.add,
    Neg: Rules.negative,
    Mul: Rules.product,
    Div: Rules.quotient,
    Pow: Rules.power,
    Func: Rules.function,
    Sum: Rules.sum,
    Derivative: Rules.nested,
}
