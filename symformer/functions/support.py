"""The kernels of generated functions: what index notation names without spelling it out.

`finite_max` is the maximum over an index, `pick` an entry whose index is an array, `normal_cdf` and `erf` the normal
distribution and the error function.
"""

import math
from functools import lru_cache

import numpy as np

RUNNING_ROWS = 64  # of a running product that are multiplied at once

# s, then the coefficients of P, highest power first (tests/normal_tail.py).
TAIL32 = (
    0.25,
    0.020814888402995148,
    -0.0853892299367803,
    0.10379885752280021,
    -0.039746863367765436,
    0.06827399573344861,
    0.057446258240644865,
    0.08188963176605919,
    0.0934395147095263,
    0.09973739676829958,
    0.09973556103636351,
)  # fmt: skip
TAIL64 = (
    0.2,
    -0.0006850298877882599,
    0.007324049001092023,
    -0.0353608951690396,
    0.10149056154743838,
    -0.19250987113973253,
    0.2559406416250384,
    -0.2504086382399611,
    0.1885676704829755,
    -0.10997415719857502,
    0.04890169410866331,
    -0.020076890917692217,
    0.003860562644911952,
    0.0003217463382828372,
    0.007105058497225468,
    0.015085300216189297,
    0.02563693023947511,
    0.037583380641327116,
    0.04978800490411994,
    0.061022210953057675,
    0.07021384135538963,
    0.07659691783702884,
    0.07978845608028673,
    0.07978845608028654,
)  # fmt: skip

SQRT2 = 1.4142135623730951
ERF_SERIES = tuple((-1) ** n * 2 / math.sqrt(math.pi) / (math.factorial(n) * (2 * n + 1)) for n in range(18, -1, -1))


def finite_max(x):
    """The maximum over the last axis; 0 for a row that holds nothing but -inf."""
    top = np.maximum.reduce(x, axis=-1, initial=-np.inf, keepdims=True)
    np.copyto(top, 0, where=top == -np.inf)
    return top[..., 0]


def inside(at, seen, size):
    """Positions where they are seen; elsewhere the nearest ones on an axis of this size. The two broadcast.

    Raises:
        ValueError: a position that is seen, outside the axis.
    """
    at, seen = np.broadcast_arrays(at, seen)
    outside = (at < 0) | (at >= size)
    if np.any(outside & seen):
        raise ValueError(f"an index points outside its axis of {size}: {np.min(at)} to {np.max(at)}, from 0")
    return np.clip(at, 0, max(size - 1, 0))


def check_inside(at, size):
    """Checks that positions lie on an axis.

    Raises:
        ValueError: one does not.
    """
    if at.size and (at.min() < 0 or at.max() >= size):
        raise ValueError(f"an index points outside its axis of {size}: {at.min()} to {at.max()}, from 0")


def pick(table, at):
    """Along the last axis of a table, the entry at each position; leading axes broadcast.

    Raises:
        ValueError: a position outside the axis.
    """
    check_inside(at, table.shape[-1])
    lead = np.broadcast_shapes(table.shape[:-1], at.shape)
    rows = np.broadcast_to(table, (*lead, table.shape[-1]))
    return np.take_along_axis(rows, np.broadcast_to(at, lead)[..., None], axis=-1)[..., 0]


def normal_cdf(x):
    """Φ(x), the distribution function of the standard normal, to a few ulp in both tails.

    Φ(−z) = t P(t) exp(−z²/2) with t = 1/(1 + s z) for z ≥ 0; `tests/normal_tail.py` derives P.
    """
    x = np.asarray(x)
    below = normal_tail(np.abs(x, out=np.empty(x.shape, x.dtype)))
    step = np.copysign(0.5, x, out=np.empty(x.shape, x.dtype))
    step += 0.5
    step -= below  # 1 − Φ(−x) above 0, and −Φ(x) below
    return np.abs(step, out=step)


def normal_tail(z):
    """Φ(−z) for z ≥ 0, in the place of z."""
    slope, first, *rest = TAIL32 if z.dtype == np.float32 else TAIL64
    t = np.divide(1, slope * z + 1, out=np.empty_like(z))
    p = first * t
    for coefficient in rest:
        p += coefficient
        p *= t
    np.square(z, out=z)
    z *= -0.5
    p *= np.exp(z, out=z)
    return p


def erf(x):
    """The error function: its Taylor series inside ±1, and 1 − 2 Φ(−√2 |x|) outside."""
    x = np.asarray(x)
    if not x.ndim:
        return erf(x[None])[0]
    size = np.abs(x, out=np.empty(x.shape, x.dtype))
    square = np.square(np.minimum(size, 1))
    series = np.full_like(square, ERF_SERIES[0])
    for coefficient in ERF_SERIES[1:]:
        series *= square
        series += coefficient
    outside = np.copysign(1 - 2 * normal_tail(size * SQRT2), x)
    return np.where(np.abs(x) < 1, x * series, outside)


def contract(spec, left, right, seen=False):
    """An einsum of two operands by BLAS: axes are permuted and joined so that one matrix product does it.

    `spec` names the trailing axes; leading ones are batch axes, and summed where the result has no room for them. If
    `seen`, a 0 of `left` hides what stands in `right`, NaN and ∞ too.
    """
    (a, b), out = spec.split("->")[0].split(","), spec.split("->")[1]
    shared = [letter for letter in out if letter in a and letter in b]
    rows, columns = ([letter for letter in out if letter in own and letter not in shared] for own in (a, b))
    over = [letter for letter in a if letter not in out]
    one, sizes = _as_matrix(left, a, shared, rows, over)
    two, more = _as_matrix(right, b, shared, over, columns)
    sizes |= more
    product = seen_matmul(one, two) if seen else np.matmul(one, two)
    lead = product.shape[: -2 - len(shared)]
    full = product.reshape((*lead, *(sizes[letter] for letter in (*shared, *rows, *columns))))
    places = [(*shared, *rows, *columns).index(letter) - len(out) for letter in out]
    return full.transpose((*range(len(lead)), *(full.ndim + place for place in places)))


def _as_matrix(array, letters, shared, rows, columns):
    lead = array.ndim - len(letters)
    sizes = dict(zip(letters, array.shape[lead:], strict=True))
    order = [*range(lead), *(lead + letters.index(letter) for letter in (*shared, *rows, *columns))]
    shape = [math.prod(sizes[letter] for letter in group) for group in (rows, columns)]
    return array.transpose(order).reshape(*array.shape[:lead], *(sizes[letter] for letter in shared), *shape), sizes


def scatter_add(rows, positions, size):
    """Rows added up at their positions: an array of `size` rows."""
    out = np.zeros((size, *rows.shape[1:]), rows.dtype)
    np.add.at(out, positions, rows)
    return out


def deposit(values, at, size, summed, rest, all_inside=False):
    """Values added up in an array of zeros, along a new axis of this size, each at its position.

    What lies outside the axis is added nowhere, as a Kronecker delta is 0 there; if all_inside, it is an error.

    Args:
        values: (..., summed axes, rest axes).
        at: positions from 0 (..., summed axes); leading axes broadcast.
        size: of the new axis.
        summed: how many axes are summed over; 0 puts one value at each position.
        rest: how many axes the values have beside.

    Returns:
        array (..., size, rest axes).
    """
    if all_inside:
        check_inside(at, size)
    lead = np.broadcast_shapes(values.shape[: values.ndim - summed - rest], at.shape[: at.ndim - summed])
    inner, tail = at.shape[at.ndim - summed :], values.shape[values.ndim - rest :]
    rows = int(np.prod(lead))
    flat = np.broadcast_to(values, (*lead, *inner, *tail)).reshape(-1, int(np.prod(tail)))
    places = np.broadcast_to(at, (*lead, *inner)).reshape(rows, -1)
    inside = ((places >= 0) & (places < size)).reshape(-1)
    places = (places + size * np.arange(rows)[:, None]).reshape(-1)
    out = np.zeros((rows * size, flat.shape[-1]), dtype=values.dtype)
    np.add.at(out, places[inside], flat[inside])
    return out.reshape(*lead, size, *tail)


def running_sum(x, axis, back=False, strict=False):
    """Sums of x (..., n, ...) along an axis up to each place, or from it to the end; if strict, without that place."""
    x = np.flip(x, axis) if back else x
    sums = np.cumsum(x, axis=axis, dtype=x.dtype if x.dtype.kind == "f" else None)
    if strict:
        sums = np.roll(sums, 1, axis)
        np.moveaxis(sums, axis, 0)[:1] = 0
    return np.flip(sums, axis) if back else sums


def count_before(x, falling=False):
    """How many entries of its row come before each of x (..., n), in order or falling; of equal ones the first does."""
    order = np.argsort(x[..., ::-1] if falling else x, axis=-1, kind="stable")
    order = x.shape[-1] - 1 - order[..., ::-1] if falling else order
    counts = np.empty(x.shape, np.result_type(x, np.float32))
    np.put_along_axis(counts, order, np.arange(x.shape[-1], dtype=counts.dtype), axis=-1)
    return counts


def running_product(a, b, v, back=False, strict=False):
    """a_i · Σ_j b_j v_j over the j up to i (from i on, if back; without i, if strict), in blocks of rows.

    Args:
        a: (..., n, c).
        b: (..., n, c).
        v: (..., n, f).

    Returns:
        array (..., n, f). The blocks before a block add up to one matrix (..., c, f).
    """
    n, (c, f) = a.shape[-2], (a.shape[-1], v.shape[-1])
    lead = np.broadcast_shapes(a.shape[:-2], b.shape[:-2], v.shape[:-2])
    out = np.empty((*lead, n, f), np.result_type(a, b, v))
    total = np.zeros((*lead, c, f), out.dtype)
    step = max(RUNNING_ROWS, min(c, f))
    starts = range(0, n, step)
    for start in reversed(starts) if back else starts:
        rows = slice(start, start + step)
        near = a[..., rows, :] @ b[..., rows, :].mT
        seen = np.tri(near.shape[-1], k=-strict, dtype=bool)
        out[..., rows, :] = seen_matmul(np.where(seen.T if back else seen, near, 0), v[..., rows, :])
        out[..., rows, :] += a[..., rows, :] @ total
        total += b[..., rows, :].mT @ v[..., rows, :]
    return out


def needs_shift(top):
    """Whether exponentials of rows with these maxima need a shift: unless all lie between 0 and 16.

    They are below 2²⁴ then: a cotangent that they multiply, or their sum divides, has room for that in float32.
    """
    return not (top.size and np.min(top) >= 0 and np.max(top) <= 16)


def add_at(rows, positions, values):
    """Adds one value to each row, at its position; in place."""
    rows[np.arange(len(rows)), positions] += values


def all_finite(x):
    """Whether all entries are finite: so is then the sum of their squares, which is quick, unless they are large."""
    return math.isfinite(np.vdot(x, x)) or bool(np.isfinite(x).all())


def from_max(x, top, out=None):
    """x less the maximum of its row; 0 where both are ∞."""
    if all_finite(top) or not np.isposinf(top).any():
        return np.subtract(x, top, out=out)
    infinite = x == np.inf
    difference = np.subtract(x, top, out=out)
    np.copyto(difference, 0, where=infinite)
    return difference


def damped(x, factor, out=None):
    """x times a factor whose 0 wins: where it is 0, an infinite x counts as 0."""
    if not np.all(factor):
        x = np.where((factor == 0) & np.isinf(x), 0, x)
    return np.multiply(x, factor, out=out)


def zero_wins(x, y, out=None):
    """x times y, where 0 times ∞ is 0: one of them vanishes faster than the other grows."""
    product = np.multiply(x, y)
    if not all_finite(product) and np.isnan(product).any():
        product = np.where(((x == 0) & np.isinf(y)) | ((y == 0) & np.isinf(x)), 0, product)
    if out is None:
        return product
    out[...] = product
    return out


def sigmoid_slope(x):
    """σ(x) (1 - σ(x)), which keeps its digits where σ(x) is nearly 1: exp(-|x|) / (1 + exp(-|x|))²."""
    small = np.abs(x, out=np.empty_like(x))
    np.negative(small, out=small)
    np.exp(small, out=small)
    below = np.add(small, 1, out=np.empty_like(small))
    np.square(below, out=below)
    return np.divide(small, below, out=small)


def tanh_slope(x):
    """1 - tanh(x)², which keeps its digits where tanh(x) is nearly 1: it is 4 σ(2x) (1 - σ(2x))."""
    return 4 * sigmoid_slope(2 * x)


def zero_times(x, factor, out=None):
    """x times a factor that is 0 where x is hidden: there NaN and ∞ count as 0."""
    return np.multiply(x if all_finite(x) else np.where(np.isfinite(x) | (factor != 0), x, 0), factor, out=out)


def seen_matmul(left, right, out=None, turned=False):
    """The matrix product in which a 0 of `left` hides what stands in `right`, NaN and ∞ too; if turned, of `right`."""
    if turned:
        return seen_matmul(right.mT, left.mT).mT
    if all_finite(right):
        return np.matmul(left, right, out=out)
    plain = np.isfinite(right)
    product = np.matmul(left, np.where(plain, right, 0), out=out)
    lines = plain.all(axis=-1)
    for j in np.flatnonzero(~lines.all(axis=tuple(range(lines.ndim - 1)))):
        weights, values = left[..., :, j, None], np.where(plain[..., j, :], 0, right[..., j, :])[..., None, :]
        product += np.where((weights != 0) & (values != 0), weights * values, 0)
    return product


def seen_dot(left, right):
    """Dot products of rows in which a 0 of `left` hides what stands in `right`, NaN and ∞ too."""
    dots = np.vecdot(left, right)
    if all_finite(dots):
        return dots
    return np.vecdot(left, np.where(left == 0, 0, right))


def squares(x, axis=-1):
    """Sums of squares along an axis; in a wider dtype where one leaves the range of that of x."""
    sums = np.vecdot(x, x) if axis == -1 else np.add.reduce(np.square(x), axis=axis)  # a dot along rows alone is quick
    if all_finite(sums):
        least = _least_normal(x.dtype)
        small = np.minimum.reduce(sums, axis=None, initial=np.inf) < least
        if not (small and np.any(np.moveaxis(x, axis, -1)[sums < least])):
            return sums
    wide = np.moveaxis(x, axis, -1).astype(np.float64 if x.dtype == np.float32 else np.longdouble)
    return np.vecdot(wide, wide)


@lru_cache(maxsize=8)
def _least_normal(dtype):
    """The least sum of squares to which those that leave the range add nothing that shows."""
    kind = np.finfo(dtype)
    return kind.tiny / kind.eps


def balance(rows, scores, top, total):
    """Rows that add up to 0, in place: where softmax(scores) has an entry above a half, theirs is minus the others.

    `top` are the maxima of the scores, `total` the sums of their exponentials, shifted by these if that was needed.
    """
    most = (1 if needs_shift(top) else np.exp(top)) > 0.5 * total
    if not rows.size or not most.any():
        return
    found = rows[most]
    at = np.argmax(scores[most], axis=-1)[..., None]
    np.put_along_axis(found, at, 0, axis=-1)
    np.put_along_axis(found, at, -np.sum(found, axis=-1, keepdims=True), axis=-1)
    rows[most] = found
