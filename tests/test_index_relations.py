"""Relations of indices, sums by their ends, powers with letters: proved; and false twins that no rule may prove."""

import pytest

import symformer as sf
from symformer.notation import Range, fitted, lift
from symformer.proof import judge
from symformer.proof.normal import prove

n, m, r = sf.sizes("n m r")
i, j, k, t, h = sf.indices("i j k t h")
x, y, S, A = sf.tensor("x", n), sf.tensor("y", n), sf.tensor("S", n, n), sf.tensor("A", n, m)
w, w3 = sf.tensor("w", n * m), sf.tensor("v", n * m * r)
a, b, u = sf.scalar("a", kind="positive"), sf.scalar("b"), sf.scalar("u", kind="unit")
bit = sf.scalar("M", kind="mask")
start = sf.tensor("s", kind="integer", upper=m)[()]
long, even = sf.tensor("x'", n + m), sf.tensor("e", 2 * n)
none = sf.tensor("s_0", kind="integer", lower=0, upper=n)[()]
at = sf.indicator
pairs = sf.sum(x[j], j) * sf.sum(even[2 * lift(j)] * y[j], (j, n))
both = at(x[k] * even[2 * lift(j)], ">", 0) * x[k] * even[2 * lift(j)] * y[j]
places = even[i] * sf.sum(sf.delta(2 * lift(j), i) * y[j], j) * sf.sum(x[k] * at(-x[k] * even[i], ">", 0), k)
I, J, K, H, N = lift(i), lift(j), lift(k), lift(h), lift(n)
FREE = {i: n, j: n, k: n, t: n, h: m}

TRUE = {
    "at most is less or equal": (at(k, "≤", t), at(k, "<", t) + sf.delta(k, t)),
    "one or the other, or both": (at(i, "≤", j) + at(j, "≤", i), 1 + sf.delta(i, j)),
    "not both": (at(i, "<", j) * at(j, "<", i), lift(0)),
    "a chain": (at(i, "≤", j) * at(j, "≤", k) * at(i, "≤", k), at(i, "≤", j) * at(j, "≤", k)),
    "different is before or behind": (at(i, "≠", j), at(i, "<", j) + at(j, "<", i)),
    "one more is the next": (at(i, "≤", J + 1) - at(i, "≤", j), sf.delta(i, J + 1)),
    "at most the first is the first": (at(i, "≤", 1), sf.delta(i, 1)),
    "blocks and places": (sf.delta(m * (I - 1) + h, m * (K - 1) + 1), sf.delta(i, k) * sf.delta(h, 1)),
    "before the end of a block": (at(m * (I - 1) + h, "≤", m * K), at(i, "≤", k)),
    "an even place is no odd one": (sf.sum(sf.delta(2 * K, 2 * I + 1) * x[k], k), lift(0)),
    "how many come before": (sf.sum(at(j, "≤", i), (j, n)), I),
    "how many come behind": (sf.sum(at(j, ">", i), (j, n)), n - I),
    "how many lie between": (sf.sum(at(j, "≤", i) * at(j, "≥", k), (j, n)), (I - k + 1) * at(k, "≤", i)),
    "one more term": (sf.sum(at(k, "≤", t) * x[k], k), sf.sum(at(k, "<", t) * x[k], k) + x[t]),
    "before, here and behind": (
        sf.sum(at(j, "<", i) * x[j], j) + x[i] + sf.sum(at(j, ">", i) * x[j], j), sf.sum(x[j], j)),
    "all but one": (sf.sum(at(j, "≠", i) * x[j], j), sf.sum(x[j], j) - x[i]),
    "the last one apart": (sf.sum(x[K + 0], (k, n - 1)) + x[n], sf.sum(x[k], k)),
    "from the second on": (sf.sum(x[K + 1], (k, n - 1)), sf.sum(x[k], k) - x[1]),
    "differences of neighbours": (sf.sum(x[K + 1] - x[K + 0], (k, n - 1)), x[n] - x[1]),
    "by parts": (sf.sum(K * (x[K + 1] - x[K + 0]), (k, n - 1)), n * x[n] - sf.sum(x[k], k)),
    "from the other end": (sf.sum(x[n + 1 - K] * y[n + 1 - K], (k, n)), sf.sum(x[k] * y[k], k)),
    "side by side": (sf.sum(long[k], k), sf.sum(long[K + 0], (k, n)) + sf.sum(long[K + n], (k, m))),
    "an area as rows": (sf.sum(sf.sum(w[m * (I - 1) + h], (h, m)), (i, n)), sf.sum(w[k], k)),
    "rows of rows": (
        sf.sum(sf.sum(sf.sum(w3[m * r * (I - 1) + r * (H - 1) + k], (k, r)), (h, m)), (i, n)), sf.sum(w3[k], k)),
    "a triangle and the other": (
        sf.sum(sf.sum(at(k, "≤", t) * S[k, t], k), t) + sf.sum(sf.sum(at(t, "<", k) * S[k, t], k), t),
        sf.sum(sf.sum(S[k, t], k), t)),
    "pairs": (2 * sf.sum(sf.sum(at(k, "<", t) * x[k] * x[t], k), t), sf.sum(x[k], k) ** 2 - sf.sum(x[k] ** 2, k)),
    "how many pairs": (sf.sum(sf.sum(at(j, "<", i), (j, n)), (i, n)), N * (n - 1) / 2),
    "the first n numbers": (sf.sum(K, (k, n)), N * (n + 1) / 2),
    "their squares": (sf.sum(K**2, (k, n)), N * (n + 1) * (2 * n + 1) / 6),
    "their cubes": (sf.sum(K**3, (k, n)), sf.sum(K, (k, n)) ** 2),
    "odd numbers": (sf.sum(2 * K - 1, (k, n)), N**2),
    "a geometric sum": (sf.sum(a ** (K - 1), (k, n)), (1 - a**n) / (1 - a)),
    "a geometric sum of any number": (sf.sum(b**K, (k, n)), b * (1 - b**n) / (1 - b)),
    "weights of a moving average": ((1 - u) * sf.sum(u ** (n - K), (k, n)), 1 - u**n),
    "powers multiplied": (b**n * b**m, b ** (n + m)),
    "powers of powers": ((b**n) ** 2, b ** (2 * n)),
    "powers of a product": ((a * b) ** n, a**n * b**n),
    "an even power of −1": (lift(-1) ** (2 * N), lift(1)),
    "two sums beside one another": (sf.sum(places, i), pairs - sf.sum(sf.sum(both, k), (j, n))),
    "a place that may be before the first": (sf.sum(sf.delta(k, none), (k, n)), at(none, "≥", 1)),
    "a slice of a slice": (long[start + I - 1], sf.sum(sf.delta(k, start + I - 1) * long[k], k)),
}  # fmt: skip

FALSE = {
    "at most is not less": (at(k, "≤", t), at(k, "<", t)),
    "one or the other": (at(i, "≤", j) + at(j, "≤", i), lift(1)),
    "no chain": (at(i, "≤", j) * at(j, "≤", k), at(i, "≤", k)),
    "two more": (at(i, "≤", J + 2) - at(i, "≤", j), sf.delta(i, J + 1)),
    "at most the second": (at(i, "≤", 2), sf.delta(i, 1)),
    "blocks alone": (sf.delta(m * (I - 1) + h, m * (K - 1) + 1), sf.delta(i, k)),
    "blocks that are too short": (
        sf.delta(m * (I - 1) + j, m * (K - 1) + 1), sf.delta(i, k) * sf.delta(j, 1)),
    "before a block": (at(m * (I - 1) + h, "≤", m * K - 1), at(i, "≤", k)),
    "an even place may be one": (sf.sum(sf.delta(2 * K, 2 * I) * x[k], k), lift(0)),
    "how many come before, and not here": (sf.sum(at(j, "<", i), (j, n)), I),
    "how many lie between, without order": (sf.sum(at(j, "≤", i) * at(j, "≥", k), (j, n)), I - k + 1),
    "one term too many": (sf.sum(at(k, "≤", t) * x[k], k), sf.sum(at(k, "≤", t) * x[k], k) + x[t]),
    "the wrong end": (sf.sum(x[K + 1], (k, n - 1)), sf.sum(x[k], k) - x[n]),
    "the ends exchanged": (sf.sum(x[K + 1] - x[K + 0], (k, n - 1)), x[1] - x[n]),
    "one side turned": (sf.sum(x[n + 1 - K] * y[K + 0], (k, n)), sf.sum(x[k] * y[k], k)),
    "side by side with a gap": (sf.sum(long[k], k), sf.sum(long[K + 0], (k, n)) + sf.sum(long[K + n - 1], (k, m))),
    "columns for rows": (
        sf.sum(sf.sum(w[m * (I - 1) + h] * I, (h, m)), (i, n)), sf.sum(sf.sum(w[n * (H - 1) + i] * I, (i, n)), (h, m))),
    "rows that overlap": (sf.sum(sf.sum(w[I + h - 1], (h, m)), (i, n)), sf.sum(w[k], k)),
    "a triangle twice": (2 * sf.sum(sf.sum(at(k, "≤", t) * S[k, t], k), t), sf.sum(sf.sum(S[k, t], k), t)),
    "pairs that are not exchanged": (
        2 * sf.sum(sf.sum(at(k, "<", t) * x[k] * y[t], k), t),
        sf.sum(x[k], k) * sf.sum(y[k], k) - sf.sum(x[k] * y[k], k)),
    "the first numbers from 0": (sf.sum(K - 1, (k, n)), N * (n + 1) / 2),
    "a geometric sum with one term more": (sf.sum(a ** (K - 1), (k, n)), (1 - a ** (n + 1)) / (1 - a)),
    "a geometric sum at 1 alone": (sf.sum(a**K, (k, n)) * at(a, "=", 1), lift(0)),
    "a geometric sum that is switched off": (sf.sum(sf.exp(bit * K), (k, n)) * (1 - bit), lift(0)),
    "a sum of inverses by its ends": (sf.sum(1 / K, (k, n)), sf.sum(1 / (K + 1), (k, n)) + 1),
    "powers added": (b**n * b**m, b ** (n * m)),
    "a root of an even power": (sf.sqrt(b ** (2 * n)), b**n),
    "an odd power of −1": (lift(-1) ** (2 * N + 1), lift(1)),
    "two sums as one": (
        sf.sum(places, i), pairs - n * sf.sum(at(x[j] * even[2 * J], ">", 0) * x[j] * even[2 * J] * y[j], (j, n))),
    "a place that is not before the first": (sf.sum(sf.delta(k, none), (k, n)), lift(1)),
    "something up to no place": (at(sf.sum(at(k, "≤", none), (k, n)), ">", 0), lift(1)),
    "a start that is left out": (long[start + I - 1], long[I + 0]),
    "a read behind the end": (sf.sum(sf.delta(k, start + I + 1) * long[k], k), long[start + I + 1]),
}  # fmt: skip


def sides(pair):
    """Both sides, and what their free indices run over."""
    one, two = map(lift, pair)
    free = {index: size for index, size in FREE.items() if index in one.free | two.free}
    for index, size in free.items():
        one, two = fitted(one, index, size), fitted(two, index, size)
    return one, two, free


@pytest.mark.parametrize("words", TRUE)
def test_what_holds_is_proved(words):
    one, two, free = sides(TRUE[words])
    found = judge(one, "=", two, {index: Range(size, "the line") for index, size in free.items()})
    assert found.kind == "proved", found.evidence


@pytest.mark.parametrize("words", FALSE)
def test_a_false_twin_is_not_proved_by_any_rule(words):
    one, two, free = sides(FALSE[words])
    assert isinstance(prove(one, two, {str(index): size for index, size in free.items()}), str)
