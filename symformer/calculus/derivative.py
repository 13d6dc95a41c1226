"""The derivative of an indexed expression by an entry of a tensor: delta for the entry itself, then the usual rules.

The tensor of the entry is taken as independent; other defined tensors are followed through their definitions. Bound
indices give way to those of the entry, so nothing is captured. A maximum, and anything else that index notation only
names, has no derivative here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy

from symformer.notation import (
    Add,
    Const,
    Delta,
    Derivative,
    Div,
    Element,
    Func,
    Indicator,
    Mul,
    Neg,
    Pow,
    Sum,
    Var,
    Written,
    delta,
    exp,
    fresh,
    indicator,
    lift,
    loose_symbols,
    sigmoid,
    sqrt,
    substitute,
)
from symformer.notation.written import FUNCTIONS

ZERO, ONE = lift(0), lift(1)


class NoDerivative(ArithmeticError):
    """No rule differentiates this expression."""


def derivative(node: Written, entry: Element) -> Written:
    """∂ node / ∂ entry, as a written expression; 0 where the node does not depend on the entry's tensor.

    Raises:
        NoDerivative: a maximum, a hidden entry, or a varying exponent.
    """
    rule = _RULES.get(type(node))
    if rule is None:
        raise NoDerivative(f"no derivative of {type(node).__name__}")
    return rule(node, entry)


def _element(node: Element, entry: Element) -> Written:
    if node.tensor == entry.tensor:
        factors = [delta(own, other) for own, other in zip(node.kids, entry.kids, strict=True)]
        return _product(factors)
    if node.tensor.origin is None:
        return ZERO
    if node.tensor.origin.size is not None:
        raise NoDerivative(f"{node.tensor.name} is a repeat: its derivative is another, by reverse mode")
    definition = node.tensor.origin.definition
    avoid = loose_symbols(entry)
    taken = avoid | set(definition.indices) | loose_symbols(definition.body)
    letters = {index: fresh(index, taken) for index in definition.indices if index in avoid}
    body = substitute(definition.body, letters)
    slope = derivative(body, entry)
    own = [letters.get(index, index) for index in definition.indices]
    return slope if slope == ZERO else substitute(slope, dict(zip(own, node.kids, strict=True)))


def _sum(node: Sum, entry: Element) -> Written:
    taken = loose_symbols(entry)
    index = fresh(node.index, taken | loose_symbols(node.body)) if node.index in taken else node.index
    body = substitute(node.body, {node.index: index}) if index != node.index else node.body
    slope = derivative(body, entry)
    return slope if slope == ZERO else Sum((slope,), (index, node.size))


def _mul(node: Mul, entry: Element) -> Written:
    terms = []
    for place, kid in enumerate(node.kids):
        slope = derivative(kid, entry)
        if slope != ZERO:
            terms.append(_product([*node.kids[:place], slope, *node.kids[place + 1 :]]))
    return _total(terms)


def _div(node: Div, entry: Element) -> Written:
    over, under = node.kids
    up, down = derivative(over, entry), derivative(under, entry)
    terms = [] if up == ZERO else [up / under]
    return _total(terms if down == ZERO else [*terms, -(over * down) / under**2])


def _pow(node: Pow, entry: Element) -> Written:
    base, exponent = node.kids
    if derivative(exponent, entry) != ZERO:
        raise NoDerivative("no derivative of a power whose exponent varies")
    slope = derivative(base, entry)
    return slope if slope == ZERO else exponent * base ** (exponent - 1) * slope


def _func(node: Func, entry: Element) -> Written:
    argument = node.kids[0]
    inner = derivative(argument, entry)
    if inner == ZERO:
        return ZERO
    slopes: dict[str, Callable[[], Written]] = {
        "exp": lambda: node,
        "log": lambda: ONE / argument,
        "sqrt": lambda: ONE / (2 * node),
        "tanh": lambda: ONE - node**2,
        "sin": lambda: Func((argument,), ("cos",)),
        "cos": lambda: -Func((argument,), ("sin",)),
        "erf": lambda: lift(2) / sqrt(sympy.pi) * exp(-(argument**2)),
        "sigmoid": lambda: node * (1 - node),
        "softplus": lambda: sigmoid(argument),
        "relu": lambda: indicator(argument, ">", 0),
    }
    assert node.name in FUNCTIONS
    return slopes[node.name]() * inner


def _nested(node: Derivative, entry: Element) -> Written:
    return derivative(derivative(node.target, node.entry), entry)


def _total(terms: list[Written]) -> Written:
    if not terms:
        return ZERO
    return terms[0] if len(terms) == 1 else Add(tuple(terms))


def _product(factors: list[Written]) -> Written:
    kept = [factor for factor in factors if factor != ONE]
    if not kept:
        return ONE
    return kept[0] if len(kept) == 1 else Mul(tuple(kept))


def _negative(node: Neg, entry: Element) -> Written:
    slope = derivative(node.kids[0], entry)
    return slope if slope == ZERO else -slope


def _nothing(node: Any, entry: Element) -> Written:
    return ZERO


def _add(node: Add, entry: Element) -> Written:
    slopes = [derivative(kid, entry) for kid in node.kids]
    return _total([slope for slope in slopes if slope != ZERO])


_RULES: dict[type, Callable[[Any, Element], Written]] = {
    Const: _nothing,
    Var: _nothing,
    Delta: _nothing,
    Indicator: _nothing,
    Element: _element,
    Add: _add,
    Neg: _negative,
    Mul: _mul,
    Div: _div,
    Pow: _pow,
    Func: _func,
    Sum: _sum,
    Derivative: _nested,
}
