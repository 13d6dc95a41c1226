"""Prints the largest errors of backward functions in units in the last place, PyTorch's autograd beside.

`python accuracy_backward.py [NAME ...]`, in the manner of `accuracy.py`: its regimes, its bar. References are the
formulas of textbooks in balls of 80 digits. Where an entry of a gradient is a difference or a sum of products, the unit
is that of the largest entry of the row; for log-sum-exp, sigmoid, tanh and softplus it is that of the entry itself.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import exact
import exact_slopes as slopes
import numpy as np
import torch
from accuracy import EPS, WIDTH, attention_inputs, drawn, print_table, ulps
from torch.nn import functional

from symformer import functions


@dataclass(frozen=True)
class Case:
    """A backward function.

    Attributes:
        ours: gradients from the cotangent and the inputs.
        theirs: PyTorch's forward function.
        slope: the gradients in balls.
        names: of the inputs.
        inputs: arrays from the numbers of a regime.
        of_rows: whether the unit is that of the largest entry of a row.
    """

    ours: Callable[..., Any]
    theirs: Callable[..., Any]
    slope: Callable[..., Any]
    names: tuple[str, ...] = ("x",)
    inputs: Callable[[Any], tuple[Any, ...]] = lambda x: (x,)
    of_rows: bool = True


def elementwise(name, slope, theirs, *, of_rows=False, **options):
    """The case of an elementwise function."""
    ours = partial(getattr(functions, f"{name}_vjp"), **options)
    return Case(ours, theirs, slopes.each(slope), of_rows=of_rows)


def with_weights(*shapes):
    """Some of the numbers, and ordinary weights."""

    def inputs(x):
        random = np.random.default_rng(3)
        weights = [random.standard_normal(shape) / np.sqrt(shape[0]) for shape in shapes]
        return x[:, : shapes[0][0]].copy(), *(weight.astype(x.dtype) for weight in weights)

    return inputs


def kl_theirs(a, b):
    """PyTorch takes the second distribution first."""
    logs = functional.log_softmax(b, -1), functional.log_softmax(a, -1)
    return functional.kl_div(*logs, reduction="none", log_target=True).sum(-1)


def cross_entropy_ours(g, x):
    """Against class 0."""
    return functions.cross_entropy_vjp(g, x, np.zeros(len(x), int), reduction="none")[:1]


CASES = {
    "softmax": Case(functions.softmax_vjp, partial(torch.softmax, dim=-1), slopes.softmax_slope),
    "log_softmax": Case(functions.log_softmax_vjp, partial(torch.log_softmax, dim=-1), slopes.log_softmax_slope),
    "logsumexp": Case(functions.logsumexp_vjp, partial(torch.logsumexp, dim=-1), slopes.logsumexp_slope, of_rows=False),
    "cross_entropy": Case(
        cross_entropy_ours,
        lambda x: functional.cross_entropy(x, torch.zeros(len(x), dtype=int), reduction="none"),
        slopes.cross_entropy_slope,
    ),
    "kl_divergence": Case(
        functions.kl_divergence_vjp, kl_theirs, slopes.kl_slope, ("p", "q"), lambda x: (x, x[:, ::-1].copy())
    ),
    "layer_norm": Case(
        functions.layer_norm_vjp,
        lambda x, weight, bias: functional.layer_norm(x, (WIDTH,), weight, bias, EPS),
        partial(slopes.layer_norm_slope, eps=EPS),
        ("x", "weight", "bias"),
        with_weights((WIDTH,), (WIDTH,)),
    ),
    "rms_norm": Case(
        functions.rms_norm_vjp,
        lambda x, weight: functional.rms_norm(x, (WIDTH,), weight, EPS),
        partial(slopes.rms_norm_slope, eps=EPS),
        ("x", "weight"),
        with_weights((WIDTH,)),
    ),
    "gelu": elementwise("gelu", slopes.gelu_slope, functional.gelu, of_rows=True),
    "gelu tanh": elementwise(
        "gelu", slopes.gelu_tanh_slope, partial(functional.gelu, approximate="tanh"), of_rows=True, approximate="tanh"
    ),
    "silu": elementwise("silu", slopes.silu_slope, functional.silu, of_rows=True),
    "sigmoid": elementwise("sigmoid", slopes.sigmoid_slope, torch.sigmoid),
    "tanh": elementwise("tanh", slopes.tanh_slope, torch.tanh),
    "softplus": elementwise("softplus", exact.sigmoid, partial(functional.softplus, threshold=1e9)),
    "swiglu": Case(
        functions.swiglu_vjp,
        lambda x, w_gate, w_up, w_down: (functional.silu(x @ w_gate) * (x @ w_up)) @ w_down,
        slopes.swiglu_slope,
        ("x", "w_gate", "w_up", "w_down"),
        with_weights((16, 12), (16, 12), (12, 16)),
    ),
    "attention": Case(
        functions.attention_vjp,
        functional.scaled_dot_product_attention,
        slopes.attention_slope,
        ("q", "k", "v"),
        attention_inputs,
    ),
}


def errors(name, dtype, regime):
    """Our error and PyTorch's, for each input."""
    case = CASES[name]
    arrays = case.inputs(drawn(dtype, regime))
    leaves = [torch.from_numpy(array).requires_grad_() for array in arrays]
    batched = [leaf[None, None] for leaf in leaves] if name == "attention" else leaves
    result = case.theirs(*batched)
    g = np.random.default_rng(2).standard_normal(result.shape).astype(dtype)
    result.backward(torch.from_numpy(g))
    g = g[0, 0] if name == "attention" else g
    wanted = case.slope(_exact(g), *map(_exact, arrays))
    found = []
    for what, ours, leaf, rows in zip(case.names, case.ours(g, *arrays)[: len(leaves)], leaves, wanted, strict=True):
        flat = [value for row in rows for value in row]
        pair = (ulps(one, flat, dtype, case.of_rows) for one in (ours, leaf.grad.numpy()))
        found.append((f"{name} d{what}" if len(case.names) > 1 else name, *pair))
    return found


def _exact(array):
    """A matrix in balls; a vector of weights is a matrix of one row, cotangents of numbers are one list."""
    return exact.matrix(array) if array.ndim == 2 else exact.balls(array)


if __name__ == "__main__":
    print_table(sys.argv[1:] or CASES, errors)
