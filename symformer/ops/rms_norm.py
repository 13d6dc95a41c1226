"""RMS norm: layer norm without the mean."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from symformer.notation import Element, Tensor, mean, scalar, sizes, sqrt, tensor
from symformer.ops.letters import ROWS, letters
from symformer.ops.options import when_given
from symformer.ops.signature import Backward, Parameter, Signature
from symformer.programs import DefinedTensor, Program, call, define, program


def rms_norm(x: Tensor, weight: Tensor | None = None, *, eps: Any = None, name: str | None = None) -> DefinedTensor:
    """RMS norm over the last axis: x_i / √(r + ε) · γ_i with the mean square r = 1/d Σ_k x_k².

    Args:
        x: activations (…, d).
        weight: γ (d), or None for ones.
        eps: ε ≥ 0: an expression or number; 0 leaves it out; by default the symbol ε.
        name: the name of the result; without one it prints as `RMSNorm(x)`.

    Returns:
        A tensor of the shape of x.

    Raises:
        ShapeError: x has no axes, or weight does not match its last one.

    Source: Zhang & Sennrich 2019, arXiv:1910.07467, equation 4; ε as in Touvron et al. 2023, arXiv:2302.13971.
    """
    at = letters(x)
    epsilon = scalar("epsilon", kind="positive") if eps is None else eps
    square = define("r", at.rows, mean(x[at.bound] ** 2, at.bound[-1]))
    without = not isinstance(epsilon, Element) and epsilon == 0
    spread = square[at.rows] if without else square[at.rows] + epsilon
    normed: Tensor = define("x_hat", at.free, x[at.free] / sqrt(spread))
    normed = when_given(weight, normed, at.free, lambda y: y * weight[at.free[-1]])  # type: ignore[index]
    arguments = (x,) if weight is None else (x, weight)
    return call("RMSNorm", arguments, normed, normed, name)


def _program() -> Program:
    r, d = ROWS, sizes("d")
    x, eps, weight = tensor("x", r, d), tensor("eps", kind="positive"), replace(tensor("weight", d), optional=True)
    return program(rms_norm(x, weight, eps=eps[()], name="y"), inputs=(x, weight, eps))


SIGNATURES = (
    Signature(
        "rms_norm",
        "RMS norm over `axis` and all axes after it, with eps under the root.",
        "array of the shape and dtype of x",
        "Zhang & Sennrich 2019, arXiv:1910.07467, equation 4",
        (
            Parameter("x", "activations (..., d), or (..., a, b, ...) normalised over `axis` to the last"),
            Parameter("weight", "scale, of the shape that is normalised over, or None", "weight", "None"),
            Parameter("axis", "the first axis that is normalised over", "option", "-1", keyword=True),
            Parameter("eps", "added to the mean square", "option", "1e-5", keyword=True, least=0),
        ),
        _program,
        ("shape = x.shape", 'x, weight = flat_tail("rms_norm", axis, x=x, weight=weight)'),
        leave=("{np}.reshape({0}, shape)",),
        rows="i",
        backward=Backward(
            enter=('(dy,) = flat_tail("rms_norm_vjp", axis, cotangent=cotangent)',),
            leave=("{np}.reshape({x}, shape)", "None if weight is None else {np}.reshape({weight}, shape[axis:])"),
        ),
        example={"x": [1, 2, 3, 6]},
        op=lambda given: rms_norm(given["x"], given.get("weight"), eps=1e-5, name="y"),
        shapes={"x": "... d", "weight": "d?"},
    ),
)
