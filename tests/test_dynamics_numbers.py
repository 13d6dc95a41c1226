"""Theorems and closed forms of particle dynamics as experiments (identities 78 to 90 of the facts)."""

from __future__ import annotations

import math

import flint
import numpy as np
import pytest
from plain_particles import components, usa
from scipy.special import ive

from symformer.dynamics import (
    DynamicsError,
    attended_cosine,
    attention_flow,
    attention_matrix,
    energy,
    equiangular,
    gamma,
    gamma_at_beta_zero,
    gamma_velocity,
    gram_flow,
    hemisphere,
    in_open_hemisphere,
    orthogonal,
    phase_time,
    rescaled_flow,
    simulate,
    uniform,
    wendel,
)

TABLE = {  # β: t* for SA, t* for USA; n = 32, δ = 1e-3
    0: (5.186261, 5.186261), 1: (5.270284, 2.897049), 2: (5.458394, 1.880417), 3: (5.897609, 1.391519),
    4: (6.953502, 1.130770), 5: (9.544329, 0.974607), 6: (15.995314, 0.870230),
}  # fmt: skip


# The phase curve. -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("beta", TABLE)
def test_the_phase_curve_is_that_of_the_table(beta):
    assert round(phase_time(beta, 32), 6) == TABLE[beta][0]
    assert round(phase_time(beta, 32, normalised=False), 6) == TABLE[beta][1]


def rigorous(beta, n, delta, rho, normalised):
    """The integral in ball arithmetic, over w = −log(1 − γ), to 20 digits."""

    def density(w, _):
        epsilon = (-w).exp()
        climb = 2 * (n - (n - 1) * epsilon)
        if normalised:
            return ((beta * epsilon).exp() + n - 1) / climb
        return n * (-beta * (1 - epsilon)).exp() / climb

    with flint.ctx.workprec(200):
        beta, delta, rho = (flint.acb(value) for value in (beta, delta, rho))
        start, end = -(1 - rho).log(), -delta.log()
        return float(flint.acb.integral(density, start, end, rel_tol=flint.arb(2) ** -70, eval_limit=10**6).real)


@pytest.mark.parametrize("normalised", [True, False])
@pytest.mark.parametrize(
    ("beta", "n", "delta", "rho"),
    [
        (0.1, 32, 1e-3, 0.0),
        (7.5, 32, 1e-3, 0.0),
        (9, 128, 1e-3, 0.0),
        (30, 32, 1e-3, 0.0),
        (3, 2, 1e-6, 0.0),
        (2, 10**6, 1e-2, 0.0),
        (5, 8, 1e-3, 0.5),
        (-20, 32, 1e-3, 0.0),
        (4, 100, 1e-8, -1 / 99 + 1e-6),  # where it takes long to leave
        (100, 10**6, 1e-6, 0.0),  # exp(100 x) and n (1 − x), each nothing beside the other somewhere
        (650, 2, 1e-12, 0.0),  # a peak of width 1/650 at the start of an interval of 28
    ],
)
def test_quadrature_agrees_with_ball_arithmetic(beta, n, delta, rho, normalised):
    found = phase_time(beta, n, delta=delta, rho=rho, normalised=normalised)
    wanted = rigorous(beta, n, delta, rho, normalised)
    assert abs(found - wanted) <= 1e-12 * wanted


@pytest.mark.parametrize("normalised", [True, False])
def test_gamma_reaches_one_less_delta_at_its_phase_time(normalised):
    time = phase_time(4.0, 32, normalised=normalised)
    assert abs(gamma([time], 4.0, 32, normalised=normalised)[0] - 0.999) < 1e-13


# Equiangular tokens. --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("normalised", [True, False])
@pytest.mark.parametrize(("n", "beta", "rho"), [(5, 2.0, 0.0), (3, 4.0, 0.3), (8, 0.0, 0.0), (4, -1.0, -0.2)])
def test_gamma_is_the_cosine_of_a_full_simulation(n, beta, rho, normalised):
    times = np.linspace(0, 4, 9)
    flow = attention_flow(beta, normalised=normalised)
    seen = simulate(flow, equiangular(n, n + 1, rho), times, method="DOP853").cosines
    assert np.abs(seen - gamma(times, beta, n, rho=rho, normalised=normalised)[:, None]).max() < 1e-9


@pytest.mark.parametrize("normalised", [True, False])
def test_the_velocity_of_gamma_is_its_slope(normalised):
    times = np.array([0.5, 0.5 + 1e-5, 0.5 - 1e-5])
    middle, after, before = gamma(times, 2.0, 6, normalised=normalised)
    slope = (after - before) / 2e-5
    assert abs(gamma_velocity(middle, 2.0, 6, normalised=normalised) - slope) < 1e-8


def test_gamma_at_beta_zero_has_a_closed_form():
    times = np.linspace(0, 5, 11)
    assert np.abs(gamma(times, 0.0, 7) - gamma_at_beta_zero(times, 7)).max() < 1e-13
    assert np.abs(gamma_at_beta_zero(times, 2) - np.tanh(times)).max() < 1e-15


@pytest.mark.parametrize(("normalised", "rate"), [(True, 2.0), (False, 2.0 * math.exp(3.0))])
def test_gamma_comes_to_one_at_its_linear_rate(normalised, rate):
    start = phase_time(3.0, 8, delta=1e-5, normalised=normalised)
    gap = 1 - gamma([start, start + 1 / rate], 3.0, 8, normalised=normalised)
    found = -np.log(gap[1] / gap[0]) * rate
    assert abs(found / rate - 1) < 1e-3


def test_a_wrong_number_of_tokens_would_be_seen():
    assert abs(gamma([1.0], 2.0, 6)[0] - gamma([1.0], 2.0, 7)[0]) > 5e-3


# Energy. --------------------------------------------------------------------------------------------------------------


def slope_of_energy(x, moved, beta, h=1e-5):
    """dE/dt along a velocity, by central differences."""
    return (energy(x + h * moved, beta) - energy(x - h * moved, beta)) / (2 * h)


def test_energy_climbs_at_the_exact_rate():
    x, beta = uniform(20, 6, 3, seed=1), 1.7
    n = x.shape[-2]
    moved = attention_flow(beta, normalised=False).velocity(0.0, x)
    assert np.allclose(slope_of_energy(x, moved, beta), (moved**2).sum(axis=(1, 2)) / n, rtol=1e-7)
    moved = attention_flow(beta).velocity(0.0, x)
    shares = np.exp(beta * x @ x.mT).mean(axis=-1)
    wanted = (shares[..., None] * moved**2).sum(axis=(1, 2)) / n
    assert np.allclose(slope_of_energy(x, moved, beta), wanted, rtol=1e-7)


def test_usa_is_the_gradient_of_the_energy():
    x, beta, h = uniform(1, 5, 3, seed=2)[0], 1.3, 1e-6
    slopes = np.zeros_like(x)
    for place in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[place] = h
        slopes[place] = (energy(x + step, beta) - energy(x - step, beta)) / (2 * h)
    on_plane = slopes - (x * slopes).sum(axis=-1, keepdims=True) * x
    assert np.abs(5 * on_plane - usa(x, beta)).max() < 1e-8


def test_energy_never_falls_along_a_thousand_runs():
    betas = np.random.default_rng(0).uniform(0.1, 9, 1000)
    energies = simulate(attention_flow(betas), uniform(1000, 8, 3, seed=3), np.linspace(0, 10, 101)).energy
    assert (np.diff(energies, axis=0) >= -1e-14 * energies[:-1]).all()


def test_energy_never_falls_along_usa():
    x = uniform(200, 6, 3, seed=4)
    energies = simulate(attention_flow(2.0, normalised=False), x, np.linspace(0, 5, 101)).energy
    assert (np.diff(energies, axis=0) >= -1e-14 * energies[:-1]).all()


def test_energy_falls_where_tokens_repel():
    one = np.eye(3)
    flow = attention_flow(2.0, weights=(one, one, -one))
    energies = simulate(flow, uniform(50, 8, 3, seed=5), np.linspace(0, 3, 31)).energy
    assert (np.diff(energies, axis=0) <= 1e-14 * energies[:-1]).all()


@pytest.mark.parametrize(("d", "beta"), [(2, 1.0), (3, 2.0), (5, 1.5)])
def test_uniform_tokens_have_the_energy_of_the_uniform_measure(d, beta):
    nodes, weights = np.polynomial.legendre.leggauss(400)
    angle = (nodes + 1) * np.pi / 2
    density = weights * np.sin(angle) ** (d - 2)
    measured = (np.exp(beta * np.cos(angle)) * density).sum() / density.sum() / (2 * beta)
    order = d / 2 - 1
    bessel = ive(order, beta) * math.exp(beta)
    assert abs(measured / (math.gamma(d / 2) * (2 / beta) ** order * bessel / (2 * beta)) - 1) < 1e-12
    x = uniform(300, 40, d, seed=6)
    own = math.exp(beta) / (2 * beta) / 40
    assert abs(((energy(x, beta) - own) * 40 / 39).mean() / measured - 1) < 0.01


# Clustering. ----------------------------------------------------------------------------------------------------------


def test_an_open_hemisphere_collapses_at_rate_two():
    times = np.linspace(8, 9, 3)
    run = simulate(attention_flow(2.0), hemisphere(30, 16, 3, seed=1), np.concatenate([[0], times]))
    gap = 1 - run.cosines[1:].min(axis=-1)
    rates = -np.log(gap[-1] / gap[0]) / (times[-1] - times[0])
    assert np.abs(rates / 2 - 1).max() < 0.02


@pytest.mark.parametrize("normalised", [True, False])
def test_on_the_sphere_all_runs_are_one_cluster_by_sixty_at_beta_one(normalised):
    run = simulate(attention_flow(1.0, normalised=normalised), uniform(200, 32, 3, seed=1), [0, 60])
    assert (run.clusters()[0] > 1).all()
    assert (run.clusters()[-1] == 1).all()


def test_at_beta_four_many_runs_of_softmax_attention_are_several_clusters_still():
    """No run stays so for ever, but at t = 60 most do: 137 of 200 with n = 8 by SciPy's DOP853, other seeds."""
    run = simulate(attention_flow(4.0), uniform(200, 8, 3, seed=1), [0, 60])
    assert 110 <= (run.clusters()[-1] > 1).sum() <= 160


def test_on_the_circle_clusters_persist_at_low_temperature():
    run = simulate(attention_flow(9.0), uniform(200, 32, 2, seed=1), [0, 30])
    assert (run.clusters()[-1] >= 2).all()


@pytest.mark.parametrize(("n", "d"), [(4, 2), (6, 3), (8, 4)])
def test_wendels_probability_is_how_often_tokens_share_a_hemisphere(n, d):
    runs, chance = 1500, wendel(n, d)
    share = np.mean([in_open_hemisphere(x) for x in uniform(runs, n, d, seed=7)])
    assert abs(share - chance) < 4 * math.sqrt(chance * (1 - chance) / runs)


def test_in_many_dimensions_cosines_follow_gamma():
    times = np.linspace(0, 10, 11)
    x = uniform(4, 32, 4096, seed=1)
    seen = simulate(gram_flow(2.0), x @ x.mT, times).cosines
    assert np.abs(seen - gamma(times, 2.0, 32)[:, None, None]).max() < 0.1
    few = uniform(4, 32, 16, seed=1)
    assert (
        np.abs(simulate(gram_flow(2.0), few @ few.mT, times).cosines - gamma(times, 2.0, 32)[:, None, None]).max() > 0.3
    )


# Norms, long contexts, no sphere. -------------------------------------------------------------------------------------


def test_pre_norm_slows_the_collapse_to_a_power():
    times = np.array([0.0, 200.0, 400.0])
    run = simulate(attention_flow(1.0, norm="pre"), orthogonal(4, 4), times)
    gap = 1 - run.cosines.mean(axis=-1)
    assert abs(math.log(gap[1] / gap[2]) / math.log(2) - 2) < 0.05


@pytest.mark.parametrize("rho", [0.2, 0.5])
def test_the_long_context_has_three_phases(rho):
    n = 10**80
    seen = [attended_cosine(share / (1 - rho) * math.log(n), n, rho) for share in (0.8, 1.0, 1.2)]
    assert np.abs(np.array(seen) - [1, 4 * rho / (1 + 3 * rho), rho]).max() < 1e-9


def test_the_finite_long_context_is_that_of_a_layer():
    n, rho, beta = 6, 0.4, 2.0
    x = equiangular(n, n, rho)
    shares = np.exp(beta * x @ x.T)
    y = shares / shares.sum(axis=1, keepdims=True) @ x
    seen = y[0] @ y[1] / np.linalg.norm(y[0]) / np.linalg.norm(y[1])
    assert abs(attended_cosine(beta, n, rho) - seen) < 1e-14


def test_in_one_dimension_attention_becomes_boolean():
    one, z = np.eye(1), np.array([-1.2, -0.3, 0.4, 0.9, 2.0])[:, None]
    last = simulate(rescaled_flow(one, one, one), z, [0, 4], method="DOP853").states[-1]
    shares = attention_matrix(last, 4.0, one, one, one)
    assert np.abs(shares - np.eye(5)[[0, 0, 4, 4, 4]]).max() < 1e-12
    assert np.linalg.matrix_rank(shares.round()) == 2


def test_without_a_sphere_rescaled_tokens_go_to_the_corners_of_a_polygon():
    one, z = np.eye(2), uniform(1, 12, 2, seed=8)[0] * np.linspace(1, 4, 12)[:, None]
    last = simulate(rescaled_flow(one, one, one), z, [0, 6], method="DOP853").states[-1]
    apart = np.linalg.norm(last[:, None] - last, axis=-1)
    assert 3 <= components(apart < 0.05) <= 5
    assert components(np.linalg.norm(z[:, None] - z, axis=-1) < 0.05) == 12


BAD = {
    "β": (lambda: phase_time(math.nan, 32), "beta: expected finite numbers, got nan"),
    "β too large": (lambda: phase_time(1e4, 32), "beta: expected at most 700"),
    "n": (lambda: gamma([1.0], 1.0, 1), "n: expected a whole number of at least 2, got 1"),
    "n of the closed form": (lambda: gamma_at_beta_zero([1.0], 1), "n: expected"),
    "δ": (lambda: phase_time(1.0, 32, delta=1.0), "delta: expected less than 1 − ρ = 1, got 1"),
    "δ of 0": (lambda: phase_time(1.0, 32, delta=0.0), "delta: expected a number above 0"),
    "ρ": (lambda: gamma([1.0], 1.0, 3, rho=-0.5), "rho: expected a number above -0.5"),
    "ρ of 1": (lambda: attended_cosine(1.0, 3, 1.0), "rho: expected less than 1, got 1"),
    "time": (lambda: gamma([-1.0], 1.0, 3), "times: expected none below 0, got -1"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_named(name):
    act, words = BAD[name]
    with pytest.raises(DynamicsError, match=words):
        act()
