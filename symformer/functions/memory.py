"""Memory that blocks, and calls, use again. No formula lives here."""

import math

import numpy as np

from symformer.functions.support import seen_matmul

SMALL = 1 << 17  # numbers of a product that goes where the system likes: what others have just freed is warm
KEPT = 1 << 21  # bytes of an array whose memory a call leaves to the next one
FREE = []  # what calls have left: memory that the system need not clear again
ONES = {}  # ones, by dtype


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


def product(scratch, name, left, right, seen=False):
    """The matrix product, in the memory of that name: what was there is gone. If `seen`, a 0 of `left` hides."""
    if left.ndim == right.ndim == 2:
        shape = len(left), right.shape[1]
        if shape[0] * shape[1] < SMALL:
            return seen_matmul(left, right) if seen else np.matmul(left, right)
    else:
        lead, other = left.shape[:-2], right.shape[:-2]
        shape = *(lead if lead == other else np.broadcast_shapes(lead, other)), left.shape[-2], right.shape[-1]
    size = math.prod(shape)
    if size < SMALL:
        return seen_matmul(left, right) if seen else np.matmul(left, right)
    memory = scratch.get(name)
    if memory is None or memory.size < size or memory.dtype != left.dtype:
        memory = scratch[name] = np.empty(size, left.dtype)
        if memory.nbytes > KEPT:
            scratch["much"] = True
    out = memory[:size].reshape(shape)
    return seen_matmul(left, right, out=out) if seen else np.matmul(left, right, out=out)


def added(total, part):
    """A total and a part, in the memory of the total; the part alone where there is no total yet."""
    return part if total is None else np.add(total, part, out=total)


def added_product(scratch, name, total, left, right, out=None, seen=False):
    """A total and the matrix product; without a total yet the product alone, in `out` or memory of that name."""
    if total is not None:
        return np.add(total, product(scratch, name + "_part", left, right, seen), out=total)
    if out is None:
        return product(scratch, name, left, right, seen)
    return seen_matmul(left, right, out=out) if seen else np.matmul(left, right, out=out)


def ones(size, dtype):
    """A vector of ones, which must not be written to."""
    kept = ONES.get(dtype)
    if kept is None or kept.size < size:
        kept = np.ones(max(size, 1024), dtype)
        kept.flags.writeable = False
        if kept.nbytes <= KEPT:
            ONES[dtype] = kept
    return kept[:size]
