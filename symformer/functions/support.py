"""What generated functions need at their border: checks, dtypes and views. No formula lives here.

The one kernel is `finite_max`, because a maximum over an index is a primitive that index notation cannot spell out.
"""

import numpy as np

__all__ = [
    "arrays",
    "finite_max",
    "flat_rows",
    "flat_tail",
    "last_axis",
    "number",
    "shapes",
    "share_heads",
    "split_mask",
]


def arrays(function, **named):
    """The arguments as arrays of one floating dtype, and the dtype that the result is to have.

    float16 is computed in float32; whole numbers and booleans in float64. None stays None.

    Raises:
        TypeError: an argument does not hold real numbers.
        ValueError: an argument is a ragged list.
    """
    found = {name: real_array(function, name, value) for name, value in named.items() if value is not None}
    kinds = [array.dtype if array.dtype.kind == "f" else np.dtype(np.float64) for array in found.values()]
    dtype = np.result_type(*kinds)
    inner = np.dtype(np.float32) if dtype == np.float16 else dtype
    return *(found[name].astype(inner, copy=False) if name in found else None for name in named), dtype


def real_array(function, name, value):
    """The argument as an array of real numbers; raises as `arrays`."""
    try:
        array = np.asarray(value)
    except ValueError as error:
        raise ValueError(f"{function}: {name}: expected an array, got a ragged list") from error
    if array.dtype.kind not in "fiub":
        raise TypeError(f"{function}: {name}: expected an array of real numbers, got dtype {array.dtype}")
    return array


def whole_array(function, name, value):
    """The argument as an array of whole numbers.

    Raises:
        TypeError: it holds something else.
    """
    array = np.asarray(value)
    if array.dtype.kind not in "iu":
        raise TypeError(f"{function}: {name}: expected an array of whole numbers, got dtype {array.dtype}")
    return array


def number(function, name, value, kind=float):
    """An option as a Python number (so that it never widens a float32 array); None stays None.

    Raises:
        TypeError: it is no number.
    """
    if value is None:
        return None
    if np.ndim(value) or isinstance(value, str):
        raise TypeError(f"{function}: {name}: expected a number, got {type(value).__name__}")
    return kind(value)


def shapes(function, **specs):
    """Checks trailing shapes against size names, e.g. `q=(q, "n d"), k=(k, "m d")`; None is skipped.

    A spec that starts with "=" allows no batch axes; "*" allows any size.

    Raises:
        ValueError: an argument does not fit; names it, what was expected and what came.
    """
    known, leads = {}, {}
    for name, (array, spec) in specs.items():
        if array is None:
            continue
        letters = spec.removeprefix("=").split()
        lead, tail = array.shape[: array.ndim - len(letters)], array.shape[array.ndim - len(letters) :]
        fits = array.ndim >= len(letters) and not (spec.startswith("=") and lead)
        for letter, size in zip(letters, tail, strict=fits):
            fits = fits and (letter == "*" or known.setdefault(letter, size) == size)
        if not fits:
            raise ValueError(f"{function}: {name}: expected shape {_expected(spec, known)}, got {array.shape}")
        leads[name] = lead
    _check_batch(function, leads)


def _expected(spec, known):
    letters = spec.removeprefix("=").split()
    sizes = [letter if letter not in known else f"{letter}={known[letter]}" for letter in letters]
    return "(" + ", ".join(sizes if spec.startswith("=") else ["...", *sizes]) + ")"


def _check_batch(function, leads):
    try:
        np.broadcast_shapes(*leads.values())
    except ValueError as error:
        found = ", ".join(f"{name} {lead}" for name, lead in leads.items())
        raise ValueError(f"{function}: expected batch axes that broadcast, got {found}") from error


def finite_max(x):
    """The maximum over the last axis; 0 for a row that holds nothing but -inf."""
    top = np.max(x, axis=-1, initial=-np.inf)
    return np.where(top == -np.inf, top.dtype.type(0), top)


def last_axis(function, name, x, axis):
    """A view of x with one axis moved last.

    Raises:
        ValueError: x has no such axis.
    """
    if not -x.ndim <= axis < x.ndim:
        raise ValueError(f"{function}: axis: expected an axis of {name} with shape {x.shape}, got {axis}")
    return np.moveaxis(x, axis, -1)


def flat_tail(function, axis, **named):
    """Views with the axes from `axis` to the last as one; the others must have just the shape of those axes.

    Raises:
        ValueError: there is no such axis, or an argument has another shape.
    """
    (name, x), *rest = named.items()
    if not -x.ndim <= axis < x.ndim:
        raise ValueError(f"{function}: axis: expected an axis of {name} with shape {x.shape}, got {axis}")
    start = axis % x.ndim
    tail = x.shape[start:]
    for other, array in rest:
        if array is not None and array.shape != tail:
            raise ValueError(f"{function}: {other}: expected shape {tail}, got {array.shape}")
    return x.reshape(x.shape[:start] + (-1,)), *(None if array is None else array.reshape(-1) for _, array in rest)


def share_heads(function, name, array, q):
    """Keys or values with each head repeated, so that H query heads share H_kv of them.

    Raises:
        ValueError: H is not a multiple of H_kv.
    """
    if q.ndim < 3 or array.ndim < 3 or array.shape[-3] in (1, q.shape[-3]):
        return array
    if q.shape[-3] % array.shape[-3]:
        raise ValueError(
            f"{function}: {name}: expected a number of heads that divides the {q.shape[-3]} of q, got {array.shape[-3]}"
        )
    return np.repeat(array, q.shape[-3] // array.shape[-3], axis=-3)


def split_mask(function, mask, q, k):
    """The mask as (boolean or None, float bias or None).

    Raises:
        TypeError: it is neither boolean nor floating.
        ValueError: it does not broadcast to (..., n, m).
    """
    if mask is None:
        return None, None
    mask = np.asarray(mask)
    if mask.dtype.kind not in "bf":
        raise TypeError(f"{function}: mask: expected a boolean or floating array, got dtype {mask.dtype}")
    want = (q.shape[-2], k.shape[-2])
    if any(size not in (1, full) for size, full in zip(mask.shape[-2:][::-1], want[::-1], strict=False)):
        raise ValueError(f"{function}: mask: expected shape (..., {want[0]}, {want[1]}), got {mask.shape}")
    return (mask, None) if mask.dtype.kind == "b" else (None, mask.astype(q.dtype, copy=False))


def flat_rows(function, logits, targets, reduction):
    """Logits as (rows, C), and targets as (class indices or None, probabilities or None).

    Raises:
        TypeError: targets are neither whole numbers nor probabilities.
        ValueError: shapes that do not fit, a class outside 0..C-1, or an unknown reduction.
    """
    if reduction not in ("mean", "sum", "none"):
        raise ValueError(f"{function}: reduction: expected 'mean', 'sum' or 'none', got {reduction!r}")
    flat = logits.reshape(-1, logits.shape[-1])
    targets = real_array(function, "targets", targets)
    want = logits.shape if targets.dtype.kind == "f" else logits.shape[:-1]
    if targets.shape != want:
        raise ValueError(f"{function}: targets: expected shape {want}, got {targets.shape}")
    if targets.dtype.kind == "f":
        return flat, None, targets.reshape(flat.shape).astype(logits.dtype, copy=False)
    ids = whole_array(function, "targets", targets).reshape(-1)
    if ids.size and (ids.min() < 0 or ids.max() >= flat.shape[1]):
        worst = ids.min() if ids.min() < 0 else ids.max()
        raise ValueError(f"{function}: targets: expected classes 0..{flat.shape[1] - 1}, got {worst}")
    return flat, ids, None
