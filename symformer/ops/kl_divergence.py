"""The Kullback-Leibler divergence of two softmaxes."""

from __future__ import annotations

from sympy import Expr

from symformer.notation import Tensor, exp, indicator, log, max, sizes, sum, tanh, tensor
from symformer.ops.letters import Axes, letters
from symformer.ops.signature import Backward, Parameter, Signature
from symformer.programs import DefinedTensor, Program, call, define, program


def kl_divergence(p_logits: Tensor, q_logits: Tensor, axis: int = -1, *, name: str | None = None) -> DefinedTensor:
    """KL(softmax a ‖ softmax b) along one axis: Σ_i p_i log(p_i / q_i), in nats.

    The stable form is Σ_i p_i t_i − (p_i + q_i) tanh(t_i/2) with t_i = log(p_i / q_i): what is subtracted is p_i − q_i
    and adds up to 0, and no term is negative, so that two distributions that are nearly the same keep their digits.

    Args:
        p_logits: scores a (…, n, …).
        q_logits: scores b of the same shape.
        axis: the axis of length n.
        name: the name of the result; without one it prints as `KL(a, b)`.

    Returns:
        A tensor of that shape without the axis.

    Raises:
        ShapeError: sizes that do not fit.

    Source: Kullback & Leibler 1951, equation 2.4; Cover & Thomas, Elements of Information Theory, section 2.3.
    """
    at = letters(p_logits, axis)
    letter = at.free[at.axis]
    p, q = (_textbook(name, x, at) for name, x in (("p", p_logits), ("q", q_logits)))
    textbook = define("KL", at.rows, sum(p[at.free] * log(p[at.free] / q[at.free]), letter))
    p, q, t = _stable(p_logits, q_logits, at)
    b = define("b", at.free, p[at.free] + q[at.free])
    h = define("h", at.free, indicator(b[at.free], "≠", 0) * tanh(t[at.free] / 2))
    stable = define("KL", at.rows, sum(_drawn(p, t, at) - b[at.free] * h[at.free], letter))
    return call("KL", (p_logits, q_logits), textbook, stable, name)


def _textbook(name: str, x: Tensor, at: Axes) -> DefinedTensor:
    return define(name, at.free, exp(x[at.free]) / sum(exp(x[at.bound]), at.bound[at.axis]))


def _stable(a: Tensor, b: Tensor, at: Axes) -> tuple[DefinedTensor, DefinedTensor, DefinedTensor]:
    """p, q and t = log p − log q, in which the row maxima and what is common to all classes are taken out first."""
    (p, c_p, z_p), (q, c_q, z_q) = (_softmax(name, x, at) for name, x in (("p", a), ("q", b)))
    return p, q, define("t", at.free, c_p[at.free] - c_q[at.free] - log(z_p[at.rows] / z_q[at.rows]))


def _softmax(name: str, x: Tensor, at: Axes) -> tuple[DefinedTensor, DefinedTensor, DefinedTensor]:
    """softmax(x), x without the row maximum, and the sum of the exponentials of that."""
    m = define(f"m_{name}", at.rows, max(x[at.bound], at.bound[at.axis]))
    c = define(f"c_{name}", at.free, x[at.free] - m[at.rows])
    u = define(f"u_{name}", at.free, exp(c[at.free]))
    z = define(f"Z_{name}", at.rows, sum(u[at.bound], at.bound[at.axis]))
    seen = define(f"S_{name}", at.rows, z[at.rows] + indicator(z[at.rows], "=", 0))
    return define(name, at.free, u[at.free] / seen[at.rows]), c, seen


def _drawn(p: Tensor, t: Tensor, at: Axes) -> Expr:
    """p t, and 0 for a class that p never draws."""
    return indicator(p[at.free], "≠", 0) * (p[at.free] * t[at.free])


def _program() -> Program:
    r, n = sizes("r n")
    a, b = tensor("p_logits", r, n), tensor("q_logits", r, n)
    return program(kl_divergence(a, b, name="y"), inputs=(a, b))


def _short() -> Program:
    """Without the terms that add up to 0: the slope is shorter, and nothing in it cancels."""
    r, n = sizes("r n")
    a, b = tensor("p_logits", r, n), tensor("q_logits", r, n)
    at = letters(a, -1)
    p, _, t = _stable(a, b, at)
    return program(define("y", at.rows, sum(_drawn(p, t, at), at.free[at.axis])), inputs=(a, b))


SIGNATURES = (
    Signature(
        "kl_divergence",
        "KL(softmax(p_logits) || softmax(q_logits)) along one axis, in nats.",
        "array of the shape of the logits without that axis, of their dtype",
        "Cover & Thomas, Elements of Information Theory, section 2.3",
        (
            Parameter("p_logits", "scores (..., n, ...); -inf entries are allowed"),
            Parameter("q_logits", "scores of the same shape"),
            Parameter("axis", "the axis of the classes", "option", "-1"),
        ),
        _program,
        (
            'p_logits = last_axis("kl_divergence", "p_logits", p_logits, axis)',
            'q_logits = last_axis("kl_divergence", "q_logits", q_logits, axis)',
        ),
        rows="i",
        backward=Backward(
            leave=("np.moveaxis({p_logits}, -1, axis)", "np.moveaxis({q_logits}, -1, axis)"), program=_short
        ),
        example={"p_logits": [1, 2, 3], "q_logits": [3, 2, 1]},
        op=lambda given: kl_divergence(given["p_logits"], given["q_logits"], name="y"),
        shapes={"p_logits": "... n", "q_logits": "... n"},
    ),
)
