"""Blocks of rows whose exponentials are first tried without a shift by the maximum. No formula lives here.

Σ_j exp(s_ij) tells afterwards whether the shift was needless: its terms are positive, so that none is larger than it,
and the largest is at least the m-th part of it (the book's shift-left-out).
"""

import math

import numpy as np

from symformer.functions.blocks import product_step

FEW = 1 << 19  # bytes of scores that are processed at once
TILE = 1 << 20  # bytes of a tile of more scores: it stays near a second-level cache
WIDE = 256  # columns of a tile
RANGES = {}  # between which numbers the sums of exponentials must lie, by dtype


class RowBlocks:
    """Slices of rows for matrix products.

    A block with a sum out of range comes once more, and from then on `shifted` says that maxima are subtracted.
    """

    def __init__(self, rows, row_bytes):
        self.rows, self.row_bytes = rows, row_bytes
        self.step = product_step(rows, row_bytes)
        self.shifted = self.again = False

    def __iter__(self):
        start = 0
        while start < self.rows:
            step = self.step
            yield slice(start, start + step)
            start += 0 if self.again else step
            self.again = False

    def out_of_range(self, divisors, *others):
        """Whether the rows must be computed again: their sums of exponentials, or others with these, left the range."""
        if self.shifted or _in_range(divisors, others):
            return False
        self.shifted = self.again = True
        self.step = product_step(self.rows, self.row_bytes)
        return True


class Tiles(RowBlocks):
    """Slices of rows; `columns` are slices of columns: all in one where that is little, or maxima are needed."""

    def __init__(self, rows, columns, width, itemsize):
        super().__init__(rows, width * itemsize)
        self.columns = (slice(0, columns),)
        if rows * columns * itemsize > FEW:
            self.step = TILE // (WIDE * itemsize)
            self.columns = [slice(start, start + WIDE) for start in range(0, columns, WIDE)]

    def out_of_range(self, divisors, *others):
        """As for rows alone; then all columns come at once."""
        found = super().out_of_range(divisors, *others)
        if found:
            self.columns = (slice(0, self.columns[-1].stop),)
        return found


def _in_range(divisors, others):
    """Whether sums are in range, and others have a length: it overflows with them, and is 0 where all are too small."""
    least, most = _range(divisors.dtype)
    inside = least < np.minimum.reduce(divisors, axis=None) and np.vdot(divisors, divisors) < most
    return inside and not [other for other in others if not 0 < np.vdot(other, other) < math.inf]


def _range(dtype):
    """What sums must be above, and what their squares must stay below: 2⁻²¹ and 2⁸⁴ in float32."""
    if dtype not in RANGES:
        tiny = float(np.finfo(dtype).tiny)
        RANGES[dtype] = tiny ** (1 / 6), tiny ** (-2 / 3)
    return RANGES[dtype]
