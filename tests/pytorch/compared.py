"""A generated function and its gradients beside PyTorch's, at a case."""

from __future__ import annotations

import numpy as np
from function_cases import case, is_float

from pytorch.calls import value_and_gradients
from symformer import functions

VALUE = {"float16": 4e-3, "float32": 3e-5, "float64": 1e-11}
SLOPE = {"float16": 1e-2, "float32": 2e-4, "float64": 1e-9}
NOT_BY = {("rotary_embedding", 1)}  # positions are floats, and have no gradient


def compared(name, seed):
    """What differs, "" where nothing does.

    Where numbers of few digits cancel, PyTorch in float64 says which of the two is nearer.
    """
    inputs, options, rng = case(name, seed)
    value = np.asarray(getattr(functions, name)(*inputs, **options))
    cotangent = rng.cotangent(value.shape, value.dtype)
    ours = [value, *getattr(functions, f"{name}_vjp")(cotangent, *inputs, **options)]
    theirs = value_and_gradients(name, inputs, options, lambda shape, dtype: cotangent.reshape(shape).astype(dtype))
    for place, (one, other) in enumerate(zip(ours, theirs, strict=True)):
        told = at_place(name, place, one, other)
        if told and not (
            one is None or other is None or is_nearer(place, one, other, name, inputs, options, cotangent)
        ):
            return f"result {place}: {told}"  # 0 is the value, 1 the gradient by the first input
    return ""


def at_place(name, place, one, other):
    """How a value or a gradient differs."""
    if place and (other is None or (name, place - 1) in NOT_BY):
        return "" if one is None else "expected none"
    if place and not np.isfinite(other).all():  # PyTorch's are NaN where rows see nothing
        return ""
    return differs(one, other, SLOPE if place else VALUE)


def is_nearer(place, one, other, name, inputs, options, cotangent):
    """Whether ours is at least as near to PyTorch's in float64 as PyTorch's own."""
    if one.dtype == np.float64 or one.shape != other.shape:
        return False
    wide = [value.astype(np.float64) if is_float(value) else value for value in inputs]
    chosen = {key: value.astype(np.float64) if is_float(value) else value for key, value in options.items()}
    exact = value_and_gradients(name, wide, chosen, lambda shape, dtype: cotangent.astype(dtype))[place]
    return np.abs(one - exact).max() <= np.abs(other - exact).max()


def differs(found, wanted, near):
    """How two arrays differ, measured by the largest entry."""
    if (found.dtype, found.shape) != (wanted.dtype, wanted.shape):
        return f"expected {wanted.dtype} {wanted.shape}, found {found.dtype} {found.shape}"
    bound, (one, other) = near[wanted.dtype.name], (found.astype(float), wanted.astype(float))
    size = max(1.0, np.abs(other[np.isfinite(other)]).max(initial=0))
    if np.allclose(one, other, rtol=bound, atol=bound * size, equal_nan=True):
        return ""
    return f"expected\n{other}\nfound\n{one}"
