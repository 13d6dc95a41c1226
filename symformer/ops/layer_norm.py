"""Layer norm, with ε under the root or added to the deviation."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sympy import Symbol

from symformer.notation import Element, NotationError, Tensor, mean, scalar, sizes, sqrt, tensor
from symformer.ops.letters import ROWS, letters
from symformer.ops.options import when_given
from symformer.ops.signature import Backward, Parameter, Signature
from symformer.programs import DefinedTensor, Program, call, define, program


def layer_norm(
    x: Tensor,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    *,
    eps: Any = None,
    form: str = "under the root",
    name: str | None = None,
) -> DefinedTensor:
    """Layer norm over the last axis: (x_i − μ) / √(σ² + ε) · γ_i + β_i, with the population variance σ².

    Args:
        x: activations (…, d).
        weight: γ (d), or None for ones.
        bias: β (d), or None for zeros.
        eps: ε ≥ 0: an expression or number; 0 leaves it out; by default the symbol ε.
        form: "under the root" for √(σ² + ε), or "added" for σ + ε, as some implementations have it.
        name: the name of the result; without one it prints as `LayerNorm(x)`.

    Returns:
        A tensor of the shape of x.

    Raises:
        NotationError: an unknown form.
        ShapeError: x has no axes, or weight or bias does not match its last one.

    Source: Ba, Kiros & Hinton 2016, arXiv:1607.06450, equations 3 and 4.
    """
    if form not in ("under the root", "added"):
        raise NotationError(f"layer_norm: form {form!r} is neither 'under the root' nor 'added'")
    at = letters(x)
    epsilon = scalar("epsilon", kind="positive") if eps is None else eps
    mu = define("mu", at.rows, mean(x[at.bound], at.bound[-1]))
    centred = define("c", at.free, x[at.free] - mu[at.rows])
    variance = define("v", at.rows, mean(centred[at.bound] ** 2, at.bound[-1]))
    spread = variance[at.rows]
    if form == "added":
        divisor: Any = sqrt(spread) if _is_zero(epsilon) else sqrt(spread) + epsilon
    else:
        divisor = sqrt(spread) if _is_zero(epsilon) else sqrt(spread + epsilon)
    normed: Tensor = define("x_hat", at.free, centred[at.free] / divisor)
    normed = _scaled(normed, weight, bias, at.free)
    arguments = tuple(given for given in (x, weight, bias) if given is not None)
    return call("LayerNorm", arguments, normed, normed, name)


def _scaled(normed: Tensor, weight: Tensor | None, bias: Tensor | None, at: tuple[Symbol, ...]) -> Tensor:
    """x̂ γ + β, in one definition where both are given; what a caller may leave out has one of its own."""
    if weight is not None and bias is not None and not (weight.optional or bias.optional):
        return define("y", at, normed[at] * weight[at[-1]] + bias[at[-1]])
    normed = when_given(weight, normed, at, lambda y: y * weight[at[-1]])  # type: ignore[index]
    return when_given(bias, normed, at, lambda y: y + bias[at[-1]])  # type: ignore[index]


def _is_zero(epsilon: Any) -> bool:
    return not isinstance(epsilon, Element) and epsilon == 0


def _program() -> Program:
    r, d = ROWS, sizes("d")
    x, eps = tensor("x", r, d), tensor("eps", kind="positive")
    weight, bias = (replace(tensor(name, d), optional=True) for name in ("weight", "bias"))
    return program(layer_norm(x, weight, bias, eps=eps[()], name="y"), inputs=(x, weight, bias, eps))


SIGNATURES = (
    Signature(
        "layer_norm",
        "Layer norm over `axis` and all axes after it, with eps under the root.",
        "array of the shape and dtype of x",
        "Ba, Kiros & Hinton 2016, arXiv:1607.06450, equations 3 and 4",
        (
            Parameter("x", "activations (..., d), or (..., a, b, ...) normalised over `axis` to the last"),
            Parameter("weight", "scale, of the shape that is normalised over, or None", "weight", "None"),
            Parameter("bias", "shift, of the shape that is normalised over, or None", "weight", "None"),
            Parameter("axis", "the first axis that is normalised over", "option", "-1", keyword=True),
            Parameter("eps", "added to the variance", "option", "1e-5", keyword=True, least=0),
        ),
        _program,
        (
            "shape = x.shape",
            'x, weight, bias = flat_tail("layer_norm", axis, x=x, weight=weight, bias=bias)',
        ),
        leave=("{np}.reshape({0}, shape)",),
        rows="i",
        backward=Backward(
            enter=('(dy,) = flat_tail("layer_norm_vjp", axis, cotangent=cotangent)',),
            leave=(
                "{np}.reshape({x}, shape)",
                "None if weight is None else {np}.reshape({weight}, shape[axis:])",
                "None if bias is None else {np}.reshape({bias}, shape[axis:])",
            ),
        ),
        example={"x": [1, 2, 3, 6]},
        op=lambda given: layer_norm(given["x"], given.get("weight"), given.get("bias"), eps=1e-5, name="y"),
        shapes={"x": "... d", "weight": "d?", "bias": "d?"},
    ),
)
