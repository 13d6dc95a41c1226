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
BAND = 256  # rows of a tile where rows see different columns
RANGES = {}  # between which numbers the sums of exponentials must lie, by dtype


class RowBlocks:
    """Slices of rows for matrix products.

    A block with a sum out of range comes once more, and from then on `shifted` says that maxima are subtracted.
    """

    def __init__(self, rows, row_bytes, bounded=False):
        self.rows, self.row_bytes = rows, row_bytes
        self.most = BAND // 2 if bounded else rows
        self.step = self._product_step()
        self.shifted = self.again = False

    def _product_step(self):
        step = product_step(self.rows, self.row_bytes)
        return step if self.rows * self.row_bytes <= FEW else min(step, self.most)

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
        self._shift()
        return True

    def _shift(self):
        self.step = self._product_step()


class Tiles(RowBlocks):
    """Slices of rows; `columns` are slices of columns: all in one where that is little, or maxima are needed."""

    def __init__(self, rows, columns, width, itemsize, bounded=False):
        self.size, self.columns = columns, (slice(0, columns),)
        self.rows, self.row_bytes, self.most = rows, width * itemsize, BAND // 2 if bounded else rows
        self.step, self.shifted, self.again = rows, False, False
        if rows * self.row_bytes > FEW or rows * columns * itemsize > FEW:
            self._cut(columns, itemsize, bounded)

    def _cut(self, columns, itemsize, bounded):
        """Steps for what is too much to come at once."""
        self.step = self._product_step()
        if self.rows * columns * itemsize > FEW:
            self.step = BAND if bounded else TILE // (WIDE * itemsize)
            self.columns = [slice(start, start + WIDE) for start in range(0, columns, WIDE)]

    def within(self, rows, above, below):
        """The blocks of the columns that these rows see; an empty one where they see none."""
        if above is None and below is None:
            return self.columns
        found, width = seen(rows, self.size, above, below), max(self.columns[0].stop, 1)
        starts = range(found.start, found.stop, width)
        return [slice(start, min(start + width, found.stop)) for start in starts] or [found]

    def _shift(self):
        super()._shift()
        self.columns = (slice(0, self.size),)  # maxima are of whole rows


def seen(rows, size, above, below):
    """The columns j of so many that any of the rows i sees: j <= i + above and j > i + below; None is no bound."""
    start = 0 if below is None else min(max(rows.start + below + 1, 0), size)
    stop = size if above is None else max(min(rows.stop + above, size), start)
    return slice(start, stop)


def _in_range(divisors, others):
    """Whether sums are in range, and others have a length: it overflows with them, and is 0 where all are too small."""
    least, most = RANGES.get(divisors.dtype) or _range(divisors.dtype)
    if not (float(np.minimum.reduce(divisors, axis=None)) > least and float(np.vdot(divisors, divisors)) < most):
        return False
    return not [other for other in others if not 0 < float(np.vdot(other, other)) < math.inf]


def _range(dtype):
    """What sums must be above, and what their squares must stay below: 2⁻²¹ and 2⁸⁴ in float32."""
    tiny = float(np.finfo(dtype).tiny)
    RANGES[dtype] = tiny ** (1 / 6), tiny ** (-2 / 3)
    return RANGES[dtype]
