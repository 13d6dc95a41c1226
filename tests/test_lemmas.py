"""Lemmas: statements of earlier derivations as reasons of a line, matched soundly or not at all."""

import pytest

import symformer as sf
from symformer.notation import lift
from symformer.proof import Judge, Lemma
from symformer.proof.lemmas import rewritten

n, m, d = sf.sizes("n m d")
i, j, k, c, q = sf.indices("i j k c q")
x, y, S = sf.tensor("x", n), sf.tensor("y", n), sf.tensor("S", m, d)
u, v = sf.tensor("u", d), sf.tensor("v", m)
P = sf.softmax(S)
SPANS = {i: m, k: d, j: d, c: d, q: m}
jacobian = sf.load("softmax-jacobian")
JACOBIAN = Lemma("softmax-jacobian", jacobian.lines[0].formula, jacobian.lines[-1].formula, "proved")
SHIFT = Lemma("shift", sf.softmax(x)[i] * 1, sf.exp(x[i]) / sf.sum(sf.exp(x[k]), k), "proved")
MEAN = Lemma("mean", sf.sum(x[k] - sf.sum(x[j], j) / n, k), lift(0), "proved")
ROOT = Lemma("root", sf.sqrt(sf.scalar("a", kind="positive") ** 2), sf.scalar("a", kind="positive") * 1, "proved")
APART = Lemma("apart", sf.diff(x[i] * y[i], x[i]), y[i] * 1, "proved")


def rewrites(node, lemma):
    """What a lemma makes of an expression; None where it does not fit."""
    node = lift(node)
    found = rewritten(node, lemma, SPANS)
    return None if found == node else found


def test_a_lemma_about_a_vector_fits_a_row_of_a_matrix():
    found = rewrites(sf.diff(P[i, k], S[i, j]), JACOBIAN)
    assert sf.judge(found, "=", P[i, k] * (sf.delta(k, j) - P[i, j])).kind == "proved"


def test_it_is_found_inside_an_expression_and_under_a_sum():
    found = rewrites(u[j] + sf.sum(u[k] * sf.diff(P[i, k], S[i, j]), k), JACOBIAN)
    assert "∂" not in str(found)


def test_it_does_not_fit_a_derivative_by_another_row():
    assert rewrites(sf.diff(P[i, k], S[q, j]), JACOBIAN) is None


def test_it_does_not_fit_a_derivative_by_the_other_axis():
    assert rewrites(sf.diff(P[i, k], S[i, k]), JACOBIAN) is not None
    columns = sf.softmax(S, axis=0)
    assert rewrites(sf.diff(columns[i, k], S[i, j]), JACOBIAN) is None


def test_a_mean_is_matched_with_its_size():
    assert rewrites(sf.sum(u[c] - sf.sum(u[j], j) / d, c), MEAN) == lift(0)
    assert rewrites(sf.sum(u[c] - sf.sum(u[j], j) / m, c), MEAN) is None
    assert rewrites(sf.sum(u[c] - sf.sum(v[q], q) / m, c), MEAN) is None


def test_a_positive_letter_takes_what_is_visibly_positive_alone():
    assert rewrites(sf.sqrt(sf.exp(u[c]) ** 2), ROOT) is not None
    assert rewrites(sf.sqrt(u[c] ** 2), ROOT) is None


def test_two_inputs_of_which_one_is_differentiated_stay_apart():
    assert rewrites(sf.diff(u[c] * sf.exp(S[i, c]), u[c]), APART) is not None
    assert rewrites(sf.diff(u[c] * sf.exp(u[c]), u[c]), APART) is None
    twice = sf.define("w", c, 2 * u[c])
    assert rewrites(sf.diff(u[c] * twice[c], u[c]), APART) is None


def test_an_index_of_the_lemma_keeps_its_range():
    one = Lemma("one", sf.sum(sf.delta(k, i) * x[k], k), x[i] * 1, "proved")
    square = sf.tensor("A", m, d)
    assert rewrites(sf.sum(sf.delta(k, c) * square[i, k], k), one) is not None
    assert rewrites(sf.sum(sf.delta(k, i) * square[i, k], k), one) is None


def test_a_bound_index_is_not_carried_out():
    constant = Lemma("constant", sf.sum(sf.scalar("b"), (k, n)), n * sf.scalar("b"), "proved")
    assert rewrites(sf.sum(v[i] * 1, (c, d)), constant) is not None
    assert rewrites(sf.sum(u[c] * 1, c), constant) is None


def test_random_tensors_are_left_alone():
    g = sf.tensor("g", n, kind="random", moments={1: 0, 2: 1})
    variance = Lemma("variance", sf.expect(g[i] ** 2), lift(1), "proved")
    assert rewrites(sf.expect(g[i] ** 2), variance) is None


HARD = sf.max(sf.tanh(u[k]), k)
MONOTONE = Lemma("tanh-grows", sf.max(sf.tanh(x[k]), k), sf.tanh(sf.max(x[k], k)), "checked")


def test_the_judge_asks_for_lemmas_where_it_finds_no_proof():
    right = sf.tanh(sf.max(u[k], k))
    assert Judge().judge(HARD, "=", right).kind == "checked"
    proved = Lemma("tanh-grows", MONOTONE.left, MONOTONE.right, "proved")
    verdict = Judge().judge(HARD, "=", right, lemmas=lambda: [proved])
    assert verdict.kind == "proved" and verdict.data["lemma"] == "tanh-grows"


def test_a_lemma_makes_no_line_surer_than_it_is_itself():
    assert Judge().judge(HARD, "=", sf.tanh(sf.max(u[k], k)), lemmas=lambda: [MONOTONE]).kind == "checked"


def test_a_lemma_does_not_save_a_wrong_line():
    assert Judge().judge(HARD, "=", sf.tanh(sf.max(-u[k], k)), lemmas=lambda: [MONOTONE]).kind == "refuted"


def test_a_line_may_have_an_earlier_derivation_as_its_reason(tmp_path):
    from symformer.book.chapters import work

    head = "from symformer import *\nn = sizes('n')\nk = indices('k')\nx = tensor('x', n)\n"
    chain = 'calc=((max(tanh(x[k]), k), "a"), (tanh(max(x[k], k)), "b"))'
    first = f'"""First."""\n{head}derivation = Derivation(__doc__, {chain})'
    (tmp_path / "first.py").write_text(first)
    second = (
        f'"""Second."""\n{head}y = tensor("y", n)\n'
        'derivation = Derivation(__doc__, calc=((max(tanh(y[k]), k), "a"), (tanh(max(y[k], k)), see("first"))))'
    )
    (tmp_path / "second.py").write_text(second)
    book = {name: str(tmp_path / f"{name}.py") for name in ("first", "second")}
    found = work("second", {"first": "First", "second": "Second"}, book, fresh=True)
    assert not found["error"] and found["lines"][0]["passes"]


def test_a_derivation_hands_the_lemmas_of_its_references_to_the_judge():
    proved = Lemma("tanh-grows", MONOTONE.left, MONOTONE.right, "proved")
    calc = ((HARD, "start"), (sf.tanh(sf.max(u[k], k)), (sf.see("tanh-grows"), ": tanh grows")))
    derivation = sf.Derivation("Title.", calc=calc).named("page", {}, earlier={"tanh-grows": [proved]}.__getitem__)
    assert derivation.check()[0].verdict.kind == "proved"
    assert sf.Derivation("Title.", calc=calc).check()[0].verdict.kind == "checked"


@pytest.mark.parametrize("slug", ["softmax-jacobian", "layer-norm-geometry"])
def test_every_statement_of_a_derivation_is_a_lemma_that_fits_itself(slug):
    for lemma in sf.load(slug).lemmas():
        assert lemma.kind == "proved" and lemma.slug == slug


def test_an_index_bound_inside_the_match_does_not_escape():
    z, one, two = (sf.tensor(name, n) for name in ("z", "a", "b"))
    outer = Lemma("outer", sf.sum(x[i] * y[j], j), x[i] * sf.sum(y[j], j), "proved")
    node = lift(z[k] * sf.sum(one[k] * two[k], k))
    assert rewritten(node, outer, {k: n}) == node
    keep = Lemma("keep", sf.sum(sf.delta(i, j) * x[j], j), x[i] * 1, "proved")
    node = lift(z[k] * sf.sum(sf.delta(k, k) * one[k], k))
    assert sf.judge(rewritten(node, keep, {k: n}), "=", node).kind == "proved"


def test_the_conditions_of_a_lemma_are_named():
    proved = Lemma("tanh-grows", MONOTONE.left, MONOTONE.right, "proved", ("b ≠ 0",))
    verdict = Judge().judge(HARD, "=", sf.tanh(sf.max(u[k], k)), lemmas=lambda: [proved])
    assert "b ≠ 0" in verdict.evidence
