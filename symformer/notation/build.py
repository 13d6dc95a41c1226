"""What an author types: sums, functions, deltas, derivatives. Named as in NumPy."""

from __future__ import annotations

from typing import Any

import sympy

from symformer.notation.errors import NotationError
from symformer.notation.names import checked_size, checked_symbol
from symformer.notation.node import Node
from symformer.notation.operators import RELATIONS, Delta, Derivative, Expectation, Hidden, Indicator, Max, Sum, bind
from symformer.notation.tensors import Element, Tensor
from symformer.notation.written import Func, Written, lift

pi = lift(sympy.pi)  # π, a number


def sum(body: Any, *over: Any) -> Written:
    """Σ over one index or several: `sum(x[k], k)`. The range is that of the tensors which carry the index.

    Raises:
        NotationError: no tensor in the body carries the index; write `sum(body, (k, n))` then. Or it has no name.
    """
    return bind(Sum, body, *map(_checked, over))


def max(body: Any, over: Any) -> Written:
    """The maximum over an index: `max(x[k], k)`."""
    return bind(Max, body, _checked(over))


def mean(body: Any, over: Any) -> Written:
    """The average over an index: the sum over it, divided by its size."""
    total = bind(Sum, body, _checked(over))
    assert isinstance(total, Sum)
    return (lift(1) / lift(total.size)) * total


def _checked(over: Any) -> Any:
    """An index, or an index and its size, whose letters have names."""
    if not isinstance(over, tuple):
        return checked_symbol(over, "index")
    if len(over) != 2:
        raise NotationError(f"expected an index, or (index, size), got {len(over)} things: {over}")
    return checked_symbol(over[0], "index"), checked_size(over[1])


def _function(name: str, argument: Any) -> Any:
    """A function of an expression; of a whole array, of each entry."""
    if isinstance(argument, Tensor):
        return argument.elementwise(name)  # type: ignore[attr-defined]
    return Func((lift(argument),), (name,))


def exp(argument: Any) -> Written:
    """The exponential function."""
    return _function("exp", argument)


def log(argument: Any) -> Written:
    """The natural logarithm."""
    return _function("log", argument)


def sqrt(argument: Any) -> Written:
    """The square root."""
    return _function("sqrt", argument)


def tanh(argument: Any) -> Written:
    """The hyperbolic tangent."""
    return _function("tanh", argument)


def erf(argument: Any) -> Written:
    """The error function, 2/√π times the integral of exp(−t²) from 0."""
    return _function("erf", argument)


def sigmoid(argument: Any) -> Written:
    """The logistic function 1/(1 + exp(−x)), as one function so that no exponential overflows."""
    return _function("sigmoid", argument)


def softplus(argument: Any) -> Written:
    """log(1 + exp(x)), as one function so that no exponential overflows."""
    return _function("softplus", argument)


def relu(argument: Any) -> Written:
    """The positive part x [x > 0]."""
    return _function("relu", argument)


def normal_cdf(argument: Any) -> Written:
    """Φ(x), the distribution function of the standard normal: (1 + erf(x/√2))/2, which keeps its digits below 0."""
    return _function("Phi", argument)


def opened(node: Func) -> Written | None:
    """What a function that has a formula stands for; None for a primitive one."""
    argument = node.kids[0]
    match node.name:
        case "sigmoid":
            return lift(1) / (1 + exp(-argument))
        case "softplus":
            return log(1 + exp(argument))
        case "relu":
            return argument * indicator(argument, ">", 0)
        case "Phi":
            return (lift(1) + erf(argument / sqrt(2))) / 2
    return None


def sin(argument: Any) -> Written:
    """The sine."""
    return _function("sin", argument)


def cos(argument: Any) -> Written:
    """The cosine."""
    return _function("cos", argument)


def delta(left: Any, right: Any) -> Written:
    """Kronecker's delta."""
    return Delta((lift(left), lift(right)))


def indicator(left: Any, relation: str, right: Any) -> Written:
    """1 where `left relation right` holds, else 0, e.g. `indicator(j, "≤", i)`; `<=`, `>=`, `==`, `!=` work too.

    Raises:
        NotationError: an unknown relation.
    """
    spelled = {"<=": "≤", ">=": "≥", "==": "=", "!=": "≠"}.get(relation, relation)
    if spelled not in RELATIONS:
        raise NotationError(f"relation {relation!r} is not one of {' '.join(RELATIONS)}")
    return Indicator((lift(left), lift(right)), (spelled,))


def hide(value: Any, mask: Any) -> Written:
    """`value` where the 0/1 `mask` is 1, and −∞ elsewhere; for stable programs only."""
    return Hidden((lift(value), lift(mask)))


def diff(target: Any, *entries: Element) -> Written:
    """∂ target / ∂ entry, written down and not worked out: `diff(s[i], x[j])`. Several entries nest.

    The tensor of the entry is taken as independent, also where a definition says how it is computed.

    Raises:
        NotationError: what it is differentiated by is no entry of a tensor.
    """
    node = lift(target)
    for entry in entries:
        if not isinstance(entry, Element):
            raise NotationError(f"a derivative is taken by an entry such as x[j], not by {entry}")
        node = Derivative((node, entry))
    return node


def direct_diff(target: Element, entry: Element) -> Written:
    """∂ target / ∂ entry through the one statement that computes the target; all else that it reads is held.

    The chain rule adds these up: Σ over what the entry enters. Where the target reads the entry on one path alone, it
    is the plain derivative.
    """
    return Derivative((target, entry), ("direct",))


def expect(body: Any) -> Written:
    """The expectation over the random tensors (`kind="random"`) in the body."""
    return Expectation((lift(body),))


def plain(expression: Any) -> Any:
    """The plain SymPy form of a written expression; anything else as it is."""
    return expression.plain() if isinstance(expression, Node) else expression
