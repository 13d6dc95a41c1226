"""Inequalities whose proof has steps with names: proved and named; and false twins that no step may prove."""

import pytest

import symformer as sf
from symformer.notation import lift, relu, sigmoid, softplus
from symformer.proof import Assumptions, judge
from symformer.proof.judge import Judge
from symformer.proof.normal import Proof, at_most

n, m = sf.sizes("n m")
i, j, k = sf.indices("i j k")
x, y, P = sf.tensor("x", n), sf.tensor("y", n), sf.tensor("P", n, kind="positive")
p, q = sf.tensor("p", n, kind="simplex"), sf.tensor("q", n, kind="simplex")
R, z = sf.tensor("R", m, n, kind="simplex"), sf.tensor("z", n)
a, b, c = sf.scalar("a"), sf.scalar("b"), sf.scalar("c")
u, v, w = (sf.scalar(name, kind="positive") for name in "uvw")
N = lift(n)
none = sf.tensor("s_0", kind="integer", lower=0, upper=n)[()]
rows, at_row = sf.tensor("Q", n, n, kind="simplex"), sf.tensor("s", n, kind="integer", upper=n)
s = sf.softmax(x)
half = lift(1) / 2


def mean(values):
    return sf.sum(values, k) / n


def norm(values):
    return sf.sqrt(sf.sum(values**2, k))


def entropy(weights):
    return -sf.sum(weights[k] * sf.log(weights[k]), k)


TRUE = {
    # squares
    "a product is below the squares": (2 * a * b, a**2 + b**2, "squares"),
    "three products": (a * b + b * c + c * a, a**2 + b**2 + c**2, "squares"),
    "a square form": (lift(0), a**2 - 2 * a * b + 2 * b**2, "squares"),
    "a parabola": (a - a**2, lift(1) / 4, "squares"),
    "Cauchy and Schwarz": (sf.sum(x[k] * y[k], k) ** 2, sf.sum(x[k] ** 2, k) * sf.sum(y[k] ** 2, k), "pairs"),
    "with roots": (sf.sum(x[k] * y[k], k), norm(x[k]) * norm(y[k]), "squares of both sides"),
    "a variance": (mean(x[k]) ** 2, mean(x[k] ** 2), "pairs"),
    "a weighted variance": (sf.sum(p[k] * x[k], k) ** 2, sf.sum(p[k] * x[k] ** 2, k), "pairs"),
    "a sum and the root of its squares": (sf.abs(sf.sum(x[k], k)), sf.sqrt(N) * norm(x[k]), ""),
    "a sum of moduli": (sf.sum(sf.abs(x[k]), k) ** 2, n * sf.sum(x[k] ** 2, k), "pairs"),
    "a sum and the sum of inverses": (N**2, sf.sum(P[k], k) * sf.sum(1 / P[k], k), "pairs"),
    "the shift left out, under a root": (
        sf.sqrt(mean((x[k] - sf.sum(x[j], j) / n) ** 2)), sf.sqrt(mean(x[k] ** 2)), ""),
    "the triangle": (norm(x[k] + y[k]), norm(x[k]) + norm(y[k]), ""),
    # Jensen and Gibbs
    "the tangent of log": (sf.log(u), u - 1, "log u"),
    "and from below": (1 - 1 / u, sf.log(u), "log u"),
    "an entropy": (lift(0), entropy(p), "log u"),
    "the largest entropy": (entropy(p), sf.log(N), "log u"),
    "of a softmax": (entropy(s), sf.log(N), ""),
    "Gibbs": (lift(0), sf.sum(p[k] * sf.log(p[k] / q[k]), k), "log u"),
    "a cross-entropy": (entropy(p), -sf.sum(p[k] * sf.log(q[k]), k), "log u"),
    "log-sum-exp is above the mean": (mean(x[k]) + sf.log(N), sf.log(sf.sum(sf.exp(x[k]), k)), "log u"),
    "the principle of Gibbs": (
        sf.sum(p[k] * x[k], k) + entropy(p), sf.log(sf.sum(sf.exp(x[k]), k)), "log u"),
    "exp of an average": (sf.exp(sf.sum(p[k] * x[k], k)), sf.sum(p[k] * sf.exp(x[k]), k), ""),
    "log of an average": (sf.sum(p[k] * sf.log(P[k]), k), sf.log(sf.sum(p[k] * P[k], k)), ""),
    "an average is below the largest": (sf.sum(p[k] * x[k], k), sf.max(x[k], k), "average"),
    "a row of attention": (sf.sum(R[j, k] * z[k], k), sf.max(z[k], k), "average"),
    "an average by softmax": (sf.sum(s[k] * x[k], k), sf.max(x[k], k), ""),
    # functions
    "the tangent of exp": (1 + a, sf.exp(a), "1 + t"),
    "and backwards": (1 - a, sf.exp(-a), "1 + t"),
    "sine": (sf.sin(a), lift(1), "wave"),
    "cosine": (lift(-1), sf.cos(a), "wave"),
    "their product": (sf.sin(a) * sf.cos(a), half, "wave"),
    "the hyperbolic tangent": (sf.tanh(a), lift(1), ""),
    "the sigmoid's derivative": (sigmoid(a) * (1 - sigmoid(a)), lift(1) / 4, "squares"),
    "softplus above relu": (relu(a), softplus(a), "cases"),
    "softplus below relu and log 2": (softplus(a), relu(a) + sf.log(2), "cases"),
    "two moduli": (sf.abs(a + b), sf.abs(a) + sf.abs(b), "cases"),
    "the modulus of a sum": (sf.abs(sf.sum(x[k], k)), sf.sum(sf.abs(x[k]), k), "cases"),
    "relu of a sum": (relu(a + b), relu(a) + relu(b), "cases"),
    "two means": (sf.sqrt(u * v), (u + v) / 2, "squares"),
    "three means": (2 * u * v / (u + v), sf.sqrt(u * v), ""),
    "a number and its inverse": (lift(2), u + 1 / u, "squares"),
    "three factors": (27 * u * v * w, (u + v + w) ** 3, "AM–GM"),
    "the geometric mean": (sf.exp(mean(sf.log(P[k]))), mean(P[k]), ""),
    "largest entries apart": (sf.max(x[k], k) - sf.max(y[k], k), sf.max(sf.abs(x[k] - y[k]), k), ""),
    # what grows, sizes, chains
    "tanh grows": (sf.tanh(a), sf.tanh(a + u), ""),
    "a root grows": (sf.sqrt(u), sf.sqrt(u + v), ""),
    "relu grows": (relu(a), relu(a + u), "cases"),
    "softplus grows": (softplus(a), softplus(a + u), ""),
    "a cube grows": (a**3, (a + u) ** 3, ""),
    "a size is at least 1": (lift(1), N, ""),
    "and at most its square": (N, N**2, ""),
    "its logarithm": (sf.log(N), N - 1, "log u"),
    "a place is at most its square": (lift(i), lift(i) ** 2 + 0 * x[i], ""),
}  # fmt: skip

FALSE = {
    "a product is below half of the squares": (2 * a * b, (a**2 + b**2) / 2),
    "a form that is not positive": (lift(0), a**2 - 3 * a * b + 2 * b**2),
    "a parabola that is cut": (a - a**2, lift(1) / 5),
    "Cauchy and Schwarz with another vector": (sf.sum(x[k] * y[k], k) ** 2, sf.sum(x[k] ** 2, k) ** 2),
    "with roots, of one vector": (sf.sum(x[k] * y[k], k), norm(x[k]) ** 2),
    "a variance with another size": (sf.sum(x[k], k) ** 2, m * sf.sum(x[k] ** 2, k)),
    "a variance reversed": (mean(x[k] ** 2), mean(x[k]) ** 2),
    "a weighted variance without weights": (sf.sum(p[k] * x[k], k) ** 2, mean(x[k] ** 2)),
    "inverses of any sign": (N**2, sf.sum(x[k], k) * sf.sum(1 / x[k], k)),
    "the triangle reversed": (norm(x[k]) + norm(y[k]), norm(x[k] + y[k])),
    "the tangent of log, lowered": (sf.log(u), u - 2),
    "an entropy is not above": (sf.log(N), entropy(p)),
    "Gibbs reversed": (lift(0), sf.sum(p[k] * sf.log(q[k] / p[k]), k)),
    "a cross-entropy of the other": (entropy(p), -sf.sum(q[k] * sf.log(p[k]), k)),
    "log-sum-exp is below the mean": (sf.log(sf.sum(sf.exp(x[k]), k)), mean(x[k]) + sf.log(N)),
    "exp of an average, reversed": (sf.sum(p[k] * sf.exp(x[k]), k), sf.exp(sf.sum(p[k] * x[k], k))),
    "weights that do not sum to 1": (sf.sum(P[k] * x[k], k), sf.max(x[k], k)),
    "an average above the largest": (sf.max(x[k], k), sf.sum(p[k] * x[k], k)),
    "an average over another row": (sf.sum(R[j, k] * z[k], k), sf.sum(R[j, k], j) * sf.max(z[k], k)),
    "the tangent of exp at 1": (1 + 2 * a, sf.exp(a)),
    "sine is below a half": (sf.sin(a), half),
    "their product, lower": (sf.sin(a) * sf.cos(a), lift(1) / 3),
    "the sigmoid's derivative, lower": (sigmoid(a) * (1 - sigmoid(a)), lift(1) / 5),
    "softplus below relu": (softplus(a), relu(a)),
    "two moduli reversed": (sf.abs(a) + sf.abs(b), sf.abs(a + b)),
    "two means reversed": ((u + v) / 2, sf.sqrt(u * v)),
    "two means of any sign": (sf.sqrt(a**2 * b**2), (a + b) ** 2 / 4),
    "a number of any sign and its inverse": (lift(2), a + 1 / a),
    "three factors, too many": (28 * u * v * w, (u + v + w) ** 3),
    "the geometric mean reversed": (mean(P[k]), sf.exp(mean(sf.log(P[k])))),
    "a square grows": (a**2, (a + u) ** 2),
    "an inverse grows": (1 / u, 1 / (u + v)),
    "a cosine grows": (sf.cos(a), sf.cos(a + u)),
    "a size is at least 2": (lift(2), N),
    "a term before the first": (-none, sf.max(-lift(k), (k, n))),
    "weights of another row each": (
        sf.sum(rows[at_row[k], k] * x[k], k), sf.max(x[k], k) + rows[at_row[i], i] ** 2),
    "weights of one diagonal": (
        sf.sum(rows[n + 1 - lift(k), k] * x[k], k), sf.max(x[k], k) + rows[n + 1 - lift(i), i] ** 2),
    "squares of waves": (lift(0), sf.cos(2 * a) * sf.sqrt(1 + b**2) + b * sf.cos(2 * a)),
    "largest entries, signed": (sf.max(x[k], k) - sf.max(y[k], k), sf.max(x[k] - y[k], k) - 1),
}  # fmt: skip


def proof(left, right):
    """What is shown without the balls that guard it."""
    one, two = lift(left), lift(right)
    ranges = {**one.ranges, **two.ranges}
    return at_most(one, two, {str(index): found.size for index, found in ranges.items()})


@pytest.mark.parametrize("words", TRUE)
def test_a_bound_is_proved_and_its_step_is_named(words):
    left, right, step = TRUE[words]
    found = judge(left, "≤", right)
    assert found.kind == "proved", found.evidence
    assert step in found.evidence


@pytest.mark.parametrize("words", FALSE)
def test_a_false_twin_is_not_proved_by_any_step(words):
    assert not isinstance(proof(*FALSE[words]), Proof)


def test_what_is_assumed_of_inputs_is_a_step():
    known = Assumptions((sf.indicator(x[i], "≤", y[i]),))
    found = Judge().judge(sf.tanh(x[i]), "≤", sf.tanh(y[i]), assumptions=known)
    assert found.kind == "proved" and "what is assumed" in found.evidence
    assert judge(sf.tanh(x[i]), "≤", sf.tanh(y[i])).kind == "refuted"
