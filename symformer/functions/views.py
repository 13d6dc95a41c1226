"""How arrays enter and leave generated functions: views with axes moved, split or joined. No formula lives here."""

import numpy as np

from symformer.functions.checks import (
    axis_number,
    batch_axes,
    check_positions,
    exact_shape,
    number,
    real_array,
    whole_array,
)


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


def group_heads(function, q, k, v, mask):
    """Views in which R query heads share each of G heads of keys and values: (..., G, R, n, d) and (..., G, 1, m, d).

    Returns:
        q, k, v and mask (itself where nothing is shared), and the number of query heads, or None.

    Raises:
        ValueError: the numbers of heads do not fit.
    """
    if q.ndim < 3:
        return q, k, v, mask, None
    counts = [1 if array.ndim < 3 else array.shape[-3] for array in (q, k, v)]
    heads, groups = counts[0], max(counts[1:])
    if min(q.ndim, k.ndim, v.ndim) < 3 or groups in (0, 1, heads) or heads == 1:
        return q, k, v, mask, None
    for name, count in zip("kv", counts[1:], strict=True):
        if heads % groups or count not in (1, groups):
            raise ValueError(
                f"{function}: {name}: expected a number of heads that divides the {heads} of q, got {count}"
            )
    if mask is not None:
        mask = real_array(function, "mask", mask)
        mask = _split_heads(mask, groups, heads) if mask.ndim > 2 else mask
    return *(_split_heads(array, groups, heads) for array in (q, k, v)), mask, heads


def _split_heads(array, groups, heads):
    count = array.shape[-3]
    pair = (groups, heads // groups) if count == heads else (count, 1)
    return array.reshape(*array.shape[:-3], *pair, *array.shape[-2:])


def ungroup_heads(array, heads):
    """A view of (..., G, R, n, d) as (..., G·R, n, d), where `group_heads` made heads into pairs."""
    return array if heads is None else array.reshape(*array.shape[:-4], heads, *array.shape[-2:])


def split_mask(function, mask, q, k, v):
    """The mask as (boolean or None, float bias or None).

    Raises:
        TypeError: it is neither boolean nor floating.
        ValueError: it does not broadcast to (..., n, m).
    """
    if mask is None:
        return None, None
    mask = real_array(function, "mask", mask)
    if mask.dtype.kind not in "bf":
        raise TypeError(f"{function}: mask: expected a boolean or floating array, got dtype {mask.dtype}")
    full = (*q.shape[-2:-1], *k.shape[-2:-1])
    if any(size not in (1, number) for size, number in zip(mask.shape[-2:][::-1], full[::-1], strict=False)):
        raise ValueError(f"{function}: mask: expected shape (..., {', '.join(map(str, full))}), got {mask.shape}")
    batch_axes(function, q=q.shape[:-2], k=k.shape[:-2], v=v.shape[:-2], mask=mask.shape[:-2])
    return (mask, None) if mask.dtype.kind == "b" else (None, mask.astype(q.dtype, copy=False))


def split_heads(function, heads, kv_heads, w_q, w_k, w_v, w_o, b_q, b_k, b_v):
    """Weights and biases with an axis for groups and one for the heads of a group.

    Raises:
        TypeError: a number of heads is no whole number.
        ValueError: the numbers of heads do not divide the widths, or each other.
    """
    heads = number(function, "heads", heads, whole=True, least=1)
    groups = number(function, "kv_heads", heads if kv_heads is None else kv_heads, whole=True, least=1)
    if heads % groups:
        raise ValueError(f"{function}: kv_heads: expected a divisor of the {heads} heads, got {groups}")
    pair = (groups, heads // groups)
    for name, array in (("w_q", w_q), ("w_k", w_k), ("w_v", w_v), ("w_o", w_o)):
        if array.ndim != 2:
            raise ValueError(f"{function}: {name}: expected shape (in, out), got {array.shape}")
    return (
        _split(function, "w_q", w_q, 1, pair),
        _split(function, "w_k", w_k, 1, (groups,)),
        _split(function, "w_v", w_v, 1, (groups,)),
        _split(function, "w_o", w_o, 0, pair),
        _split(function, "b_q", b_q, 0, pair),
        _split(function, "b_k", b_k, 0, (groups,)),
        _split(function, "b_v", b_v, 0, (groups,)),
    )


def _split(function, name, array, axis, heads):
    if array is None:
        return None
    count = int(np.prod(heads))
    if array.ndim <= axis or array.shape[axis] % count:
        raise ValueError(f"{function}: {name}: expected a width that {count} heads divide, got shape {array.shape}")
    return array.reshape(*array.shape[:axis], *heads, array.shape[axis] // count, *array.shape[axis + 1 :])


def head_mask(function, mask, x, memory, w_q):
    """The mask as (boolean or None, float bias or None), with axes for groups and heads.

    Raises:
        TypeError: it is neither boolean nor floating.
        ValueError: it does not broadcast to (..., n, m) or (..., heads, n, m).
    """
    if mask is None:
        return None, None
    mask = real_array(function, "mask", mask)
    groups, shared = w_q.shape[1:3]
    for_each = mask.ndim > max(x.ndim, memory.ndim)
    if for_each and mask.shape[-3] not in (1, groups * shared):
        raise ValueError(f"{function}: mask: expected shape (..., {groups * shared}, n, m), got {mask.shape}")
    pair = (groups, shared) if for_each and mask.shape[-3] > 1 else (1, 1)
    lead = mask.shape[: -3 if for_each else -2]
    mask = mask.reshape(*lead, *pair, *mask.shape[-2:])
    fake_q, fake_k = x[..., None, None, :, :], memory[..., None, None, :, :]
    return split_mask(function, mask, fake_q, fake_k, fake_k)


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


def regroup_heads(array, q):
    """A cotangent (..., H, n, e) with its heads as the pairs of q, as `group_heads` made them."""
    if array.ndim < 3 or array.shape[-3] != q.shape[-4] * q.shape[-3]:
        return array
    return array.reshape(*array.shape[:-3], *q.shape[-4:-2], *array.shape[-2:])


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
    lead = max(gradient.ndim - array.ndim, 0)
    gradient = gradient.sum(axis=tuple(range(lead)))
    spread = tuple(axis for axis, size in enumerate(gradient.shape) if array.shape[axis] == 1 != size)
    gradient = gradient.sum(axis=spread, keepdims=True)
    return np.broadcast_to(gradient, array.shape)
