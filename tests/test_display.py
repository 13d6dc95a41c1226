"""Matrix notation: what is recognised, what is declined, and that it always says the same as the indices."""

from __future__ import annotations

from itertools import product

import flint
import pytest
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

import symformer as sf
from symformer.display import recognise
from symformer.notation import Range
from symformer.programs import Repeat, reachable
from symformer.proof import Judge
from symformer.proof.balls import BITS, BallField
from symformer.proof.points import interpreter_at
from symformer.typeset import latex

n, m, d, e, H = sf.sizes("n m d e H")
i, j, k, l, c, f, h = sf.indices("i j k l c f h")
Q, K, V = sf.tensor("Q", n, d), sf.tensor("K", m, d), sf.tensor("V", m, e)
P, A, W = sf.tensor("P", n, m), sf.tensor("A", n, n), sf.tensor("W", H, n, d)
x, y, b, g = sf.tensor("x", n), sf.tensor("y", n), sf.tensor("b", m), sf.tensor("g", d)
a = sf.scalar("a")
L = sf.define("L", (), sf.sum(x[k] ** 2, k))
SIZE = {i: n, k: n, l: n, j: m, c: d, f: e, h: H}

FORMS = [
    (sf.sum(Q[i, c] * K[j, c], c), (i, j), r"QK^{\top}"),
    (sf.sum(Q[i, c] * K[j, c], c), (j, i), r"KQ^{\top}"),
    (sf.sum(Q[i, c] * K[j, c], c) / sf.sqrt(d), (i, j), r"\frac{QK^{\top}}{\sqrt{d}}"),
    (sf.sum(P[i, j] * V[j, f], j), (i, f), "PV"),
    (sf.sum(P[i, j] * Q[i, c], i), (j, c), r"P^{\top}Q"),
    (sf.sum(A[k, i] * A[l, k], k), (i, l), r"A^{\top}A^{\top}"),
    (sf.sum(P[i, j] * b[j] * V[j, f], j), (i, f), r"P\, \mathrm{diag}(b)V"),
    (sf.sum(P[i, j], j), (i,), r"P\mathbf{1}"),
    (sf.sum(P[i, j] * x[i], i), (j,), r"P^{\top}x"),
    (sf.sum(A[i, k] * (x[k] + y[k]), k), (i,), "A(x + y)"),
    (sf.sum(x[k] * y[k], k), (), r"x^{\top}y"),
    (sf.sum(x[k], k), (), r"\mathbf{1}^{\top}x"),
    (x[i] * b[j], (i, j), r"xb^{\top}"),
    (x[i] * b[j], (j, i), r"bx^{\top}"),
    (x[i] * sf.delta(i, k), (i, k), r"\mathrm{diag}(x)"),
    (sf.delta(i, k) - 1 / n, (i, k), r"I - \frac{1}{n}\mathbf{1}\mathbf{1}^{\top}"),
    (x[i] * Q[i, c], (i, c), r"\mathrm{diag}(x)Q"),
    (Q[i, c] / x[i], (i, c), r"\mathrm{diag}(x)^{-1}Q"),
    (Q[i, c] * g[c] - x[i], (i, c), r"Q\, \mathrm{diag}(g) - x\mathbf{1}^{\top}"),
    (P[i, j] * sf.exp(P[i, j]), (i, j), r"P \odot \exp(P)"),
    (sf.sum(sf.sum(W[h, i, c] * K[j, c], c), h), (i, j), r"\sum_{h}W_{h}K^{\top}"),
    (sf.sum(W[h, i, c] * K[j, c], c), (h, i, j), r"W_{h}K^{\top}"),
    (sf.diff(L[()], x[i]), (i,), r"\frac{\partial L}{\partial x}"),
    (2 * Q[i, c] + a, (i, c), r"2Q + a\mathbf{1}\mathbf{1}^{\top}"),
    (-x[i], (i,), "- x"),
    (x[i] / b[j], (i, j), r"x(\mathbf{1} \oslash b)^{\top}"),
    (1 / x[i], (i,), r"\mathbf{1} \oslash x"),
    (x[i] ** 2, (i,), r"x^{\odot 2}"),
    (sf.max(P[i, j], j), (i,), r"\mathrm{rowmax}(P)"),
    (sf.indicator(j, "≤", i) * P[i, j], (i, j), r"\mathrm{tril}(P)"),
    (sf.sum(A[i, k] * A[k, l] * A[i, l], k, l), (i,), r"\mathrm{rowsum}(A \odot (AA^{\top}))"),
    (sf.diff(sf.exp(L[()]), x[i]), (i,), r"\frac{\partial}{\partial x}(e^{L})"),
]  # fmt: skip


def ranges(indices):
    """What indices run over."""
    return {index: Range(SIZE[index], "the test") for index in indices}


def lowered(form, indices):
    """The entry of a matrix form at its row and column."""
    return form.entry(*(*indices[-2:], None, None)[:2])


@pytest.mark.parametrize(("node", "indices", "want"), FORMS, ids=[form[2] for form in FORMS])
def test_a_form_is_recognised_and_says_the_same(node, indices, want):
    form = recognise(node, indices)
    assert latex(form.layout().box) == want
    assert sf.judge(node, "=", lowered(form, indices), ranges(indices)).kind in ("proved", "exact", "checked")


DECLINED = [
    (A[i, i], (i,)),
    (sf.sum(A[k, k], k), ()),
    (i * x[i], (i,)),
    (Q[i, 1], (i,)),
    (x[1] * y[k], (k,)),
    (sf.sum(W[h, 1, c] * g[c], h, c), ()),
    (sf.sum(P[i, j] * Q[i, c] * V[j, f], i, j), (c, f, k)),
    (sf.sum(sf.delta(i, k) * A[i, k] * x[k], k), (i, l, h)),
    (A[i, k] * A[k, l] * A[l, i], (i, k, l)),
    (sf.indicator(i, "=", k) * x[i], (i, k)),
]


@pytest.mark.parametrize(("node", "indices"), DECLINED, ids=[str(row[0]) for row in DECLINED])
def test_what_has_no_matrix_form_is_declined(node, indices):
    assert recognise(node, indices) is None


# Never wrong. ---------------------------------------------------------------------------------------------------------

FACTORS = [
    x[i], x[k], y[k], y[l], x[1], a, sf.scalar("s", kind="positive"), b[j], g[c], P[i, j], P[k, j], Q[i, c], Q[k, c],
    K[j, c], A[i, k], A[k, i], A[k, l], A[l, i], sf.delta(i, k), sf.exp(P[i, j]), sf.exp(x[k]), x[k] + y[k],
    Q[i, c] - x[i], 2, n,
]  # fmt: skip
DIVISORS = [sf.sqrt(d), n, sf.exp(x[i]), sf.exp(b[j]), sf.sum(sf.exp(x[l]), l), sf.sum(sf.exp(P[i, j]), j)]


def agrees(node, other, indices):
    """Whether two expressions agree to 50 digits at a random point, at sizes of which no two are equal."""
    point = interpreter_at(BallField(), dict(zip((d, e, H, m, n), (2, 5, 1, 4, 3), strict=True)), 0)
    with flint.ctx.workprec(BITS):
        for places in product(*(range(1, point.size(SIZE[index]) + 1) for index in indices)):
            at = dict(zip(indices, places, strict=True))
            if not abs(point.value(node, at) - point.value(other, at)) < 1e-50:
                return False
    return True


@st.composite
def terms(draw):
    """A product, perhaps divided, perhaps summed over some of its indices."""
    node, *rest = draw(st.lists(st.sampled_from(FACTORS), min_size=1, max_size=4))
    for factor in rest:
        node = factor * node if draw(st.booleans()) else node * factor
    node = a * node / draw(st.sampled_from(DIVISORS)) if draw(st.booleans()) else a * node
    loose = sorted((index for index in node.free if index in SIZE), key=str)
    for index in draw(st.lists(st.sampled_from(loose), unique=True, max_size=2)) if loose else ():
        node = sf.sum(node, (index, SIZE[index]))
    return node


@st.composite
def formulas(draw):
    """One term or two, and an order of their free indices."""
    node = draw(terms())
    if draw(st.booleans()):
        node = node - draw(terms()) if draw(st.booleans()) else node + draw(terms())
    free = sorted((index for index in node.free if index in SIZE), key=str)
    assume(len(free) <= 3)
    return node, tuple(draw(st.permutations(free)))


@settings(max_examples=400)
@given(formulas())
def test_whatever_is_recognised_says_the_same(case):
    node, indices = case
    form = recognise(node, indices)
    event("declined" if form is None else "recognised")
    if form is not None:
        assert latex(form.layout().box)
        assert agrees(node, lowered(form, indices), indices), f"{node} as {latex(form.layout().box)}"


def test_a_wrong_matrix_form_would_be_seen():
    """The comparison bites: K Qᵀ is not Q Kᵀ, and a forgotten transpose is no other way to write it."""
    node = sf.sum(A[i, k] * A[l, k], k)
    right, other = recognise(node, (i, l)), recognise(sf.sum(A[i, k] * A[k, l], k), (i, l))
    assert Judge().agrees(node, lowered(right, (i, l)))
    assert not Judge().agrees(node, lowered(other, (i, l)))


def _no_layers_behind(tensor):
    """Whether a definition can be evaluated here; through layers that repeat it would be too deep."""
    return not any(isinstance(one.origin, Repeat) for one in reachable(tensor))


def ranges_of(tensor):
    """What the indices of a definition run over."""
    return {index: Range(size, tensor.name) for index, size in zip(tensor.indices, tensor.shape, strict=True)}


@pytest.mark.parametrize("slug", [row.slug for row in sf.contents()])
def test_the_matrix_forms_of_the_book_say_the_same(slug):
    """Every definition of the book that has a matrix form, lowered back and judged."""
    for tensor in filter(_no_layers_behind, sf.load(slug).where):
        form = recognise(tensor.written, tensor.indices)
        if form is not None:
            lower = lowered(form, tensor.indices)
            assert lower == tensor.written or Judge().agrees(tensor.written, lower, ranges_of(tensor)), tensor.name
