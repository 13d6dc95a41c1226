"""From plain SymPy back to a written form: whatever a written form turns into, and what SymPy makes of that."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy
from sympy import Expr

from symformer.notation.carriers import E, TensorBase, TensorEntry, TensorSymbol, maximum
from symformer.notation.errors import NotationError
from symformer.notation.node import walk
from symformer.notation.operators import RELATIONS, Delta, Derivative, Expectation, Hidden, Indicator, Max, Sum
from symformer.notation.tensors import Element
from symformer.notation.written import LIFTERS, Add, Const, Div, Func, Mul, Pow, Written, lift

SPELLED = {kind: sign for sign, kind in RELATIONS.items()}
EVERYWHERE = ("exp", "tanh", "sin", "cos", "erf", "sigmoid", "softplus", "relu", "Phi")  # finite for every number


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


def _larger(plain: Any) -> Written:
    """max(a, b) is a + relu(b − a)."""
    first, *rest = map(lift, plain.args)
    for other in rest:
        first = Func((other,), ("relu",)) if _is_zero(first) else first + Func((other - first,), ("relu",))
    return first


def _smaller(plain: Any) -> Written:
    """min(a, b) is a − relu(a − b)."""
    first, *rest = map(lift, plain.args)
    for other in rest:
        first = first - Func((first - other,), ("relu",))
    return first


def _size_of(plain: Any) -> Written:
    """|a| is relu(a) + relu(−a)."""
    argument = lift(plain.args[0])
    return Func((argument,), ("relu",)) + Func((-argument,), ("relu",))


def _sign(plain: Any) -> Written:
    argument = lift(plain.args[0])
    return Indicator((argument, lift(0)), (">",)) - Indicator((argument, lift(0)), ("<",))


def _step(plain: Any) -> Written:
    """SymPy's step has a value of its own at 0."""
    argument, middle = lift(plain.args[0]), lift(plain.args[1])
    return Indicator((argument, lift(0)), (">",)) + middle * Indicator((argument, lift(0)), ("=",))


def _cases(plain: Any) -> Written:
    """0 or 1 by a condition, what a mask hides, or values that are finite where their condition fails, too."""
    pairs = [(value, condition) for value, condition in plain.args]
    if len(pairs) == 2 and pairs[1] == (-sympy.oo, sympy.true) and isinstance(pairs[0][1], sympy.Eq):
        mask, one = pairs[0][1].args
        mask, one = (one, mask) if mask == 1 else (mask, one)
        if one == 1:
            return Hidden((lift(pairs[0][0]), lift(mask)))
    if pairs[-1][1] is not sympy.true:
        raise NotationError(f"{plain} has no written form: it says nothing where no condition holds")
    terms: list[Written] = []
    before: list[Written] = []
    for value, condition in pairs:
        written = lift(value)
        if not all(map(_is_finite, walk(written))):
            raise NotationError(f"{plain} has no written form: {value} may be infinite where {condition} fails")
        holds = [] if condition is sympy.true else [_where(condition)]
        if not _is_zero(written):
            factors = [*holds, *before, *([] if written == lift(1) and (holds or before) else [written])]
            terms.append(factors[0] if len(factors) == 1 else Mul(tuple(factors)))
        before += [lift(1) - one for one in holds]
    return lift(0) if not terms else terms[0] if len(terms) == 1 else Add(tuple(terms))


def _where(condition: Any) -> Written:
    """1 where a condition holds, else 0."""
    if isinstance(condition, sympy.And):
        return Mul(tuple(map(_where, condition.args)))
    if isinstance(condition, sympy.Or):
        return lift(1) - Mul(tuple(lift(1) - _where(part) for part in condition.args))
    if isinstance(condition, sympy.Not):
        return lift(1) - _where(condition.args[0])
    if type(condition) not in SPELLED:
        raise NotationError(f"the condition {condition} has no written form: it is no comparison")
    return Indicator(tuple(map(lift, condition.args)), (SPELLED[type(condition)],))


def _is_finite(node: Written) -> bool:
    """Whether the node alone is finite, at finite parts."""
    if isinstance(node, Func):
        return node.name in EVERYWHERE
    if isinstance(node, Pow):
        exponent = node.kids[1]
        return isinstance(exponent, Const) and exponent.value.is_Integer and exponent.value >= 0
    return not isinstance(node, (Div, Hidden, Derivative, Expectation))


def _is_zero(node: Written) -> bool:
    return isinstance(node, Const) and node.value == 0


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
        sympy.Abs: _size_of,
        sympy.sign: _sign,
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
