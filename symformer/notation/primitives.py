"""The table of elementary functions, a row each. Rooms read it by column; a new word is a new row.

Derivatives at a kink are by convention what the first of two equal values gives: those of max(a, b) at a = b are 1 and
0, that of relu at 0 is 0, that of a clipped number at both ends 1 (as PyTorch has it), those of |x| and sign x at 0
are 0. The judge is told where kinks are, and takes nothing that is claimed there for refuted.
"""

from __future__ import annotations

from typing import Any

import sympy

from symformer.notation.norms import norm
from symformer.notation.primitive import PRIMITIVES, Primitive
from symformer.notation.written import Const, Func, Indicator, Logic, Written, lift
from symformer.typeset import Box, Sign, name_box
from symformer.typeset.boxes import Fence, Row, parens, row

ZERO, ONE, TWO, PI = lift(0), lift(1), lift(2), lift(sympy.pi)
UNKNOWN, NONNEGATIVE, POSITIVE = 0, 1, 2  # what is known of a sign


def applied(name: str, *arguments: Any) -> Func:
    """A function of these arguments."""
    return Func(tuple(map(lift, arguments)), (name,))


def _is(left: Written, relation: str, right: Written) -> Written:
    return Indicator((left, right), (relation,))


def _both(*conditions: Written) -> Written:
    return Logic(conditions, ("and",))


def _fenced(left: str, right: str) -> Any:
    return lambda box: Fence(left, box, right)


def _modulo(one: Box, two: Box) -> Box:
    sides = [parens(box) if isinstance(box, Row) and len(box.items) > 1 else box for box in (one, two)]
    return parens(row(sides[0], Sign("mod"), sides[1]))


def _softplus(make: Any, x: Any) -> Any:
    """max(x, 0) + log(1 + exp(−|x|))."""
    small = make("log1p", make("exp", make("negative", make("abs", x))))
    return make("add", make("maximum", x, 0), small)


def _sigmoid(make: Any, x: Any) -> Any:
    return make("divide", 1, make("add", 1, make("exp", make("negative", x))))


def _clip_slopes(value: Written, x: Written, low: Written, high: Written) -> tuple[Written, ...]:
    """In between, 1 by the number; outside, 1 by the end; where the ends are the wrong way round, by the upper one."""
    inside = _both(_is(low, "≤", x), _is(x, "≤", high))
    below = _both(_is(x, "<", low), _is(low, "≤", high))
    above = Logic((_is(x, ">", high), _is(low, ">", high)), ("or",))
    return inside, below, above


def _larger_sign(one: int, two: int) -> int:
    return max(one, two)


def _smaller_sign(one: int, two: int) -> int:
    return min(one, two)


class sg(sympy.Function):  # noqa: N801 - as it prints
    """The plain form of a stopped gradient: SymPy must not take it for its argument, which moves."""

    nargs = 1


PRIMITIVES.update(
    {
        "exp": Primitive(sympy.exp, lambda f, x: (f,), sign="positive", finite=True),
        "log": Primitive(sympy.log, lambda f, x: (ONE / x,), needs=">"),
        "sqrt": Primitive(
            sympy.sqrt, lambda f, x: (ONE / (2 * f),), shown=norm, sign=lambda x: max(x, NONNEGATIVE), needs="≥"
        ),
        "tanh": Primitive(sympy.tanh, lambda f, x: (ONE - f**2,), finite=True),
        "sin": Primitive(sympy.sin, lambda f, x: (applied("cos", x),), finite=True),
        "cos": Primitive(sympy.cos, lambda f, x: (-applied("sin", x),), finite=True),
        "erf": Primitive(
            sympy.erf, lambda f, x: (TWO / applied("sqrt", PI) * applied("exp", -(x**2)),), finite=True
        ),
        "sigmoid": Primitive(
            lambda x: 1 / (1 + sympy.exp(-x)),
            lambda f, x: (f * (1 - f),),
            box=lambda x: row(name_box("sigma"), parens(x)),
            formula=lambda x: ONE / (1 + applied("exp", -x)),
            value="formula", sign="positive", finite=True, below_one=True, arrays=_sigmoid,
        ),
        "softplus": Primitive(
            lambda x: sympy.log(1 + sympy.exp(x)),
            lambda f, x: (applied("sigmoid", x),),
            formula=lambda x: applied("log", 1 + applied("exp", x)),
            value="formula", sign="positive", finite=True, arrays=_softplus,
        ),
        "relu": Primitive(
            lambda x: sympy.Max(x, 0),
            lambda f, x: (_is(x, ">", ZERO),),
            kinks=lambda x: ((x, None),),
            formula=lambda x: x * _is(x, ">", ZERO),
            value="largest", largest=((None, (0, 1)), 1), sign="nonnegative", finite=True, whole=True,
            arrays=lambda make, x: make("maximum", x, 0),
        ),
        "Phi": Primitive(
            lambda x: (1 + sympy.erf(x / sympy.sqrt(2))) / 2,
            lambda f, x: (applied("exp", -(x**2) / 2) / applied("sqrt", 2 * PI),),
            formula=lambda x: (ONE + applied("erf", x / applied("sqrt", 2))) / 2,
            value="formula", sign="positive", finite=True, below_one=True,
            arrays=lambda make, x: make("normal_cdf", x),
        ),
        "abs": Primitive(
            sympy.Abs,
            lambda f, x: (applied("sign", x),),
            kinks=lambda x: ((x, None),),
            box=_fenced("|", "|"),
            formula=lambda x: x * _is(x, ">", ZERO) - x * _is(x, "<", ZERO),
            value="largest", largest=(((0, 1), (0, -1)), 1), finite=True, sign=lambda x: max(x, NONNEGATIVE),
            whole=True,
        ),
        "sign": Primitive(
            sympy.sign,
            lambda f, x: (ZERO,),
            kinks=lambda x: ((x, None),),
            formula=lambda x: _is(x, ">", ZERO) - _is(x, "<", ZERO),
            value="formula", finite=True, sign=lambda x: x,
            continuous=False,
        ),
        "maximum": Primitive(
            sympy.Max,
            lambda f, a, b: (_is(a, "≥", b), _is(b, ">", a)),
            kinks=lambda a, b: ((a, b),),
            printed="max",
            formula=lambda a, b: a + (b - a) * _is(b - a, ">", ZERO),
            value="largest", largest=(((0, 1), (1, 1)), 1), finite=True, sign=_larger_sign, arguments=2,
            whole=True,
        ),
        "minimum": Primitive(
            sympy.Min,
            lambda f, a, b: (_is(a, "≤", b), _is(b, "<", a)),
            kinks=lambda a, b: ((a, b),),
            printed="min",
            formula=lambda a, b: a - (a - b) * _is(a - b, ">", ZERO),
            value="largest", largest=(((0, -1), (1, -1)), -1), finite=True, sign=_smaller_sign, arguments=2,
            whole=True,
        ),
        "clip": Primitive(
            lambda x, low, high: sympy.Min(sympy.Max(x, low), high),
            _clip_slopes,
            kinks=lambda x, low, high: ((x, low), (x, high)),
            formula=lambda x, low, high: applied("minimum", applied("maximum", x, low), high),
            value="formula", finite=True, sign=lambda x, low, high: min(max(x, low), high), arguments=3,
            arrays=lambda make, x, low, high: make("minimum", make("maximum", x, low), high),
            whole=True,
        ),
        "log1p": Primitive(
            lambda x: sympy.log(1 + x),
            lambda f, x: (ONE / (1 + x),),
            formula=lambda x: applied("log", 1 + x),
            value="formula", sign=lambda x: x,
        ),
        "expm1": Primitive(
            lambda x: sympy.exp(x) - 1,
            lambda f, x: (applied("exp", x),),
            formula=lambda x: applied("exp", x) - 1,
            value="formula", finite=True, sign=lambda x: x,
        ),
        "floor": Primitive(
            sympy.floor,
            lambda f, x: (ZERO,),
            kinks=lambda x: ((x, applied("floor", x)),),
            box=_fenced("⌊", "⌋"),
            finite=True, sign=lambda x: min(x, NONNEGATIVE),
            continuous=False,
            whole=True,
        ),
        "mod": Primitive(
            sympy.Mod,
            lambda f, x, y: (ONE, -applied("floor", x / y)),
            kinks=lambda x, y: ((x, y * applied("floor", x / y)),),
            box=_modulo,
            formula=lambda x, y: x - y * applied("floor", x / y),
            value="formula", sign=lambda x, y: min(y, NONNEGATIVE), arguments=2,
            arrays=lambda make, x, y: make("remainder", x, y),
            continuous=False,
            whole=True,
        ),
        "stop_gradient": Primitive(
            sg,
            lambda f, x: (ZERO,),
            printed="sg",
            formula=lambda x: x,
            value="still", finite=True, sign=lambda x: x, arrays=lambda make, x: make("identity", x),
            continuous=False,
        ),
    }
)  # fmt: skip


def is_zero(node: Written) -> bool:
    """Whether it is the number 0."""
    return isinstance(node, Const) and bool(node.value == 0)
