"""Parts of arrays that are processed at a time, small enough for a cache. No formula lives here."""

import math

import numpy as np

CACHE = 1 << 20  # bytes of one array in a block of elementwise operations
PRODUCT = 1 << 20  # bytes of the widest array in a block with matrix products
MANY = 256  # rows that a matrix product wants, even where they take more
LEAST = 64  # and these in any case
MOST = 1 << 23  # bytes of more than that many rows
BATCH = 1 << 22  # bytes of the widest array of all entries of a batch that are processed at once
FEW = 1 << 19  # bytes of scores that are processed at once
TILE = 1 << 20  # bytes of a tile of more scores: it stays near a second-level cache
WIDE = 256  # columns of a tile
SMALL = 1 << 14  # numbers of an array whose memory is not worth to be kept
KEPT = 1 << 21  # bytes of an array whose memory a call leaves to the next one
FREE = []  # what calls have left: memory that the system need not clear again
ONES = {}  # ones, by dtype


def blocks(rows, row_bytes, most=0):
    """Slices of rows for elementwise operations, of at most so many bytes, or as many as suit a cache."""
    most = most or CACHE
    if rows * row_bytes <= most:
        return (slice(0, rows),) if rows else ()
    step = max(1, most // row_bytes)
    return [slice(start, start + step) for start in range(0, rows, step)]


def product_blocks(rows, row_bytes):
    """Slices of rows for matrix products."""
    if rows * row_bytes <= PRODUCT:
        return (slice(0, rows),) if rows else ()
    step = max(LEAST, PRODUCT // row_bytes, min(MANY, MOST // row_bytes))
    return [slice(start, start + step) for start in range(0, rows, step)]


def tiles(rows, columns, width, itemsize, shifted):
    """Slices of rows, and of columns: all columns where rows need a shift by their maximum, else tiles for a cache."""
    if shifted or rows * columns * itemsize <= FEW:
        return product_blocks(rows, width * itemsize), (slice(0, columns),)
    tall = TILE // (WIDE * itemsize)
    return (
        [slice(start, start + tall) for start in range(0, rows, tall)],
        [slice(start, start + WIDE) for start in range(0, columns, WIDE)],
    )


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
    for entry in given:
        if entry[0] is not None and entry[0].shape != entry[1:]:
            break
    else:
        return (), *[entry[0] for entry in given]
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


def stacked(layers, *sizes):
    """The arrays of all layers as one: the new axis stands before their own, of these sizes; batch axes broadcast."""
    if not layers:
        return np.empty((0, *sizes))
    return np.stack(np.broadcast_arrays(*layers), axis=-1 - len(sizes))


def taken_scratch():
    """Memory for what a block alone reads, by name; nobody else has it until it is given back."""
    try:
        return FREE.pop()
    except IndexError:
        return {}


def given_back(scratch):
    """Leaves memory to the next call, if it is little; a call that fails leaves none."""
    if "much" not in scratch and len(FREE) < 4:
        FREE.append(scratch)


def product(scratch, name, left, right):
    """The matrix product, in the memory of that name: what was there is gone."""
    lead, other = left.shape[:-2], right.shape[:-2]
    shape = (*(lead if lead == other else np.broadcast_shapes(lead, other)), left.shape[-2], right.shape[-1])
    size = math.prod(shape)
    if size < SMALL:
        return left @ right
    memory = scratch.get(name)
    if memory is None or memory.size < size or memory.dtype != left.dtype:
        memory = scratch[name] = np.empty(size, left.dtype)
        if memory.nbytes > KEPT:
            scratch["much"] = True
    return np.matmul(left, right, out=memory[:size].reshape(shape))


def added_product(scratch, name, total, left, right):
    """A total and the matrix product, in the memory of that name; the product alone where there is no total yet."""
    if total is None:
        return product(scratch, name, left, right)
    total += product(scratch, name + "_part", left, right)
    return total


def ones(size, dtype):
    """A vector of ones, which must not be written to."""
    kept = ONES.get(dtype)
    if kept is None or kept.size < size:
        kept = np.ones(max(size, 1024), dtype)
        kept.flags.writeable = False
        if kept.nbytes <= KEPT:
            ONES[dtype] = kept
    return kept[:size]
