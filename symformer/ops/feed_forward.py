"""The feed-forward layer of a transformer: two linear layers with an activation between, and its gated form."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from symformer.notation import NotationError, Tensor, Written, indices, sizes, sum, tensor
from symformer.notation import build as entrywise
from symformer.ops.activations import gelu_exact, gelu_tanh
from symformer.ops.letters import ROWS, letters
from symformer.ops.options import when_given
from symformer.ops.signature import Parameter, Signature
from symformer.programs import DefinedTensor, Guard, Program, call, define, program

I, C, H, O = indices("i c f o")
ACTIVATIONS = {
    "relu": entrywise.relu,
    "gelu": gelu_exact,
    "gelu_tanh": gelu_tanh,
    "silu": lambda y: y * entrywise.sigmoid(y),
    "tanh": entrywise.tanh,
    "sigmoid": entrywise.sigmoid,
}


def feed_forward(
    x: Tensor,
    w1: Tensor,
    b1: Tensor | None,
    w2: Tensor,
    b2: Tensor | None = None,
    activation: str = "relu",
    *,
    name: str | None = None,
) -> DefinedTensor:
    """The feed-forward layer on row vectors: φ(x W_1 + b_1) W_2 + b_2.

    Args:
        x: activations (…, d).
        w1: (d, d_ff).
        b1: (d_ff), or None for zeros.
        w2: (d_ff, d_out).
        b2: (d_out), or None for zeros.
        activation: φ: "relu", "gelu", "gelu_tanh", "silu", "tanh" or "sigmoid".
        name: the name of the result; without one it prints as `FFN(x)`.

    Returns:
        A tensor (…, d_out).

    Raises:
        NotationError: an unknown activation.
        ShapeError: sizes that do not fit.

    Source: Vaswani et al. 2017, arXiv:1706.03762, equation 2.
    """
    if activation not in ACTIVATIONS:
        raise NotationError(f"feed_forward: activation: expected {', '.join(ACTIVATIONS)}, got {activation!r}")
    rows = _rows(x)
    h = _hidden(x, w1, b1, rows)
    a = define("a", (*rows, H), ACTIVATIONS[activation](h[(*rows, H)]))
    y = _out(a, w2, b2, rows)
    return call("FFN", tuple(given for given in (x, w1, b1, w2, b2) if given is not None), y, y, name)


def swiglu(x: Tensor, w_gate: Tensor, w_up: Tensor, w_down: Tensor, *, name: str | None = None) -> DefinedTensor:
    """The gated feed-forward layer: (SiLU(x W_gate) ⊙ (x W_up)) W_down.

    Args:
        x: activations (…, d).
        w_gate: (d, d_ff).
        w_up: (d, d_ff).
        w_down: (d_ff, d_out).
        name: the name of the result; without one it prints as `SwiGLU(x)`.

    Returns:
        A tensor (…, d_out).

    Raises:
        ShapeError: sizes that do not fit.

    Source: Shazeer 2020, arXiv:2002.05202, equation 6.
    """
    rows = _rows(x)
    at = (*rows, H)
    gate = define("z", at, sum(x[(*rows, C)] * w_gate[C, H], C))
    up = define("u", at, sum(x[(*rows, C)] * w_up[C, H], C))
    s = define("s", at, entrywise.sigmoid(gate[at]))
    a = define("a", at, gate[at] * s[at] * up[at])
    y = _out(a, w_down, None, rows)
    return call("SwiGLU", (x, w_gate, w_up, w_down), y, y, name)


def _rows(x: Tensor) -> tuple[Any, ...]:
    return letters(x).rows if len(x.shape) > 1 else ()


def _hidden(x: Tensor, w1: Tensor, b1: Tensor | None, rows: tuple[Any, ...]) -> Tensor:
    at = (*rows, H)
    h: Tensor = define("h", at, sum(x[(*rows, C)] * w1[C, H], C))
    return when_given(b1, h, at, lambda value: value + b1[H])  # type: ignore[index]


def _out(a: Tensor, w2: Tensor, b2: Tensor | None, rows: tuple[Any, ...]) -> Tensor:
    at = (*rows, O)
    y: Tensor = define("y", at, sum(a[(*rows, H)] * w2[H, O], H))
    return when_given(b2, y, at, lambda value: value + b2[O])  # type: ignore[index]


def _activated(h: Tensor) -> Tensor:
    """One definition for each activation; the caller's choice opens one of them."""
    for activation, function in ACTIVATIONS.items():
        guard = Guard("activation", f'activation == "{activation}"', f"if the activation is {activation}")
        value: Written = h[I, H]
        h = define("a_" + activation.replace("_", ""), (I, H), function(value), guard=guard, otherwise=value)
    return h


def _feed_forward_program() -> Program:
    r, (d, width, out) = ROWS, sizes("d d_ff d_out")
    x, w1, w2 = tensor("x", r, d), tensor("w1", d, width), tensor("w2", width, out)
    b1, b2 = replace(tensor("b1", width), optional=True), replace(tensor("b2", out), optional=True)
    return program(_out(_activated(_hidden(x, w1, b1, (I,))), w2, b2, (I,)), inputs=(x, w1, b1, w2, b2))


def _swiglu_program() -> Program:
    r, (d, width, out) = ROWS, sizes("d d_ff d_out")
    x, gate, up = tensor("x", r, d), tensor("w_gate", d, width), tensor("w_up", d, width)
    down = tensor("w_down", width, out)
    return program(swiglu(x, gate, up, down, name="y"), inputs=(x, gate, up, down))


_CHOICES = ", ".join(f'"{name}"' for name in ACTIVATIONS)

SIGNATURES = (
    Signature(
        "feed_forward",
        "Feed-forward layer: activation(x @ w1 + b1) @ w2 + b2.",
        "array (..., d_out) of the dtype of x and the weights",
        "Vaswani et al. 2017, arXiv:1706.03762, equation 2",
        (
            Parameter("x", "activations (..., d)"),
            Parameter("w1", "(d, d_ff)", "weight"),
            Parameter("b1", "(d_ff), or None", "weight"),
            Parameter("w2", "(d_ff, d_out)", "weight"),
            Parameter("b2", "(d_out), or None", "weight"),
            Parameter("activation", _CHOICES, "option", '"relu"'),
        ),
        _feed_forward_program,
        (f'choice("feed_forward", "activation", activation, {_CHOICES})',),
        rows="i",
        example={"x": [[1, -2]], "w1": [[1, 0, 1], [0, 1, 1]], "b1": [0, 0, 1], "w2": [[1], [1], [2]], "b2": [1]},
        op=lambda given: feed_forward(given["x"], given["w1"], given.get("b1"), given["w2"], given.get("b2"), name="y"),
        shapes={"x": "... d", "w1": "d d_ff", "b1": "d_ff?", "w2": "d_ff d_out", "b2": "d_out?"},
    ),
    Signature(
        "swiglu",
        "Gated feed-forward layer: (silu(x @ w_gate) * (x @ w_up)) @ w_down.",
        "array (..., d_out) of the dtype of x and the weights",
        "Shazeer 2020, arXiv:2002.05202, equation 6",
        (
            Parameter("x", "activations (..., d)"),
            Parameter("w_gate", "(d, d_ff)", "weight"),
            Parameter("w_up", "(d, d_ff)", "weight"),
            Parameter("w_down", "(d_ff, d_out)", "weight"),
        ),
        _swiglu_program,
        rows="i",
        example={"x": [[1, -2]], "w_gate": [[1, 0], [0, 1]], "w_up": [[1, 1], [0, 1]], "w_down": [[1], [1]]},
        op=lambda given: swiglu(given["x"], given["w_gate"], given["w_up"], given["w_down"], name="y"),
        shapes={"x": "... d", "w_gate": "d d_ff", "w_up": "d d_ff", "w_down": "d_ff d_out"},
    ),
)
