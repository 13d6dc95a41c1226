"""Parts of arrays that are processed at a time, small enough for a cache. No formula lives here."""

import math

import numpy as np

CACHE = 1 << 18  # bytes of one array in a block of elementwise operations: a few of them fit into a second-level cache
PRODUCT = 1 << 22  # bytes of the widest array in a block with matrix products, which want many rows
LEAST = 64  # rows that a matrix product wants at least


def blocks(rows, row_bytes):
    """Slices of rows for elementwise operations."""
    step = max(1, CACHE // max(row_bytes, 1))
    return [slice(start, start + step) for start in range(0, rows, step)]


def product_blocks(rows, row_bytes):
    """Slices of rows for matrix products."""
    step = max(LEAST, PRODUCT // max(row_bytes, 1))
    return [slice(start, start + step) for start in range(0, rows, step)]


def batches(lead, entry_bytes):
    """Indices of leading axes: all at once where that is little, else as many of the last axis as is little."""
    count = math.prod(lead)
    if not lead or count * entry_bytes <= PRODUCT:
        return (...,) if count else ()
    step = max(1, PRODUCT // max(entry_bytes, 1))
    parts = [slice(start, start + step) for start in range(0, lead[-1], step)]
    return ((*at, part) for at in np.ndindex(lead[:-1]) for part in parts)


def parts(at, *arrays):
    """The arrays at an index; None stays None."""
    return [None if array is None else array[at] for array in arrays]


def spread(*given):
    """Arrays broadcast to common leading axes and to their own sizes, and these leading axes; None stays None."""
    found = [array.shape[: array.ndim - len(sizes)] for array, *sizes in given if array is not None]
    lead = found[0] if len(set(found)) == 1 else np.broadcast_shapes(*found)
    return lead, *(array if array is None else _broadcast(array, (*lead, *sizes)) for array, *sizes in given)


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
