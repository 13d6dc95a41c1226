"""One head of a layer as a program: from the stream that enters the layer to what the head adds to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sympy import Symbol

from symformer import notation
from symformer.models import LoadedModel
from symformer.models import letters as at
from symformer.models.layout import Stack
from symformer.models.symbols import Parameters
from symformer.notation import Tensor, indices
from symformer.ops.attention import attention_scores, attention_weights
from symformer.programs import Call, Computed, Loop, Program, define, program, reachable
from symformer.trace.slices import Slices

HEADS = "hgr"  # letters of axes of heads, of groups, of heads in a group
I, A, C = indices("i a c")


class TraceError(ValueError):
    """A layer or head that a model has not, or a model whose layers cannot be traced."""


@dataclass(frozen=True)
class Head:
    """One head.

    Attributes:
        steps: its program, as a reader follows it; attention is opened into scores, weights and their sum.
        computed: the same tensors in stable form, as they are compiled.
        slices: the letters of the axes of heads that each input has lost, by the input's name.
        places: the number of the head along each of these letters, from 0.
        weights: further inputs that are weights.
    """

    steps: Program
    computed: Program
    slices: Mapping[str, Mapping[int, Symbol]]
    places: Mapping[Symbol, int]
    weights: frozenset[str] = frozenset()


def head_of(model: LoadedModel, loop: Loop, stack: Stack, head: int) -> Head:
    """The program of one head of the first attention of a layer.

    Args:
        model: the model.
        loop: its layers.
        stack: their parameters.
        head: the number of the head, from 0.

    Raises:
        TraceError: there is no such head, or no attention.
    """
    heads = model.sizes[at.H]
    if not 0 <= head < heads:
        raise TraceError(f"head: expected 0..{heads - 1}, got {head}")
    own = Parameters.of(stack.rows).values
    lost = {
        value.tensor.digest: {place: at.INDEX[letter] for place, letter in enumerate(value.letters) if letter in HEADS}
        for value in own.values()
    }
    if lost.get(own["gamma_Q"].tensor.digest if "gamma_Q" in own else ""):
        raise TraceError(f"{model.model_type}: queries are normalised over all heads together, so none stands alone")
    shared = [one.formal for one in loop.shared if one.formal.shape and one.formal.shape[0] == at.H]
    lost |= {formal.digest: {0: at.INDEX["h"]} for formal in shared}
    slices = Slices(lost)
    attended = slices(_attention(loop))
    w_o = slices(own["W_O"].tensor)
    steps = program(_contribution(_opened(attended), w_o))
    named = {tensor.name for tensor in steps.statements}
    computed = program(*(tensor for tensor in _stable(attended, w_o) if tensor.name in named))
    group = model.sizes.get(at.R, 1)
    numbers = {at.INDEX["h"]: head, at.INDEX["g"]: head // group, at.INDEX["r"]: head % group}
    sliced = [*(value.tensor for value in own.values()), *shared]
    return Head(steps, computed, {one.name: lost[one.digest] for one in sliced}, numbers)


def _attention(loop: Loop) -> Computed:
    for tensor in loop.statements:
        if isinstance(tensor.origin, Call) and tensor.origin.name == "attention":
            return tensor
    raise TraceError(f"{loop.title} has no attention")


def _opened(attended: Tensor) -> Tensor:
    """The attention, as a textbook writes it."""
    assert isinstance(attended.origin, Call)
    return attended.origin.textbook


def _contribution(o: Tensor, w_o: Tensor) -> Tensor:
    """What the head adds to the stream: Y_ia = Σ_c O_ic W_ca."""
    return define("Y", (I, A), notation.sum(o[I, C] * w_o[C, A], C))


def _stable(attended: Tensor, w_o: Tensor) -> list[Tensor]:
    """All that a reader sees, in stable form."""
    assert isinstance(attended.origin, Call)
    found = [tensor for tensor in reachable(attended) if isinstance(tensor, Computed)]
    return [*found, *attention_scores(attended), attention_weights(attended), _contribution(attended, w_o)]
