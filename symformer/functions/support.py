"""What generated functions need at their border: checks, dtypes and views. No formula lives here.

Two kernels do, because index notation names them without spelling them out: `finite_max`, the maximum over an index,
and `pick`, an entry whose index is an array.
"""

import numpy as np


def arrays(function, *optional, **named):
    """The arguments as arrays of one floating dtype, and the dtype that the result is to have.

    float16 is computed in float32; whole numbers and booleans in float64; Python numbers take the dtype of the others.

    Args:
        function: what errors call the function.
        optional: the names of arguments that may be None.
        named: the arguments.

    Raises:
        TypeError: an argument is missing, or does not hold real numbers.
        ValueError: an argument is a ragged list.
    """
    found = {
        name: real_array(function, name, value) for name, value in named.items() if not _left_out(name, value, optional)
    }
    typed = [array for name, array in found.items() if not isinstance(named[name], (bool, int, float))]
    kinds = [array.dtype if array.dtype.kind == "f" else np.dtype(np.float64) for array in typed or found.values()]
    dtype = np.result_type(*kinds)
    inner = np.dtype(np.float32) if dtype == np.float16 else dtype
    return *(found[name].astype(inner, copy=False) if name in found else None for name in named), dtype


def _left_out(name, value, optional):
    return value is None and name in optional


def real_array(function, name, value):
    """The argument as an array of real numbers; raises as `arrays`."""
    if value is None:
        raise TypeError(f"{function}: {name}: expected an array, got None")
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
    array = real_array(function, name, value)
    if array.dtype.kind not in "iu":
        raise TypeError(f"{function}: {name}: expected an array of whole numbers, got dtype {array.dtype}")
    return array


def positions(function, name, array, size):
    """Checks that an array of positions stays inside 0..size-1.

    Raises:
        ValueError: it does not.
    """
    if array.size and (array.min() < 0 or array.max() >= size):
        worst = array.min() if array.min() < 0 else array.max()
        raise ValueError(f"{function}: {name}: expected positions 0..{size - 1}, got {worst}")


def number(function, name, value, *, whole=False, none=False):
    """An option as a Python number (so that it never widens a float32 array); None stays None where it is allowed.

    Raises:
        TypeError: it is no number, or no whole one.
    """
    if value is None and none:
        return None
    what = "a whole number" if whole else "a number"
    if value is None or isinstance(value, str) or np.ndim(value) or np.asarray(value).dtype.kind not in "fiub":
        raise TypeError(f"{function}: {name}: expected {what}, got {value!r}")
    if whole and value != int(value):
        raise TypeError(f"{function}: {name}: expected a whole number, got {value!r}")
    return int(value) if whole else float(value)


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
        split = array.ndim - len(letters)
        fits = split == 0 if spec.startswith("=") else split >= 0
        if not fits or not _matches(letters, array.shape[split:], known):
            raise ValueError(f"{function}: {name}: expected shape {_expected(spec, known)}, got {array.shape}")
        leads[name] = array.shape[:split]
    batch_axes(function, **leads)


def _matches(letters, tail, known):
    for letter, size in zip(letters, tail, strict=True):
        if letter.isdigit():
            known[letter] = int(letter)
        if letter != "*" and known.setdefault(letter, size) != size:
            return False
    return True


def _expected(spec, known):
    letters = spec.removeprefix("=").split()
    sizes = [letter if letter not in known or letter.isdigit() else f"{letter}={known[letter]}" for letter in letters]
    return "(" + ", ".join(sizes if spec.startswith("=") else ["...", *sizes]) + ")"


def batch_axes(function, **leads):
    """Checks that leading axes broadcast.

    Raises:
        ValueError: they do not; names every argument.
    """
    try:
        np.broadcast_shapes(*leads.values())
    except ValueError as error:
        found = ", ".join(f"{name} {lead}" for name, lead in leads.items())
        raise ValueError(f"{function}: expected batch axes that broadcast, got {found}") from error


def finite_max(x):
    """The maximum over the last axis; 0 for a row that holds nothing but -inf."""
    top = np.max(x, axis=-1, initial=-np.inf)
    return np.where(top == -np.inf, top.dtype.type(0), top)


def pick(table, at):
    """Along the last axis of a table, the entry at each position; leading axes broadcast.

    Raises:
        ValueError: a position outside the axis.
    """
    if at.size and (at.min() < 0 or at.max() >= table.shape[-1]):
        raise ValueError(f"an index points outside its axis of {table.shape[-1]}: {at.min()} to {at.max()}, from 0")
    lead = np.broadcast_shapes(table.shape[:-1], at.shape)
    rows = np.broadcast_to(table, (*lead, table.shape[-1]))
    return np.take_along_axis(rows, np.broadcast_to(at, lead)[..., None], axis=-1)[..., 0]


def axis_number(function, name, x, axis):
    """An axis of x, counted from 0.

    Raises:
        TypeError: it is no whole number.
        ValueError: x has no such axis.
    """
    if isinstance(axis, bool) or not isinstance(axis, (int, np.integer)):
        raise TypeError(f"{function}: axis: expected a whole number, got {axis!r}")
    if not -x.ndim <= axis < x.ndim:
        raise ValueError(f"{function}: axis: expected an axis of {name} with shape {x.shape}, got {axis}")
    return int(axis) % x.ndim


def last_axis(function, name, x, axis):
    """A view of x with one axis moved last; raises as `axis_number`."""
    return np.moveaxis(x, axis_number(function, name, x, axis), -1)


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
    flat = x.reshape(*x.shape[:start], int(np.prod(tail)))
    return flat, *(None if array is None else array.reshape(-1) for _, array in rest)


def share_heads(function, name, array, q):
    """Keys or values with each head repeated, so that H query heads share H_kv of them.

    Raises:
        ValueError: H is not a multiple of H_kv.
    """
    if q.ndim < 3 or array.ndim < 3 or array.shape[-3] in (0, 1, q.shape[-3]) or q.shape[-3] == 1:
        return array
    if q.shape[-3] % array.shape[-3]:
        raise ValueError(
            f"{function}: {name}: expected a number of heads that divides the {q.shape[-3]} of q, got {array.shape[-3]}"
        )
    return np.repeat(array, q.shape[-3] // array.shape[-3], axis=-3)


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
    want = (q.shape[-2:-1], k.shape[-2:-1])
    full = (*want[0], *want[1])
    if any(size not in (1, number) for size, number in zip(mask.shape[-2:][::-1], full[::-1], strict=False)):
        raise ValueError(f"{function}: mask: expected shape (..., {', '.join(map(str, full))}), got {mask.shape}")
    batch_axes(function, q=q.shape[:-2], k=k.shape[:-2], v=v.shape[:-2], mask=mask.shape[:-2])
    return (mask, None) if mask.dtype.kind == "b" else (None, mask.astype(q.dtype, copy=False))


def flat_rows(function, logits, targets, reduction):
    """Logits as (rows, C), and targets as (class indices or None, probabilities or None).

    Raises:
        TypeError: targets are neither whole numbers nor probabilities.
        ValueError: shapes that do not fit, a class outside 0..C-1, or an unknown reduction.
    """
    if reduction not in ("mean", "sum", "none"):
        raise ValueError(f"{function}: reduction: expected 'mean', 'sum' or 'none', got {reduction!r}")
    if not logits.ndim or not logits.shape[-1]:
        raise ValueError(f"{function}: logits: expected shape (..., C) with at least one class, got {logits.shape}")
    flat = logits.reshape(int(np.prod(logits.shape[:-1])), logits.shape[-1])
    targets = real_array(function, "targets", targets)
    want = logits.shape if targets.dtype.kind == "f" else logits.shape[:-1]
    if targets.shape != want:
        raise ValueError(f"{function}: targets: expected shape {want}, got {targets.shape}")
    if targets.dtype.kind == "f":
        return flat, None, targets.reshape(flat.shape).astype(logits.dtype, copy=False)
    ids = whole_array(function, "targets", targets).reshape(-1)
    positions(function, "targets", ids, flat.shape[1])
    return flat, ids, None
