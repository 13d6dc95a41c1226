"""The normal form by itself, without the balls that guard it in the judge: it may give up, it may not be wrong."""

import pytest
import sympy
from hypothesis import given, settings
from written_identities import differ, identities, perturbed

import symformer as sf
from symformer.notation import hide, lift
from symformer.proof.normal import Proof, prove

n, m, d = sf.sizes("n m d")
i, j, k, c = sf.indices("i j k c")
x, y, w = sf.tensor("x", n), sf.tensor("y", n), sf.tensor("w", m)
P, Q, K = sf.tensor("P", n, kind="positive"), sf.tensor("Q", n, d), sf.tensor("K", m, d)
M, seen = sf.tensor("M", n, m, kind="mask"), sf.tensor("N", n, m, kind="mask", sees=True)
S = sf.tensor("S", n, m)
p = sf.tensor("p", n, kind="simplex")
a, b = sf.scalar("a", kind="positive"), sf.scalar("b")
g, h = (sf.tensor(name, n, kind="random", moments={1: 0, 2: 1, 3: 0, 4: 3}) for name in "gh")
shifted = sf.tensor("s", n, kind="random", moments={1: 3, 2: 11})
pi, t = sf.tensor("pi", n, kind="permutation"), sf.tensor("t", n, kind="integer", upper=n)
pairs, top = sf.tensor("A", n, 2), sf.max(hide(S[i, k], seen[i, k]), k)
dim = sf.max(hide(S[i, k], M[i, k]), k)
unit = sf.define("y", (i, c), Q[i, c] / sf.sqrt(sf.sum(Q[i, k] ** 2, k)))
grown = (sf.exp(2 * a) - 1) / (sf.exp(2 * a) + n - 1)
minus = sf.define("z", i, -x[i])
scaled = sf.define("z", i, b * x[i])


def proved(left, right):
    """Whether the normal form proves an equation, with the ranges of its free indices."""
    left, right = lift(left), lift(right)
    ranges = {**left.ranges, **right.ranges}
    return isinstance(prove(left, right, {str(index): found.size for index, found in ranges.items()}), Proof)


def masked(mask):
    """The sum of a masked softmax over its keys."""
    return sf.sum(mask[i, j] * sf.exp(S[i, j]) / sf.sum(mask[i, k] * sf.exp(S[i, k]), k), j)


TRUE = {
    "shift": (sf.exp(x[i] + b) / sf.sum(sf.exp(x[k] + b), k), sf.exp(x[i]) / sf.sum(sf.exp(x[k]), k)),
    "softmax sums to 1": (sf.sum(sf.softmax(x)[i], i), 1),
    "masked softmax sums to 1": (masked(seen), 1),
    "causal softmax sums to 1": (
        sf.sum(sf.indicator(j, "≤", i) * sf.exp(S[i, j]) / sf.sum(sf.indicator(k, "≤", i) * sf.exp(S[i, k]), k), j), 1,
    ),
    "two classes": (sf.exp(a) / (sf.exp(a) + sf.exp(b)), 1 / (1 + sf.exp(b - a))),
    "tanh": (sf.tanh(x[i]), 2 / (1 + sf.exp(-2 * x[i])) - 1),
    "normed row sums to 0": (sf.sum(sf.layer_norm(x)[i], i), 0),
    "orders of sums": (sf.sum(sf.sum(S[i, j] * x[i], i), j), sf.sum(sf.sum(x[i] * S[i, j], j), i)),
    "names of bound indices": (sf.sum(x[k], k) * sf.sum(y[k], k), sf.sum(sf.sum(y[i] * x[c], (c, n)), i)),
    "square of a sum": (sf.sum(x[k], k) ** 2, sf.sum(sf.sum(x[i] * x[k], k), i)),
    "delta": (sf.sum(sf.delta(k, i) * x[k], k), x[i]),
    "two free deltas": (sf.delta(i, k) * x[i] * y[k], sf.delta(k, i) * x[k] * y[i]),
    "a size": (sf.sum(b, (k, n)), n * b),
    "log of a product of positives": (sf.log(a * P[i]), sf.log(a) + sf.log(P[i])),
    "log-sum-exp shifts": (sf.log(sf.sum(sf.exp(x[k] + b), k)), b + sf.log(sf.sum(sf.exp(x[k]), k))),
    "maximum shifts": (sf.max(x[k] + b, k), sf.max(x[k], k) + b),
    "root of a positive square": (sf.sqrt(a**2 * P[i]), a * sf.sqrt(P[i])),
    "simplex": (sf.sum(p[k] * b, k), b),
    "derivative of log-sum-exp": (sf.diff(sf.logsumexp(x)[()], x[i]), sf.softmax(x)[i]),
    "a mask is its square": (seen[i, j] ** 2, seen[i, j]),
    "addition theorem": (sf.cos(a - b), sf.cos(a) * sf.cos(b) + sf.sin(a) * sf.sin(b)),
    "circle": (sf.sin(x[i]) ** 2 + sf.cos(x[i]) ** 2, 1),
    "half a turn": (sf.cos(x[i] + sympy.pi), -sf.cos(x[i])),
    "slope of the cosine": (sf.diff(sf.cos(x[i] * b), x[i]), -b * sf.sin(x[i] * b)),
    "a permuted sum": (sf.sum(x[pi[k]] * y[pi[k]], k), sf.sum(x[k] * y[k], k)),
    "a permuted delta": (sf.delta(pi[i], pi[k]), sf.delta(i, k)),
    "a delta on a pick": (sf.sum(sf.delta(t[i], k) * x[k], k), x[t[i]]),
    "class index": (-sf.log(sf.exp(x[t[i]]) / sf.sum(sf.exp(x[k]), k)), sf.log(sf.sum(sf.exp(x[k]), k)) - x[t[i]]),
    "hidden scores": (sf.exp(hide(S[i, j], M[i, j])), M[i, j] * sf.exp(S[i, j])),
    "the maximum of what is seen": (
        sf.sum(sf.exp(hide(S[i, j], seen[i, j]) - top), j) * sf.exp(top), sf.sum(seen[i, j] * sf.exp(S[i, j]), j),
    ),
    "variance of a scalar product": (sf.expect(sf.sum(g[k] * h[k], k) ** 2), n),
    "fourth moment": (sf.expect(sf.sum(g[k] ** 2, k) ** 2), n**2 + 2 * n),
    "mean square with a mean": (sf.expect(sf.sum(shifted[k], k) ** 2), 2 * n + 9 * n**2),
    "a pair of features": (sf.sum(pairs[i, k], k), pairs[i, 1] + pairs[i, 2]),
    "split by a position": (
        sf.sum(sf.indicator(k, "≤", i) * x[k], k) + sf.sum(sf.indicator(k, ">", i) * x[k], k), sf.sum(x[k], k),
    ),
    "positive part": (x[i] * sf.indicator(x[i], ">", 0) + x[i] * sf.indicator(x[i], "≤", 0), x[i]),
    "scaled sign": (sf.indicator(a * b, ">", 0), sf.indicator(b, ">", 0)),
    "exp of a sum that closes": (sf.exp(-a * sf.sum(unit[i, c] ** 2, c)), sf.exp(-a)),
    "exp of a delta": (
        sf.exp(a * (b + (1 - b) * sf.delta(i, j))), sf.exp(a * b) + (sf.exp(a) - sf.exp(a * b)) * sf.delta(i, j),
    ),
    "log of a quotient in other words": (sf.log((1 + (n - 1) * grown) / (1 - grown)), sf.log(sf.exp(2 * a))),
    "tanh of a quotient": (sf.tanh((x[i] ** 2 - b**2) / (x[i] - b)), sf.tanh(x[i] + b)),
    "exp of a log": (sf.exp(3 * sf.log(P[i])), P[i] ** 3),
}  # fmt: skip

TRAPS = {
    "addition theorem with a sign": (sf.cos(a - b), sf.cos(a) * sf.cos(b) - sf.sin(a) * sf.sin(b)),
    "a quarter turn for half a turn": (sf.cos(x[i] + sympy.pi / 2), -sf.cos(x[i])),
    "root of a squared wave": (sf.sqrt(sf.cos(b) ** 2), sf.cos(b)),
    "log of a squared wave": (sf.log(sf.cos(b) ** 2), 2 * sf.log(sf.cos(b))),
    "a permuted sum of two": (sf.sum(x[pi[k]] * y[k], k), sf.sum(x[k] * y[k], k)),
    "a pick is no permutation": (sf.sum(x[t[k]], k), sf.sum(x[k], k)),
    "picks that may meet": (sf.delta(t[i], t[k]), sf.delta(i, k)),
    "a pick of itself": (sf.sum(sf.delta(t[k], k) * x[k], k), sf.sum(sf.delta(t[k], k) * x[t[k]], k) + x[i]),
    "hidden scores without their mask": (sf.exp(hide(S[i, j], M[i, j])), sf.exp(S[i, j])),
    "the maximum of a row that may see nothing": (
        sf.sum(sf.exp(hide(S[i, j], M[i, j]) - dim), j) * sf.exp(dim), sf.sum(M[i, j] * sf.exp(S[i, j]), j),
    ),
    "square of one random entry": (sf.expect(g[i] * g[k]), 0),
    "independent of itself": (sf.expect(sf.sum(g[k], k) ** 2), 0),
    "expectation of a quotient": (sf.expect(1 / (1 + g[i] ** 2)), sympy.Rational(1, 2)),
    "a split with both borders": (
        sf.sum(sf.indicator(k, "≤", i) * x[k], k) + sf.sum(sf.indicator(k, "≥", i) * x[k], k), sf.sum(x[k], k),
    ),
    "a sign that forgets its factor": (sf.indicator(b * x[i], ">", 0), sf.indicator(x[i], ">", 0)),
    "a relation that forgets equality": (sf.indicator(x[i], "≥", 0), sf.indicator(x[i], ">", 0)),
    "exp of a log of a square": (sf.exp(sf.log(x[i] ** 2) / 2), x[i]),
    "layer norm of a negated row": (sf.layer_norm(minus, eps=0)[i], sf.layer_norm(x, eps=0)[i]),
    "layer norm of a row scaled by any b": (sf.layer_norm(scaled, eps=0)[i], sf.layer_norm(x, eps=0)[i]),
    "root of a square": (sf.sqrt(x[i] ** 2), x[i]),
    "root of a square in a product": (sf.sqrt(b**2 * P[i]), b * sf.sqrt(P[i])),
    "softmax of a row that may see nothing": (masked(M), 1),
    "log of a product": (sf.log(x[i] * y[i]), sf.log(x[i]) + sf.log(y[i])),
    "log of a square": (sf.log(x[i] ** 2), 2 * sf.log(x[i])),
    "exp of a product": (sf.exp(a * b), sf.exp(a) * sf.exp(b)),
    "sum of a product": (sf.sum(x[k] * y[k], k), sf.sum(x[k], k) * sf.sum(y[k], k)),
    "square of a sum as a sum of squares": (sf.sum(x[k], k) ** 2, sf.sum(x[k] ** 2, k)),
    "a sum without its size": (sf.sum(b, (k, n)), b),
    "another size": (sf.sum(b, (k, n)), m * b),
    "a delta of two ranges": (sf.sum(sf.delta(k, j) * x[k], k) * w[j], x[1] * w[j]),
    "a delta dropped": (sf.delta(i, k) * x[i], x[i]),
    "a delta on the wrong index": (sf.sum(sf.delta(k, i) * x[k], k), sf.sum(x[k], k)),
    "maximum of a scaled row": (sf.max(b * x[k], k), b * sf.max(x[k], k)),
    "maximum of a sum of rows": (sf.max(x[k] + y[k], k), sf.max(x[k], k) + sf.max(y[k], k)),
    "a mask is not 1": (seen[i, j], 1),
    "a masked sum": (sf.sum(seen[i, j] * S[i, j], j), sf.sum(S[i, j], j)),
    "indicator the wrong way": (sf.indicator(i, "≤", k), sf.indicator(k, "≤", i)),
    "strict and not strict": (sf.indicator(i, "<", k), sf.indicator(i, "≤", k)),
    "simplex weights": (sf.sum(p[k] * x[k], k), sf.sum(x[k], k)),
    "simplex squares": (sf.sum(p[k] ** 2, k), 1),
    "swapped axes": (sf.sum(Q[i, c] * K[j, c], c), sf.sum(Q[i, c] * Q[i, c], c)),
    "captured index": (sf.sum(x[i] * y[k], k), sf.sum(x[k] * y[k], k)),
    "root of a sum": (sf.sqrt(P[i] + a), sf.sqrt(P[i]) + sf.sqrt(a)),
    "inverse of a sum": (1 / (P[i] + a), 1 / P[i] + 1 / a),
    "softmax scaled": (sf.softmax(scaled)[i], sf.softmax(x)[i]),
    "derivative without its diagonal": (sf.diff(sf.softmax(x)[i], x[k]), -sf.softmax(x)[i] * sf.softmax(x)[k]),
    "two inputs of one name": (x[i], sf.tensor("x", n, kind="positive")[i]),
    "tanh": (sf.tanh(x[i]), 1 / (1 + sf.exp(-2 * x[i]))),
}  # fmt: skip


@pytest.mark.parametrize("name", TRUE)
def test_proves(name):
    left, right = TRUE[name]
    assert proved(left, right)
    assert proved(right, left)


@pytest.mark.parametrize("name", TRAPS)
def test_refuses(name):
    left, right = TRAPS[name]
    assert not proved(left, right)
    assert not proved(right, left)


def test_there_are_thirty_traps():
    assert len(TRAPS) >= 30


@settings(max_examples=150)
@given(perturbed())
def test_nothing_unequal_is_proved(case):
    left, right = case
    assert not (proved(left.node(i), right.node(i)) and differ(left, right))


@settings(max_examples=60)
@given(identities())
def test_true_rewrites_are_mostly_proved_and_never_by_chance(case):
    left, right = case
    if proved(left.node(i), right.node(i)):
        assert not differ(left, right)


def test_a_proof_is_the_same_whatever_the_indices_are_called():
    left, right = sf.indices("r s")
    assert proved(sf.sum(sf.exp(x[left] + b), left), sf.exp(b) * sf.sum(sf.exp(x[right]), right))


def test_most_lines_of_the_book_are_proved():
    judged = [item for listed in sf.contents() for item in sf.load(listed.slug).check() if item.line.relation == "="]
    kinds = [item.verdict.kind for item in judged if item.line.expected is None]
    assert kinds.count("proved") >= 0.85 * len(kinds)


ODD = {
    "one letter over two ranges": lambda: (
        sf.sum(within, (j, n)) + sf.sum(within, (j, m)), lift(n) + m,
    ),
    "an author's letter that looks like one of ours": lambda: (
        sf.sum(x[k] * square[k, ours], k), sf.sum(x[k] * square[k, k], k),
    ),
    "a sum over an empty range is no divisor": lambda: (nothing / nothing, 1),
    "a symbol that is no index": lambda: (sf.sqrt(lift(sympy.Symbol("z")) ** 2), lift(sympy.Symbol("z"))),
    "a derivative whose sum must not capture": lambda: (
        sf.diff(sf.sum(sf.sum(square[k, primed] * x[k], k) * y[primed], primed), x[k]),
        square[k, k] * sf.sum(y[j], j),
    ),
}  # fmt: skip
square = sf.tensor("A", n, n)
within = sf.sum(sf.delta(k, j), (k, n))
nothing = sf.sum(sf.indicator(k, "≤", 0) * sf.exp(x[k]), k)
ours, primed = sympy.Symbol("#1.0", integer=True), sf.indices("k'")  # no name that an author could give


@pytest.mark.parametrize("name", ODD)
def test_an_odd_statement_is_not_proved(name):
    assert not proved(*ODD[name]())
