"""Integrators: fixed steps by Runge and Kutta with renormalisation, and SciPy's adaptive solvers."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from importlib import import_module
from itertools import pairwise
from typing import Any

import numpy as np

from symformer.dynamics.checks import Array, number, numbers
from symformer.dynamics.errors import DynamicsError
from symformer.dynamics.flows import Flow

LEAVES = 0.02  # a step that is farther off its space than this before it is put back is too large
METHODS = ("DOP853", "RK45", "RK23", "Radau", "BDF", "LSODA")


def euler(flow: Flow, t: float, x: Array, step: float) -> Array:
    """One step of Euler, not renormalised."""
    return x + step * flow.velocity(t, x)


def rk4(flow: Flow, t: float, x: Array, step: float) -> Array:
    """One classical step of order 4, not renormalised."""
    a = flow.velocity(t, x)
    b = flow.velocity(t + step / 2, x + step / 2 * a)
    c = flow.velocity(t + step / 2, x + step / 2 * b)
    d = flow.velocity(t + step, x + step * c)
    return x + step / 6 * (a + 2 * b + 2 * c + d)


SCHEMES: dict[str, Callable[[Flow, float, Array, float], Array]] = {"rk4": rk4, "euler": euler}


def advance(flow: Flow, t: float, x: Array, step: float, scheme: str = "rk4") -> Array:
    """One step of a scheme, put back onto the space of the flow.

    Raises:
        DynamicsError: an unknown scheme, a step so large that the solver leaves the space, or one that overflows.
    """
    if scheme not in SCHEMES:
        raise DynamicsError(f"scheme: expected one of {', '.join(SCHEMES)}, got {scheme!r}")
    with np.errstate(all="ignore"):
        moved, off = flow.space.put_back(SCHEMES[scheme](flow, t, x, step))
    if not np.isfinite(moved).all() or off > LEAVES:
        what = f"leaves the sphere by {off:.3g}" if np.isfinite(off) else "is not finite"
        raise DynamicsError(f"step: {flow.name} {what} after a step of {step:.6g} from t = {t:.6g}; take a smaller one")
    return moved


def fixed(flow: Flow, start: Array, times: Array, step: float, scheme: str = "rk4") -> Array:
    """The states at these times, by equal steps of at most `step` from each time to the next.

    Args:
        flow: the equation.
        start: the state at times[0], (..., n, d).
        times: increasing, (T,).
        step: the largest step.
        scheme: "rk4" or "euler".

    Returns:
        States, (T, ..., n, d).

    Raises:
        DynamicsError: an unknown scheme, or a step so large that the solver leaves the sphere.
    """
    states, x = [start], start
    for begin, end in pairwise(times.tolist()):
        steps = max(1, math.ceil((end - begin) / step - 1e-9))
        for k in range(steps):
            x = advance(flow, begin + (end - begin) * k / steps, x, (end - begin) / steps, scheme)
        states.append(x)
    return np.stack(states)


def adaptive(
    flow: Flow, start: Array, times: Array, method: str = "DOP853", rtol: float = 1e-11, atol: float = 1e-13
) -> Array:
    """The states at these times by one of SciPy's adaptive solvers, all runs as one system.

    Args:
        flow: the equation.
        start: the state at times[0], (..., n, d).
        times: increasing, (T,).
        method: a method of `scipy.integrate.solve_ivp`.
        rtol: its relative tolerance.
        atol: its absolute tolerance.

    Returns:
        States, (T, ..., n, d), as the solver gives them: how far they are off the sphere is its error.

    Raises:
        DynamicsError: SciPy is not installed, an unknown method, a tolerance that is none, or the solver gives up or
            leaves the sphere.
    """
    if method not in METHODS:
        raise DynamicsError(f"method: expected one of {', '.join(METHODS)}, got {method!r}")
    rtol, atol = number("rtol", rtol, above=0.0), number("atol", atol, least=0.0)
    solve_ivp = scipy_module("integrate").solve_ivp

    def velocity(t: float, flat: Array) -> Array:
        return flow.velocity(t, flat.reshape(start.shape)).reshape(-1)

    span = (float(times[0]), float(times[-1]))
    with np.errstate(over="ignore", invalid="ignore"):
        found = solve_ivp(velocity, span, start.reshape(-1), method, times, rtol=rtol, atol=atol)
    if not found.success or not np.isfinite(found.y).all():
        raise DynamicsError(f"{flow.name}: {method} gave up at t = {found.t[-1]:.6g}: {found.message}")
    states = np.ascontiguousarray(found.y.T).reshape(len(times), *start.shape)
    off = flow.space.put_back(states)[1]
    if off > LEAVES:
        raise DynamicsError(f"rtol: {method} with rtol = {rtol:.3g} leaves the sphere by {off:.3g}; take a smaller one")
    return states


def scipy_module(name: str) -> Any:
    """A part of SciPy, which comes with the extra `dynamics`.

    Raises:
        DynamicsError: it is not installed.
    """
    try:
        return import_module(f"scipy.{name}")
    except ModuleNotFoundError as error:
        raise DynamicsError("SciPy is not installed: pip install '.[dynamics]'") from error


def time_grid(times: Sequence[float] | Any) -> Array:
    """Increasing times, the first of them the beginning.

    Raises:
        DynamicsError: fewer than two, or not increasing.
    """
    grid = numbers("times", times)
    if grid.ndim != 1 or len(grid) < 2:
        raise DynamicsError(f"times: expected at least two increasing numbers, got shape {grid.shape}")
    falls = np.flatnonzero(np.diff(grid) <= 0)
    if len(falls):
        raise DynamicsError(f"times: expected increasing numbers, got {grid[falls[0]]:g}, then {grid[falls[0] + 1]:g}")
    return grid


def step_size(step: Any) -> float:
    """A step, finite and positive."""
    return number("step", step, above=0.0)
