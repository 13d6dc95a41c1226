"""The kernels of generated functions: what index notation names without spelling it out.

`finite_max` is the maximum over an index, `pick` an entry whose index is an array, `normal_cdf` and `erf` the normal
distribution and the error function.
"""

import math

import numpy as np

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
    """Positions where they are seen; elsewhere the nearest ones on an axis of this size.

    Raises:
        ValueError: a position that is seen, outside the axis.
    """
    outside = (at < 0) | (at >= size)
    if np.any(outside & seen):
        raise ValueError(f"an index points outside its axis of {size}: {np.min(at)} to {np.max(at)}, from 0")
    return np.clip(at, 0, max(size - 1, 0))


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


def contract(spec, left, right):
    """An einsum of two operands by BLAS: axes are permuted and joined so that one matrix product does it.

    `spec` names the trailing axes; leading ones are batch axes, and summed where the result has no room for them.
    """
    (a, b), out = spec.split("->")[0].split(","), spec.split("->")[1]
    shared = [letter for letter in out if letter in a and letter in b]
    rows, columns = ([letter for letter in out if letter in own and letter not in shared] for own in (a, b))
    over = [letter for letter in a if letter not in out]
    one, sizes = _as_matrix(left, a, shared, rows, over)
    two, more = _as_matrix(right, b, shared, over, columns)
    sizes |= more
    product = np.matmul(one, two)
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


def deposit(values, at, size, summed, rest):
    """Values added up in an array of zeros, along a new axis of this size, each at its position.

    What lies outside the axis is added nowhere, as a Kronecker delta is 0 there.

    Args:
        values: (..., summed axes, rest axes).
        at: positions from 0 (..., summed axes); leading axes broadcast.
        size: of the new axis.
        summed: how many axes are summed over; 0 puts one value at each position.
        rest: how many axes the values have beside.

    Returns:
        array (..., size, rest axes).
    """
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


def needs_shift(top):
    """Whether exponentials of rows with these maxima need a shift: unless all lie between 0 and 16.

    They are below 2²⁴ then: a cotangent that they multiply, or their sum divides, has room for that in float32.
    """
    return not (top.size and np.min(top) >= 0 and np.max(top) <= 16)


def add_at(rows, positions, values):
    """Adds one value to each row, at its position; in place."""
    rows[np.arange(len(rows)), positions] += values
