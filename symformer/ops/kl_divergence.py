"""The Kullback-Leibler divergence of two softmaxes."""

from __future__ import annotations

from typing import NamedTuple

from sympy import Expr

from symformer.notation import Tensor, exp, indicator, log, max, sizes, sum, tanh, tensor
from symformer.ops.letters import ROWS, Axes, letters
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
    share, other = (_textbook(name, x, at)[at.free] for name, x in (("p", p_logits), ("q", q_logits)))
    textbook = define("KL", at.rows, sum(share * log(share / other), letter))
    p, q = _softmax("p", p_logits, at), _softmax("q", q_logits, at)
    t = define("t", at.free, p.scores[at.free] - q.scores[at.free] - log(p.kept[at.rows] / q.kept[at.rows]))
    b = define("b", at.free, p.shares[at.free] + q.shares[at.free])
    h = define("h", at.free, indicator(b[at.free], "≠", 0) * tanh(t[at.free] / 2))
    stable = define("KL", at.rows, p.seen * sum(p.drawn(t[at.free]) - b[at.free] * h[at.free], letter))
    return call("KL", (p_logits, q_logits), textbook, stable, name)


def _textbook(name: str, x: Tensor, at: Axes) -> DefinedTensor:
    return define(name, at.free, exp(x[at.free]) / sum(exp(x[at.bound]), at.bound[at.axis]))


class _Softmax(NamedTuple):
    """A softmax in parts: the shares, the scores without the row maximum, Σ exp of these, and the same without 0."""

    at: Axes
    shares: DefinedTensor
    scores: DefinedTensor
    total: DefinedTensor
    kept: DefinedTensor

    @property
    def seen(self) -> Expr:
        """1 for a row that sees anything."""
        return indicator(self.total[self.at.rows], "≠", 0)

    def drawn(self, value: Expr) -> Expr:
        """The share times a value, and 0 for a class that is never drawn."""
        share = self.shares[self.at.free]
        return indicator(share, "≠", 0) * (share * value)


def _softmax(name: str, x: Tensor, at: Axes) -> _Softmax:
    m = define(f"m_{name}", at.rows, max(x[at.bound], at.bound[at.axis]))
    c = define(f"c_{name}", at.free, x[at.free] - m[at.rows])
    u = define(f"u_{name}", at.free, exp(c[at.free]))
    z = define(f"Z_{name}", at.rows, sum(u[at.bound], at.bound[at.axis]))
    kept = define(f"S_{name}", at.rows, z[at.rows] + indicator(z[at.rows], "=", 0))
    return _Softmax(at, define(name, at.free, u[at.free] / kept[at.rows]), c, z, kept)


def _program() -> Program:
    r, n = ROWS, sizes("n")
    a, b = tensor("p_logits", r, n), tensor("q_logits", r, n)
    return program(kl_divergence(a, b, name="y"), inputs=(a, b))


def _tangent() -> Program:
    """log Z_q − log Z_p + Σ p (a − b): its slope is p (a − b − Σ p (a − b)) and q − p, in which nothing cancels."""
    r, n = ROWS, sizes("n")
    a, b = tensor("p_logits", r, n), tensor("q_logits", r, n)
    at = letters(a, -1)
    p, q = _softmax("p", a, at), _softmax("q", b, at)
    above = p.seen * (log(q.kept[at.rows]) - log(p.kept[at.rows]))
    apart = p.drawn(p.scores[at.free] - q.scores[at.free])
    y = define("y", at.rows, above + sum(apart, at.free[at.axis]))
    return program(y, inputs=(a, b))


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
            'same_shapes("kl_divergence", p_logits=p_logits, q_logits=q_logits)',
            'p_logits = last_axis("kl_divergence", "p_logits", p_logits, axis)',
            'q_logits = last_axis("kl_divergence", "q_logits", q_logits, axis)',
        ),
        rows="i",
        backward=Backward(
            leave=("{moveaxis}({p_logits}, -1, axis)", "{moveaxis}({q_logits}, -1, axis)"), program=_tangent
        ),
        example={"p_logits": [1, 2, 3], "q_logits": [3, 2, 1]},
        op=lambda given: kl_divergence(given["p_logits"], given["q_logits"], name="y"),
        shapes={"p_logits": "... n", "q_logits": "... n"},
    ),
)
