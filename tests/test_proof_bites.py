"""The judge bites: the book's own lines, each made wrong, are refuted with a counterexample that names the sizes."""

from __future__ import annotations

from dataclasses import replace

import pytest

import symformer as sf
from symformer.notation import lift

d, n, d_k, d_v = sf.sizes("d n d_k d_v")
c, f, g, i, j, k = sf.indices("c f g i j k")
SLUGS = [listed.slug for listed in sf.contents()]


def verdict_on(derivation, place, formula):
    """The verdict on `formula` in place of line `place` (counted from 1) of a derivation."""
    before, formula = derivation.lines[place - 2].formula, lift(formula)
    loose = before.free | formula.free
    ranges = {index: found for index, found in derivation.ranges(derivation.lines[place - 1]).items() if index in loose}
    return derivation.judge.judge(before, "=", formula, ranges)


def where(derivation):
    """The definitions of a derivation, by name."""
    return {tensor.name: tensor for tensor in derivation.where}


def softmax_jacobian(t):
    """Line 5: s_i (δ_ij − s_j)."""
    s = t["s"]
    yield "sign", s[i] * (sf.delta(i, j) + s[j])
    yield "index", s[i] * (sf.delta(i, j) - s[i])
    yield "term", s[i] * sf.delta(i, j)
    yield "size", s[i] * (sf.delta(i, j) - s[j] * n)


def attention_scores(t):
    """Line 12 of the backward pass: P_ij (dP_ij − D_i)."""
    P, dP, D, dS = t["P"], t["dP"], t["D"], t["dS"]
    yield "sign", P[i, j] * (dP[i, j] + D[i])
    yield "index", sf.sum(dP[i, k] * P[i, j] * (sf.delta(k, j) - P[i, j]), k)
    yield "term", P[i, j] * dP[i, j]
    yield "size", dS[i, j] / sf.sqrt(d_k)


def attention_values(t):
    """Line 4 of the backward pass: Σ_i P_ij dO_if."""
    P, dO = t["P"], t["dO"]
    yield "sign", -sf.sum(P[i, j] * dO[i, f], i)
    yield "index", sf.sum(P[i, j] * dO[i, f], i) - sf.sum(P[1, j] * dO[i, f], i)
    yield "term", P[1, j] * dO[1, f]
    yield "size", sf.mean(P[i, j] * dO[i, f], i)


def attention_queries(t):
    """Line 19 of the backward pass: Σ_j dS_ij K_jc / √d_k."""
    dS, K, P = t["dS"], t["K"], t["P"]
    yield "sign", sf.sum(dS[i, j] * -K[j, c], j) / sf.sqrt(d_k)
    yield "index", sf.sum(dS[i, k] * K[j, c] * P[i, j], j, k) / sf.sqrt(d_k)
    yield "term", sf.sum(P[i, j] * K[j, c], j) / sf.sqrt(d_k)
    yield "size", sf.sum(dS[i, j] * K[j, c], j) / sf.sqrt(d_v)


def layer_norm_jacobian(t):
    """Line 13: 1/σ (δ_ij − 1/d − x̂_i x̂_j / d)."""
    sigma, x_hat = t["sigma"], t["x_hat"]
    yield "sign", 1 / sigma[()] * (sf.delta(i, j) - 1 / d + x_hat[i] * x_hat[j] / d)
    yield "index", 1 / sigma[()] * (sf.delta(i, j) - 1 / d - x_hat[i] * x_hat[i] / d)
    yield "term", 1 / sigma[()] * (sf.delta(i, j) - 1 / d)
    yield "size", 1 / sigma[()] * (sf.delta(i, j) - 1 / (d + 1) - x_hat[i] * x_hat[j] / (d + 1))


def masked_values(t):
    """Line 5 of the causal mask: [j > i] P_ij δ_fg."""
    P, later = t["P"], sf.indicator(j, ">", i)
    yield "sign", sf.indicator(j, "≤", i) * P[i, j] * sf.delta(f, g)
    yield "index", later * P[j, i] * sf.delta(f, g)
    yield "term", later + P[i, j] * sf.delta(f, g)
    yield "size", later * (P[i, j] - 1 / n) * sf.delta(f, g)


def cross_entropy(t):
    """Line 8: p_j − y_j."""
    p, y = t["p"], t["y"]
    yield "sign", y[j] - p[j]
    yield "index", p[j] - y[1]
    yield "term", p[j]
    yield "size", p[j] - y[j] / n


def variance(t):
    """Line 9 of why √d_k: d."""
    yield "sign", -d
    yield "term", d - 1
    yield "size", d**2


LINES = [
    ("softmax-jacobian", 5, softmax_jacobian),
    ("attention-backward", 12, attention_scores),
    ("attention-backward", 4, attention_values),
    ("attention-backward", 19, attention_queries),
    ("layer-norm-jacobian", 13, layer_norm_jacobian),
    ("causal-mask", 5, masked_values),
    ("cross-entropy-gradient", 8, cross_entropy),
    ("why-root-d", 9, variance),
]


@pytest.mark.parametrize(("slug", "place", "mutants"), LINES, ids=[f"{line[0]} ({line[1]})" for line in LINES])
def test_a_line_made_wrong_is_refuted(slug, place, mutants):
    derivation = sf.load(slug)
    tensors = {tensor.name: tensor for tensor in (*derivation.inputs, *derivation.where)}
    assert verdict_on(derivation, place, derivation.lines[place - 1].formula).kind in ("proved", "exact", "checked")
    for what, formula in mutants(tensors):
        verdict = verdict_on(derivation, place, formula)
        assert verdict.kind == "refuted", f"{what}: {formula}: {verdict.evidence}"
        assert verdict.data["sizes"], what
        for name, number in verdict.data["sizes"].items():
            assert f"{name} = {number}" in verdict.evidence
        assert verdict.data["left"] != verdict.data["right"]


@pytest.mark.parametrize("slug", SLUGS)
def test_every_line_of_the_book_is_refuted_when_it_is_spoilt(slug):
    derivation = sf.load(slug)
    for place, line in enumerate(derivation.lines, start=1):
        if line.relation == "=" and line.expected is None and place > 1 and not derivation.lines[place - 2].expected:
            assert verdict_on(derivation, place, line.formula + 1).kind == "refuted", f"({place})"
            assert verdict_on(derivation, place, -line.formula - 1).kind == "refuted", f"({place})"


def test_the_bounds_of_log_sum_exp_are_tight_enough_to_fail():
    """A bound that is too good is refuted: the largest score is not above, and half of log n is too little."""
    x = sf.tensor("x", n)
    lse = sf.log(sf.sum(sf.exp(x[k]), k))
    assert sf.judge(lse, "≤", sf.max(x[k], k)).kind == "refuted"
    assert sf.judge(lse, "≥", sf.max(x[k], k) + sf.log(n)).kind == "refuted"
    assert sf.judge(lse, "≤", sf.max(x[k], k) + sf.log(n) / 8).kind == "refuted"


def test_a_wrong_line_that_is_expected_passes_only_when_refuted():
    derivation = sf.load("softmax-jacobian")
    s = where(derivation)["s"]
    true, false = s[i] * (sf.delta(i, j) - s[j]), s[i] * (sf.delta(i, j) + s[j])
    lines = derivation.lines[:1]
    assert replace(derivation, calc=(*lines, sf.wrong(false, "an error"), (true, "right"))).passes
    assert not replace(derivation, calc=(*lines, sf.wrong(true, "no error at all"))).passes
    assert not replace(derivation, calc=(*lines, (false, "an error"))).passes
