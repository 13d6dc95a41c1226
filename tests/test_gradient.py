"""Gradients, Jacobians and Hessians as programs with derivations, for anybody's formula."""

from __future__ import annotations

import numpy as np
import pytest

import symformer as sf
from symformer.calculus import reverse
from symformer.derivation import derivation_of

n, m, d, e = sf.sizes("n m d e")
i, j, k, c, f, ell = sf.indices("i j k c f ell")
x, y = sf.tensor("x", n), sf.tensor("y", n, kind="simplex")
Q, K, V = sf.tensor("Q", n, d), sf.tensor("K", m, d), sf.tensor("V", m, e)
X, gamma = sf.tensor("X", n, d), sf.tensor("gamma", d)
r = sf.define("r", (), sf.sqrt(sf.mean(x[k] ** 2, k) + sf.scalar("epsilon", kind="positive")))
x_hat = sf.define("x_hat", i, x[i] / r[()])


def verdicts(derivation):
    """The kinds of verdicts on the lines of a derivation."""
    return {judged.verdict.kind for judged in derivation.check()}


def last(derivation):
    """The last line as text."""
    return str(derivation.lines[-1].formula)


# Gradients. -----------------------------------------------------------------------------------------------------------


def test_a_gradient_is_a_program_with_its_derivation():
    found = sf.gradient(sf.attention(Q, K, V, name="O"))
    assert isinstance(found, sf.Program)
    assert [tensor.name for tensor in found.outputs] == ["dQ", "dK", "dV"]
    shown = found.derivation.text("matrix")
    for line in (
        "V enters through O = P V", "= Pᵀ dO", "= dO Vᵀ", "= P ⊙ (dP − D 1ᵀ)", "= (dS K)/√d", "= (dSᵀ Q)/√d",
        "dO is the gradient of the loss with respect to O, and is given",
    ):  # fmt: skip
        assert line in shown
    assert verdicts(found.derivation) == {"proved"}
    assert found.derivation.passes


def test_the_whole_is_judged_too_so_that_no_path_is_forgotten():
    square = sf.define("s", i, x[i] * x[i])
    backward = reverse(sf.define("z", i, square[i] * x[i]))
    assert derivation_of(backward).passes
    step = next(step for step in backward.steps if step.tensor == x)
    (gradient,) = backward.gradients
    forgotten = type(gradient)("dx", gradient.shape, origin=type(gradient.origin)((i,), 2 * backward.cotangents[0][i]))
    lost = type(backward)(backward.forward, backward.cotangents, (x,), (forgotten,), (step,))
    assert "refuted" in verdicts(derivation_of(lost))


def biased(bias):
    """Attention with a bias on its scores."""
    scores = sf.define("S", (i, j), sf.sum(Q[i, c] * K[j, c], c) / sf.sqrt(d) + bias)
    return sf.define("O", (i, f), sf.sum(sf.softmax(scores, name="P")[i, j] * V[j, f], j))


b_q, b_k = sf.tensor("b_q", n), sf.tensor("b_k", m)
W_1, W_2 = sf.tensor("W_1", d, e), sf.tensor("W_2", d, e)
EVERY = {
    "layer norm": lambda: sf.layer_norm(X, gamma, sf.tensor("beta", d), name="y"),
    "RMS norm": lambda: sf.rms_norm(X, gamma, name="y"),
    "attention of itself": lambda: sf.attention(X, X, X, name="O"),
    "causal attention": lambda: sf.attention(Q, K, V, is_causal=True, name="O"),
    "a bias of keys": lambda: biased(b_k[j]),
    "a bias of queries": lambda: biased(b_q[i]),
    "KL divergence": lambda: sf.kl_divergence(X, sf.tensor("Y", n, d), name="L"),
    "SwiGLU": lambda: sf.swiglu(X, W_1, W_2, sf.tensor("W_3", e, d), name="y"),
}


@pytest.mark.parametrize("stable", [False, True], ids=["textbook", "stable"])
@pytest.mark.parametrize("name", EVERY)
def test_every_row_is_proved_over_the_definitions_that_it_rests_on(name, stable):
    derivation = derivation_of(reverse(sf.program(EVERY[name]()).unfold(stable=stable)))
    kinds = {judged.line: judged.verdict.kind for judged in derivation.check()}
    steps = [chain[1:] for chain in derivation.chains if "cotangent" in chain[0].title]
    assert {kinds[line] for chain in steps for line in chain} == {"proved"}
    assert derivation.passes


def test_a_bias_of_queries_gets_nothing_and_one_of_keys_the_sum_of_its_column():
    by_query, by_key = (str(reverse(biased(bias).program, name).program).splitlines()[-1]
                        for bias, name in ((b_q[i], "b_q"), (b_k[j], "b_k")))  # fmt: skip
    assert by_query == "db_[q;i] = 0"
    assert by_key == "db_[k;j] = Σ_i dS_ij"


def test_like_terms_are_found_whatever_their_bound_indices_are():
    """Each derivation has bound indices of its own: no order of factors may depend on which ones."""
    last = {str(reverse(biased(b_q[i]).program, "b_q").program).splitlines()[-1] for _ in range(12)}
    assert len(last) == 1
    assert last.pop().endswith("= 0")


def test_a_repeat_is_derived_by_its_layer():
    W = sf.tensor("W", d, d)
    layer = sf.define("Y", (i, c), X[i, c] + sf.tanh(sf.sum(X[i, k] * W[k, c], k)))
    deep = sf.repeat(layer, (ell, sf.sizes("L")), {X: sf.tensor("X_0", n, d)}, (W,), name="X_L")
    derivation = sf.gradient(deep).derivation
    assert "dX_0 = Repeat_[ℓ=L…1]" in str(sf.gradient(deep))
    assert derivation.passes
    assert "tanh" in derivation.text()


def test_a_maximum_that_is_no_shift_gives_its_slope_to_the_largest_entry():
    largest = sf.define("m", (), sf.max(x[k], k))
    derivation = sf.gradient(sf.define("z", i, x[i] * largest[()])).derivation
    assert derivation.passes and "argmax" in derivation.text()


def test_a_shift_is_shown_to_get_nothing():
    largest = sf.define("m", (), sf.max(x[k], k))
    shifted = sf.define("u", i, sf.exp(x[i] - largest[()]))
    derivation = sf.gradient(sf.define("p", i, shifted[i] / sf.sum(shifted[k], k))).derivation
    assert "the result does not depend on what is subtracted" in derivation.text()
    assert derivation.passes


def test_wrong_formulas_of_the_literature_are_refuted():
    """The gradient of RMSNorm without its off-diagonal term, √d_k left out of dK, a sum over the wrong axis."""
    g, dO = sf.tensor("g", n), sf.tensor("dO", n, e)
    norm = sf.sum(g[i] * x_hat[i], i)
    assert sf.judge(sf.diff(norm, x[j]), "=", (g[j] / r[()]) * (1 - x_hat[j] ** 2)).kind == "refuted"
    S = sf.define("S", (i, j), sf.sum(Q[i, c] * K[j, c], c) / sf.sqrt(d))
    dS = sf.tensor("dS", n, m)
    loss = sf.define("L", (), sf.sum(dS[i, j] * S[i, j], i, j))
    assert sf.judge(sf.diff(loss[()], K[j, c]), "=", sf.sum(dS[i, j] * Q[i, c], i)).kind == "refuted"
    O = sf.define("O", (i, f), sf.sum(dS[i, j] * V[j, f], j))
    mixed = sf.define("L", (), sf.sum(dO[i, f] * O[i, f], i, f))
    square = sf.tensor("A", n, n)
    summed = sf.define("L", (), sf.sum(square[i, j] * x[j] * g[i], i, j))
    assert sf.judge(sf.diff(summed[()], x[j]), "=", sf.sum(square[j, i] * g[i], i)).kind == "refuted"
    assert sf.judge(sf.diff(mixed[()], V[j, f]), "=", sf.sum(dS[i, j] * dO[i, f], i)).kind == "proved"


# Jacobians and Hessians. ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "shown"),
    [
        (lambda: sf.jacobian(sf.softmax(x, name="s"), "x"), "s_i(δ_ij − s_j)"),
        (lambda: sf.jacobian(sf.layer_norm(x, name="y"), x), "(δ_ij − 1/n − (y_i y_j)/n)/√(v + ε)"),
        (lambda: sf.jacobian(x_hat, "x"), "(δ_ij − (x̂_i x̂_j)/n)/r"),
        (lambda: sf.hessian(sf.logsumexp(x, name="L"), "x"), "p_k(δ_kl − p_l)"),
        (lambda: sf.hessian(sf.cross_entropy(x, y, name="L"), "x"), "p_c(δ_ck − p_k)"),
        (lambda: sf.jacobian(sf.linear(X, sf.tensor("W", d, e), name="y"), "X"), "δ_ij W_co"),
    ],
    ids=["softmax", "layer norm", "RMS norm", "log-sum-exp", "cross-entropy", "linear"],
)
def test_jacobians_and_hessians_come_out_in_textbook_form(make, shown):
    found = make()
    assert last(found.derivation) == shown
    assert verdicts(found.derivation) <= {"proved", "exact"}


def test_a_jacobian_compiles():
    function = sf.lambdify(sf.jacobian(sf.softmax(x, name="s"), "x"))
    numbers = np.array([0.1, -0.3, 0.7])
    shares = np.exp(numbers) / np.exp(numbers).sum()
    assert function(numbers) == pytest.approx(np.diag(shares) - np.outer(shares, shares))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: sf.jacobian(sf.softmax(x, name="s"), "W"), "there is no W to differentiate by; the inputs are x"),
        (lambda: sf.hessian(sf.softmax(x, name="s"), "x"), "s is no single number"),
        (lambda: sf.gradient(sf.softmax(x, name="s"), "W"), "the inputs are x"),
    ],
)
def test_what_does_not_fit_is_refused(make, message):
    with pytest.raises(sf.NotationError) as caught:
        make()
    assert message in str(caught.value)
