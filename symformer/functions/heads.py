"""Heads and masks of attention: views with axes for heads, and what fits them. No formula lives here."""

import math

import numpy as np

from symformer.functions.checks import batch_axes, exact_shape, real_array, shapes
from symformer.functions.options import number


def group_heads(function, q, k, v, mask):
    """Views in which R query heads share each of G heads of keys and values: (..., G, R, n, d) and (..., G, 1, m, d).

    Returns:
        q, k, v and mask (itself where nothing is shared), and the number of query heads, or None.

    Raises:
        ValueError: the numbers of heads do not fit, nor shapes where heads are shared.
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
    shapes(function, "q: * n d, k: * m d, v: * m e", q, k, v)
    if mask is not None:
        mask = real_array(function, "mask", mask)
        if mask.ndim > 2 and mask.shape[-3] not in (1, heads):
            full = f"(..., {heads}, {q.shape[-2]}, {k.shape[-2]})"
            raise ValueError(f"{function}: mask: expected shape {full}, got {mask.shape}")
        batch_axes(function, q=q.shape[:-3], k=k.shape[:-3], v=v.shape[:-3], mask=mask.shape[:-3])
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
    _check_mask(function, mask, q, k)
    batch_axes(function, q=q.shape[:-2], k=k.shape[:-2], v=v.shape[:-2], mask=mask.shape[:-2])
    return (mask, None) if mask.dtype.kind == "b" else (None, mask.astype(q.dtype, copy=False))


def _check_mask(function, mask, queries, keys):
    full = (*queries.shape[-2:-1], *keys.shape[-2:-1])
    if any(size not in (1, number) for size, number in zip(mask.shape[-2:][::-1], full[::-1], strict=False)):
        raise ValueError(f"{function}: mask: expected shape (..., {', '.join(map(str, full))}), got {mask.shape}")


def split_heads(function, heads, kv_heads, x, memory, w_q, w_k, w_v, w_o, b_q, b_k, b_v, b_o):
    """Weights and biases with an axis for groups and one for the heads of a group; x and memory have to fit them.

    Raises:
        TypeError: a number of heads is no whole number.
        ValueError: the numbers of heads do not divide the widths, or each other; or shapes do not fit.
    """
    heads = number(function, "heads", heads, whole=True, least=1)
    groups = number(function, "kv_heads", heads if kv_heads is None else kv_heads, whole=True, least=1)
    if heads % groups:
        raise ValueError(f"{function}: kv_heads: expected a divisor of the {heads} heads, got {groups}")
    pair = (groups, heads // groups)
    for name, array, count in (("w_q", w_q, heads), ("w_v", w_v, groups)):
        if array.ndim != 2:
            raise ValueError(f"{function}: {name}: expected shape (in, out), got {array.shape}")
        if array.shape[1] % count:
            raise ValueError(f"{function}: {name}: expected a width that {count} heads divide, got shape {array.shape}")
    keys, values = w_q.shape[1] // heads * groups, w_v.shape[1] // groups
    shapes(
        function,
        f"x: n d, memory: m d_m, w_q: =d *, w_k: =d_m {keys}, w_v: =d_m *, w_o: ={values * heads} d_out, "
        f"b_q: ={w_q.shape[1]}, b_k: ={keys}, b_v: ={w_v.shape[1]}, b_o: =d_out",
        *(x, memory, w_q, w_k, w_v, w_o, b_q, b_k, b_v, b_o),
    )
    return (
        _split(w_q, 1, pair),
        _split(w_k, 1, (groups,)),
        _split(w_v, 1, (groups,)),
        _split(w_o, 0, pair),
        _split(b_q, 0, pair),
        _split(b_k, 0, (groups,)),
        _split(b_v, 0, (groups,)),
    )


def _split(array, axis, heads):
    if array is None:
        return None
    width = array.shape[axis] // math.prod(heads)
    return array.reshape(*array.shape[:axis], *heads, width, *array.shape[axis + 1 :])


def head_mask(function, mask, x, memory, w_q):
    """The mask as (boolean or None, float bias or None), with axes for groups and heads.

    Raises:
        TypeError: it is neither boolean nor floating.
        ValueError: it does not broadcast to (..., n, m) or (..., heads, n, m).
    """
    if mask is None:
        return None, None
    mask = np.atleast_2d(real_array(function, "mask", mask))
    groups, shared = w_q.shape[1:3]
    for_each = mask.ndim > max(x.ndim, memory.ndim)
    if for_each and mask.shape[-3] not in (1, groups * shared):
        raise ValueError(f"{function}: mask: expected shape (..., {groups * shared}, n, m), got {mask.shape}")
    _check_mask(function, mask, x, memory)
    pair = (groups, shared) if for_each and mask.shape[-3] > 1 else (1, 1)
    lead = mask.shape[: -3 if for_each else -2]
    batch_axes(function, x=x.shape[:-2], memory=memory.shape[:-2], mask=lead)
    mask = mask.reshape(*lead, *pair, *mask.shape[-2:])
    fake_q, fake_k = x[..., None, None, :, :], memory[..., None, None, :, :]
    return split_mask(function, mask, fake_q, fake_k, fake_k)


def regroup_heads(function, array, heads, q, k, v, mask):
    """A cotangent (..., H, n, e) with its heads as the pairs of q, as `group_heads` made them.

    Raises:
        ValueError: the cotangent has another shape than the result.
    """
    lead = np.broadcast_shapes(*(other.shape[:-4] for other in (q, k, v, mask) if other is not None))
    exact_shape(function, "cotangent", array, (*lead, heads, q.shape[-2], v.shape[-1]))
    return array.reshape(*lead, *q.shape[-4:-2], *array.shape[-2:])
