"""Reverse mode: what a caller asks for, checked, and the pass that answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from symformer.calculus.backward import Backward, differentiable
from symformer.calculus.calls import through_call
from symformer.calculus.names import Names
from symformer.calculus.passes import Pass, through_definition
from symformer.calculus.repeats import through_repeat
from symformer.notation import Domain, NotationError, ShapeError, Tensor, lift
from symformer.notation.names import is_name
from symformer.programs import (
    Call,
    Computed,
    DefinedTensor,
    Definition,
    Program,
    Repeat,
    program,
    reachable,
)

RULES = {Definition: through_definition, Call: through_call, Repeat: through_repeat}


def reverse(
    source: Program | Computed,
    wrt: Sequence[Tensor | str] | Tensor | str | None = None,
    cotangent: Tensor | Mapping[str, Tensor] | None = None,
    *,
    textbook: bool = True,
) -> Backward:
    """The backward pass of a program, as a program: cotangents of its outputs in, gradients of its inputs out.

    `reverse(program).program` is compiled, printed and judged like any other; `.steps` says how each cotangent was
    found. Calls stay calls (with a textbook and a stable form), repeats stay repeats. A program with options (guards)
    gives a program with options; what an input that was left out would get, is 0 there.

    Args:
        source: the program, or a tensor that is computed.
        wrt: the inputs (or other tensors of the program), by name or themselves; by default all that are
            real and have axes (an ε has to be asked for); where none has, all that are real.
        cotangent: the gradient of the loss in the output, a tensor of its shape; for several outputs, by name. By
            default 1 for a program whose only output is a number, and else an input `dO` for an output O.
        textbook: whether cotangents are rewritten to what a textbook prints; without it they are as they were found.

    Raises:
        NotationError: `wrt` names nothing in the program, or nothing that can move; the inputs are listed.
        ShapeError: the cotangent has another shape than its output.
        NoDerivative: something on the way has no derivative; the definition is named.
    """
    forward = source if isinstance(source, Program) else program(source)
    wanted = wanted_inputs(forward, wrt)
    names = Names(tensor.name for tensor in (*forward.inputs, *reachable(*forward.outputs)))
    seeds = _seeds(forward, cotangent, names)
    keyed = {output.digest: (seed,) for output, seed in zip(forward.outputs, seeds, strict=True)}
    one = Pass(forward.outputs, keyed, wanted, frozenset(), names, RULES, textbook).run()
    gradients = tuple(_gradient(one, tensor) for tensor in wanted)
    given = tuple(seed if seed is not None else one.found[output.digest]
                  for output, seed in zip(forward.outputs, seeds, strict=True))  # fmt: skip
    return Backward(forward, given, wanted, gradients, tuple(one.steps), tuple(one.shifts), one.layers)


def wanted_inputs(forward: Program, wrt: Any) -> tuple[Tensor, ...]:
    """What is differentiated by: what is named, or all that is real and has axes, or, where none has, all that is real.

    Raises:
        NotationError: a name that is none, or nothing that can move; the inputs are listed.
    """
    if wrt is None:
        moving = differentiable(forward.inputs)
        return tuple(tensor for tensor in moving if tensor.shape) or moving
    listed = [wrt] if isinstance(wrt, (str, Tensor)) else list(wrt)
    return tuple(tensor_named(forward, item) for item in listed)


def tensor_named(forward: Program, item: Tensor | str) -> Tensor:
    """A tensor of a program that can move, by its name or itself.

    Raises:
        NotationError: there is none; the inputs are listed.
    """
    everything = (*forward.inputs, *forward.statements)
    found = [tensor for tensor in everything if item == tensor or item == tensor.name]
    name = item if isinstance(item, str) else item.name
    inputs = ", ".join(tensor.name for tensor in forward.inputs)
    if not found:
        raise NotationError(
            f"there is no {name if is_name(name) else ascii(name)} to differentiate by; the inputs are {inputs}"
        )
    if not differentiable(found[:1]):
        kind = found[0].domain.kind
        raise NotationError(f"{name} holds {kind} entries, which have no derivative; the inputs are {inputs}")
    return found[0]


def _seeds(forward: Program, cotangent: Any, names: Names) -> tuple[Tensor | None, ...]:
    if cotangent is None and len(forward.outputs) == 1 and not forward.outputs[0].shape:
        return (None,)
    given = {forward.outputs[0].name: cotangent} if isinstance(cotangent, Tensor) else dict(cotangent or {})
    out = []
    for output in forward.outputs:
        seed = given.get(output.name) or Tensor(names.of(output), output.shape, joined=output.joined)
        if seed.shape != output.shape:
            raise ShapeError(f"the cotangent {seed.name} is {seed.shape}, {output.name} is {output.shape}")
        out.append(seed)
    return tuple(out)


def _gradient(one: Pass, tensor: Tensor) -> Computed:
    found = one.found.get(tensor.digest)
    if isinstance(found, Computed):
        return replace(found, joined=tensor.joined) if tensor.joined else found
    letters = one.letters(tensor)
    body = lift(0) if found is None else found[letters]
    return DefinedTensor(one.names.of(tensor), tensor.shape, Domain(), Definition(letters, body), joined=tensor.joined)
