"""Positions without parameters: sines and cosines of Vaswani et al., and the slopes of ALiBi."""

from __future__ import annotations

from typing import Any

from sympy import Symbol

from symformer.notation import Written, cos, delta, indicator, indices, lift, sin, sizes
from symformer.ops.signature import Parameter, Signature
from symformer.programs import DefinedTensor, Program, define, program

I, P, T, H = indices("i p t h")


def angle(position: Any, pair: Symbol, pairs: Any, base: Any) -> Written:
    """position · base^(−(p−1)/P): the angle of pair p of P."""
    return lift(position) * lift(base) ** (-(pair - 1) / pairs)


def sinusoidal_positions(n: Any, pairs: Any, *, base: Any = 10000, name: str = "PE") -> DefinedTensor:
    """Sinusoidal positions: sine and cosine of (i−1) · base^(−(p−1)/P) for pair p of P = d/2.

    Args:
        n: how many positions, counted from 0 as the paper does.
        pairs: P, half the width.
        base: the base of the geometric row of wavelengths.
        name: the name of the result.

    Returns:
        A tensor (n, P, 2) without inputs.

    Source: Vaswani et al. 2017, arXiv:1706.03762, section 3.5.
    """
    theta = angle(I - 1, P, pairs, base)
    return define(name, ((I, n), (P, pairs), (T, 2)), delta(T, 1) * sin(theta) + delta(T, 2) * cos(theta))


def alibi_slopes(heads: Any, power: Any = None, *, name: str = "slope") -> DefinedTensor:
    """The slopes of ALiBi: 2^(−8h/H) for head h of H.

    Args:
        heads: H, a power of two unless `power` is given.
        power: for any other H, the largest power of two B ≤ H: the heads beyond B take the odd slopes of 2B heads.
        name: the name of the result.

    Returns:
        A tensor (H) without inputs.

    Source: Press, Smith & Lewis 2021, arXiv:2108.12409, section 3; for other H the authors' published code.
    """
    if power is None:
        return define(name, ((H, heads),), lift(2) ** (-8 * H / heads))
    b = lift(power)
    inside, beyond = lift(2) ** (-8 * H / b), lift(2) ** (-4 * (2 * (H - b) - 1) / b)
    slope = indicator(H, "≤", b) * inside + indicator(H, ">", b) * beyond
    return define(name, ((H, heads),), slope)


def _sinusoidal_program() -> Program:
    n, pairs = sizes("n P")
    theta = define("theta", ((I, n), (P, pairs)), angle(I - 1, P, pairs, 10000))
    return program(*(define(name, (I, P), wave(theta[I, P])) for name, wave in (("s", sin), ("c", cos))))


def _alibi_program() -> Program:
    heads, power = sizes("heads B")
    return program(alibi_slopes(heads, power, name="slopes"))


SIGNATURES = (
    Signature(
        "sinusoidal_positions",
        "Sinusoidal positions: sines in even columns, cosines in odd ones.",
        "float64 array (n, d)",
        "Vaswani et al. 2017, arXiv:1706.03762, section 3.5",
        (Parameter("n", "number of positions, from 0", "size"), Parameter("d", "width", "size")),
        _sinusoidal_program,
        differentiable=False,
        after=("P = (d + 1) // 2",),
        leave=("join_pairs({0}, {1}, True)[:, :d]",),
    ),
    Signature(
        "alibi_slopes",
        "Slopes of ALiBi, one a head.",
        "float64 array (heads)",
        "Press, Smith & Lewis 2021, arXiv:2108.12409, section 3",
        (Parameter("heads", "number of heads, at least 1", "size"),),
        _alibi_program,
        differentiable=False,
        after=("B = 1 << max(heads.bit_length() - 1, 0)  # the largest power of two that is no larger",),
    ),
)
