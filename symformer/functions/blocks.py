"""Parts of arrays that are processed at a time, small enough for a cache. No formula lives here."""

import math

import numpy as np

CACHE = 1 << 20  # bytes of one array in a block of elementwise operations
PRODUCT = 1 << 20  # bytes of the widest array in a block with matrix products
MANY = 256  # rows that a matrix product wants, even where they take more
LEAST = 64  # and these in any case
MOST = 1 << 23  # bytes of more than that many rows
BATCH = 1 << 22  # bytes of the widest array of all entries of a batch that are processed at once


def blocks(rows, row_bytes, most=0):
    """Slices of rows for elementwise operations, of at most so many bytes, or as many as suit a cache."""
    most = most or CACHE
    if rows * row_bytes <= most:
        return (slice(0, rows),) if rows else ()
    step = max(1, most // row_bytes)
    return [slice(start, start + step) for start in range(0, rows, step)]


def product_blocks(rows, row_bytes):
    """Slices of rows for matrix products."""
    step = product_step(rows, row_bytes)
    return [slice(start, start + step) for start in range(0, rows, max(step, 1))]


def product_step(rows, row_bytes):
    """How many rows a block for matrix products has."""
    fit = rows * row_bytes <= PRODUCT
    return rows if fit else max(LEAST, PRODUCT // row_bytes, min(MANY, MOST // row_bytes))


def batches(lead, entry_bytes, most=0):
    """Indices of leading axes: all at once where that is little, else as many of the last axis as is little."""
    if not lead:
        return (...,)
    count, most = math.prod(lead), most or BATCH
    if count * entry_bytes <= most:
        return (...,) if count else ()
    step = max(1, most // entry_bytes)
    parts = [slice(start, start + step) for start in range(0, lead[-1], step)]
    return ((*at, part) for at in np.ndindex(lead[:-1]) for part in parts)


def parts(at, *arrays):
    """The arrays at an index; None stays None."""
    return arrays if at is ... else [None if array is None else array[at] for array in arrays]


def spread(*given):
    """Arrays broadcast to common leading axes and to their own sizes, and these leading axes; None stays None."""
    first = given[0][0]
    lead = () if first is None else first.shape[: first.ndim + 1 - len(given[0])]
    for entry in given:
        if entry[0] is not None and entry[0].shape != lead + entry[1:]:
            break
    else:  # the common case: nothing to broadcast
        return lead, *[entry[0] for entry in given]
    found = [array.shape[: array.ndim - len(sizes)] for array, *sizes in given if array is not None]
    lead = found[0] if found.count(found[0]) == len(found) else np.broadcast_shapes(*found)
    return lead, *[array if array is None else _broadcast(array, (*lead, *sizes)) for array, *sizes in given]


def _broadcast(array, shape):
    return array if array.shape == shape else np.broadcast_to(array, shape)


def as_rows(array, tail):
    """All axes but the last few as one."""
    split = array.ndim - tail
    return array if split == 1 else array.reshape(math.prod(array.shape[:split]), *array.shape[split:])


def from_rows(array, lead):
    """The first axis as the leading axes that it came from."""
    return array.reshape((*lead, *array.shape[1:]))


def sum_to(array, shape):
    """The sum over axes that broadcasting added, so that the shape is this one."""
    if array.shape == shape:
        return array
    extra = tuple(range(array.ndim - len(shape)))
    ones = tuple(axis - len(shape) for axis, size in enumerate(shape) if size == 1 != array.shape[axis - len(shape)])
    return array.sum(axis=(*extra, *ones), keepdims=True).reshape(shape)


def placed(stack, value, at, count, *sizes):
    """The array of `count` layers with that of one written in; batch axes and dtype grow where a later one has more."""
    axes = len(sizes)
    if (
        stack is not None
        and stack.ndim == axes + 1
        and np.shape(value) == sizes
        and getattr(value, "dtype", None) == stack.dtype
    ):
        stack[at] = value  # the common case: no batch axes, and nothing grows
        return stack
    value = np.broadcast_to(value, np.broadcast_shapes(np.shape(value), sizes))
    lead = value.shape[: value.ndim - axes]
    if stack is None:
        stack = np.empty((*lead, count, *sizes), value.dtype)
    wide, dtype = np.broadcast_shapes(lead, stack.shape[: -1 - axes]), np.result_type(stack, value)
    if (*wide, count, *sizes) != stack.shape or dtype != stack.dtype:
        stack = np.broadcast_to(stack, (*wide, count, *sizes)).astype(dtype)
    stack[(..., at, *(slice(None),) * axes)] = value
    return stack
