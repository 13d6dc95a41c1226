"""What a verdict rests on is said in mathematics, and once: the normal form is a formula, equal to what it proves."""

import pytest

import symformer as sf
from symformer.notation import Range
from symformer.proof.assumptions import NOTHING
from symformer.proof.normal import formula, prove
from symformer.typeset.plain import from_data, to_data

n, d = sf.sizes("n d")
i, j, k, c = sf.indices("i j k c")
x, Q, E = sf.tensor("x", n), sf.tensor("Q", n, d), sf.tensor("E", n, d)
at = sf.tensor("at", n, kind="integer", upper=n)
eps = sf.tensor("epsilon", kind="positive")

FORMULAS = {
    "softmax": sf.exp(x[i]) / sf.sum(sf.exp(x[k]), k),
    "a root of a sum": x[i] / sf.sqrt(sf.sum(x[k] ** 2, k) / n + eps[()]),
    "sums in a sum": sf.sum(Q[i, c] * sf.exp(-sf.sum(E[k, c] * x[k], k)), c) - 2 * x[i] * n / 3,
    "a delta and an order": sf.sum(sf.delta(at[k], i) * x[k], k) + sf.indicator(j, "≤", i) * sf.log(n + x[j] ** 2),
    "negative powers": 1 / (n * (1 + sf.exp(-x[i])) ** 3) - sf.sqrt(2) / (x[i] ** 2 + 1),
}  # fmt: skip


@pytest.mark.parametrize("name", FORMULAS)
def test_the_formula_of_a_normal_form_is_equal_to_what_it_was_made_from(name):
    written = FORMULAS[name]
    spans = {str(index): n for index in (i, j)}
    proof = prove(sf.lift(written), sf.lift(written), spans, NOTHING.known)
    shown = formula(proof.form)
    assert shown is not None
    assert sf.judge(written, "=", shown, {i: Range(n, "x"), j: Range(n, "x")}).kind != "refuted"
    assert sf.judge(written, "=", shown + 1, {i: Range(n, "x"), j: Range(n, "x")}).kind == "refuted"


def test_lines_that_rest_on_one_normal_form_show_it_once():
    page = sf.load("softmax-jacobian").page()
    for lines in (page.chains[0].lines, page.chains[0].matrix):
        marks = [line.mark for line in lines if line.mark is not None]
        assert marks[0].form is not None and all(mark.form is None for mark in marks[1:])
        assert all(mark.evidence.endswith("that of line (2)") for mark in marks[1:])


@pytest.mark.parametrize("slug", ["layer-norm-jacobian", "causal-mask", "random-transformer-prose"])
def test_boxes_go_through_plain_data(slug):
    page = sf.load(slug).page()
    for line in (line for chain in page.chains for line in (*chain.lines, *chain.matrix)):
        assert from_data(to_data(line.formula.index)) == line.formula.index
