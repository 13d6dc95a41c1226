"""Rewrites of arithmetic, comparisons and choices, entry by entry."""

from operator import neg as negative

import symformer as sf
from rewrites.rewrite import Rewrite
from rewrites.shapes import both, each, filled, is_, wide
from symformer.notation import Logic, lift

n, m = sf.sizes("n m")
A, B, C, D = (sf.tensor(name, n) for name in "ABCD")
low, high = sf.tensor("l", n), sf.tensor("h", n)
W = sf.tensor("W", n, m)
P, Q = sf.tensor("P", n, kind="mask"), sf.tensor("Q", n, kind="mask")
c, e = sf.scalar("c"), sf.scalar("e")
nothing, one = filled(0, n), filled(1, n)
never, always = filled(is_(1, "≤", 0), n), filled(is_(1, "≤", 1), n)


def _or(x, y):
    return Logic.of("or", x, y)


def _not(x):
    return Logic.of("not", x)


def _bit(condition):
    """A condition as a number."""
    return sf.where(condition, 1, 0)


def _true(x):
    """Whether an entry of a mask is 1."""
    return is_(x, "=", 1)


def _clamped(value, least, most):
    return each(sf.clip, value, least, most)


def _same(relation):
    return each(lambda x: _bit(is_(x, relation, x)), A)


def _rem(x, y):
    return sf.notation.primitives.applied("mod", x, y)


ADD = (
    Rewrite(
        "two numbers added one by one are added together",
        each(lambda x: (x + c) + e, A),
        each(lambda x: x + (c + e), A),
        (each(lambda x: (x + c) + e, A), each(lambda x: x + (c - e), A)),
    ),
    Rewrite("adding 0 on the right", each(lambda x: x + 0, A), A, (each(lambda x: x + c, A), A)),
    Rewrite("adding 0 on the left", each(lambda x: 0 + x, A), A, (each(lambda x: c + x, A), A)),
    Rewrite(
        "a number added from the left is added from the right",
        each(lambda x: c + x, A),
        each(lambda x: x + c, A),
        (each(lambda x: c - x, A), each(lambda x: x - c, A)),
    ),
)

SUBTRACT = (
    Rewrite("subtracting 0", each(lambda x: x - 0, A), A, (each(lambda x: 0 - x, A), A)),
    Rewrite(
        "subtracting a number is adding its negative",
        each(lambda x: x - c, A),
        each(lambda x: x + (-c), A),
        (each(lambda x: x - c, A), each(lambda x: -x + c, A)),
    ),
    Rewrite("a tensor less itself", each(lambda x: x - x, A), nothing, (each(lambda x, y: x - y, A, B), nothing)),
)

MULTIPLY = (
    Rewrite("times 1 on the right", each(lambda x: x * 1, A), A, (each(lambda x: x * c, A), A)),
    Rewrite("times 1 on the left", each(lambda x: 1 * x, A), A, (each(lambda x: -1 * x, A), A)),
    Rewrite("times 0 on the right", each(lambda x: x * 0, A), nothing, (each(lambda x: x + 0, A), nothing)),
    Rewrite("times 0 on the left", each(lambda x: 0 * x, A), nothing, (each(lambda x: 0 + x, A), nothing)),
    Rewrite(
        "two scaled tensors multiplied: numbers together",
        each(lambda x, y: (x * c) * (y * e), A, B),
        each(lambda x, y: (x * y) * (c * e), A, B),
        (each(lambda x, y: (x * c) * (y * e), A, B), each(lambda x, y: (x * y) * (c + e), A, B)),
    ),
    Rewrite(
        "two numbers in a row are one",
        each(lambda x: (x * c) * e, A),
        each(lambda x: x * (c * e), A),
        (each(lambda x: (x * c) * e, A), each(lambda x: x * (c * c), A)),
    ),
    Rewrite(
        "a number moves into the smaller factor",
        each(lambda x, y: (x * c) * y, W, wide(B, m)),
        each(lambda x, y: x * y, wide(each(lambda y: y * c, B), m), W),
        (each(lambda x, y: (x * c) * y, W, wide(B, m)), each(lambda x, y: x * y, wide(each(lambda y: y + c, B), m), W)),
    ),
    Rewrite(
        "a common factor leaves a sum",
        each(lambda x, y, z: x * z + y * z, A, B, C),
        each(lambda x, y, z: (x + y) * z, A, B, C),
        (each(lambda x, y, z: x * z + y * z, A, B, C), each(lambda x, y, z: (x + y) * (z + z), A, B, C)),
    ),
    Rewrite(
        "a modulus times itself is the square",
        each(lambda x: sf.abs(x) * sf.abs(x), A),
        each(lambda x: x * x, A),
        (each(lambda x, y: sf.abs(x) * sf.abs(y), A, B), each(lambda x, y: x * y, A, B)),
    ),
    Rewrite(
        "exponentials multiplied: exponents added",
        each(lambda x, y: sf.exp(x) * sf.exp(y), A, B),
        each(lambda x, y: sf.exp(x + y), A, B),
        (each(lambda x, y: sf.exp(x) * sf.exp(y), A, B), each(lambda x, y: sf.exp(x * y), A, B)),
    ),
)

DIVIDE = (
    Rewrite("divided by 1", each(lambda x: x / lift(1), A), A, (each(lambda x: x / c, A), A)),
    Rewrite(
        "divided by a number is times its inverse",
        each(lambda x: x / c, A),
        each(lambda x: x * (1 / c), A),
        (each(lambda x: x / c, A), each(lambda x: x * (1 - c), A)),
    ),
    Rewrite(
        "a quotient of quotients",
        each(lambda x, y, z, w: (x / y) / (z / w), A, B, C, D),
        each(lambda x, y, z, w: (x * w) / (y * z), A, B, C, D),
        (
            each(lambda x, y, z, w: (x / y) / (z / w), A, B, C, D),
            each(lambda x, y, z, w: (x * z) / (y * w), A, B, C, D),
        ),
    ),
    Rewrite(
        "divided by a quotient",
        each(lambda x, y, z: x / (y / z), A, B, C),
        each(lambda x, y, z: (x * z) / y, A, B, C),
        (each(lambda x, y, z: x / (y / z), A, B, C), each(lambda x, y, z: (x / y) / z, A, B, C)),
    ),
    Rewrite(
        "the remainder of a remainder",
        each(lambda x, y: _rem(_rem(x, y), y), A, B),
        each(_rem, A, B),
        (each(lambda x, y, z: _rem(_rem(x, y), z), A, B, C), each(lambda x, y, z: _rem(x, z), A, B, C)),
    ),
    Rewrite(
        "places are their own remainders where there are at most as many",
        sf.define("R1", ((sf.indices("i"), n),), _rem(lift(sf.indices("i")) - 1, m)),
        sf.define("R2", ((sf.indices("i"), n),), lift(sf.indices("i")) - 1),
        (
            sf.define("R3", ((sf.indices("i"), n),), _rem(lift(sf.indices("i")) - 1, m)),
            sf.define("R4", ((sf.indices("i"), n),), lift(sf.indices("i")) - 1),
        ),
        (is_(n, "≤", m),),
        (),
    ),
    Rewrite(
        "the remainder of places moved by the divisor",
        sf.define("R5", ((sf.indices("i"), n),), _rem(lift(sf.indices("i")) - 1 + m, m)),
        sf.define("R6", ((sf.indices("i"), n),), _rem(lift(sf.indices("i")) - 1, m)),
        (
            sf.define("R7", ((sf.indices("i"), n),), _rem(lift(sf.indices("i")) - 1 + n, m)),
            sf.define("R8", ((sf.indices("i"), n),), _rem(lift(sf.indices("i")) - 1, m)),
        ),
    ),
    Rewrite(
        "the remainder of a number moved by the divisor",
        each(lambda x, y: _rem(x + y, y), A, B),
        each(_rem, A, B),
        (each(lambda x, y, z: _rem(x + z, y), A, B, C), each(lambda x, y, z: _rem(x, y), A, B, C)),
    ),
)

TWICE = (
    Rewrite("not not", each(lambda x: _bit(_not(_not(_true(x)))), P), P, (each(lambda x: _bit(_not(_true(x))), P), P)),
    Rewrite("the negative of the negative", each(negative, each(negative, A)), A, (each(negative, A), A)),
)

LOGIC = (
    Rewrite(
        "or true",
        each(lambda x, y: _bit(_or(_true(x), _true(y))), P, always),
        one,
        (each(lambda x, y: _bit(_or(_true(x), _true(y))), P, Q), one),
    ),
    Rewrite(
        "true or",
        each(lambda x, y: _bit(_or(_true(y), _true(x))), P, always),
        one,
        (each(lambda x, y: _bit(both(_true(y), _true(x))), P, always), one),
    ),
    Rewrite(
        "or false",
        each(lambda x, y: _bit(_or(_true(x), _true(y))), P, never),
        P,
        (each(lambda x, y: _bit(_or(_true(x), _true(y))), P, Q), P),
    ),
    Rewrite(
        "false or",
        each(lambda x, y: _bit(_or(_true(y), _true(x))), P, never),
        P,
        (each(lambda x, y: _bit(both(_true(y), _true(x))), P, never), P),
    ),
    Rewrite(
        "and true",
        each(lambda x, y: _bit(both(_true(x), _true(y))), P, always),
        P,
        (each(lambda x, y: _bit(both(_true(x), _true(y))), P, Q), P),
    ),
    Rewrite(
        "true and",
        each(lambda x, y: _bit(both(_true(y), _true(x))), P, always),
        P,
        (each(lambda x, y: _bit(_or(_true(y), _true(x))), P, always), P),
    ),
    Rewrite(
        "and false",
        each(lambda x, y: _bit(both(_true(x), _true(y))), P, never),
        nothing,
        (each(lambda x, y: _bit(_or(_true(x), _true(y))), P, never), nothing),
    ),
    Rewrite(
        "false and",
        each(lambda x, y: _bit(both(_true(y), _true(x))), P, never),
        nothing,
        (each(lambda x, y: _bit(both(_true(y), _true(x))), P, always), nothing),
    ),
    Rewrite(
        "below two numbers is below the smaller one",
        each(lambda x: _bit(both(is_(x, "<", c), is_(e, ">", x))), A),
        each(lambda x: _bit(is_(x, "<", sf.minimum(c, e))), A),
        (
            each(lambda x: _bit(both(is_(x, "<", c), is_(e, ">", x))), A),
            each(lambda x: _bit(is_(x, "<", sf.maximum(c, e))), A),
        ),
    ),
    Rewrite(
        "the larger of two exceeds the second where the first does",
        each(lambda x, y: _bit(is_(sf.maximum(x, y), ">", y)), A, B),
        each(lambda x, y: _bit(is_(x, ">", y)), A, B),
        (each(lambda x, y: _bit(is_(sf.maximum(x, y), "≥", y)), A, B), each(lambda x, y: _bit(is_(x, "≥", y)), A, B)),
    ),
    Rewrite(
        "the larger of two exceeds the first where the second does",
        each(lambda x, y: _bit(is_(sf.maximum(x, y), ">", x)), A, B),
        each(lambda x, y: _bit(is_(y, ">", x)), A, B),
        (each(lambda x, y: _bit(is_(sf.maximum(x, y), ">", x)), A, B), each(lambda x, y: _bit(is_(x, ">", y)), A, B)),
    ),
)

COMPARE = (
    Rewrite("nothing exceeds itself", _same(">"), nothing, (_same("≥"), nothing)),
    Rewrite("nothing is below itself", _same("<"), nothing, (_same("≤"), nothing)),
    Rewrite("nothing differs from itself", _same("≠"), nothing, (_same("="), nothing)),
    Rewrite("everything is at least itself", _same("≥"), one, (each(lambda x, y: _bit(is_(x, "≥", y)), A, B), one)),
    Rewrite("everything is at most itself", _same("≤"), one, (each(lambda x, y: _bit(is_(x, "≤", y)), A, B), one)),
    Rewrite("everything equals itself", _same("="), one, (_same("≠"), one)),
)

CLAMP = (
    Rewrite(
        "clamped twice is clamped",
        _clamped(_clamped(A, low, high), low, high),
        _clamped(A, low, high),
        (_clamped(_clamped(A, low, high), low, high), _clamped(A, high, low)),
    ),
    Rewrite(
        "the larger of a lower end and what is cut above is clamped",
        each(lambda x, a, b: sf.maximum(a, sf.minimum(x, b)), A, low, high),
        _clamped(A, low, high),
        (each(lambda x, a, b: sf.maximum(a, sf.minimum(x, b)), A, low, high), _clamped(A, low, high)),
        (is_(low[sf.indices("i")], "<", high[sf.indices("i")]),),
        (),
    ),
    Rewrite(
        "the smaller of an upper end and what is cut below is clamped",
        each(lambda x, a, b: sf.minimum(b, sf.maximum(x, a)), A, low, high),
        _clamped(A, low, high),
        (each(lambda x, a, b: sf.minimum(b, sf.maximum(x, a)), A, low, high), _clamped(A, high, low)),
    ),
)

SELECT = (
    Rewrite(
        "a choice between two that are one",
        each(lambda p, x: sf.where(_true(p), x, x), P, A),
        A,
        (each(lambda p, x, y: sf.where(_true(p), x, y), P, A, B), A),
    ),
    Rewrite(
        "a choice that is always the first",
        each(lambda p, x, y: sf.where(_true(p), x, y), always, A, B),
        A,
        (each(lambda p, x, y: sf.where(_true(p), x, y), always, A, B), B),
    ),
    Rewrite(
        "a choice that is always the second",
        each(lambda p, x, y: sf.where(_true(p), x, y), never, A, B),
        B,
        (each(lambda p, x, y: sf.where(_true(p), x, y), never, A, B), A),
    ),
    Rewrite(
        "a choice by the opposite",
        each(lambda p, x, y: sf.where(_not(_true(p)), x, y), P, A, B),
        each(lambda p, x, y: sf.where(_true(p), y, x), P, A, B),
        (
            each(lambda p, x, y: sf.where(_not(_true(p)), x, y), P, A, B),
            each(lambda p, x, y: sf.where(_true(p), x, y), P, A, B),
        ),
    ),
)

RULES = {
    "add": ADD,
    "subtract": SUBTRACT,
    "multiply": MULTIPLY,
    "divide": DIVIDE,
    "not": TWICE,
    "logic": LOGIC,
    "compare": COMPARE,
    "clamp": CLAMP,
    "select": SELECT,
}
