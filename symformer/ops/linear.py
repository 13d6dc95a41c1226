"""The linear layer."""

from __future__ import annotations

from dataclasses import replace

from symformer.notation import Tensor, indices, sizes, sum, tensor
from symformer.ops.letters import ROWS, letters
from symformer.ops.options import when_given
from symformer.ops.signature import Parameter, Signature
from symformer.programs import DefinedTensor, Program, call, define, program

C, O = indices("c o")


def linear(x: Tensor, weight: Tensor, bias: Tensor | None = None, *, name: str | None = None) -> DefinedTensor:
    """A linear layer on row vectors: y_o = Σ_c x_c W_co + b_o.

    Args:
        x: activations (…, d_in).
        weight: W (d_in, d_out).
        bias: b (d_out), or None for zeros.
        name: the name of the result; without one it prints as `linear(x, W)`.

    Returns:
        A tensor (…, d_out).

    Raises:
        ShapeError: sizes that do not fit.

    Source: the layout y = x W + b of Vaswani et al. 2017, arXiv:1706.03762, equation 2.
    """
    rows = letters(x).rows if len(x.shape) > 1 else ()
    y: Tensor = define("y", (*rows, O), sum(x[(*rows, C)] * weight[C, O], C))
    y = when_given(bias, y, (*rows, O), lambda value: value + bias[O])  # type: ignore[index]
    arguments = (x, weight) if bias is None else (x, weight, bias)
    return call("linear", arguments, y, y, name)


def _program() -> Program:
    r, (d_in, d_out) = ROWS, sizes("d_in d_out")
    x, weight, bias = tensor("x", r, d_in), tensor("weight", d_in, d_out), replace(tensor("bias", d_out), optional=True)
    return program(linear(x, weight, bias, name="y"), inputs=(x, weight, bias))


SIGNATURES = (
    Signature(
        "linear",
        "Linear layer: x @ weight + bias.",
        "array (..., d_out) of the dtype of x and weight",
        "Vaswani et al. 2017, arXiv:1706.03762, equation 2",
        (
            Parameter("x", "activations (..., d_in)"),
            Parameter("weight", "(d_in, d_out)", "weight"),
            Parameter("bias", "(d_out), or None", "weight", "None"),
        ),
        _program,
        rows="i",
        example={"x": [[1, 2]], "weight": [[1, 0, 1], [0, 1, 1]], "bias": [0, 0, 1]},
        op=lambda given: linear(given["x"], given["weight"], given.get("bias"), name="y"),
        shapes={"x": "... d_in", "weight": "d_in d_out", "bias": "d_out?"},
    ),
)
