"""Pictures of simulations and sweeps: particles, energy staircase, γ_β(t), phase diagram."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from symformer.dynamics.diagram import PhaseDiagram
from symformer.dynamics.equiangular import gamma, phase_time
from symformer.dynamics.errors import DynamicsError
from symformer.dynamics.simulation import Simulation
from symformer.pictures import Picture, curves, particles, phase_diagram

CURVE_POINTS = 120


def draw_particles(simulation: Simulation, title: str, *, run: int = 0, moments: int = 6) -> Picture:
    """Tokens of one run on the circle or the sphere at some of its times.

    Args:
        simulation: with d = 2 or 3.
        title: what is shown.
        run: which of the runs, counted through all of them.
        moments: how many times, evenly chosen.

    Raises:
        DynamicsError: d is neither 2 nor 3, or there is no such run.
    """
    tokens = one_run(simulation.tokens, run)
    if tokens.shape[-1] not in (2, 3):
        raise DynamicsError(f"d: expected 2 or 3 for a picture, got {tokens.shape[-1]}")
    counts = one_run(simulation.clusters(), run, 0).tolist()
    places = np.unique(np.linspace(0, len(tokens) - 1, moments).round().astype(int))
    panels = [(f"t = {simulation.times[place]:.3g}", tokens[place].tolist()) for place in places]
    told = [f"at t = {simulation.times[k]:.3g} {counts[k]} cluster{'s' * (counts[k] > 1)}" for k in places]
    return particles("particles", title, panels, "; ".join(told))


def draw_energy(simulation: Simulation, title: str, runs: Sequence[int] = (0,)) -> Picture:
    """The energy of some runs over time: a staircase where clusters merge one after the other."""
    energies = [one_run(simulation.energy, run, 0) for run in runs]
    series = [
        (f"run {run + 1}" if len(runs) > 1 else "E", list(zip(simulation.times.tolist(), values.tolist(), strict=True)))
        for run, values in zip(runs, energies, strict=True)
    ]
    return curves("energy", title, "time t", "energy", series)


def draw_gamma(simulation: Simulation, title: str, beta: float) -> Picture:
    """γ_β(t) from orthogonal tokens beside the average cosine of a simulation."""
    average = simulation.cosines.mean(axis=tuple(range(1, simulation.cosines.ndim)))
    closed = gamma(simulation.times, beta, simulation.n, normalised=not simulation.flow.name.endswith("USA"))
    times = simulation.times.tolist()
    series = [
        ("γ(t)", list(zip(times, closed.tolist(), strict=True))),
        ("simulated", list(zip(times, average.tolist(), strict=True))),
    ]
    return curves("gamma", title, "time t", "cosine", series)


def draw_phase_diagram(diagram: PhaseDiagram, title: str, *, pairs: bool = False) -> Picture:
    """A panel for each dimension, with the phase curve Γ over it.

    Args:
        diagram: a sweep's result, with two βs and two times at least.
        title: what is shown.
        pairs: the share of all pairs, in place of that of the first two tokens.
    """
    grid = diagram.grid
    if len(grid.betas) < 2 or len(grid.times) < 2 or list(grid.betas) != sorted(set(grid.betas)):
        raise DynamicsError("betas, times: expected at least two of each, increasing, for a picture")
    shares = diagram.pairs if pairs else diagram.together
    panels = [(f"d = {d}", share.tolist()) for d, share in zip(grid.dimensions, shares, strict=True)]
    line = phase_curve(grid.betas[0], grid.betas[-1], grid.n, grid.delta, normalised=grid.model == "sa")
    return phase_diagram("phase-diagram", title, panels, grid.betas, grid.times, line)


def phase_curve(
    low: float, high: float, n: int, delta: float = 1e-3, *, normalised: bool = True
) -> list[tuple[float, float]]:
    """Points (t*, β) of the curve Γ for β between two bounds."""
    betas = np.linspace(low, high, CURVE_POINTS).tolist()
    return [(phase_time(beta, n, delta=delta, normalised=normalised), beta) for beta in betas]


def one_run(values: Any, run: int, inner: int = 2) -> Any:
    """The values of one run: of (T, ..., and `inner` axes), without the axes of runs.

    Raises:
        DynamicsError: there is no such run.
    """
    flat = values.reshape(len(values), -1, *values.shape[values.ndim - inner :])
    if not 0 <= run < flat.shape[1]:
        raise DynamicsError(f"run: expected 0 to {flat.shape[1] - 1}, got {run}")
    return flat[:, run]
