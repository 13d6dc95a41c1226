"""Functions with two branches by cases on signs: proved; and false twins that no rule may prove."""

import pytest

import symformer as sf
from symformer.notation import erf, lift, relu, softplus
from symformer.proof import Assumptions, judge
from symformer.proof.judge import Judge
from symformer.proof.normal import prove

n, m = sf.sizes("n m")
i, j, k = sf.indices("i j k")
x, y, z = (sf.tensor(name, n) for name in "xyz")
P, M, A = sf.tensor("P", n, kind="positive"), sf.tensor("M", n, kind="mask"), sf.tensor("A", n, m)
pi, a, b = sf.tensor("pi", n, kind="permutation"), sf.scalar("a", kind="positive"), sf.scalar("b")
at = sf.indicator
u, v, w = x[i], y[i], z[i]

TRUE = {
    "relu of relu": (relu(relu(u)), relu(u)),
    "what is not negative": (u * at(u, "≥", 0), relu(u)),
    "the parts of a number": (relu(u) - relu(-u), u),
    "the parts of a modulus": (relu(u) + relu(-u), sf.abs(u)),
    "a modulus squared": (sf.abs(u) ** 2, u**2),
    "a root of a square": (sf.sqrt(u**2), sf.abs(u)),
    "a root of a square of a difference": (sf.sqrt((u - v) ** 2), sf.abs(u - v)),
    "a root of two squares": (sf.sqrt(u**2 * v**2), sf.abs(u * v)),
    "a root of a fourth power": (sf.sqrt(u**4), u**2),
    "a modulus of a product": (sf.abs(u * v), sf.abs(u) * sf.abs(v)),
    "a sign times a modulus": (sf.sign(u) * sf.abs(u), u),
    "a sign of a product": (sf.sign(u * v), sf.sign(u) * sf.sign(v)),
    "a sign of a sign": (sf.sign(sf.sign(u)), sf.sign(u)),
    "a sign squared": (sf.sign(u) ** 2, at(u, "≠", 0)),
    "the larger of three": (sf.maximum(u, sf.maximum(v, w)), sf.maximum(sf.maximum(u, v), w)),
    "absorbed": (sf.minimum(u, sf.maximum(u, v)), u),
    "the larger and the smaller": (sf.maximum(u, v) + sf.minimum(u, v), u + v),
    "their product": (sf.maximum(u, v) * sf.minimum(u, v), u * v),
    "the larger by the modulus": (sf.maximum(u, v), (u + v + sf.abs(u - v)) / 2),
    "the larger by a choice": (sf.where(at(u, ">", v), u, v), sf.maximum(u, v)),
    "larger than the first": (at(sf.maximum(u, v), ">", u), at(v, ">", u)),
    "a shift": (sf.maximum(u + b, v + b), sf.maximum(u, v) + b),
    "a positive factor": (sf.maximum(a * u, a * v), a * sf.maximum(u, v)),
    "exp of the larger": (sf.exp(sf.maximum(u, v)), sf.maximum(sf.exp(u), sf.exp(v))),
    "log of the larger": (sf.log(sf.maximum(P[i], P[j])), sf.maximum(sf.log(P[i]), sf.log(P[j]))),
    "clipped on both sides": (sf.clip(u, -1, 1), -sf.clip(-u, -1, 1)),
    "clipped by two relu": (sf.clip(u, 0, 1), relu(u) - relu(u - 1)),
    "clipped twice": (sf.clip(sf.clip(u, -1, 1), -1, 1), sf.clip(u, -1, 1)),
    "softplus by relu": (softplus(u), relu(u) + sf.log1p(sf.exp(-sf.abs(u)))),
    "moduli squared under a sum": (sf.sum(sf.abs(x[k]) ** 2, k), sf.sum(x[k] ** 2, k)),
    "parts under a sum": (sf.sum(relu(x[k]), k) - sf.sum(relu(-x[k]), k), sf.sum(x[k], k)),
    "smaller ones under a sum": (
        2 * sf.sum(sf.minimum(x[k], y[k]), k), sf.sum(x[k], k) + sf.sum(y[k], k) - sf.sum(sf.abs(x[k] - y[k]), k)),
    "a switch in an exponent": (sf.exp(M[i] * u), 1 + M[i] * (sf.exp(u) - 1)),
    "switches under a sum": (sf.sum(sf.exp(M[k] * x[k]), k), n + sf.sum(M[k] * (sf.exp(x[k]) - 1), k)),
    "a maximum over a permutation": (sf.max(x[pi[k]], k), sf.max(x[k], k)),
    "a maximum from the other end": (sf.max(x[n + 1 - lift(k)], (k, n)), sf.max(x[k], k)),
    "two maxima exchanged": (sf.max(sf.max(A[i, j], j), i), sf.max(sf.max(A[i, j], i), j)),
    "a maximum of the larger": (sf.max(sf.maximum(x[k], y[k]), k), sf.maximum(sf.max(x[k], k), sf.max(y[k], k))),
    "a maximum of exponentials": (sf.max(sf.exp(x[k]), k), sf.exp(sf.max(x[k], k))),
    "a maximum times a positive number": (sf.max(a * x[k], k), a * sf.max(x[k], k)),
    "an odd function": (erf(-u), -erf(u)),
    "a logarithm by primes": (sf.log(6), sf.log(2) + sf.log(3)),
    "a root by primes": (sf.sqrt(8), 2 * sf.sqrt(2)),
    "a root below": (1 / sf.sqrt(2), sf.sqrt(2) / 2),
    "a whole part": (sf.floor(u - sf.floor(u)), lift(0)),
    "sizes in two orders": (sf.minimum(1 / lift(n), 1 / lift(m)), 1 / sf.maximum(lift(n), lift(m))),
    "a ratio that is cut": (sf.minimum(1, P[i] / P[j]) * P[j], sf.minimum(P[i], P[j])),
}  # fmt: skip

FALSE = {
    "relu of a negative": (relu(-relu(u)), relu(u)),
    "what is not positive": (u * at(u, "≤", 0), relu(u)),
    "the parts of a number, added": (relu(u) + relu(-u), u),
    "a modulus cubed": (sf.abs(u) ** 3, u**3),
    "a root of a square without a modulus": (sf.sqrt(u**2), u),
    "a root of a square of a difference, without a modulus": (sf.sqrt((u - v) ** 2), u - v),
    "a root of two squares, one modulus": (sf.sqrt(u**2 * v**2), sf.abs(u) * v),
    "a root of a cube": (sf.sqrt(u**2 * P[i]), u * sf.sqrt(P[i])),
    "a modulus of a sum": (sf.abs(u + v), sf.abs(u) + sf.abs(v)),
    "a sign times the number": (sf.sign(u) * u, u),
    "a sign that is never 0": (sf.sign(u) ** 2, lift(1)),
    "the larger of three, one twice": (sf.maximum(u, sf.maximum(v, w)), sf.maximum(sf.maximum(u, v), v)),
    "absorbed the other way": (sf.minimum(u, sf.maximum(u, v)), v),
    "the larger and the smaller, subtracted": (sf.maximum(u, v) - sf.minimum(u, v), u - v),
    "the larger by the modulus, with the other sign": (sf.maximum(u, v), (u + v - sf.abs(u - v)) / 2),
    "at least the first": (at(sf.maximum(u, v), "≥", u), at(v, ">", u)),
    "a factor of any sign": (sf.maximum(b * u, b * v), b * sf.maximum(u, v)),
    "a square of the larger": (sf.maximum(u, v) ** 2, sf.maximum(u**2, v**2)),
    "exp of the smaller": (sf.exp(sf.minimum(u, v)), sf.maximum(sf.exp(u), sf.exp(v))),
    "clipped at other ends": (sf.clip(u, -1, 2), -sf.clip(-u, -1, 2)),
    "clipped at ends in any order": (sf.clip(sf.clip(u, v, w), v, w), sf.clip(u, w, v)),
    "moduli under a sum": (sf.sum(sf.abs(x[k]), k) ** 2, sf.sum(x[k] ** 2, k)),
    "parts under a sum, added": (sf.sum(relu(x[k]), k) + sf.sum(relu(-x[k]), k), sf.sum(x[k], k)),
    "a number in an exponent": (sf.exp(b * u), 1 + b * (sf.exp(u) - 1)),
    "a maximum over half a permutation": (sf.max(x[pi[k]] + y[k], k), sf.max(x[k] + y[k], k)),
    "a maximum one way round": (sf.max(x[n + 1 - lift(k)] + y[k], (k, n)), sf.max(x[k] + y[k], k)),
    "two maxima of two": (sf.max(sf.max(A[i, j], j) + x[i], i), sf.max(sf.max(A[i, j], j), i) + sf.max(x[i], i)),
    "a maximum of the smaller": (sf.max(sf.minimum(x[k], y[k]), k), sf.minimum(sf.max(x[k], k), sf.max(y[k], k))),
    "a maximum times any number": (sf.max(b * x[k], k), b * sf.max(x[k], k)),
    "an even function": (erf(-u), erf(u)),
    "a logarithm of a sum": (sf.log(6), sf.log(2) + sf.log(4)),
    "a root of a sum": (sf.sqrt(8), sf.sqrt(2) + sf.sqrt(3)),
    "a whole part of a sum": (sf.floor(u + v), sf.floor(u) + sf.floor(v)),
    "a ratio that is not cut": (sf.minimum(2, P[i] / P[j]) * P[j], sf.minimum(P[i], P[j])),
}  # fmt: skip


@pytest.mark.parametrize("words", TRUE)
def test_what_holds_is_proved(words):
    found = judge(*TRUE[words][:1], "=", TRUE[words][1])
    assert found.kind == "proved", found.evidence


@pytest.mark.parametrize("words", FALSE)
def test_a_false_twin_is_not_proved_by_any_rule(words):
    one, two = map(lift, FALSE[words])
    ranges = {**one.ranges, **two.ranges}
    assert isinstance(prove(one, two, {str(index): found.size for index, found in ranges.items()}), str)


def test_what_is_assumed_of_inputs_tells_the_case():
    clamped = sf.maximum(v, sf.minimum(u, w))
    assert Judge().judge(clamped, "=", sf.clip(u, v, w), assumptions=Assumptions((at(v, "<", w),))).kind == "proved"
    assert judge(clamped, "=", sf.clip(u, v, w)).kind == "refuted"
