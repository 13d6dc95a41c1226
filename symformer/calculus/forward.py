"""Forward mode on programs: a program in, a program out, one named tangent for everything that moves.

A tangent Ṫ says how each entry of T moves as the inputs move along theirs: statements are read in order, and each is
differentiated along the tangents of what it reads. A call gives a call, a repeat a repeat that carries both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from symformer.calculus.names import Names
from symformer.calculus.reverse import wanted_inputs
from symformer.calculus.tangents import Moved, TangentPass, dotted
from symformer.notation import NotationError, Tensor
from symformer.programs import Computed, Program, program, reachable


@dataclass(frozen=True)
class Tangents:
    """A program's forward derivative.

    Attributes:
        forward: the program.
        wrt: the inputs that move.
        given: their tangents: inputs, after those of the program.
        outputs: the tangents of its outputs.
        steps: each definition that moves, inside loops too.
    """

    forward: Program
    wrt: tuple[Tensor, ...]
    given: tuple[Tensor, ...]
    outputs: tuple[Computed, ...]
    steps: tuple[Moved, ...]

    @cached_property
    def program(self) -> Program:
        """The inputs and their tangents in, the tangents of the outputs out."""
        return Program((*self.forward.inputs, *self.given), self.outputs)


def forward_mode(source: Program | Computed, wrt: Sequence[Tensor | str] | Tensor | str | None = None) -> Tangents:
    """The Jacobian–vector products of a program, as a program: its inputs and a tangent `X_dot` for each X that moves.

    Args:
        source: the program, or a tensor that is computed.
        wrt: the inputs that move, by name or themselves; by default all that are real and have axes, or, where none
            has, all that are real.

    Raises:
        NotationError: `wrt` names no input that can move; the inputs are listed.
        NoDerivative: something on the way has no derivative; or there is nothing that moves.
    """
    whole = source if isinstance(source, Program) else program(source)
    moving = wanted_inputs(whole, wrt)
    computed = next((one for one in moving if one.origin is not None), None)
    if computed is not None:
        inputs = ", ".join(tensor.name for tensor in whole.inputs)
        raise NotationError(f"{computed.name} is computed: only inputs have tangents of their own; they are {inputs}")
    names = Names(tensor.name for tensor in (*whole.inputs, *reachable(*whole.outputs)))
    given = tuple(
        Tensor(names.free(dotted(one.name)), one.shape, optional=one.optional, joined=one.joined) for one in moving
    )
    one = TangentPass(names, dict(zip((tensor.digest for tensor in moving), given, strict=True)))
    one.run(whole.statements)
    outputs = tuple(one.output(output) for output in whole.outputs)
    return Tangents(whole, moving, given, outputs, tuple(one.steps))
