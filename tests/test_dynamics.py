"""Particle dynamics: each generated velocity against loops, and each bad input named."""

from __future__ import annotations

import numpy as np
import plain_particles as plain
import pytest

import symformer as sf
from symformer.dynamics import (
    Attention,
    DynamicsError,
    advance,
    angles,
    attention_flow,
    attention_matrix,
    attention_program,
    circle_flow,
    cluster_count,
    cosines,
    energy,
    equiangular,
    gram_flow,
    hemisphere,
    in_open_hemisphere,
    kuramoto_flow,
    orthogonal,
    random_weights,
    rescaled_flow,
    simulate,
    uniform,
)

X = uniform(3, 7, 4, seed=5)
FAR = X * np.linspace(0.5, 2, 7)[:, None]
WEIGHTS = random_weights(2, 4, 3, seed=1)


def close(found, wanted, tolerance=1e-13):
    """Whether arrays agree to a relative tolerance."""
    return np.abs(found - wanted).max() <= tolerance * max(1.0, np.abs(wanted).max())


# The equations. -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("beta", [-1.0, 0.0, 1.5, 9.0])
def test_sa_and_usa_are_those_of_loops(beta):
    assert close(attention_flow(beta).velocity(0.0, X), np.array([plain.sa(x, beta) for x in X]))
    moved = attention_flow(beta, normalised=False).velocity(0.0, X)
    assert close(moved, np.array([plain.usa(x, beta) for x in X]))


@pytest.mark.parametrize("normalised", [True, False])
def test_heads_with_general_weights_are_those_of_loops(normalised):
    moved = attention_flow(1.5, normalised=normalised, weights=WEIGHTS).velocity(0.0, X)
    wanted = [plain.on_sphere(x, plain.heads(x, 1.5, *WEIGHTS, normalised)) for x in X]
    assert close(moved, np.array(wanted))


def test_pre_norm_reads_directions_and_keeps_lengths():
    moved = attention_flow(1.5, norm="pre", weights=WEIGHTS).velocity(0.0, FAR)
    assert close(moved, np.array([plain.heads(plain.directions(x), 1.5, *WEIGHTS) for x in FAR]))


def test_without_a_norm_tokens_are_read_as_they_are():
    moved = attention_flow(0.5, norm="none", weights=WEIGHTS).velocity(0.0, FAR)
    assert close(moved, np.array([plain.heads(x, 0.5, *WEIGHTS) for x in FAR]))


def test_one_head_needs_no_axis_of_heads():
    one = tuple(weight[0] for weight in WEIGHTS)
    many = tuple(weight[:1] for weight in WEIGHTS)
    flows = [attention_flow(1.0, weights=weights) for weights in (one, many)]
    assert np.array_equal(flows[0].velocity(0.0, X), flows[1].velocity(0.0, X))


def test_the_loops_would_notice_a_wrong_sign():
    turned = (WEIGHTS[0], WEIGHTS[1], -WEIGHTS[2])
    assert not close(attention_flow(1.5, weights=turned).velocity(0.0, X),
                     attention_flow(1.5, weights=WEIGHTS).velocity(0.0, X), 1e-3)  # fmt: skip
    assert not close(plain.sa(X[0], 1.5), plain.sa(X[0], -1.5), 1e-3)


def test_each_run_may_have_a_temperature_of_its_own():
    betas = np.array([0.5, 2.0, 700.0])
    together = attention_flow(betas).velocity(0.0, X)
    assert close(together, np.array([attention_flow(beta).velocity(0.0, x) for beta, x in zip(betas, X, strict=True)]))


def test_scores_beyond_the_range_of_exp_do_no_harm():
    moved = attention_flow(1e5).velocity(0.0, X)
    assert np.isfinite(moved).all()
    assert np.abs(moved).max() < 1e-6


def test_many_tokens_are_moved_in_blocks_to_the_same_result():
    x = uniform(2, 700, 3, seed=2)
    gram = np.exp(2 * x @ x.mT)
    read = gram @ x / gram.sum(axis=-1, keepdims=True)
    assert close(attention_flow(2.0).velocity(0.0, x), read - (x * read).sum(axis=-1, keepdims=True) * x)
    betas = np.array([2.0, 3.0])
    assert close(attention_flow(betas).velocity(0.0, x)[0], attention_flow(2.0).velocity(0.0, x)[0])


@pytest.mark.parametrize("normalised", [True, False])
def test_the_gram_matrix_moves_as_that_of_the_tokens(normalised):
    moved = attention_flow(2.0, normalised=normalised).velocity(0.0, X)
    wanted = moved @ X.mT + X @ moved.mT
    assert close(gram_flow(2.0, normalised=normalised).velocity(0.0, X @ X.mT), wanted)


@pytest.mark.parametrize("normalised", [True, False])
def test_the_circle_is_the_sphere_of_two_dimensions(normalised):
    x = uniform(1, 6, 2, seed=3)[0]
    theta = angles(x)
    moved = circle_flow(2.0, normalised=normalised).velocity(0.0, theta)
    assert close(moved, plain.circle(theta, 2.0, normalised))
    across = np.stack([-np.sin(theta), np.cos(theta)], axis=-1)
    on_plane = attention_flow(2.0, normalised=normalised).velocity(0.0, x)
    assert close(moved[:, None] * across, on_plane)


def test_kuramoto_is_that_of_loops_and_the_circle_at_beta_zero():
    theta, omega = angles(uniform(1, 6, 2, seed=3)[0]), np.linspace(-1, 1, 6)
    assert close(kuramoto_flow(1.7, omega).velocity(0.0, theta), plain.kuramoto(theta, 1.7, omega))
    assert close(kuramoto_flow().velocity(0.0, theta), circle_flow(0.0).velocity(0.0, theta))


def test_rescaled_tokens_are_those_without_a_sphere_times_an_exponential():
    q, k, v = (weight[0] for weight in random_weights(1, 3, seed=4))
    x, times = uniform(1, 5, 3, seed=6)[0], [0.0, 0.7]
    moved = simulate(attention_flow(1.0, norm="none", weights=(q, k, v)), x, times, method="DOP853").states[-1]
    rescaled = simulate(rescaled_flow(q, k, v), x, times, method="DOP853").states[-1]
    values, vectors = np.linalg.eig(v)
    shrunk = (vectors * np.exp(-0.7 * values)) @ np.linalg.inv(vectors)
    assert close(rescaled, moved @ shrunk.real.T, 1e-9)


def test_programs_print_as_the_paper_writes_them():
    assert str(attention_program(Attention(), own=True)).splitlines()[-1] == "v_ic = A_ic − (Σ_f x_if A_if) x_ic"
    assert sf.lambdify(attention_program(Attention(), own=True))(X, 1.0).shape == X.shape


# What is seen. --------------------------------------------------------------------------------------------------------


def test_energy_is_that_of_loops():
    assert close(energy(X, 2.0), np.array([plain.energy(x, 2.0) for x in X]))
    small = energy(X, 1e-6) - 1 / 2e-6
    assert close(energy(X, 0.0), small, 1e-5)


def test_clusters_are_the_components_of_the_graph_of_close_tokens():
    x = uniform(40, 12, 3, seed=1)
    for run, count in zip(x, cluster_count(x, 0.1), strict=True):
        assert count == plain.components(run @ run.T >= 0.9)
    assert len(set(cluster_count(x, 0.1).tolist())) > 1


def test_cosines_are_those_of_all_pairs_in_order():
    found = cosines(3 * X[0])
    assert close(found, np.array([X[0][i] @ X[0][j] for i in range(7) for j in range(i + 1, 7)]))


def test_a_gram_matrix_has_the_energy_and_clusters_of_its_tokens():
    tokens = simulate(attention_flow(3.0), X, [0, 2, 4])
    grams = simulate(gram_flow(3.0), X @ X.mT, [0, 2, 4])
    assert close(tokens.energy, grams.energy, 1e-6)
    assert np.array_equal(tokens.clusters(0.01), grams.clusters(0.01))
    with pytest.raises(DynamicsError, match="has no tokens"):
        _ = grams.tokens


# Where tokens begin. --------------------------------------------------------------------------------------------------


def test_a_run_begins_alike_whatever_the_others():
    assert np.array_equal(uniform(5, 4, 3, seed=1)[2:], uniform(3, 4, 3, seed=1, first=2))
    assert not np.array_equal(uniform(1, 4, 3, seed=1), uniform(1, 4, 3, seed=2))
    assert not np.array_equal(uniform(1, 4, 3, seed=1)[0, :, :2], uniform(1, 4, 2, seed=1)[0])


def test_uniform_tokens_have_no_direction():
    x = uniform(400, 10, 3).reshape(-1, 3)
    assert np.abs(x.mean(axis=0)).max() < 0.03
    assert np.abs(x.T @ x / len(x) - np.eye(3) / 3).max() < 0.02


def test_other_beginnings_are_what_they_say():
    assert (hemisphere(3, 5, 4)[..., -1] > 0).all()
    assert close(orthogonal(3, 5) @ orthogonal(3, 5).T, np.eye(3))
    tokens = equiangular(4, 6, -0.2)
    assert close(tokens @ tokens.T, np.full((4, 4), -0.2) + 1.2 * np.eye(4))


def test_an_open_hemisphere_is_recognised():
    assert all(in_open_hemisphere(x) for x in hemisphere(20, 6, 3))
    assert not in_open_hemisphere(np.vstack([np.eye(3), -np.eye(3)]))
    theta = np.array([0.0, 2.0, 3.0])
    assert in_open_hemisphere(np.stack([np.cos(theta), np.sin(theta)], axis=-1))


# Integrators. ---------------------------------------------------------------------------------------------------------


def test_the_scheme_is_of_fourth_order_and_agrees_with_scipy():
    exact = simulate(attention_flow(2.0), X, [0, 1], method="DOP853").states[-1]
    errors = [np.abs(simulate(attention_flow(2.0), X, [0, 1], step=h).states[-1] - exact).max() for h in (0.2, 0.1)]
    assert errors[1] < 1e-5
    assert 10 < errors[0] / errors[1] < 25


def test_tokens_stay_on_the_sphere():
    states = simulate(attention_flow(4.0), X, [0, 3, 9]).states
    assert close(np.linalg.norm(states, axis=-1), 1.0, 1e-15 * 4)
    states = simulate(attention_flow(4.0), X, [0, 3, 9], method="LSODA").states
    assert close(np.linalg.norm(states, axis=-1), 1.0, 1e-8)


def test_the_same_seed_gives_the_same_bytes():
    first, second = (simulate(attention_flow(4.0), uniform(2, 8, 3), [0, 1]).packed(seed=0) for _ in range(2))
    assert first == second


# Bad input. -----------------------------------------------------------------------------------------------------------

OFF = X[0] * np.array([1, 1, 1.001, 1, 1, 1, 1])[:, None]
BAD = {
    "off the sphere": (lambda: simulate(attention_flow(1.0), OFF, [0, 1]), r"\|x\[2\]\| = 1.001"),
    "β = inf": (lambda: attention_flow(np.inf), "beta: expected finite numbers, got inf"),
    "β = NaN": (lambda: gram_flow(np.nan), "beta: expected finite numbers, got nan"),
    "β of USA too large": (lambda: attention_flow(800, normalised=False), "beta: expected at most 500"),
    "n = 1": (lambda: simulate(attention_flow(1.0), np.eye(3)[:1], [0, 1]), "at least 2 tokens, got n = 1"),
    "n = 1, uniform": (lambda: uniform(1, 1, 3), "n: expected a whole number of at least 2, got 1"),
    "NaN tokens": (lambda: simulate(attention_flow(1.0), np.full((2, 3), np.nan), [0, 1]), "x: expected finite"),
    "no tokens": (lambda: simulate(attention_flow(1.0), np.zeros((2, 0, 3)), [0, 1]), r"\(..., n, d\)"),
    "large steps": (lambda: simulate(attention_flow(1.0), X, [0, 9], step=9.0), "step: SA .* after a step of 9"),
    "large Euler": (lambda: simulate(attention_flow(1.0), X, [0, 9], step=1.0, scheme="euler"), "leaves the sphere by"),
    "large, between times": (lambda: simulate(attention_flow(1.0), X, [0, 0.1], step=9.0), "after a step of 9"),
    "one large step": (lambda: advance(attention_flow(1.0), 0.0, X, 30.0), "after a step of 30"),
    "a step of 0": (lambda: simulate(attention_flow(1.0), X, [0, 1], step=0), "step: expected a number above 0"),
    "times": (lambda: simulate(attention_flow(1.0), X, [0, 2, 1]), "times: expected increasing numbers, got 2, then 1"),
    "one time": (lambda: simulate(attention_flow(1.0), X, [0]), "times: expected at least two increasing"),
    "complex": (lambda: simulate(attention_flow(1.0), X + 0j, [0, 1]), "x: expected real numbers"),
    "numbers as words": (lambda: simulate(attention_flow(1.0), X.astype(str), [0, 1]), "x: expected real numbers"),
    "tolerance": (
        lambda: simulate(attention_flow(1.0), X, [0, 1], method="DOP853", rtol=-1),
        "rtol: expected a number above 0.0, got -1",
    ),
    "scheme": (lambda: simulate(attention_flow(1.0), X, [0, 1], scheme="heun"), "scheme: expected one of rk4, euler"),
    "method": (lambda: simulate(attention_flow(1.0), X, [0, 1], method="x"), "method: expected one of DOP853"),
    "rtol of steps": (lambda: simulate(attention_flow(1.0), X, [0, 1], rtol=1.0), "rtol: only an adaptive"),
    "loose rtol": (lambda: simulate(attention_flow(9.0), X, [0, 900], method="RK23", rtol=0.9, atol=9.0), "rtol: RK23"),
    "norm": (lambda: attention_flow(1.0, norm="mid"), "norm: expected 'post', 'pre' or 'none'"),
    "weights": (lambda: attention_flow(1.0, weights=(np.eye(3), np.eye(2), np.eye(3))), r"K \(1, 2, 2\)"),
    "two weights": (lambda: attention_flow(1.0, weights=(np.eye(3), np.eye(3))), "got 2 of them"),
    "other weights": (lambda: simulate(attention_flow(1.0, weights=[np.eye(3)] * 3), X, [0, 1]), "are for d = 3, tok"),
    "β of other runs": (lambda: simulate(attention_flow([1.0, 2.0]), X, [0, 1]), r"runs \(3,\), got shape \(2,\)"),
    "no Gram matrix": (lambda: simulate(gram_flow(1.0), X[0] @ X[0].T + 1, [0, 1]), "G: expected a symmetric matrix"),
    "a long Gram matrix": (lambda: simulate(gram_flow(1.0), X, [0, 1]), r"G: expected shape \(..., n, n\)"),
    "words": (lambda: simulate(attention_flow(1.0), "tokens", [0, 1]), "x: expected real numbers, got 'tokens'"),
    "energy of a large β": (lambda: energy(X, 800.0), "beta: expected at most 700"),
    "energy at 0 and 1": (lambda: energy(X, [0.0, 1.0, 1.0]), "all zero or none"),
    "rho": (lambda: equiangular(3, 3, -0.5), "rho: expected a number above -0.5"),
    "d < n": (lambda: orthogonal(4, 3), "d: expected at least n = 4, got 3"),
    "rescaled": (lambda: rescaled_flow(np.eye(3), np.eye(3), np.eye(2)), r"V \(2, 2\)"),
    "matrix": (lambda: attention_matrix(np.eye(3), 0.0, np.eye(3), np.eye(3), [[np.inf]]), "V: expected finite"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_named(name):
    act, words = BAD[name]
    with pytest.raises(DynamicsError, match=words) as caught:
        act()
    assert "\n" not in str(caught.value)
