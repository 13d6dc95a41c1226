"""Pages of backward passes are complete: what they name they say, and all gradients stand at the end."""

from __future__ import annotations

import pytest

import symformer as sf
from symformer.programs import elements, parents
from symformer.typeset import latex, text
from symformer.writers import markdown, terminal, tex, web_page

n, m, d, e, H = sf.sizes("n m d e H")
h, i, j, k, c, f = sf.indices("h i j k c f")
cap, eps = sf.scalar("a", kind="positive"), sf.scalar("epsilon", kind="positive")


def attention(bend):
    """Attention whose scores go through something on their way to the softmax."""
    Q, K, V = sf.tensor("Q", n, d), sf.tensor("K", m, d), sf.tensor("V", m, e)
    S = sf.define("S", (i, j), sf.sum(Q[i, c] * K[j, c], c) / sf.sqrt(d))
    T = sf.define("T", (i, j), bend(S))
    P = sf.define("P", (i, j), sf.exp(T[i, j]) / sf.sum(sf.exp(T[i, k]), k))
    return sf.define("O", (i, f), sf.sum(P[i, j] * V[j, f], j))


def row_norm():
    """Layer norm of rows, with a gain."""
    x, gain = sf.tensor("x", n, d), sf.tensor("g", d)
    mu = sf.define("mu", (i,), sf.mean(x[i, k], k))
    v = sf.define("v", (i,), sf.mean((x[i, k] - mu[i]) ** 2, k))
    z = sf.define("z", (i, j), (x[i, j] - mu[i]) / sf.sqrt(v[i] + eps))
    return sf.define("y", (i, j), gain[j] * z[i, j])


def two_softmaxes():
    """One softmax after another: two sums over rows, each with a name of its own."""
    first = attention(lambda S: S[i, j])
    P = sf.define("R", (i, f), sf.exp(first[i, f]) / sf.sum(sf.exp(first[i, c]), (c, e)))
    return sf.define("Y", (i, f), P[i, f] ** 2)


PROGRAMS = {
    "soft cap": lambda: attention(lambda S: cap * sf.tanh(S[i, j] / cap)),
    "temperature": lambda: attention(lambda S: S[i, j] / cap),
    "sigmoid": lambda: attention(lambda S: S[i, j] * sf.sigmoid(S[i, j])),
    "layer norm": row_norm,
    "two softmaxes": two_softmaxes,
}


@pytest.fixture(scope="module", params=PROGRAMS)
def derivation(request):
    """The derivation of a backward pass."""
    return sf.gradient(PROGRAMS[request.param]()).derivation


def test_every_tensor_of_a_line_is_given_defined_or_derived(derivation):
    known = {one.name for one in (*derivation.inputs, *derivation.where)}
    known |= {element.tensor.name for line in derivation.lines if line.opens for element in elements(line.formula)}
    named = {element.tensor.name for line in derivation.lines for element in elements(line.formula)}
    assert named <= known, named - known


def test_a_sum_over_a_row_has_one_name(derivation):
    sums = [one for one in derivation.where if one.name.startswith("D")]
    assert len({one.written.digest for one in sums}) == len(sums)
    assert not [one.name for one in derivation.where if one.name.endswith("'")] or len(sums) > 1


def test_all_gradients_stand_at_the_end_in_the_order_to_compute_them(derivation):
    known = {one.digest for one in (*derivation.inputs, *derivation.where)} - {
        one.digest for one in derivation.gradients
    }
    for one in derivation.gradients:
        assert {parent.digest for parent in parents(one)} <= known, one.name
        known.add(one.digest)
    wanted = {output.digest for output in derivation.compiled.outputs if output.origin is not None}
    assert wanted <= known


def test_the_summary_is_on_every_page(derivation):
    page = derivation.page(judged=False)
    for level in ("index", "matrix"):
        for formula in page.gradients:
            assert text(formula.at(level)) in terminal(page, level)
            assert latex(formula.at(level)) in tex(page, level)
            assert latex(formula.at(level)) in markdown(page, level)
    assert "Gradients, in the order to compute them" in web_page(page)


def test_a_derivative_between_softmax_and_scores_stays_a_factor():
    """dS = dT ⊙ (1 − tanh²): the gradient of the softmax is not written out in it once more."""
    found = sf.gradient(PROGRAMS["soft cap"]()).derivation
    shown = {text(formula.index).split(" = ")[0]: formula for formula in found.page(judged=False).gradients}
    assert text(shown["dS_ij"].index) == "dS_ij = dT_ij(1 − (tanh(S_ij/a))^2)"
    assert text(shown["dS_ij"].matrix) == "dS = dT ⊙ (1 1ᵀ − (tanh(S/a))^(⊙2))"
    assert text(shown["dT_ij"].matrix) == "dT = P ⊙ (dP − D 1ᵀ)"
    assert list(shown) == ["dP_ij", "D_i", "dT_ij", "dS_ij", "dQ_ic", "dK_jc", "dV_jf"]
