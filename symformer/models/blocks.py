"""Blocks of layers over values with lettered axes: embeddings, norms, feed-forward blocks, residuals, logits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from symformer import notation
from symformer.models import letters as at
from symformer.models.symbols import Parameters, Value, named
from symformer.notation import Tensor, Written, lift
from symformer.ops import embedding, gelu, layer_norm, relu, rms_norm, silu, tanh

ACTIVATIONS: dict[str, Callable[[Written], Any]] = {
    "relu": relu,
    "gelu": gelu,
    "gelu_python": gelu,
    "gelu_new": lambda x: gelu(x, "tanh"),
    "gelu_pytorch_tanh": lambda x: gelu(x, "tanh"),
    "gelu_python_tanh": lambda x: gelu(x, "tanh"),
    "gelu_accurate": lambda x: gelu(x, "tanh"),
    "gelu_fast": lambda x: x * 0.5 * (1 + notation.tanh(0.7978845608 * x * (1 + 0.044715 * x * x))),  # √(2/π), cut
    "gelu_10": lambda x: notation.maximum(notation.minimum(gelu(x), lift(10)), lift(-10)),
    "silu": silu,
    "swish": silu,
    "gelu_bloom": lambda x: x * 0.5 * (1 + notation.tanh(0.79788456 * x * (1 + 0.044715 * x * x))),  # √(2/π), cut
    "tanh": tanh,
    "relu2": lambda x: relu(x) ** 2,
    "relu6": lambda x: notation.minimum(relu(x), lift(6)),
    "leaky_relu": lambda x: notation.maximum(x, 0.01 * x),
    "hardswish": lambda x: x * notation.minimum(relu(x + 3), lift(6)) / 6,
    "sigmoid": notation.sigmoid,
    "linear": lambda x: x,
    "quick_gelu": lambda x: x * notation.sigmoid(1.702 * x),
}


def looked_up(name: str, ids: Tensor, table: Value) -> Value:
    """Rows of a table by their numbers."""
    return Value(embedding(ids, table.tensor, name=name), (".", table.letters[-1]))


def normed(own: Parameters, name: str, x: Value, number: str, *, eps: float, rms: bool = False) -> Value:
    """Layer norm, or RMS norm, with the γ and β of this number if the table has them."""
    gamma, beta = own.get(f"gamma_{number}"), own.get(f"beta_{number}")
    if rms:
        return Value(rms_norm(x.tensor, gamma, eps=eps, name=name), x.letters)
    return Value(layer_norm(x.tensor, gamma, beta, eps=eps, name=name), x.letters)


def normed_from_one(own: Parameters, name: str, x: Value, number: str, *, eps: float) -> Value:
    """RMS norm whose scale is 1 + γ, so that γ = 0 leaves it out."""
    gamma = own[f"gamma_{number}"]
    scale = named(f"{gamma.tensor.name}'", gamma.letters, 1 + gamma.entry)
    return Value(rms_norm(x.tensor, scale.tensor, eps=eps, name=name), x.letters)


def normed_heads(
    own: Parameters, parts: Sequence[Value], kind: str, *, eps: float, rms: bool, from_one: bool = False
) -> list[Value]:
    """Queries or keys, each divided by its own root mean square, or deviation, over all features of a head."""
    rows = parts[0].rows
    size = at.d_k
    total = _over_features(parts, lambda part: part.entry)
    mean = None if rms else named(f"mu_{kind}", rows, total / size)
    centred = [part.entry if mean is None else part.entry - mean.entry for part in parts]
    squares = _over_features(parts, lambda part: centred[list(parts).index(part)] ** 2)
    spread = named(f"sigma_{kind}", rows, notation.sqrt(squares / size + lift(eps)))
    first = 1 if from_one else 0
    return [_scaled(own, part, value, spread, kind, first) for part, value in zip(parts, centred, strict=True)]


def _scaled(own: Parameters, part: Value, value: Written, spread: Value, kind: str, first: int) -> Value:
    suffix = part.tensor.name.removeprefix(kind).removeprefix("_")
    gamma = own[f"gamma_{kind}{suffix}"].entry
    body = value / spread.entry * (1 + gamma if first else gamma)
    beta = f"beta_{kind}{suffix}"
    return named(f"{part.tensor.name}_hat", part.letters, body + own[beta].entry if beta in own else body)


def _over_features(parts: Sequence[Value], term: Callable[[Value], Written]) -> Written:
    """Σ over the features of all parts."""
    total: Written | None = None
    for part in parts:
        body = term(part)
        for letter in reversed(part.letters[len(part.rows) :]):
            body = notation.sum(body, at.INDEX[letter])
        total = body if total is None else total + body
    assert total is not None
    return total


def feed_forward(own: Parameters, x: Value, activation: str, *, hidden: str = "f", name: str = "F") -> Value:
    """Two linear layers with an activation between."""
    u = own.linear(f"{name}_1", x, "W_1", "b_1", f". {hidden}")
    a = named(f"{name}_2", u.letters, ACTIVATIONS[activation](u.entry))
    return own.linear(name, a, "W_2", "b_2", ". a")


def gated(own: Parameters, x: Value, activation: str, *, kind: str = "W", hidden: str = "f", name: str = "F") -> Value:
    """A gated feed-forward block: an activated linear layer times another, and a third back to the stream."""
    bias = "b" if kind == "W" else ""
    gate, up = (
        own.linear(f"{name}_{mark}", x, f"{kind}_{mark}", f"{bias}_{mark}", f". {hidden}") for mark in ("gate", "up")
    )
    a = named(f"{name}_2", gate.letters, ACTIVATIONS[activation](gate.entry) * up.entry)
    return own.linear(name, a, f"{kind}_down", f"{bias}_down", ". a")


def plus(name: str, *parts: Value) -> Value:
    """The sum of some values of the stream."""
    total = parts[0].entry
    for part in parts[1:]:
        total = total + part.entry
    return named(name, parts[0].letters, total)
