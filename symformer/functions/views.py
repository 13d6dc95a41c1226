"""How arrays enter and leave generated functions: views with axes moved, split or joined. No formula lives here."""

import numpy as np

from symformer.functions.checks import (
    axis_number,
    batch_axes,
    check_positions,
    exact_shape,
    real_array,
    whole_array,
)
from symformer.functions.options import number


def last_axis(function, name, x, axis):
    """A view of x with one axis moved last; raises as `axis_number`."""
    axis = axis_number(function, name, x, axis)
    return x if axis == x.ndim - 1 else np.moveaxis(x, axis, -1)


def flat_tail(function, axis, **named):
    """Views with the axes from `axis` to the last as one; the others must have just the shape of those axes.

    Raises:
        TypeError: the axis is no whole number.
        ValueError: there is no such axis, or an argument has another shape.
    """
    (name, x), *rest = named.items()
    start = axis_number(function, name, x, axis)
    tail = x.shape[start:]
    for other, array in rest:
        if array is not None and array.shape != tail:
            raise ValueError(f"{function}: {other}: expected shape {tail}, got {array.shape}")
    if start == x.ndim - 1:
        return tuple(named.values())
    flat = x.reshape(*x.shape[:start], int(np.prod(tail)))
    return flat, *(None if array is None else array.reshape(-1) for _, array in rest)


def split_axes(function, name, array, *factors):
    """A view with each of the last axes as several, one for each of its factors; one factor may be -1.

    Raises:
        ValueError: too few axes, or an axis that is no such product.
    """
    lead = array.ndim - len(factors)
    split, fits = [], lead >= 0
    for axis, parts in zip(array.shape[max(lead, 0) :], factors, strict=False):
        known = int(np.prod([part for part in parts if part > 0]))
        fits = fits and (axis % known == 0 if -1 in parts else axis == known)
        split += [axis // known if part < 0 else part for part in parts]
    if not fits:
        wanted = ", ".join(" * ".join("?" if part < 0 else str(part) for part in parts) for parts in factors)
        raise ValueError(f"{function}: {name}: expected shape (..., {wanted}), got {array.shape}")
    return array.reshape(*array.shape[:lead], *split)


def join_axes(array, *counts):
    """A view in which so many of the last axes in a row are one."""
    tail = iter(array.shape[array.ndim - sum(counts) :])
    joined = [int(np.prod([next(tail) for _ in range(count)])) for count in counts]
    return array.reshape(*array.shape[: array.ndim - sum(counts)], *joined)


def split_pairs(function, x, positions, interleaved):
    """The first and the second feature of each pair, as views.

    Raises:
        ValueError: x has an odd number of features, or other positions.
    """
    if x.ndim < 2 or x.shape[-1] % 2:
        raise ValueError(f"{function}: x: expected shape (..., n, d) with an even d, got {x.shape}")
    if not positions.ndim or positions.shape[-1] != x.shape[-2]:
        raise ValueError(f"{function}: positions: expected shape (..., {x.shape[-2]}), got {positions.shape}")
    batch_axes(function, x=x.shape[:-2], positions=positions.shape[:-1])
    half = x.shape[-1] // 2
    return (x[..., 0::2], x[..., 1::2]) if interleaved else (x[..., :half], x[..., half:])


def join_pairs(first, second, interleaved):
    """The pairs as one axis: next to each other, or all first ones before all second ones."""
    if not interleaved:
        return np.concatenate([first, second], axis=-1)
    return np.stack([first, second], axis=-1).reshape(*first.shape[:-1], 2 * first.shape[-1])


def flat_rows(function, logits, targets, weight, ignore_index):
    """Logits as rows, and what their losses depend on.

    Returns:
        Logits (rows, C); class indices (rows) or None; probabilities (rows, C) or None; the weight of each class (C);
        and which rows are kept (rows).

    Raises:
        TypeError: targets are neither whole numbers nor probabilities.
        ValueError: shapes that do not fit, or a class outside 0..C-1.
    """
    if not logits.ndim or not logits.shape[-1]:
        raise ValueError(f"{function}: logits: expected shape (..., C) with at least one class, got {logits.shape}")
    flat = logits.reshape(int(np.prod(logits.shape[:-1])), logits.shape[-1])
    weight = np.ones(flat.shape[1], flat.dtype) if weight is None else weight
    if weight.shape != flat.shape[1:]:
        raise ValueError(f"{function}: weight: expected shape {flat.shape[1:]}, got {weight.shape}")
    targets = real_array(function, "targets", targets)
    want = logits.shape if targets.dtype.kind == "f" else logits.shape[:-1]
    if targets.shape != want:
        raise ValueError(f"{function}: targets: expected shape {want}, got {targets.shape}")
    if targets.dtype.kind == "f":
        y = targets.reshape(flat.shape).astype(logits.dtype, copy=False)
        return flat, None, y, weight, np.ones(len(flat), bool)
    ids = whole_array(function, "targets", targets).reshape(-1)
    kept = ids != number(function, "ignore_index", ignore_index, whole=True)
    ids = np.where(kept, ids, 0)
    check_positions(function, "targets", ids, flat.shape[1])
    return flat, ids, None, weight, kept


def row_cotangents(function, cotangent, shape, reduction):
    """The cotangents of the losses of rows and of what they are reduced to; one of them is 0.

    Raises:
        ValueError: the cotangent has another shape than the result.
    """
    exact_shape(function, "cotangent", cotangent, shape if reduction == "none" else ())
    rows = int(np.prod(shape))
    if reduction == "none":
        return cotangent.reshape(rows), 0.0
    return np.zeros(rows, cotangent.dtype), cotangent.item()


def pair_cotangent(function, cotangent, x, positions):
    """Checks that a cotangent has the shape of x, broadcast with its positions.

    Raises:
        ValueError: it has not.
    """
    lead = batch_axes(function, x=x.shape[:-2], positions=positions.shape[:-1])
    exact_shape(function, "cotangent", cotangent, (*lead, *x.shape[-2:]))


def shapes_of(*arrays):
    """The shapes of arrays; () for None."""
    return [() if array is None else array.shape if type(array) is np.ndarray else np.shape(array) for array in arrays]


def typed(array, dtype):
    """A result in the dtype that came in, a number where it has no axes; None stays None."""
    if type(array) is np.ndarray and array.dtype is dtype and array.ndim:
        return array
    return None if array is None else np.asarray(array).astype(dtype, copy=False)[()]


def summed_like(gradient, array):
    """The gradient of an array: summed over the axes along which the array was broadcast."""
    gradient = np.asarray(gradient)
    lead = max(gradient.ndim - array.ndim, 0)
    gradient = gradient.sum(axis=tuple(range(lead)))
    own = array.shape[array.ndim - gradient.ndim :]
    spread = tuple(axis for axis, size in enumerate(gradient.shape) if own[axis] == 1 != size)
    gradient = gradient.sum(axis=spread, keepdims=True)
    return gradient if gradient.shape == array.shape else np.array(np.broadcast_to(gradient, array.shape))
