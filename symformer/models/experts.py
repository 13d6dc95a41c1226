"""Experts: each token goes to the few that its router chose, by their numbers, so that the others cost nothing.

Which ones a router chooses has no formula: the numbers are given to the program, as ids are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from symformer import notation
from symformer.models import letters as at
from symformer.models.blocks import ACTIVATIONS
from symformer.models.symbols import Parameters, Value, named
from symformer.notation import Element, Tensor, Written, exp, indices, sigmoid, tensor
from symformer.programs import Program, program

K = indices("k")
CHOICE = "choice"
SCORES = "R"  # of all experts
GATHERED = "R_E"  # what stands at the chosen ones: nothing else but the experts themselves reads the choice
Gated = Callable[[Written, Written], Written]  # of gate and up, what goes into the last linear layer


@dataclass(frozen=True)
class Routing:
    """How the experts of a layer are chosen and computed where a model runs.

    Attributes:
        one: the program of one expert: its input is called after what the experts of a layer read.
        top: how many experts a token is sent to.
        groups: into how many groups the experts fall; only those of the best groups are chosen.
        top_groups: how many groups that are.
        bias: the symbol of what is added to sigmoids of the scores where experts are chosen, or "" for plain scores.
    """

    one: Program
    top: int
    groups: int = 1
    top_groups: int = 1
    bias: str = ""


def chosen_experts() -> Tensor:
    """The numbers of the experts that each token of a layer is sent to."""
    return tensor(CHOICE, at.n, at.k_X, kind="integer", upper=at.n_X)


def plainly(activation: str) -> Gated:
    """An activated gate times what it gates."""
    return lambda gate, up: ACTIVATIONS[activation](gate) * up


def routed(own: Parameters, x: Value, chosen: Tensor, gated: Gated, weights: Value) -> Value:
    """The gated feed-forward blocks of the chosen experts, and their sum by weights."""
    number = chosen[at.INDEX["."], at.INDEX["E"]]
    down = _expert(own, x, gated, number)
    return named("E", ". a", notation.sum(weights.entry * down.entry, at.INDEX["E"]))


def expert_program(own: Parameters, gated: Gated, name: str = "N_2") -> Program:
    """The program of one expert, over rows of what experts read, called `name`."""
    x = Value(tensor(name, at.n, at.d), (".", "a"))
    return program(_expert(own, x, gated, None).tensor)


def _expert(own: Parameters, x: Value, gated: Gated, number: Element | None) -> Value:
    """The expert of a number, or the only one."""
    gate, up = (_through(own, f"E_{mark}", x, mark, number, "s") for mark in ("gate", "up"))
    return _through(own, "E_down", named("E_2", gate.letters, gated(gate.entry, up.entry)), "down", number, "a")


def _through(own: Parameters, name: str, x: Value, mark: str, number: Element | None, out: str) -> Value:
    """A linear layer of the chosen experts."""
    weight, bias = own[f"X_{mark}"], f"c_{mark}"
    summed = at.INDEX[next(letter for letter in weight.letters[1:] if letter != out)]
    body = notation.sum(x.entry * _entry(weight, number), summed)
    slots = ". E" if number is not None else "."
    return named(name, f"{slots} {out}", body + _entry(own[bias], number) if bias in own else body)


def _entry(weight: Value, number: Element | None) -> Element:
    """The entry of an expert's weight, the first axis of which is that of experts."""
    letters = tuple(at.INDEX[letter] for letter in weight.letters[1:])
    if number is not None:
        return weight.tensor[(number, *letters)]
    return Tensor(weight.tensor.name, weight.tensor.shape[1:], weight.tensor.domain)[letters]


def router_logits(own: Parameters, x: Value) -> Value:
    """The score of each expert."""
    return own.linear(SCORES, x, "W_R", "b_R", ". x")


def softmax_weights(logits: Value, chosen: Tensor) -> Value:
    """Softmax over the scores of the chosen experts."""
    row, slot = at.INDEX["."], at.INDEX["E"]
    score = named(GATHERED, ". E", logits.tensor[row, chosen[row, slot]])
    return named("G", ". E", exp(score.entry) / notation.sum(exp(score.tensor[row, K]), K))


def softmax_of_all(logits: Value, chosen: Tensor) -> Value:
    """Softmax over the scores of all experts, at the chosen ones: these do not sum to 1."""
    row, slot = at.INDEX["."], at.INDEX["E"]
    share = named("R_P", ". x", exp(logits.entry) / notation.sum(exp(logits.tensor[row, K]), K))
    return named(GATHERED, ". E", share.tensor[row, chosen[row, slot]])


def sigmoid_weights(logits: Value, chosen: Tensor, *, normalised: bool, factor: float) -> Value:
    """Sigmoids of the scores of the chosen experts, divided by their sum or not, times a factor."""
    row, slot = at.INDEX["."], at.INDEX["E"]
    score = named(GATHERED, ". E", logits.tensor[row, chosen[row, slot]])
    share = named("R_S", ". E", sigmoid(score.entry))
    body = share.entry / notation.sum(share.tensor[row, K], K) if normalised else share.entry
    return named("G", ". E", factor * body)
