"""Cross-entropy between logits and targets: class indices or probabilities."""

from __future__ import annotations

from dataclasses import replace

from sympy import Symbol

from symformer.notation import NotationError, Tensor, exp, indicator, indices, log, max, sizes, sum, tensor
from symformer.ops.letters import letters
from symformer.ops.signature import Parameter, Signature
from symformer.programs import DefinedTensor, Guard, Program, call, define, program

I, C, K = indices("i c k")


def cross_entropy(logits: Tensor, targets: Tensor, *, name: str | None = None) -> DefinedTensor:
    """Cross-entropy of softmax(logits) against targets, one number a row.

    With probabilities y: L = −Σ_c y_c log(exp(x_c) / Σ_k exp(x_k)); with a class index t: L = −log of entry t.

    Args:
        logits: scores x (…, C).
        targets: probabilities (…, C), or class indices (…) as a tensor of `kind="integer"`.
        name: the name of the result; without one it prints as `cross_entropy(x, y)`.

    Returns:
        A tensor of the shape of logits without its last axis.

    Raises:
        NotationError: class indices that are not of kind "integer".
        ShapeError: sizes that do not fit.

    Source: Goodfellow, Bengio & Courville 2016, Deep Learning, section 6.2.2.3.
    """
    rows = letters(logits).rows
    by_class = len(targets.shape) == len(logits.shape) - 1
    if by_class and targets.domain.kind != "integer":
        raise NotationError(f"cross_entropy: class indices {targets.name} must be a tensor of kind 'integer'")
    textbook_lse = sum(exp(logits[(*rows, K)]), K)
    m, z = _shift(logits, rows)
    seen = z[rows] + indicator(z[rows], "=", 0)
    if by_class:
        chosen = logits[(*rows, targets[rows])]
        textbook = define("L", rows, -log(exp(chosen) / textbook_lse))
        stable = define("L", rows, log(seen) - (chosen - m[rows]))
    else:
        y, x = targets[(*rows, C)], logits[(*rows, C)]
        textbook = define("L", rows, -sum(y * log(exp(x) / textbook_lse), C))
        stable = define("L", rows, sum(y * (log(seen) - (x - m[rows])), C))
    return call("cross_entropy", (logits, targets), textbook, stable, name)


def _shift(x: Tensor, rows: tuple[Symbol, ...]) -> tuple[Tensor, Tensor]:
    m = define("m", rows, max(x[(*rows, K)], K))
    return m, define("Z", rows, sum(exp(x[(*rows, K)] - m[rows]), K))


def _program() -> Program:
    """Rows of losses from class indices or probabilities, their sum and their mean."""
    n, classes = sizes("n C")
    x = tensor("logits", n, classes)
    t = replace(tensor("ids", n, kind="integer", upper=classes), optional=True)
    y = replace(tensor("y", n, classes), optional=True)
    m, z = _shift(x, (I,))
    log_z = define("log_Z", I, log(z[I] + indicator(z[I], "=", 0)))
    by_class = Guard("targets", "ids is not None", "if targets are class indices")
    spread = sum(y[I, C] * (log_z[I] - (x[I, C] - m[I])), C)
    loss = define("loss", I, log_z[I] - (x[I, t[I]] - m[I]), guard=by_class, otherwise=spread)
    total = define("total", (), sum(loss[I], I))
    mean = Guard("reduction", 'reduction == "mean"', "if the reduction is a mean")
    return program(loss, define("average", (), total[()] / n, guard=mean, otherwise=total[()]), inputs=(x, t, y))


SIGNATURES = (
    Signature(
        "cross_entropy",
        "Cross-entropy of softmax(logits) against class indices or probabilities.",
        'a number, or with reduction="none" an array (...), of the dtype of logits',
        "Goodfellow, Bengio & Courville 2016, Deep Learning, section 6.2.2.3",
        (
            Parameter("logits", "scores (..., C)"),
            Parameter("targets", "class indices 0..C-1 (...), or probabilities (..., C)", "targets"),
            Parameter("reduction", '"mean" over all rows, "sum" or "none"', "option", '"mean"', keyword=True),
        ),
        _program,
        (
            "rows = logits.shape[:-1]",
            'logits, ids, y = flat_rows("cross_entropy", logits, targets, reduction)',
        ),
        leave='loss.reshape(rows) if reduction == "none" else {}',
        example={"logits": [[1, 2, 3]], "targets": [[0, 0, 1]]},
        op=lambda given: cross_entropy(given["logits"], given["targets"], name="L"),
        shapes={"logits": "... C", "targets": "... C"},
    ),
)
