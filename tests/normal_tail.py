"""Derives the coefficients of `normal_cdf` in symformer/functions/support.py; as a script it prints them.

Q(z) = Φ(−z) = t P(t) exp(−z²/2) with t = 1/(1 + s z). Q(z) exp(z²/2) is smooth in t down to t = 0 (z = ∞), where it
vanishes like t; P is its Chebyshev interpolant on 0 ≤ t ≤ 1, in powers of t, computed with 50 digits.
"""

from __future__ import annotations

import mpmath as mp

FITS = {"float32": ("0.25", 9), "float64": ("0.2", 22)}


def scaled_tail(z):
    """Φ(−z) exp(z²/2)."""
    return mp.erfc(z / mp.sqrt(2)) * mp.exp(z * z / 2) / 2


def coefficients(slope, degree):
    """The coefficients of P, highest power first, rounded to double precision."""
    with mp.workdps(50):
        return tuple(float(value) for value in reversed(interpolant(mp.mpf(slope), degree)))


def interpolant(slope, degree):
    """P in powers of t, lowest first, by Chebyshev's nodes."""
    nodes = [mp.cos(mp.pi * (2 * k + 1) / (2 * (degree + 1))) for k in range(degree + 1)]
    values = [scaled_tail((2 / (node + 1) - 1) / slope) * 2 / (node + 1) for node in nodes]
    total = [mp.mpf(0)] * (degree + 1)
    before, now = [mp.mpf(0)], [mp.mpf(1)]
    for j in range(degree + 1):
        weight = sum(value * mp.cos(mp.pi * j * (2 * k + 1) / (2 * (degree + 1))) for k, value in enumerate(values))
        share = weight * (2 if j else 1) / (degree + 1)
        total = [old + share * new for old, new in zip(total, [*now, *[0] * (degree + 1 - len(now))], strict=True)]
        before, now = now, _next(before, now, first=j == 0)
    return total


def _next(before, now, first):
    """The next Chebyshev polynomial in 2t − 1, in powers of t."""
    double = 1 if first else 2
    out = [mp.mpf(0)] * (len(now) + 1)
    for power, value in enumerate(now):
        out[power + 1] += double * 2 * value
        out[power] -= double * value
    if not first:
        for power, value in enumerate(before):
            out[power] -= value
    return out


if __name__ == "__main__":
    for dtype, (slope, degree) in FITS.items():
        print(dtype, slope, *coefficients(slope, degree), sep="\n")
