"""Reverse mode on programs: a program in, a program out, one named cotangent for everything that it computes.

A cotangent dT says how the loss moves with each entry of T. Statements are read backwards; each hands dT on to what it
reads, and contributions that meet are added up in one definition. A call hands on a call, a repeat a repeat that runs
from the last layer to the first; nothing is ever unfolded into one expression.

A maximum is taken as a shift: stable programs subtract the largest score of a row, and what they compute does not
depend on what is subtracted. Nothing is handed on through it, and what its cotangent would have been is kept in
`Backward.shifts`: an expression that must be 0, for a judge to look at.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from sympy import Symbol

from symformer.calculus.textbook import Reason
from symformer.notation import Tensor, Written
from symformer.programs import Computed, Program


@dataclass(frozen=True)
class Step:
    """One cotangent, and how it was found.

    Attributes:
        tensor: what it is the cotangent of.
        cotangent: the tensor that holds it.
        letters: the letters at which the rows are written.
        through: the statements by which `tensor` enters.
        rows: formulas, each equal to the one before, with the reason why; the first is the chain rule, the last the
            definition of `cotangent`. A single row has nothing before it: a definition with an option of a function.
        uses: definitions that the rows rest on, beside those of the cotangent and of `through`.
    """

    tensor: Tensor
    cotangent: Tensor
    letters: tuple[Symbol, ...]
    through: tuple[Computed, ...]
    rows: tuple[tuple[Written, Reason], ...]
    uses: tuple[Computed, ...] = ()


@dataclass(frozen=True)
class Backward:
    """A program's backward pass.

    Attributes:
        forward: the program.
        cotangents: one for each output of the program: inputs of the backward pass, but for a number that is the loss.
        wrt: the tensors whose gradients are wanted.
        gradients: their cotangents, in the same order.
        steps: how each cotangent was found, from the outputs to the inputs.
        shifts: maxima that are subtracted as a shift, each with what its cotangent would be: 0.
        layers: for each loop, by digest, the backward pass of its layer.
    """

    forward: Program
    cotangents: tuple[Tensor, ...]
    wrt: tuple[Tensor, ...]
    gradients: tuple[Computed, ...]
    steps: tuple[Step, ...]
    shifts: tuple[tuple[Computed, Written], ...] = ()
    layers: Mapping[str, Backward] = field(default_factory=dict)

    @cached_property
    def program(self) -> Program:
        """The cotangents and the forward program's inputs in, the gradients out."""
        given = tuple(tensor for tensor in self.cotangents if tensor.origin is None)
        return Program((*given, *self.forward.inputs), self.gradients)


def differentiable(tensors: Sequence[Tensor]) -> tuple[Tensor, ...]:
    """The tensors that hold numbers which can move: no masks, no positions."""
    return tuple(tensor for tensor in tensors if tensor.domain.kind not in ("mask", "integer"))
