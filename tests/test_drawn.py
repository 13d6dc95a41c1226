"""Formulas drawn in Unicode: what a reader of a terminal sees, line by line."""

from __future__ import annotations

import re

import pytest

import symformer as sf
from symformer.typeset import Named, drawn, latex, text
from symformer.typeset.boxes import row
from symformer.typeset.names import name_box

n, m, d = sf.sizes("n m d_k")
i, j, k, c = sf.indices("i j k c")
x, A, Q, K = sf.tensor("x", n), sf.tensor("A", n, n), sf.tensor("Q", n, d), sf.tensor("K", n, d)
Z = sf.scalar("Z")

DRAWN = [
    (x[i] / Z, ["xᵢ", "──", "Z"]),
    (sf.exp(x[i]) / sf.sum(sf.exp(x[k]), k), [" exp(xᵢ)", "─────────", "∑ exp(xₖ)", "k"]),
    (sf.sum(Q[i, c] * K[j, c], c) / sf.sqrt(d), ["∑ Q   K", "c  ic  jc", "─────────", "  √d_k"]),
    (x[i] ** 2 + 1, ["xᵢ² + 1"]),
    (sf.diff(x[i], x[j]), ["∂xᵢ", "───", "∂xⱼ"]),
    (sf.sqrt(x[i] / Z), [" ⎛xᵢ⎞", "√⎜──⎟", " ⎝Z ⎠"]),
    (x[i] * (A[i, j] - 1), ["xᵢ(Aᵢⱼ − 1)"]),
    (x[i] ** (Z / 2), ["  Z", "  ─", "  2", "xᵢ"]),
]  # fmt: skip


@pytest.mark.parametrize(("formula", "lines"), DRAWN, ids=range(len(DRAWN)))
def test_a_formula_is_drawn_as_on_paper(formula, lines):
    assert [line.rstrip() for line in drawn(formula.layout().box).splitlines()] == lines


def test_a_matrix_stands_in_tall_brackets():
    worked = sf.Derivation("T", given=(A,), calc=((A[1, 1], "a"),)).at(A=[[1, "1/2"], [-10, 4]])
    assert "  = ⎛  1  1/2⎞\n    ⎝−10    4⎠\n" in worked.text(draw=True)


def test_what_is_too_wide_breaks_before_a_sign():
    total = x[i] + x[j] + x[k] + x[i] + x[j] + x[k]
    lines = drawn(total.layout().box, "  = ", width=20).splitlines()
    assert len(lines) > 1
    assert max(map(len, lines)) <= 24
    assert lines[0].startswith("  = xᵢ + xⱼ")
    assert lines[1].startswith("         + x")


def test_a_subscript_and_the_index_of_a_sum_stand_apart():
    tall, g = sf.tensor("P", n, n, n), sf.indices("g")
    product = tall[g, i, j] * sf.sum(tall[g, i, k], k)
    assert drawn(product.layout().box).splitlines() == ["P    ∑ P", " gij k  gik"]
    assert "x̂ diag" in text(row(name_box("x_hat"), Named("diag", upright=True)))


def test_cotangents_are_called_after_what_they_are_slopes_of():
    names = ("dV", "dx", "dgamma", "dx_hat", "dv2", "dbeta_1", "dim", "down")
    assert [text(name_box(name)) for name in names] == ["dV", "dx", "dγ", "dx̂", "dv_2", "dβ_1", "dim", "down"]
    assert latex(name_box("dx_hat_2")) == r"d\hat{x}_{2}"
    assert latex(name_box("dbeta_1")) == r"d\beta_{1}"


def test_softmax_can_be_followed_in_a_terminal(capsys):
    text = sf.load("softmax-jacobian").at().text(draw=True)
    assert "    ⎛ 2.7183⎞\n  ≈ ⎜ 7.3891⎟\n    ⎝20.0855⎠\n" in text


@pytest.mark.parametrize("slug", ["attention-backward", "causal-mask", "layer-norm-jacobian", "random-transformer"])
def test_drawing_loses_no_number(slug):
    page = sf.load(slug).at()
    numbers = lambda text: set(re.findall(r"\d+\.\d+", text))  # noqa: E731
    assert numbers(page.text(draw=True)) == numbers(page.text()) != set()
