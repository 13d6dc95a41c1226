"""≤ and ≥ by proof: what is shown for every size, what is left to the balls, and what is refused."""

import pytest

import symformer as sf
from symformer.notation import lift
from symformer.proof.normal import Proof, at_most

n, m = sf.sizes("n m")
i, j, k = sf.indices("i j k")
x, y, w = sf.tensor("x", n), sf.tensor("y", n), sf.tensor("w", m)
S = sf.tensor("S", n, m)
p, M = sf.tensor("p", n, kind="simplex"), sf.tensor("M", n, kind="mask")
a, b = sf.scalar("a", kind="positive"), sf.scalar("b")
Z = sf.define("Z", (), sf.sum(sf.exp(x[k]), k))
mean = sf.define("mu", (), sf.sum(x[k], k) / n)


def shown(left, right):
    """Whether left ≤ right is proved, without the balls that guard it."""
    left, right = lift(left), lift(right)
    ranges = {**left.ranges, **right.ranges}
    return isinstance(at_most(left, right, {str(index): found.size for index, found in ranges.items()}), Proof)


TRUE = {
    "the largest is below log-sum-exp": (sf.max(x[k], k), sf.log(Z[()])),
    "log-sum-exp is below the largest plus log n": (sf.log(Z[()]), sf.max(x[k], k) + sf.log(n)),
    "an entry is below the largest": (x[i], sf.max(x[k], k)),
    "a term is below a sum of positive terms": (sf.exp(x[i]), Z[()]),
    "a share is below 1": (sf.softmax(x)[i], 1),
    "the largest of a sum": (sf.max(x[k] + y[k], k), sf.max(x[k], k) + sf.max(y[k], k)),
    "a variance": (0, sf.sum(p[k] * (x[k] - sf.sum(p[j] * x[j], j)) ** 2, k)),
    "a variance is below the mean square": (sf.sum((x[k] - mean[()]) ** 2, k) / n, sf.sum(x[k] ** 2, k) / n),
    "exp grows": (sf.exp(x[i]), sf.exp(x[i] + a)),
    "log grows": (sf.log(Z[()]), sf.log(Z[()] + a)),
    "a masked sum of squares": (sf.sum(M[k] * x[k] ** 2, k), sf.sum(x[k] ** 2, k) + 1),
    "a weight": (p[i], 1),
    "a weighted square": (p[i] * x[i] ** 2, sf.sum(x[k] ** 2, k)),
    "what is added is a square": (b, b + x[i] * x[i]),
}

TRAPS = {
    "the other way": (sf.log(Z[()]), sf.max(x[k], k)),
    "log n forgotten": (sf.log(Z[()]), sf.max(x[k], k) + sf.log(2)),
    "a term of either sign": (x[i], sf.sum(x[k], k)),
    "a term of another range": (sf.exp(w[j]), Z[()]),
    "a product": (0, x[i] * y[i]),
    "a cube": (0, x[i] ** 3),
    "a scaled largest": (b * x[i], b * sf.max(x[k], k)),
    "a negated largest": (-x[i], -sf.max(x[k], k)),
    "exp of either sign": (sf.exp(b * x[i]), sf.exp(x[i])),
    "one over a number of either sign": (0, 1 / b),
    "the largest is not the smallest": (sf.max(x[k], k), x[i]),
    "a difference of squares": (y[i] ** 2, x[i] ** 2),
    "a mask times either sign": (M[i] * x[i], x[i]),
    "a weight times either sign": (p[i] * x[i], x[i]),
    "a wave": (0, sf.cos(b)),
    "the largest of what may be hidden": (x[i], sf.max(M[k] * x[k], k)),
}


@pytest.mark.parametrize("name", TRUE)
def test_a_true_inequality_is_proved(name):
    assert shown(*TRUE[name])
    assert sf.judge(TRUE[name][0], "≤", TRUE[name][1]).kind == "proved"
    assert sf.judge(TRUE[name][1], "≥", TRUE[name][0]).kind == "proved"


@pytest.mark.parametrize("name", TRAPS)
def test_a_trap_is_not_proved(name):
    assert not shown(*TRAPS[name])


def test_what_has_no_proof_says_so_and_is_checked():
    verdict = sf.judge(sf.sin(a), "≤", a)
    assert verdict.kind == "checked" and "no proof" in verdict.evidence


SHARP = {
    "one size for another": (sf.sum(sf.exp(S[i, j]), j), n * sf.exp(sf.max(S[i, j], j))),
    "a bound on the square of a sum": (sf.sum(w[j], j) ** 2, n * sf.sum(w[j] ** 2, j)),
}


@pytest.mark.parametrize("case", SHARP)
def test_where_all_entries_are_the_same_a_sum_is_as_large_as_it_can_be(case):
    """Such points refute what chance does not."""
    left, right = SHARP[case]
    assert sf.judge(left, "≤", right).kind == "refuted"
