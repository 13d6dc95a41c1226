"""Witnesses of gradients that know nothing of how they were derived: finite differences in float64."""

from __future__ import annotations

import numpy as np

import symformer as sf
from symformer.calculus import reverse

STEP = 1e-6


def drawn(tensor, sizes, random):
    """Numbers for an input: whole numbers for positions (from 0), 0/1 for masks, positive ones where they must be."""
    shape = [int(size.subs(sizes)) for size in tensor.shape]
    kind = tensor.domain.kind
    if kind == "integer":
        return random.integers(0, int(tensor.domain.upper.subs(sizes)), shape)
    if kind == "mask":
        return (random.random(shape) < 0.6).astype(float)
    values = random.normal(size=shape)
    return np.abs(values) + 0.5 if kind == "positive" else values


def differences(function, values, place, cotangent):
    """The gradient of Σ cotangent · function(values) in the argument at `place`, by central differences."""
    out = np.zeros_like(values[place])
    for at in np.ndindex(out.shape):
        sides = []
        for move in (STEP, -STEP):
            moved = [np.array(value) for value in values]
            moved[place][at] += move
            sides.append(np.sum(function(*moved) * cotangent))
        out[at] = (sides[0] - sides[1]) / (2 * STEP)
    return out


def worst_difference(program, sizes, seed=0, backward=None, **options):
    """The largest difference of derived gradients from finite differences, relative to the gradient's size."""
    random = np.random.default_rng(seed)
    backward = backward or reverse(program, **options)
    forward, derived = sf.lambdify(program, "forward"), sf.lambdify(backward.program, "derived")
    values = [drawn(tensor, sizes, random) for tensor in program.inputs]
    given = [drawn(tensor, sizes, random) for tensor in backward.cotangents if tensor.origin is None]
    found = derived(*given, *values)
    found = found if isinstance(found, tuple) else (found,)
    names = [tensor.name for tensor in program.inputs]
    worst = 0.0
    for tensor, gradient in zip(backward.wrt, found, strict=True):
        near = differences(forward, values, names.index(tensor.name), given[0] if given else 1.0)
        assert gradient.shape == near.shape
        worst = max(worst, float(np.abs(gradient - near).max() / (1 + np.abs(near).max())))
    return worst
