"""Activations: ReLU, sigmoid, tanh, softplus, SiLU and GELU, of tensors and of single expressions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy

from symformer.notation import (
    NotationError,
    Tensor,
    Written,
    erf,
    exp,
    indicator,
    indices,
    lift,
    log,
    sqrt,
    tensor,
)
from symformer.notation import build as entrywise
from symformer.ops.letters import ROWS, letters
from symformer.ops.signature import Backward, Parameter, Signature
from symformer.programs import Guard, Program, call, define, program

I = indices("i")
Formula = Callable[[Written], Written]


def relu(x: Any, *, name: str | None = None) -> Any:
    """The rectified linear unit, x where it is positive and 0 elsewhere.

    Args:
        x: a tensor of any shape, or one expression.
        name: the name of the result; without one it prints as `relu(x)`.

    Returns:
        A tensor of the shape of x; for an expression, an expression.

    Source: Glorot, Bordes & Bengio 2011, Deep Sparse Rectifier Neural Networks, equation 2.
    """
    return _elementwise("relu", x, name, lambda y: y * indicator(y, ">", 0), entrywise.relu)


def sigmoid(x: Any, *, name: str | None = None) -> Any:
    """The logistic sigmoid 1/(1 + exp(−x)). Arguments and result as those of `relu`.

    Source: Goodfellow, Bengio & Courville 2016, Deep Learning, equation 3.30.
    """
    return _elementwise("sigmoid", x, name, lambda y: lift(1) / (1 + exp(-y)), entrywise.sigmoid)


def tanh(x: Any, *, name: str | None = None) -> Any:
    """The hyperbolic tangent. Arguments and result as those of `relu`."""
    return _elementwise("tanh", x, name, entrywise.tanh, entrywise.tanh)


def softplus(x: Any, *, name: str | None = None) -> Any:
    """Softplus log(1 + exp(x)), a smooth ReLU. Arguments and result as those of `relu`.

    Source: Dugas et al. 2001, Incorporating Second-Order Functional Knowledge, equation 4.
    """
    return _elementwise("softplus", x, name, lambda y: log(1 + exp(y)), entrywise.softplus)


def silu(x: Any, *, name: str | None = None) -> Any:
    """SiLU (Swish) x σ(x) with the logistic sigmoid σ. Arguments and result as those of `relu`.

    Source: Elfwing, Uchibe & Doya 2017, arXiv:1702.03118, equation 5.
    """
    return _elementwise("silu", x, name, lambda y: y / (1 + exp(-y)), lambda y: y * entrywise.sigmoid(y))


def gelu(x: Any, approximate: str = "none", *, name: str | None = None) -> Any:
    """GELU x Φ(x), with Φ the distribution function of the standard normal.

    Args:
        x: a tensor of any shape, or one expression.
        approximate: "none" for Φ(x) = (1 + erf(x/√2))/2, "tanh" for (1 + tanh(√(2/π)(x + 0.044715 x³)))/2.
        name: the name of the result; without one it prints as `gelu(x)`.

    Returns:
        A tensor of the shape of x; for an expression, an expression.

    Raises:
        NotationError: an unknown approximation.

    Source: Hendrycks & Gimpel 2016, arXiv:1606.08415, section 2.
    """
    if approximate not in ("none", "tanh"):
        raise NotationError(f"gelu: approximate: expected 'none' or 'tanh', got {approximate!r}")
    if approximate == "tanh":
        return _elementwise("gelu", x, name, _with_tanh, gelu_tanh)
    return _elementwise("gelu", x, name, lambda y: y / 2 * (1 + erf(y / sqrt(2))), gelu_exact)


def gelu_exact(y: Written) -> Written:
    """x Φ(x)."""
    return y * entrywise.normal_cdf(y)


def gelu_tanh(y: Written) -> Written:
    """x σ(2z) with z = √(2/π) (x + 0.044715 x³): (1 + tanh z)/2, with its digits below 0."""
    return y * entrywise.sigmoid(2 * _inner(y))


def _with_tanh(y: Written) -> Written:
    """x/2 (1 + tanh(√(2/π) (x + 0.044715 x³)))."""
    return y / 2 * (1 + entrywise.tanh(_inner(y)))


def _inner(y: Written) -> Written:
    return sqrt(lift(2) / sympy.pi) * (y + lift(0.044715) * y**3)


def _elementwise(kind: str, x: Any, name: str | None, textbook: Formula, stable: Formula) -> Any:
    if not isinstance(x, Tensor):
        return stable(lift(x))
    at = letters(x).free if x.shape else ()
    return call(kind, (x,), define("y", at, textbook(x[at])), define("y", at, stable(x[at])), name)


def _program(formula: Formula) -> Program:
    x = tensor("x", ROWS)
    return program(define("y", I, formula(x[I])), inputs=(x,))


def _silu_program() -> Program:
    """With a name for σ(x), which the slope reads."""
    x = tensor("x", ROWS)
    s = define("s", I, entrywise.sigmoid(x[I]))
    return program(define("y", I, x[I] * s[I]), inputs=(x,))


def _gelu_program() -> Program:
    x = tensor("x", ROWS)
    guard = Guard("approximate", 'approximate == "none"', "unless it is approximated")
    return program(define("y", I, gelu_exact(x[I]), guard=guard, otherwise=gelu_tanh(x[I])), inputs=(x,))


def _tanh_folded() -> Program:
    """h (σ(h x) − 1/2) with h = −2 for positive x and 2 elsewhere: in its slope h² σ(1 − σ) nothing cancels."""
    x = tensor("x", ROWS)
    h = define("h", I, 2 - 4 * indicator(x[I], ">", 0))
    s = define("s", I, entrywise.sigmoid(h[I] * x[I]))
    return program(define("y", I, h[I] * (s[I] - lift(1) / 2)), inputs=(x,))


def _gelu_named() -> Program:
    """With a name for what the slope reads: Φ(x), and of the approximation σ(2z)."""
    x = tensor("x", ROWS)
    guard = Guard("approximate", 'approximate == "none"', "unless it is approximated")
    t = define("t", I, entrywise.normal_cdf(x[I]), guard=guard, otherwise=entrywise.sigmoid(2 * _inner(x[I])))
    return program(define("y", I, x[I] * t[I]), inputs=(x,))


_X = Parameter("x", "array of any shape")
_APPROXIMATE = Parameter("approximate", '"none" for erf, or "tanh"', "option", '"none"')


def _signature(
    op: Callable[..., Any], summary: str, source: str, formula: Formula, backward: Backward | None = None
) -> Signature:
    return Signature(
        op.__name__,
        summary,
        "array of the shape and dtype of x",
        source,
        (_X,),
        lambda: _program(formula),
        rows="i",
        backward=backward or Backward(),
        example={"x": [-1, 0, 2]},
        op=lambda given: op(given["x"], name="y"),
        shapes={"x": "... n"},
    )


SIGNATURES = (
    _signature(
        relu,
        "Rectified linear unit: max(x, 0).",
        "Glorot, Bordes & Bengio 2011, equation 2",
        entrywise.relu,
        Backward(leave=("{np}.where({np}.isnan(from_rows(x, lead)), {np}.nan, {x})",)),  # [x > 0] would be 0 there
    ),
    _signature(
        sigmoid,
        "Logistic sigmoid: 1 / (1 + exp(-x)).",
        "Goodfellow, Bengio & Courville 2016, Deep Learning, equation 3.30",
        entrywise.sigmoid,
    ),
    _signature(
        tanh,
        "Hyperbolic tangent.",
        "Goodfellow, Bengio & Courville 2016, Deep Learning, section 6.3.2",
        entrywise.tanh,
        Backward(program=_tanh_folded),
    ),
    _signature(softplus, "Softplus: log(1 + exp(x)).", "Dugas et al. 2001, equation 4", entrywise.softplus),
    _signature(
        silu,
        "SiLU (Swish): x / (1 + exp(-x)).",
        "Elfwing, Uchibe & Doya 2017, arXiv:1702.03118, equation 5",
        lambda y: y * entrywise.sigmoid(y),
        Backward(program=_silu_program),
    ),
    Signature(
        "gelu",
        "GELU: x times the normal distribution function of x.",
        "array of the shape and dtype of x",
        "Hendrycks & Gimpel 2016, arXiv:1606.08415, section 2",
        (_X, _APPROXIMATE),
        _gelu_program,
        ('choice("gelu", "approximate", approximate, "none", "tanh")',),
        rows="i",
        backward=Backward(program=_gelu_named),
        example={"x": [-1, 0, 2]},
        op=lambda given: gelu(given["x"], name="y"),
        shapes={"x": "... n"},
    ),
)
