"""Experts: each token goes to the few that its router chose, by their numbers, so that the others cost nothing.

Which ones a router chooses has no formula: the numbers are given to the program, as ids are.
"""

from __future__ import annotations

from symformer import notation
from symformer.models import letters as at
from symformer.models.blocks import ACTIVATIONS
from symformer.models.symbols import Parameters, Value, named
from symformer.notation import Element, Tensor, exp, indices, sigmoid, tensor

K = indices("k")


def chosen_experts() -> Tensor:
    """The numbers of the experts that each token of a layer is sent to."""
    return tensor("choice", at.n, at.k_X, kind="integer", upper=at.n_X)


def routed(own: Parameters, x: Value, chosen: Tensor, activation: str, weights: Value) -> Value:
    """The gated feed-forward blocks of the chosen experts, and their sum by weights."""
    number = chosen[at.INDEX["."], at.INDEX["E"]]
    gate, up = (_through(own, f"E_{mark}", x, f"X_{mark}", number, "s") for mark in ("gate", "up"))
    a = named("E_2", gate.letters, ACTIVATIONS[activation](gate.entry) * up.entry)
    down = _through(own, "E_down", a, "X_down", number, "a")
    return named("E", ". a", notation.sum(weights.entry * down.entry, at.INDEX["E"]))


def _through(own: Parameters, name: str, x: Value, weight: str, number: Element, out: str) -> Value:
    """A linear layer of the chosen experts."""
    expert = own[weight]
    summed = at.INDEX[expert.letters[1]]
    entry = expert.tensor[(number, *(at.INDEX[letter] for letter in expert.letters[1:]))]
    return named(name, f". E {out}", notation.sum(x.entry * entry, summed))


def router_logits(own: Parameters, x: Value) -> Value:
    """The score of each expert."""
    return own.linear("R", x, "W_R", "", ". x")


def softmax_weights(logits: Value, chosen: Tensor) -> Value:
    """Softmax over the scores of the chosen experts."""
    row, slot = at.INDEX["."], at.INDEX["E"]
    score = named("R_E", ". E", logits.tensor[row, chosen[row, slot]])
    return named("G", ". E", exp(score.entry) / notation.sum(exp(score.tensor[row, K]), K))


def sigmoid_weights(logits: Value, chosen: Tensor, *, normalised: bool, factor: float) -> Value:
    """Sigmoids of the scores of the chosen experts, divided by their sum or not, times a factor."""
    row, slot = at.INDEX["."], at.INDEX["E"]
    share = named("R_E", ". E", sigmoid(logits.tensor[row, chosen[row, slot]]))
    body = share.entry / notation.sum(share.tensor[row, K], K) if normalised else share.entry
    return named("G", ". E", factor * body)
