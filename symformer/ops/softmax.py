"""Softmax, its logarithm, and the log-sum-exp they share."""

from __future__ import annotations

from collections.abc import Callable

from symformer.notation import Tensor, exp, indicator, log, max, sizes, sum, tensor
from symformer.ops.letters import ROWS, Axes, letters
from symformer.ops.signature import Backward, Parameter, Signature
from symformer.programs import DefinedTensor, Program, call, define, program


def softmax(x: Tensor, axis: int = -1, *, name: str | None = None) -> DefinedTensor:
    """Softmax along one axis: s_i = exp(x_i) / Σ_k exp(x_k).

    The stable form subtracts the row's maximum first, which changes nothing (the book proves it), and gives zeros
    for a row that holds nothing but −∞.

    Args:
        x: scores, any shape (…, n, …).
        axis: the axis of length n that is normalised.
        name: the name of the result; without one it prints as `softmax(x)`.

    Returns:
        A tensor of the shape of x.

    Raises:
        ShapeError: x has no such axis.

    Source: Bridle 1990; Boyd & Vandenberghe, Convex Optimization, section 3.1.5.
    """
    at = letters(x, axis)
    textbook = define("s", at.free, exp(x[at.free]) / sum(exp(x[at.bound]), at.bound[at.axis]))
    _, u, z = _shifted(x, at)
    stable = define("s", at.free, u[at.free] / (z[at.rows] + indicator(z[at.rows], "=", 0)))
    return call("softmax", (x,), textbook, stable, name, folded=at.last)


def logsumexp(x: Tensor, axis: int = -1, *, name: str | None = None) -> DefinedTensor:
    """Log-sum-exp along one axis: log Σ_k exp(x_k), a smooth maximum.

    The stable form is m + log Σ_k exp(x_k − m) with m the row's maximum.

    Args:
        x: scores, any shape (…, n, …).
        axis: the axis of length n that is summed over.
        name: the name of the result; without one it prints as `logsumexp(x)`.

    Returns:
        A tensor of the shape of x without that axis.

    Raises:
        ShapeError: x has no such axis.

    Source: Boyd & Vandenberghe, Convex Optimization, section 3.1.5.
    """
    at = letters(x, axis)
    textbook = define("L", at.rows, log(sum(exp(x[at.bound]), at.bound[at.axis])))
    m, _, z = _shifted(x, at)
    stable = define("L", at.rows, m[at.rows] + log(z[at.rows]))
    return call("logsumexp", (x,), textbook, stable, name, folded=at.last)


def log_softmax(x: Tensor, axis: int = -1, *, name: str | None = None) -> DefinedTensor:
    """The logarithm of softmax: x_i − log Σ_k exp(x_k).

    The stable form is x_i − m − log Σ_k exp(x_k − m) with m the row's maximum; a row of nothing but −∞ stays −∞.

    Args:
        x: scores, any shape (…, n, …).
        axis: the axis of length n that is normalised.
        name: the name of the result; without one it prints as `log_softmax(x)`.

    Returns:
        A tensor of the shape of x.

    Raises:
        ShapeError: x has no such axis.

    Source: follows from the definitions of softmax and log-sum-exp.
    """
    at = letters(x, axis)
    textbook = define("s", at.free, x[at.free] - log(sum(exp(x[at.bound]), at.bound[at.axis])))
    m, _, z = _shifted(x, at)
    seen = define("L", at.rows, log(z[at.rows] + indicator(z[at.rows], "=", 0)))
    stable = define("s", at.free, x[at.free] - m[at.rows] - seen[at.rows])
    return call("log_softmax", (x,), textbook, stable, name, folded=at.last)


def _shifted(x: Tensor, at: Axes) -> tuple[Tensor, Tensor, Tensor]:
    """The row's maximum m, u = exp(x − m), and Z = Σ u."""
    m = define("m", at.rows, max(x[at.bound], at.bound[at.axis]))
    u = define("u", at.free, exp(x[at.free] - m[at.rows]))
    z = define("Z", at.rows, sum(u[at.bound], at.bound[at.axis]))
    return m, u, z


def _row_program(op: Callable[..., DefinedTensor]) -> Program:
    x = tensor("x", ROWS, sizes("n"))
    return program(op(x, name="y"), inputs=(x,))


def _finite_logsumexp() -> Program:
    """The same, and 0 for a row of nothing but −∞: the slope there is 0."""
    x = tensor("x", ROWS, sizes("n"))
    at = letters(x, -1)
    m, _, z = _shifted(x, at)
    y = define("y", at.rows, m[at.rows] + log(z[at.rows] + indicator(z[at.rows], "=", 0)))
    return program(y, inputs=(x,))


def _log_softmax_of_what_is_seen() -> Program:
    """The same for every row that is not nothing but −∞; there the slope is 0, as that of softmax is."""
    x = tensor("x", ROWS, sizes("n"))
    at = letters(x, -1)
    m, _, z = _shifted(x, at)
    seen = define("L", at.rows, log(z[at.rows] + indicator(z[at.rows], "=", 0)))
    row = x[at.free] * indicator(z[at.rows], "≠", 0)
    return program(define("y", at.free, row - m[at.rows] - seen[at.rows]), inputs=(x,))


_X = Parameter("x", "scores (..., n, ...); -inf entries are allowed")
_AXIS = Parameter("axis", "the axis that is normalised", "option", "-1")

SIGNATURES = (
    Signature(
        "softmax",
        "Softmax along one axis; a row of nothing but -inf gives zeros.",
        "array of the shape and dtype of x",
        "Bridle 1990; Boyd & Vandenberghe, Convex Optimization, section 3.1.5",
        (_X, _AXIS),
        lambda: _row_program(softmax),
        ('x = last_axis("softmax", "x", x, axis)',),
        leave=("{moveaxis}({0}, -1, axis)",),
        rows="i",
        backward=Backward(
            enter=('dy = last_axis("softmax_vjp", "cotangent", cotangent, axis)',),
            leave=("{moveaxis}({x}, -1, axis)",),
            balanced="x",
        ),
        example={"x": [1, 2, 3]},
        op=lambda given: softmax(given["x"], name="y"),
        shapes={"x": "... n"},
    ),
    Signature(
        "log_softmax",
        "Logarithm of softmax along one axis; a row of nothing but -inf stays -inf.",
        "array of the shape and dtype of x",
        "Boyd & Vandenberghe, Convex Optimization, section 3.1.5",
        (_X, _AXIS),
        lambda: _row_program(log_softmax),
        ('x = last_axis("log_softmax", "x", x, axis)',),
        leave=("{moveaxis}({0}, -1, axis)",),
        rows="i",
        backward=Backward(
            enter=('dy = last_axis("log_softmax_vjp", "cotangent", cotangent, axis)',),
            leave=("{moveaxis}({x}, -1, axis)",),
            balanced="x",
            program=_log_softmax_of_what_is_seen,
        ),
        example={"x": [1, 2, 3]},
        op=lambda given: log_softmax(given["x"], name="y"),
        shapes={"x": "... n"},
    ),
    Signature(
        "logsumexp",
        "Log-sum-exp along one axis; a row of nothing but -inf gives -inf.",
        "array of the shape of x without that axis, of its dtype",
        "Boyd & Vandenberghe, Convex Optimization, section 3.1.5",
        (_X, _AXIS),
        lambda: _row_program(logsumexp),
        ('x = last_axis("logsumexp", "x", x, axis)',),
        rows="i",
        backward=Backward(leave=("{moveaxis}({x}, -1, axis)",), program=_finite_logsumexp),
        example={"x": [1, 2, 3]},
        op=lambda given: logsumexp(given["x"], name="y"),
        shapes={"x": "... n"},
    ),
)
