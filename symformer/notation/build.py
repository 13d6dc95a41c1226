"""What an author types: sums, functions, deltas, derivatives. Named as in NumPy."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import sympy

from symformer.notation.errors import NotationError
from symformer.notation.names import checked_size, checked_symbol
from symformer.notation.node import Node
from symformer.notation.operators import (
    ArgMax,
    Delta,
    Derivative,
    Expectation,
    Hidden,
    Max,
    Prod,
    Sum,
    bind,
)
from symformer.notation.tensors import Element, Tensor
from symformer.notation.written import RELATIONS, Func, Indicator, Where, Written, condition, lift

pi = lift(sympy.pi)  # π, a number


def sum(body: Any, *over: Any) -> Written:
    """Σ over one index or several: `sum(x[k], k)`. The range is that of the tensors which carry the index.

    `sum(x[j], (j, n))` says the range, and `sum(x[j], (j, i))` with an index i sums over j ≤ i: a cumulative sum.

    Raises:
        NotationError: no tensor in the body carries the index; write `sum(body, (k, n))` then. Or it has no name.
    """
    return bind(Sum, body, *map(_checked, over))


def cumsum(body: Any, over: Any, upto: Any) -> Written:
    """The cumulative sum Σ_{j ≤ i} x_j: `cumsum(x[j], j, i)`."""
    return sum(body, (over, upto))


def prod(body: Any, *over: Any) -> Written:
    """The product over one index or several: `prod(x[k], k)`; as `sum`."""
    return bind(Prod, body, *map(_checked, over))


def max(body: Any, *over: Any) -> Written:
    """The maximum over one index or several: `max(x[k], k)`.

    Its derivative goes to the largest entry; where several are the largest, by convention to the first.

    Raises:
        NotationError: no index is given, or what is given is none; the larger of two is `maximum(a, b)`.
    """
    for one in over:
        if not isinstance(one, (sympy.Symbol, tuple)):
            raise NotationError(f"max over {one}: expected an index; the larger of two is sf.maximum({body}, {one})")
    return bind(Max, body, *map(_checked, over))


def argmax(body: Any, over: Any) -> Written:
    """The index at which something is largest, `argmax(x[k], k)`; of several, the lowest. It has the derivative 0."""
    return bind(ArgMax, body, _checked(over))


def mean(body: Any, *over: Any) -> Written:
    """The average over one index or several: the sum over them, divided by their sizes."""
    total = bind(Sum, body, *map(_checked, over))
    size: Any = sympy.S.One
    inner: Written = total
    for _ in over:
        assert isinstance(inner, Sum)
        size, inner = size * inner.size, inner.body
    return (lift(1) / lift(size)) * total


def var(body: Any, *over: Any, ddof: Any = 0) -> Written:
    """The variance over one index or several: the mean of (x − mean x)², or with `ddof` the sum over size − ddof."""
    node = lift(body)
    spread = sum((node - mean(node, *over)) ** 2, *over)
    size: Any = sympy.S.One
    inner: Written = spread
    for _ in over:
        assert isinstance(inner, Sum)
        size, inner = size * inner.size, inner.body
    return (lift(1) / lift(size - sympy.sympify(ddof))) * spread


def std(body: Any, *over: Any, ddof: Any = 0) -> Written:
    """The standard deviation, √var."""
    return sqrt(var(body, *over, ddof=ddof))


def norm(body: Any, *over: Any, order: Any = 2) -> Written:
    """The norm over one index or several: √(Σ x²); with `order` 1, Σ |x|; with ∞ (`sympy.oo`), max |x|.

    Raises:
        NotationError: another order.
    """
    node = lift(body)
    if order == 2:
        return sqrt(sum(node**2, *over))
    if order == 1:
        return sum(abs(node), *over)
    if order == sympy.oo:
        return max(abs(node), *over)
    raise NotationError(f"norm: expected order 1, 2 or ∞, got {order}")


def _checked(over: Any) -> Any:
    """An index, or an index and its size, or an index and the index up to which it runs; their letters have names."""
    if not isinstance(over, tuple):
        return checked_symbol(over, "index")
    if len(over) != 2:
        raise NotationError(f"expected an index, or (index, size), got {len(over)} things: {over}")
    return checked_symbol(over[0], "index"), checked_size(over[1])


def _of(name: str, *arguments: Any) -> Any:
    """A function of expressions; of a whole array, of each entry."""
    if any(isinstance(one, Tensor) for one in arguments):
        return _elementwise(name, *arguments)
    return Func(tuple(map(lift, arguments)), (name,))


def _elementwise(name: str, *arguments: Any) -> Any:
    whole = next(one for one in arguments if isinstance(one, Tensor))
    return whole.elementwise(name, *arguments)  # type: ignore[attr-defined]


def exp(argument: Any) -> Written:
    """The exponential function."""
    return _of("exp", argument)


def log(argument: Any) -> Written:
    """The natural logarithm."""
    return _of("log", argument)


def sqrt(argument: Any) -> Written:
    """The square root."""
    return _of("sqrt", argument)


def tanh(argument: Any) -> Written:
    """The hyperbolic tangent."""
    return _of("tanh", argument)


def erf(argument: Any) -> Written:
    """The error function, 2/√π times the integral of exp(−t²) from 0."""
    return _of("erf", argument)


def sigmoid(argument: Any) -> Written:
    """The logistic function 1/(1 + exp(−x)), as one function so that no exponential overflows."""
    return _of("sigmoid", argument)


def softplus(argument: Any) -> Written:
    """log(1 + exp(x)), as one function so that no exponential overflows."""
    return _of("softplus", argument)


def relu(argument: Any) -> Written:
    """The positive part x [x > 0]."""
    return _of("relu", argument)


def normal_cdf(argument: Any) -> Written:
    """Φ(x), the distribution function of the standard normal: (1 + erf(x/√2))/2, which keeps its digits below 0."""
    return _of("Phi", argument)


def sin(argument: Any) -> Written:
    """The sine."""
    return _of("sin", argument)


def cos(argument: Any) -> Written:
    """The cosine."""
    return _of("cos", argument)


def abs(argument: Any) -> Written:
    """The absolute value |x|; its derivative is sign x, where x ≠ 0."""
    return _of("abs", argument)


def sign(argument: Any) -> Written:
    """1 for a positive number, −1 for a negative one, 0 for 0; its derivative is 0, where x ≠ 0."""
    return _of("sign", argument)


def log1p(argument: Any) -> Written:
    """log(1 + x), as one function that keeps its digits near 0."""
    return _of("log1p", argument)


def expm1(argument: Any) -> Written:
    """exp(x) − 1, as one function that keeps its digits near 0."""
    return _of("expm1", argument)


def floor(argument: Any) -> Written:
    """The largest whole number that is not larger; of an index or size, a whole number that may stand as an index."""
    return _of("floor", argument)


def stop_gradient(argument: Any) -> Written:
    """The value itself, which no derivative goes through."""
    return _of("stop_gradient", argument)


def maximum(left: Any, right: Any) -> Written:
    """The larger of two: max(a, b). Where they are equal, its derivative is by convention that of the first.

    The largest of many over an index is `max`.
    """
    return _of("maximum", left, right)


def minimum(left: Any, right: Any) -> Written:
    """The smaller of two: min(a, b). Where they are equal, its derivative is by convention that of the first."""
    return _of("minimum", left, right)


def clip(argument: Any, low: Any, high: Any) -> Any:
    """min(max(x, low), high), as NumPy has it; None for an end that there is not."""
    if low is None or high is None:
        bounded = argument if low is None else maximum(argument, low)
        bounded = bounded if high is None else minimum(bounded, high)
        return bounded if isinstance(bounded, Tensor) else lift(bounded)
    return _of("clip", argument, low, high)


def where(chosen: Any, value: Any, other: Any) -> Any:
    """`value` where a condition holds, else `other`; the one that is not chosen need not have a value there.

    A condition is a comparison of entries, numbers or indices (`x[i] > 0`, `j <= i`, `sf.indicator(i, "=", j)`), an
    entry of a mask, or conditions joined by & | ~.

    Raises:
        NotationError: what should be a condition is none.
    """
    if any(isinstance(one, Tensor) for one in (chosen, value, other)):
        return _elementwise("where", chosen, value, other)
    return Where((condition(chosen), lift(value), lift(other)))


@lru_cache(maxsize=1 << 12)  # an interpreter asks at every entry
def opened(node: Func) -> Written | None:
    """What a function that has a formula stands for; None for a primitive one."""
    formula = node.primitive.formula
    found: Written | None = formula(*node.kids) if formula is not None else None
    return found


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
