"""What the normal form must refuse by itself: false statements, each with a rule that is tempted to prove it."""

from __future__ import annotations

import pytest
import sympy
from plain_numbers import Undefined
from plain_points import compare, points

import symformer as sf
from symformer.notation import hide, lift, relu, softplus
from symformer.proof.normal import Proof, at_most, prove

n, m, d = sf.sizes("n m d")
i, j, k, l, r = sf.indices("i j k l r")
x, y, w = sf.tensor("x", n), sf.tensor("y", n), sf.tensor("w", m)
A, S = sf.tensor("A", n, n), sf.tensor("S", n, m)
P = sf.tensor("P", n, kind="positive")
U, T, X = sf.tensor("U", d, m), sf.tensor("T", d, m), sf.tensor("X", n, d)
M, seen = sf.tensor("M", n, m, kind="mask"), sf.tensor("N", n, m, kind="mask", sees=True)
other = sf.tensor("L", n, m, kind="mask", sees=True)
p, rows = sf.tensor("p", n, kind="simplex"), sf.tensor("R", n, m, kind="simplex")
a, b = sf.scalar("a", kind="positive"), sf.scalar("b")
ids, turn = sf.tensor("t", n, kind="integer", upper=m), sf.tensor("pi", n, kind="permutation")
turns = sf.tensor("rho", m, n, kind="permutation")
q = sf.tensor("q", n, kind="random", moments={1: 0, 2: 1, 3: 0, 4: 3})
u = sf.tensor("u", n, kind="random", moments={1: 0, 2: 1})
short = sf.sum(sf.delta(k, j), (k, n))  # 1 where j ≤ n
K = (k, n)

EQUATIONS = {
    # signs, roots, powers
    "a root of a fourth power": (sf.sqrt(x[i] ** 4), x[i] * sf.sqrt(x[i] ** 2)),
    "a root of a squared difference": (sf.sqrt((x[i] - y[i]) ** 2), x[i] - y[i]),
    "a root of a squared sum of positives and a real": (sf.sqrt((a + b) ** 2), a + b),
    "a root out of a sum": (sf.sqrt(sf.sum(x[k] ** 2 * P[k], k)), sf.sum(x[k] * sf.sqrt(P[k]), k)),
    "a cube root of a square": ((b**2) ** lift(sympy.Rational(1, 2)), b),
    "a power of a power": ((b**2) ** lift(sympy.Rational(3, 2)), b**3),
    "a root of a nonnegative mean": (sf.sqrt(sf.sum(x[k], k) ** 2), sf.sum(x[k], k)),
    "a negative content of a root": (sf.sqrt(-2 * b), 2 * sf.sqrt(-b)),
    "a root of an index difference": (sf.sqrt((i - j) ** 2 * P[i] * P[j]), (i - j) * sf.sqrt(P[i] * P[j])),
    "the logarithm of a square": (sf.log(b**2 * a), 2 * sf.log(b) + 2 * sf.log(a)),
    "the logarithm of a sum of exponentials": (sf.log(sf.exp(b) + sf.exp(a)), a + b),
    "exp of a double": (sf.exp(2 * b), 2 * sf.exp(b)),
    "tanh of a double": (sf.tanh(2 * b), 2 * sf.tanh(b)),
    # sums, sizes, indices
    "one letter over two ranges": (sf.sum(short, (j, n)) + sf.sum(short, (j, m)), lift(n) + m),
    "a delta over the longer range": (sf.sum(sf.delta(k, j) * w[j], (k, n)), w[j]),
    "a delta at a number": (sf.sum(sf.delta(k, 3) * b, (k, n)), b),
    "two deltas at two numbers": (sf.delta(i, 1) * sf.delta(i, 2), sf.delta(i, 1)),
    "a sum of a sum over the same letter": (sf.sum(x[k] * sf.sum(y[k], k), k), sf.sum(x[k] * y[k], k) * n),
    "a square as a sum of squares, times the size": (sf.sum(x[k], k) ** 2, n * sf.sum(x[k] ** 2, k)),
    "a product of two sums under one letter": (sf.sum(x[k], k) * sf.sum(x[k] * y[k], k), sf.sum(x[k] ** 2 * y[k], k)),
    "a trace": (sf.sum(A[k, k], k), sf.sum(sf.sum(A[k, l], l), k)),
    "two projections inside the exponentials of a sum": (
        sf.sum(sf.exp(sf.sum(X[i, j] * U[j, k] * X[l, r] * T[r, k], j, k, r)), l),
        sf.sum(sf.exp(sf.sum(X[i, j] * U[j, k] * T[j, k], j, k) * sf.sum(X[l, r], r)), l),
    ),
    "a transpose": (sf.sum(sf.sum(A[k, l] * x[k] * y[l], l), k), sf.sum(sf.sum(A[k, l] * x[l] * y[k], l), k)),
    "a sum of three that is spelled out": (sf.sum(x[1] * b, (k, 3)), 2 * b * x[1]),
    "an inverse under a sum": (sf.sum(1 / P[k], k), n / sf.sum(P[k], k)),
    "a sum of ratios": (sf.sum(x[k] / P[k], k), sf.sum(x[k], k) / sf.sum(P[k], k)),
    "an index as a number": (sf.sum(lift(k), K), n * (n + 1)),
    "an index that is squared": (sf.sum(k * x[k], k), sf.sum(x[k], k) * n),
    # masks, indicators
    "an empty row as if not": (sf.sum(M[i, j] * sf.exp(S[i, j]), j) / sf.sum(M[i, l] * sf.exp(S[i, l]), l), 1),
    "a mask in another row": (
        sf.sum(sf.sum(seen[i, j] * sf.exp(S[i, j]), j) / sf.sum(seen[k, l] * sf.exp(S[i, l]), l), K), n,
    ),
    "a product of two masks that see": (
        sf.sum(seen[i, j] * other[i, j] * a, j) / sf.sum(seen[i, l] * other[i, l] * a, l), 1,
    ),
    "a column of a mask that sees by rows": (
        sf.sum(seen[k, j] * P[k], k) / sf.sum(seen[l, j] * P[l], l), 1,
    ),
    "nothing before the first": (
        sf.sum(sf.indicator(k, "<", i) * P[k], k) / sf.sum(sf.indicator(l, "<", i) * P[l], l), 1,
    ),
    "nothing below 0": (
        sf.sum(sf.indicator(k, "≤", 0) * P[k], k) / sf.sum(sf.indicator(l, "≤", 0) * P[l], l), 1,
    ),
    "strictly before, and not after": (sf.indicator(i, "<", j), 1 - sf.indicator(j, "<", i)),
    "before or after": (sf.indicator(i, "≤", j) + sf.indicator(j, "≤", i), 1),
    "a chain of indicators": (sf.indicator(i, "≤", j) * sf.indicator(j, "≤", k) * x[k], sf.indicator(i, "≤", k) * x[k]),
    "a relation of values": (sf.indicator(x[i], ">", 0), 1 - sf.indicator(x[i], "<", 0)),
    "a positive multiple that is none": (sf.indicator(b * x[i], ">", 0), sf.indicator(x[i], ">", 0)),
    "a square that may be 0": (sf.indicator(x[i] ** 2, ">", 0), 1),
    "−∞ under a sum": (
        sf.sum(sf.exp(hide(S[i, j], M[i, j])), j), sf.sum(sf.exp(M[i, j] * S[i, j]), j),
    ),
    "a maximum of what is hidden": (sf.max(hide(S[i, j], seen[i, j]), j), sf.max(seen[i, j] * S[i, j], j)),
    "a hidden maximum without its mask": (sf.max(hide(S[i, j], seen[i, j]), j), sf.max(S[i, j], j)),
    "a shift of a maximum of nothing": (sf.max(hide(S[i, j] + b, M[i, j]), j), sf.max(hide(S[i, j], M[i, j]), j) + b),
    # maxima
    "a maximum of a negative": (sf.max(-x[k], k), -sf.max(x[k], k)),
    "a maximum scaled by a real": (sf.max(b * x[k], k), b * sf.max(x[k], k)),
    "a maximum of a maximum": (sf.max(sf.max(A[k, l], l), k), sf.max(A[k, k], k)),
    "a maximum of a square": (sf.max(x[k] ** 2, k), sf.max(x[k], k) ** 2),
    "a shift by what varies": (sf.max(x[k] + y[k], k), sf.max(x[k], k) + y[1]),
    "the first is not the largest": (sf.max(x[k], k), x[1]),
    # simplex rows, gathers, permutations
    "a simplex over its other axis": (sf.sum(rows[k, j], k), 1),
    "a simplex row twice": (sf.sum(rows[i, j] * rows[i, j], j), 1),
    "a gathered simplex row": (sf.sum(rows[i, ids[k]], k), 1),
    "a gather that is no permutation": (sf.sum(w[ids[k]], k), sf.sum(w[j], j)),
    "a gather of another range": (sf.sum(sf.delta(ids[i], k) * x[k], k), x[1]),
    "half of a permutation": (sf.sum(x[turn[k]] * y[k], k), sf.sum(x[k] * y[k], k)),
    "two permutations": (sf.sum(x[turns[1, k]] * y[turns[2, k]], k), sf.sum(x[k] * y[k], k)),
    "a delta of two permutations": (sf.delta(turns[j, i], turns[r, k]), sf.delta(i, k)),
    "a permutation's inverse": (sf.sum(sf.delta(turn[k], i) * x[k], k), x[turn[i]]),
    # functions
    "relu of a negative": (relu(-b), -relu(b)),
    "relu scaled by a real": (relu(b * a * x[i]), b * relu(a * x[i])),
    "softplus is not relu": (softplus(b), relu(b)),
    "sine of a double": (sf.sin(2 * b), 2 * sf.sin(b)),
    "cosine as a root": (sf.cos(b), sf.sqrt(1 - sf.sin(b) ** 2)),
    "sine of a negative": (sf.sin(-b), sf.sin(b)),
    "a whole turn that is half": (sf.cos(b + sympy.pi), sf.cos(b)),
    "a turn by a size": (sf.cos(n * lift(sympy.pi)), lift(1)),
    "exp of a sine": (sf.exp(sf.sin(a) + sf.sin(b)), sf.exp(sf.sin(a + b))),
    # derivatives
    "a derivative along the wrong axis": (sf.diff(sf.sum(A[i, k] * x[k], k), x[j]), A[j, i]),
    "a derivative that captures": (sf.diff(sf.sum(x[k] * y[k], k), x[k]), sf.sum(y[k], k)),
    "a derivative by another tensor": (sf.diff(sf.sum(x[k] * y[k], k), y[j]), y[j]),
    "a product rule with one term": (sf.diff(x[i] * x[j], x[i]), x[j]),
    "a chain rule without its inside": (sf.diff(sf.exp(b * x[i]), x[i]), sf.exp(b * x[i])),
    # expectations
    "an expectation of a square": (sf.expect(q[i] ** 2), sf.expect(q[i]) ** 2),
    "an expectation of two that may be one": (sf.expect(q[i] * q[j]), lift(0)),
    "an expectation of four": (sf.expect(sf.sum(q[k], k) ** 4), 3 * lift(n)),
    "an expectation that leaves": (q[i] * sf.expect(q[i]), sf.expect(q[i] ** 2)),
    "a moment that is not declared": (sf.expect(u[i] ** 4), lift(1)),
    "an odd moment that is not declared": (sf.expect(u[i] ** 3), lift(0)),
    "an expectation of an exponential": (sf.expect(sf.exp(q[i])), sf.exp(sf.expect(q[i]))),
}  # fmt: skip

BOUNDS = {
    "an entry of a sum, times a real": (x[i] * P[i], x[i] * sf.sum(P[k], k)),
    "an entry of a sum of reals": (x[i], sf.sum(x[k], k)),
    "an odd power": (lift(0), x[i] ** 3),
    "a real times a square": (lift(0), b * x[i] ** 2),
    "a difference of squares": (lift(0), x[i] ** 2 - y[i] ** 2),
    "an exponential times a real": (b * sf.exp(x[i]), b * sf.exp(x[i] + 1)),
    "a product of two maxima": (x[i] * y[i], sf.max(x[k], k) * sf.max(y[k], k)),
    "a maximum of negatives": (sf.max(-x[k], k), -sf.max(x[k], k)),
    "a maximum is at most an entry": (sf.max(x[k], k), x[i]),
    "a mean is at least an entry": (x[i], sf.sum(x[k], k) / n),
    "a sum is at least its size times an entry": (n * P[i], sf.sum(P[k], k)),
    "the tangent of the logarithm, reversed": (a - 1, sf.log(a)),
    "log-sum-exp without its size": (sf.log(sf.sum(sf.exp(x[k]), k)), sf.max(x[k], k)),
    "Cauchy and Schwarz without the root": (sf.sum(x[k] * y[k], k), sf.sum(x[k] ** 2, k) * sf.sum(y[k] ** 2, k)),
    "a quotient by a real": (lift(0), a / b),
    "a mask times a real": (lift(0), M[i, j] * b),
    "a sine": (lift(0), sf.sin(b)),
}  # fmt: skip


SEEDS = range(40)
DEFAULT = {i: n, k: n, j: m, r: m}


def spans(left, right):
    """What the free indices run over."""
    carried = {**left.ranges, **right.ranges}
    loose = sorted(left.free | right.free, key=str)
    return {
        index: carried[index].size if index in carried else DEFAULT[index] for index in loose if not index.is_positive
    }


def proves(judge, left, right):
    """Whether the normal form proves a statement."""
    return isinstance(judge(left, right, {str(index): size for index, size in spans(left, right).items()}), Proof)


def fails_somewhere(left, right, relation="="):
    """Whether plain loops see it fail: another value, or a value on one side alone."""
    if compare(left, right, spans(left, right), relation, seeds=SEEDS)[1] is not None:
        return True
    return any(has_value(left, *at) != has_value(right, *at) for at in points((left, right), spans(left, right), SEEDS))


def has_value(node, world, env):
    try:
        world.value(node, env)
    except Undefined:
        return False
    return True


@pytest.mark.parametrize("name", EQUATIONS)
def test_a_false_equation_is_not_proved(name):
    left, right = map(lift, EQUATIONS[name])
    assert not proves(prove, left, right)
    assert not proves(prove, right, left)


@pytest.mark.parametrize("name", BOUNDS)
def test_a_false_bound_is_not_proved(name):
    left, right = map(lift, BOUNDS[name])
    assert not proves(at_most, left, right)


@pytest.mark.parametrize("name", EQUATIONS)
def test_every_trap_is_false(name):
    left, right = map(lift, EQUATIONS[name])
    assert fails_somewhere(left, right)


@pytest.mark.parametrize("name", BOUNDS)
def test_every_trap_of_a_bound_is_false(name):
    left, right = map(lift, BOUNDS[name])
    assert fails_somewhere(left, right, "≤")
