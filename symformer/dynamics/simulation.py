"""A simulation: states over time, and what is seen of them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from symformer.dynamics.checks import Array
from symformer.dynamics.errors import DynamicsError
from symformer.dynamics.files import packed
from symformer.dynamics.flows import Flow
from symformer.dynamics.integrate import adaptive, advance, fixed, step_size, time_grid
from symformer.dynamics.observe import (
    TOGETHER,
    Labels,
    cluster_count,
    cosines,
    count_of,
    directions,
    energy,
    gram_energy,
    labels_of,
    pairs,
)
from symformer.dynamics.spaces import CIRCLE, GRAM


@dataclass(frozen=True)
class Simulation:
    """States of a flow at given times.

    Attributes:
        flow: what moved them.
        times: (T,).
        states: tokens (T, ..., n, d); Gram matrices (T, ..., n, n); angles (T, ..., n).
        settings: how they were computed, as plain data, for files.
    """

    flow: Flow
    times: Array
    states: Array
    settings: dict[str, Any] = field(default_factory=dict)

    @property
    def tokens(self) -> Array:
        """Tokens (T, ..., n, d); angles as points of the circle.

        Raises:
            DynamicsError: a Gram matrix has none.
        """
        if self.flow.space is GRAM:
            raise DynamicsError("a simulation of Gram matrices has no tokens")
        if self.flow.space is CIRCLE:
            return np.stack([np.cos(self.states), np.sin(self.states)], axis=-1)
        return self.states

    def at(self, place: int) -> Simulation:
        """The same at one of its times."""
        part = slice(place, place + 1)
        return Simulation(self.flow, self.times[part], self.states[part], self.settings)

    @property
    def n(self) -> int:
        """How many tokens there are in a run."""
        return int(self.states.shape[-self.flow.space.axes])

    @cached_property
    def cosines(self) -> Array:
        """The cosines of all pairs i < j, (T, ..., n(n−1)/2)."""
        return pairs(self.states) if self.flow.space is GRAM else cosines(self.tokens)

    @cached_property
    def energy(self) -> Array:
        """The interaction energy of the tokens' directions at the flow's β (0 where it has none), (T, ...)."""
        beta = self.flow.parameters.get("beta", np.zeros(()))
        if self.flow.space is GRAM:
            return gram_energy(self.states, np.broadcast_to(beta, self.states.shape[:-2]))
        return energy(directions(self.tokens), beta)

    def packed(self, **more: Any) -> bytes:
        """The bytes of its .npz: times, states, the flow's numbers, and settings (with `more`) as JSON."""
        settings = {"flow": self.flow.name, **self.settings, **more}
        return packed({"times": self.times, "states": self.states, **self.flow.parameters}, json.dumps(settings))

    def clusters(self, tolerance: float = TOGETHER) -> Labels:
        """How many clusters there are, (T, ...); see `cluster_labels`."""
        if self.flow.space is GRAM:
            return count_of(labels_of(self.states >= 1 - tolerance))
        return cluster_count(self.tokens, tolerance)


def simulate(
    flow: Flow,
    start: Any,
    times: Any,
    *,
    step: float | None = None,
    scheme: str = "rk4",
    method: str | None = None,
    **options: float,
) -> Simulation:
    """Moves tokens along a flow, any number of runs at once.

    Args:
        flow: the equation, e.g. `attention_flow(beta=4)`.
        start: tokens (..., n, d) with n ≥ 2, of length 1 where the flow lives on the sphere; leading axes are runs.
        times: increasing; the states at these times are kept, the first of them is the start.
        step: the largest step of the fixed-step scheme; by default the flow's own.
        scheme: "rk4" or "euler", renormalised after each step.
        method: one of SciPy's adaptive solvers instead, e.g. "DOP853", with its `rtol` and `atol` in `options`.

    Raises:
        DynamicsError: what is given cannot be simulated; nothing is computed then.
    """
    x, grid = flow.space.check(start), time_grid(times)
    largest = flow.step if step is None else step_size(step)
    runs = x.shape[: -flow.space.axes]
    beta = flow.parameters.get("beta", np.zeros(()))
    if beta.ndim and beta.shape != runs:
        raise DynamicsError(f"beta: expected a number or one for each of the runs {runs}, got shape {beta.shape}")
    weights = flow.parameters.get("Q")
    if weights is not None and weights.shape[-1] != x.shape[-1]:
        raise DynamicsError(f"weights: are for d = {weights.shape[-1]}, tokens have d = {x.shape[-1]}")
    if method is not None:
        return Simulation(flow, grid, adaptive(flow, x, grid, method, **options), {"method": method, **options})
    if options:
        raise DynamicsError(f"{next(iter(options))}: only an adaptive method has it; give one")
    if step is not None:
        advance(
            flow, float(grid[0]), x, largest, scheme
        )  # a step that leaves the sphere is refused, also between times
    return Simulation(flow, grid, fixed(flow, x, grid, largest, scheme), {"scheme": scheme, "step": largest})
