"""Random expressions as two things at once: a written one for the judge, and a plain function for mpmath."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

import mpmath
import sympy
from hypothesis import strategies as st

import symformer as sf

n, m = sf.sizes("n m")
j, k = sf.indices("j k")
x, y, b = sf.tensor("x", n), sf.tensor("y", n), sf.tensor("b", m)
A = sf.tensor("A", n, m)
a = sf.scalar("a", kind="positive")
N, M = 3, 4


@dataclass(frozen=True)
class Both:
    """`node(index)` is the written expression, `value(place, point)` the number."""

    node: Callable[[Any], Any]
    value: Callable[[int, dict[str, Any]], Any]


def constant(number):
    return Both(lambda i: sympy.Integer(number), lambda i, at: mpmath.mpf(number))


def lifted(operation):
    """A function of expressions from one that works on written expressions and on mpmath numbers alike."""
    return lambda *parts: Both(
        lambda i: operation(*(part.node(i) for part in parts)),
        lambda i, at: operation(*(part.value(i, at) for part in parts)),
    )


plus, minus, times = (lifted(f) for f in (lambda p, q: p + q, lambda p, q: p - q, lambda p, q: p * q))
over, negative, square = lifted(lambda p, q: p / q), lifted(lambda p: -p), lifted(lambda p: p**2)


def function(written, number):
    return lambda part: Both(lambda i: written(part.node(i)), lambda i, at: number(part.value(i, at)))


exp, log = function(sf.exp, mpmath.exp), function(sf.log, mpmath.log)
root, tanh = function(sf.sqrt, mpmath.sqrt), function(sf.tanh, mpmath.tanh)


def total(part):
    """The sum over the index of the part."""
    return Both(lambda i: sf.sum(part.node(k), (k, n)), lambda i, at: sum(part.value(other, at) for other in range(N)))


def softmax(part):
    return over(exp(part), total(exp(part)))


def positive(part):
    return plus(constant(1), square(part))


LEAVES = st.sampled_from(
    [
        Both(lambda i: x[i], lambda i, at: at["x"][i]),
        Both(lambda i: y[i], lambda i, at: at["y"][i]),
        Both(lambda i: a, lambda i, at: at["a"]),
        Both(lambda i: sf.sum(A[i, j] * b[j], j), lambda i, at: sum(at["A"][i][j] * at["b"][j] for j in range(M))),
        Both(lambda i: sf.sum(x[j], j) / n, lambda i, at: sum(at["x"]) / N),
        constant(2),
    ]
)  # fmt: skip


def _bigger(parts):
    pairs = st.tuples(st.sampled_from([plus, minus, times]), parts, parts).map(lambda drawn: drawn[0](*drawn[1:]))
    bounded = st.tuples(st.sampled_from([tanh, negative]), parts).map(lambda drawn: drawn[0](drawn[1]))
    ratios = st.tuples(parts, parts).map(lambda drawn: over(drawn[0], positive(drawn[1])))
    return pairs | bounded | ratios


PARTS = st.recursive(LEAVES, _bigger, max_leaves=3)
RULES = [
    lambda p, q, r: (times(p, plus(q, r)), plus(times(p, q), times(p, r))),
    lambda p, q, r: (exp(plus(tanh(p), q)), times(exp(q), exp(tanh(p)))),
    lambda p, q, r: (square(minus(p, q)), plus(minus(square(p), times(constant(2), times(p, q))), square(q))),
    lambda p, q, r: (over(times(p, positive(q)), positive(q)), p),
    lambda p, q, r: (root(times(square(positive(p)), positive(q))), times(positive(p), root(positive(q)))),
    lambda p, q, r: (log(times(positive(p), positive(q))), plus(log(positive(q)), log(positive(p)))),
    lambda p, q, r: (total(plus(p, q)), plus(total(q), total(p))),
    lambda p, q, r: (total(times(p, total(q))), times(total(q), total(p))),
    lambda p, q, r: (softmax(plus(p, tanh(total(r)))), softmax(p)),
]  # fmt: skip
CHANGES = [
    lambda part, other: negative(part),
    lambda part, other: plus(part, other),
    lambda part, other: times(part, positive(other)),
    lambda part, other: plus(part, constant(1)),
    lambda part, other: total(part),
    lambda part, other: plus(part, minus(other, other)),
]


def identities():
    """Two expressions that are equal."""
    return st.tuples(st.sampled_from(RULES), PARTS, PARTS, PARTS).map(lambda drawn: drawn[0](*drawn[1:]))


def perturbed():
    """Two expressions of which one was changed; now and then they are equal nevertheless."""

    def change(drawn):
        (left, right), rule, other = drawn
        return left, rule(right, other)

    return st.tuples(identities(), st.sampled_from(CHANGES), PARTS).map(change)


def differ(left, right):
    """Whether two expressions differ anywhere at two random points, to 40 digits."""
    with mpmath.workdps(60):
        for seed in range(2):
            random = Random(seed)
            draw = lambda count: [mpmath.mpf(random.randint(-190, 190)) / 97 for _ in range(count)]  # noqa: B023, E731
            at = {"x": draw(N), "y": draw(N), "b": draw(M), "A": [draw(M) for _ in range(N)], "a": mpmath.mpf(5) / 7}
            for place in range(N):
                one, two = left.value(place, at), right.value(place, at)
                if abs(one - two) > mpmath.mpf(10) ** -40 * (1 + abs(one)):
                    return True
    return False
