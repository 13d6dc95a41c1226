"""Indices that are sums of letters and sizes, in the normal form: what is equal is proved, what is not never is."""

import pytest

import symformer as sf
from symformer.notation import lift
from symformer.notation.ranges import Range
from symformer.proof import judge
from symformer.proof.normal.form import Form

n, m = sf.sizes("n m")
i, j, k = sf.indices("i j k")
x, y, S = sf.tensor("x", n), sf.tensor("y", n), sf.tensor("S", n, n)
far = sf.tensor("far", 2 * n - 1)
at, other = lift(i), lift(j)

TRUE = {
    "the order of what is added": (far[j - i + n], far[n + j - i] + 0 * y[i]),
    "under a sum": (sf.sum(S[i, j] * far[j - i + n], j), sf.sum(far[n - i + k] * S[i, k], k)),
    "a shift by a delta": (sf.sum(sf.delta(k, i + 1) * x[k], k), sf.indicator(at, "<", n) * x[i + 1]),
    "the first place is no limit": (sf.indicator(at, "≥", 1) * y[i], y[i]),
    "nor is the last": (sf.indicator(at, "≤", n) * y[i], y[i]),
    "more than one is at least two": (sf.indicator(at, ">", 1) * y[i], sf.indicator(at, "≥", 2) * y[i]),
    "less is one less at most": (sf.indicator(at, "<", j) * y[i], sf.indicator(at + 1, "≤", j) * y[i]),
    "both sides moved": (sf.delta(i + 1, j + 1) * y[i], sf.delta(i, j) * y[j]),
    "never beside itself": (sf.delta(i, i + 1) * y[i], 0 * y[i]),
    "never beyond the end": (sf.delta(i + n, j) * y[j], 0 * y[j]),
}

FALSE = {
    "a shift without its guard": (sf.sum(sf.delta(k, i + 1) * x[k], k), x[i + 1]),
    "a shift that is none": (sf.sum(sf.delta(k, i + 1) * x[k], k), sf.indicator(at, "≤", n) * x[i]),
    "one place too few": (sf.indicator(at, "≤", n - 1) * y[i], y[i]),
    "three is not two": (sf.indicator(at, ">", 1) * y[i], sf.indicator(at, "≥", 3) * y[i]),
    "less is not at most": (sf.indicator(at, "<", j) * y[i], sf.indicator(at, "≤", j) * y[i]),
    "equal at the ends": (sf.delta(i + n - 1, j) * y[j] * y[i], 0 * y[j] * y[i]),
    "the other way round": (far[j - i + n], far[i - j + n]),
    "one place on": (far[i + j - 1], far[i + n - 1] + 0 * y[j]),
}


def verdict(left, right):
    return judge(left, "=", right, {i: Range(n, "the line"), j: Range(n, "the line")}).kind


@pytest.mark.parametrize("words", TRUE)
def test_what_is_equal_is_proved(words):
    assert verdict(*TRUE[words]) == "proved"


@pytest.mark.parametrize("words", FALSE)
def test_what_is_not_equal_is_never_accepted(words):
    assert verdict(*FALSE[words]) in ("refuted", "open")


def test_the_stable_softmax_of_scores_with_a_table_of_distances_is_the_textbook_form():
    """It took 45 seconds as rational functions, and was left unproved."""
    scores = sf.define("Z", (i, j), S[i, j] + far[j - i + n])
    rows = sf.softmax(scores, name="P")
    found = judge(rows[i, j], "=", rows.origin.stable[i, j])
    assert found.kind == "proved"


def test_a_letter_that_was_bound_before_and_is_free_without_a_range_is_no_error():
    """Its range went with the sum: nothing is known of where it stands, and nothing is claimed."""
    form = Form()
    with form._bound(sf.sum(x[i], i)):
        pass
    bound = next(name for name in form.algebra.ranges)
    assert len(form.algebra.below(3, bound)) == 2
