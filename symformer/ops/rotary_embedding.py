"""Rotary position embedding: each pair of features turned by an angle that grows with the position."""

from __future__ import annotations

from typing import Any

from symformer.notation import NotationError, Tensor, cos, delta, indices, sin, sizes, tensor
from symformer.ops.letters import FREE
from symformer.ops.positions import angle
from symformer.ops.signature import Backward, Parameter, Signature
from symformer.programs import DefinedTensor, Program, call, define, program

I, P, T = indices("i p t")


def rotary_embedding(x: Tensor, positions: Tensor, *, base: Any = 10000, name: str | None = None) -> DefinedTensor:
    """Rotary position embedding: the pair (x_1, x_2) turned by θ_ip = position_i · base^(−(p−1)/P), p = 1..P.

    Args:
        x: queries or keys (…, n, P, 2): features as pairs, whichever way an array lays them out.
        positions: (n), whole or fractional.
        base: the base of the geometric row of frequencies.
        name: the name of the result; without one it prints as `RoPE(x, positions)`.

    Returns:
        A tensor of the shape of x.

    Raises:
        NotationError: the last axis of x has not two entries.

    Source: Su et al. 2021, arXiv:2104.09864, equation 34.
    """
    if len(x.shape) < 3 or x.shape[-1] != 2:
        raise NotationError(f"rotary_embedding: x: expected shape (…, n, P, 2), got {x.shape}")
    lead = FREE[3 - (len(x.shape) - 3) : 3]
    theta = define("theta", (I, (P, x.shape[-2])), angle(positions[I], P, x.shape[-2], base))
    one, two = (x[(*lead, I, P, place)] for place in (1, 2))
    c, s = cos(theta[I, P]), sin(theta[I, P])
    turned = delta(T, 1) * (one * c - two * s) + delta(T, 2) * (two * c + one * s)
    y = define("y", (*lead, I, P, (T, 2)), turned)
    return call("RoPE", (x, positions), y, y, name)


def _program() -> Program:
    """Both entries of each pair, so that either layout is a view of the result."""
    n, pairs = sizes("n P")
    x1, x2, positions, base = tensor("x1", n, pairs), tensor("x2", n, pairs), tensor("positions", n), tensor("base")
    theta = define("theta", (I, (P, pairs)), angle(positions[I], P, pairs, base[()]))
    c, s = define("c", (I, P), cos(theta[I, P])), define("s", (I, P), sin(theta[I, P]))
    at = (I, P)
    y1 = define("y1", at, x1[at] * c[at] - x2[at] * s[at])
    y2 = define("y2", at, x2[at] * c[at] + x1[at] * s[at])
    return program(y1, y2, inputs=(x1, x2, positions, base))


SIGNATURES = (
    Signature(
        "rotary_embedding",
        "Rotary position embedding: pairs of features turned by position · base^(-2c/d).",
        "array of the shape and dtype of x",
        "Su et al. 2021, arXiv:2104.09864, equation 34",
        (
            Parameter("x", "queries or keys (..., n, d), d even"),
            Parameter("positions", "(..., n), whole or fractional", "precise"),
            Parameter("base", "base of the frequencies", "option", "10000.0", keyword=True, above=0),
            Parameter(
                "interleaved", "whether pair c is (2c, 2c + 1) and not (c, c + d/2)", "option", "False", keyword=True
            ),
        ),
        _program,
        ('x1, x2 = split_pairs("rotary_embedding", x, positions, interleaved)',),
        leave=("join_pairs({0}, {1}, interleaved)",),
        backward=Backward(
            wrt=("x1", "x2"),
            enter=(
                'pair_cotangent("rotary_embedding_vjp", cotangent, x, positions)',
                'dy1, dy2 = split_pairs("rotary_embedding_vjp", cotangent, positions, interleaved)',
            ),
            leave=("sum_to(join_pairs({x1}, {x2}, interleaved), x.shape)", "None"),
        ),
        example={"x": [[[1, 0], [0, 1]], [[1, 1], [2, 0]]], "positions": [0, 1]},
        op=lambda given: rotary_embedding(given["x"], given["positions"], name="y"),
        shapes={"x": "... n P 2", "positions": "n"},
    ),
)
