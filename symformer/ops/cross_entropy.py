"""Cross-entropy between logits and targets: class indices or probabilities."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sympy import Symbol

from symformer.notation import (
    NotationError,
    Tensor,
    Written,
    exp,
    indicator,
    indices,
    lift,
    log,
    max,
    sizes,
    sum,
    tensor,
)
from symformer.ops.letters import letters
from symformer.ops.signature import Backward, Parameter, Signature
from symformer.programs import DefinedTensor, Guard, Program, call, define, program

I, C, K = indices("i c k")


def cross_entropy(
    logits: Tensor,
    targets: Tensor,
    *,
    label_smoothing: Any = 0,
    weight: Tensor | None = None,
    kept: Tensor | None = None,
    name: str | None = None,
) -> DefinedTensor:
    """Cross-entropy of softmax(logits) against targets, one number a row.

    With probabilities y: L = −Σ_c y_c log p_c, p = softmax(x); with a class index t: L = −log p_t. Label smoothing s
    mixes the target with the uniform distribution: (1 − s) y_c + s/C. Class weights w multiply each class's term.

    Args:
        logits: scores x (…, C).
        targets: probabilities (…, C), or class indices (…) as a tensor of `kind="integer"`.
        label_smoothing: s, an expression or number between 0 and 1.
        weight: w (C), or None for ones.
        kept: a 0/1 mask (…), 0 for rows that are ignored, or None.
        name: the name of the result; without one it prints as `cross_entropy(x, y)`.

    Returns:
        A tensor of the shape of logits without its last axis.

    Raises:
        NotationError: class indices that are not of kind "integer".
        ShapeError: sizes that do not fit.

    Source: Goodfellow, Bengio & Courville 2016, Deep Learning, section 6.2.2.3; label smoothing: Szegedy et al. 2015,
    arXiv:1512.00567, section 7.
    """
    rows = letters(logits).rows
    by_class = len(targets.shape) == len(logits.shape) - 1
    if by_class and targets.domain.kind != "integer":
        raise NotationError(f"cross_entropy: class indices {targets.name} must be a tensor of kind 'integer'")
    textbook_lse = sum(exp(logits[(*rows, K)]), K)
    m, z = _shift(logits, rows)
    seen = z[rows] + indicator(z[rows], "=", 0)

    def textbook(at: Any) -> Written:
        return -log(exp(logits[(*rows, at)]) / textbook_lse)

    def stable(at: Any) -> Written:
        return log(seen) - (logits[(*rows, at)] - m[rows])

    def loss(minus_log: Callable[[Any], Written]) -> DefinedTensor:
        form = _loss(minus_log, logits, targets, label_smoothing, weight)
        return define("L", rows, form if kept is None else kept[rows] * form)

    arguments = tuple(given for given in (logits, targets, weight, kept) if given is not None)
    return call("cross_entropy", arguments, loss(textbook), loss(stable), name)


def _loss(
    minus_log: Callable[[Any], Written], logits: Tensor, targets: Tensor, smoothing: Any, weight: Tensor | None
) -> Written:
    """One row's loss from −log p at any class."""
    rows = letters(logits).rows

    def weighed(c: Any) -> Written:
        return minus_log(c) if weight is None else weight[c] * minus_log(c)

    by_class = len(targets.shape) < len(logits.shape)
    hit = weighed(targets[rows]) if by_class else sum(targets[(*rows, C)] * weighed(C), C)
    if smoothing == 0 and not isinstance(smoothing, Written):
        return hit
    return (lift(1) - smoothing) * hit + lift(smoothing) / logits.shape[-1] * sum(weighed(C), C)


def _shift(x: Tensor, rows: tuple[Symbol, ...]) -> tuple[Tensor, Tensor]:
    m = define("m", rows, max(x[(*rows, K)], K))
    u = define("u", (*rows, C), exp(x[(*rows, C)] - m[rows]))
    return m, define("Z", rows, sum(u[(*rows, C)], C))


def _program() -> Program:
    """Rows of losses from class indices or probabilities, and their sum or mean."""
    n, classes = sizes("n C")
    x, w, s = tensor("logits", n, classes), tensor("w", classes), tensor("label_smoothing")
    t = replace(tensor("ids", n, kind="integer", upper=classes), optional=True)
    y, kept = replace(tensor("y", n, classes), optional=True), tensor("kept", n, kind="mask")
    by_class = Guard("targets", "ids is not None", "if targets are class indices")
    smooth = Guard("label_smoothing", "label_smoothing", "if labels are smoothed")
    mean = Guard("reduction", 'reduction == "mean"', "if the reduction is a mean")
    m = define("m", I, max(x[I, K], K))
    c = define("c", (I, C), x[I, C] - m[I])
    u = define("u", (I, C), exp(c[I, C]))
    z = define("Z", I, sum(u[I, C], C))
    log_z = define("log_Z", I, log(z[I] + indicator(z[I], "=", 0)))
    minus_log = log_z[I] - c[I, C]
    spread = sum(y[I, C] * w[C] * minus_log, C)
    hit = define("hit", I, w[t[I]] * (log_z[I] - c[I, t[I]]), guard=by_class, otherwise=spread)
    even = sum(w[C] * minus_log, C)
    smoothed = (lift(1) - s[()]) * hit[I] + s[()] / classes * even
    row = define("row", I, smoothed, guard=smooth, otherwise=hit[I])
    loss = define("loss", I, kept[I] * row[I])
    total = define("total", (), sum(loss[I], I))
    share = define("share", I, kept[I] * w[t[I]], guard=by_class, otherwise=kept[I] * lift(1))
    average = define("average", (), total[()] / sum(share[I], I), guard=mean, otherwise=total[()])
    return program(loss, average, inputs=(x, t, y, w, kept, s))


SIGNATURES = (
    Signature(
        "cross_entropy",
        "Cross-entropy of softmax(logits) against class indices or probabilities.",
        'a number, or with reduction="none" an array (...), of the dtype of logits',
        "Goodfellow, Bengio & Courville 2016, Deep Learning, section 6.2.2.3",
        (
            Parameter("logits", "scores (..., C)"),
            Parameter("targets", "class indices 0..C-1 (...), or probabilities (..., C)", "targets"),
            Parameter(
                "label_smoothing",
                "fraction of the target that is spread evenly, from 0 to 1",
                "option",
                "0.0",
                keyword=True,
                least=0,
                most=1,
            ),
            Parameter("weight", "of each class (C), or None for ones", "weight", "None", keyword=True),
            Parameter("ignore_index", "rows with this class index are left out", "option", "-100", keyword=True),
            Parameter(
                "reduction",
                '"mean" (over the weights of the rows that are kept), "sum" or "none"',
                "option",
                '"mean"',
                keyword=True,
            ),
        ),
        _program,
        (
            "shape = logits.shape[:-1]",
            'choice("cross_entropy", "reduction", reduction, "mean", "sum", "none")',
            'logits, ids, y, w, kept = flat_rows("cross_entropy", logits, targets, weight, ignore_index)',
        ),
        leave=('{np}.reshape({0}, shape) if reduction == "none" else {1}',),
        rows="i",
        backward=Backward(
            wrt=("logits", "y"),
            balanced="logits",
            enter=('dloss, daverage = row_cotangents("cross_entropy_vjp", cotangent, shape, reduction)',),
            leave=("{np}.reshape({logits}, (*shape, C))", "None if y is None else {np}.reshape({y}, (*shape, C))"),
        ),
        example={"logits": [[1, 2, 3]], "targets": [[0, 0, 1]]},
        op=lambda given: cross_entropy(given["logits"], given["targets"], name="L"),
        shapes={"logits": "... C", "targets": "... C"},
    ),
)
