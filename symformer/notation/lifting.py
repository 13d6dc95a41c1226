"""From plain SymPy back to a written form: whatever a written form turns into, and what SymPy makes of that."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy
from sympy import Expr

from symformer.notation.carriers import E, TensorBase, TensorEntry, TensorSymbol, largest_at, maximum
from symformer.notation.errors import NotationError
from symformer.notation.node import walk
from symformer.notation.operators import ArgMax, Delta, Derivative, Expectation, Hidden, Max, Prod, Sum
from symformer.notation.primitives import applied, is_zero
from symformer.notation.tensors import Element
from symformer.notation.written import LIFTERS, Const, Div, Func, Indicator, Mul, Pow, Where, Written, condition, lift


def _entry(plain: Any) -> Written:
    """An entry of a tensor that its base carries."""
    if not isinstance(plain.base, TensorBase):
        raise NotationError(
            f"{plain} has no written form: {plain.base} is no tensor of ours; write an entry of a tensor, as in x[i]"
        )
    entry: Element = plain.base.tensor[tuple(plain.indices)]
    return entry


def _sum(plain: Any) -> Written:
    """A sum from 1; of several, SymPy has the innermost first."""
    body = lift(plain.function)
    for index, first, last in plain.limits:
        if first != 1:
            raise NotationError(f"{plain} has no written form: a sum starts at 1, not at {first}")
        body = Sum((body,), (index, last))
    return body


def _derivative(plain: Any) -> Written:
    node = lift(plain.expr)
    for variable, count in plain.variable_count:
        entry = lift(variable)
        if not isinstance(entry, Element) or not count.is_Integer:
            raise NotationError(f"{plain} has no written form: a derivative is taken by an entry such as x[j]")
        for _ in range(int(count)):
            node = Derivative((node, entry))
    return node


def _maximum_over(plain: Any) -> Written:
    over, size = plain.args
    return Max((lift(over.expr),), (over.variables[0], size))


def _product_over(plain: Any) -> Written:
    """A product from 1; of several, SymPy has the innermost first."""
    body = lift(plain.function)
    for index, first, last in plain.limits:
        if first != 1:
            raise NotationError(f"{plain} has no written form: a product starts at 1, not at {first}")
        body = Prod((body,), (index, last))
    return body


def _largest_at(plain: Any) -> Written:
    over, size = plain.args
    return ArgMax((lift(over.expr),), (over.variables[0], size))


def _larger(plain: Any) -> Written:
    """max(a, b, c) is max(max(a, b), c), and max(0, a) is relu."""
    first, *rest = map(lift, plain.args)
    for other in rest:
        first = applied("relu", other) if is_zero(first) else applied("maximum", first, other)
    return first


def _smaller(plain: Any) -> Written:
    first, *rest = map(lift, plain.args)
    for other in rest:
        first = applied("minimum", first, other)
    return first


def _step(plain: Any) -> Written:
    """SymPy's step has a value of its own at 0."""
    argument, middle = lift(plain.args[0]), lift(plain.args[1])
    return Indicator((argument, lift(0)), (">",)) + middle * Indicator((argument, lift(0)), ("=",))


def _cases(plain: Any) -> Written:
    """A condition, what a mask hides, or a choice of values."""
    pairs = [(value, holds) for value, holds in plain.args]
    if len(pairs) == 2 and pairs[1] == (-sympy.oo, sympy.true) and isinstance(pairs[0][1], sympy.Eq):
        mask, one = pairs[0][1].args
        mask, one = (one, mask) if mask == 1 else (mask, one)
        if one == 1:
            return Hidden((lift(pairs[0][0]), lift(mask)))
    if pairs[-1][1] is not sympy.true:
        raise NotationError(f"{plain} has no written form: it says nothing where no condition holds")
    found = lift(pairs[-1][0])
    for value, holds in reversed(pairs[:-1]):
        written, own = lift(value), condition(holds)
        if not is_zero(found):
            found = Where((own, written, found))
        elif written == lift(1):
            found = own
        else:
            finite = all(map(_is_finite, walk(written)))
            found = Mul((own, written)) if finite else Where((own, written, found))
    return found


def _is_finite(node: Written) -> bool:
    """Whether the node alone is finite, at finite parts."""
    if isinstance(node, Func):
        return node.primitive.finite
    if isinstance(node, Pow):
        exponent = node.kids[1]
        return isinstance(exponent, Const) and exponent.value.is_Integer and exponent.value >= 0
    return not isinstance(node, (Div, Hidden, Derivative, Expectation))


def _through(rewrite: Callable[[Any], Expr]) -> Callable[[Any], Written]:
    """By another expression that equals it."""
    return lambda plain: lift(rewrite(plain))


LIFTERS.update(
    {
        sympy.Indexed: _entry,
        TensorEntry: _entry,
        sympy.Sum: _sum,
        sympy.Derivative: _derivative,
        sympy.KroneckerDelta: lambda plain: Delta(tuple(map(lift, plain.args[:2]))),
        sympy.Piecewise: _cases,
        sympy.Max: _larger,
        sympy.Min: _smaller,
        sympy.Product: _product_over,
        sympy.floor: lambda plain: applied("floor", lift(sympy.together(plain.args[0]))),
        largest_at: _largest_at,
        sympy.Heaviside: _step,
        sympy.sinh: _through(lambda plain: plain.rewrite(sympy.exp)),
        sympy.cosh: _through(lambda plain: plain.rewrite(sympy.exp)),
        sympy.coth: _through(lambda plain: plain.rewrite(sympy.tanh)),
        sympy.tan: _through(lambda plain: sympy.sin(plain.args[0]) / sympy.cos(plain.args[0])),
        sympy.erfc: _through(lambda plain: 1 - sympy.erf(plain.args[0])),
        type(sympy.E): lambda plain: Func((lift(1),), ("exp",)),
        TensorSymbol: lambda plain: plain.tensor[()],
        maximum: _maximum_over,
        E: lambda plain: Expectation((lift(plain.args[0]),)),
    }
)
