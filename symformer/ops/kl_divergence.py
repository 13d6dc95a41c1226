"""The Kullback-Leibler divergence of two softmaxes."""

from __future__ import annotations

from symformer.notation import Tensor, exp, indicator, log, max, sizes, sum, tensor
from symformer.ops.letters import Axes, letters
from symformer.ops.signature import Backward, Parameter, Signature
from symformer.programs import DefinedTensor, Program, call, define, program


def kl_divergence(p_logits: Tensor, q_logits: Tensor, axis: int = -1, *, name: str | None = None) -> DefinedTensor:
    """KL(softmax a ‖ softmax b) along one axis: Σ_i p_i log(p_i / q_i), in nats.

    The stable form takes both logarithms from the shifted scores; a class with p_i = 0 adds nothing.

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
    p, log_p = _stable("p", p_logits, at)
    _, log_q = _stable("q", q_logits, at)
    apart = indicator(p[at.free], "≠", 0) * (p[at.free] * (log_p[at.free] - log_q[at.free]))
    return call("KL", (p_logits, q_logits), textbook, define("KL", at.rows, sum(apart, letter)), name)


def _textbook(name: str, x: Tensor, at: Axes) -> DefinedTensor:
    return define(name, at.free, exp(x[at.free]) / sum(exp(x[at.bound]), at.bound[at.axis]))


def _stable(name: str, x: Tensor, at: Axes) -> tuple[DefinedTensor, DefinedTensor]:
    """softmax(x) and its logarithm."""
    m = define(f"m_{name}", at.rows, max(x[at.bound], at.bound[at.axis]))
    u = define(f"u_{name}", at.free, exp(x[at.free] - m[at.rows]))
    z = define(f"Z_{name}", at.rows, sum(u[at.bound], at.bound[at.axis]))
    seen = z[at.rows] + indicator(z[at.rows], "=", 0)
    return define(name, at.free, u[at.free] / seen), define(f"log_{name}", at.free, x[at.free] - m[at.rows] - log(seen))


def _program() -> Program:
    r, n = sizes("r n")
    a, b = tensor("p_logits", r, n), tensor("q_logits", r, n)
    return program(kl_divergence(a, b, name="y"), inputs=(a, b))


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
        backward=Backward(leave=("np.moveaxis({p_logits}, -1, axis)", "np.moveaxis({q_logits}, -1, axis)")),
        example={"p_logits": [1, 2, 3], "q_logits": [3, 2, 1]},
        op=lambda given: kl_divergence(given["p_logits"], given["q_logits"], name="y"),
        shapes={"p_logits": "... n", "q_logits": "... n"},
    ),
)
