"""Integrals of smooth positive functions to nearly all digits, and their inverses, by adaptive Gauss quadrature."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from symformer.dynamics.checks import Array
from symformer.dynamics.errors import DynamicsError

NODES, WEIGHTS = np.polynomial.legendre.leggauss(16)
RELATIVE = 1e-14  # of the whole, for each panel
ROUNDING = 2e-13  # of a panel: an integrand such as exp(600 x) is known no better
HALVINGS = 60
FIRST = np.concatenate([[0.0], 2.0 ** np.arange(-24, 1)])  # edges to begin with, so that no peak at the start is missed
Function = Callable[[Array], Array]


def integral(function: Function, begin: float, end: float) -> float:
    """∫ of a positive function from `begin` to `end`, to a relative 1e-12 as far as the function itself is known.

    Raises:
        DynamicsError: the function is not smooth or not finite there.
    """
    edges = panels(function, begin, end)
    return float(np.sum(_gauss(function, edges[:-1], edges[1:])))


def panels(function: Function, begin: float, end: float) -> Array:
    """Edges between which sixteen nodes give the integral: halved until halves and whole agree."""
    edges = np.unique(begin + (end - begin) * FIRST)
    left, right, done = edges[:-1], edges[1:], [edges]
    for _ in range(HALVINGS):
        middle = (left + right) / 2
        whole = _gauss(function, left, right)
        halves = _gauss(function, left, middle) + _gauss(function, middle, right)
        total = max(abs(float(halves.sum())), np.finfo(float).tiny)
        if not np.isfinite(total):
            raise DynamicsError(f"the integrand is not finite between {begin:.6g} and {end:.6g}")
        open_ = np.abs(whole - halves) > RELATIVE * total + ROUNDING * np.abs(halves)
        if not open_.any():
            return np.unique(np.concatenate(done))
        done.append(middle[open_])
        left, right = np.append(left[open_], middle[open_]), np.append(middle[open_], right[open_])
    raise DynamicsError(f"the integral from {begin:.6g} to {end:.6g} does not settle")


def inverse_of_integral(function: Function, begin: float, values: Array) -> Array:
    """For each value v the end at which ∫ of a positive function from `begin` is v: the shape of `values`."""
    end = begin + 1.0
    edges = panels(function, begin, end)
    while _cumulated(function, edges)[-1] < values.max(initial=0.0):
        end = begin + 2 * (end - begin)
        edges = panels(function, begin, end)
    sums = _cumulated(function, edges)
    place = np.clip(np.searchsorted(sums, values, side="right") - 1, 0, len(edges) - 2)
    left, right, rest = edges[place], edges[place + 1], values - sums[place]
    found = left + (right - left) * rest / (sums[place + 1] - sums[place])
    for _ in range(40):
        found = np.clip(found - (_gauss(function, left, found) - rest) / function(found), left, right)
    return found


def _gauss(function: Function, left: Array, right: Array) -> Array:
    """The integral over each panel."""
    half = (right - left)[..., None] / 2
    at = left[..., None] + half * (1 + NODES)
    return (function(at) * WEIGHTS * half).sum(axis=-1)


def _cumulated(function: Function, edges: Array) -> Array:
    return np.concatenate([[0.0], np.cumsum(_gauss(function, edges[:-1], edges[1:]))])
