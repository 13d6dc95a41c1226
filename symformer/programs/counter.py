"""The number of the step as a value: `1 − β^t` in a step of `scan` reads an input that every step has for itself."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from itertools import chain, count

from sympy import Expr, Symbol

from symformer.notation import Domain, Tensor, lift
from symformer.notation.names import joined_name
from symformer.notation.substitute import substitute
from symformer.programs.graph import reachable
from symformer.programs.loop import Bound, Loop, is_counter
from symformer.programs.origin import Computed, Definition
from symformer.programs.rebuild import Rebuild
from symformer.programs.tensor import DefinedTensor

POSITIVE = Domain("positive")  # steps count from 1


class Counting(Rebuild):
    """Tensors of a step in which the letter of the step is an input."""

    def __init__(self, index: Symbol, formal: Tensor) -> None:
        super().__init__({})
        self.index, self.formal = index, formal

    def _rebuilt(self, tensor: Tensor) -> Tensor:
        built = super()._rebuilt(tensor)
        if not (isinstance(built.origin, Definition) and reads_letter(built, self.index)):
            return built
        origin = built.origin.map(lambda body: substitute(body, {self.index: self.formal[()]}))
        return replace(built, origin=origin)


def reads_letter(tensor: Tensor, index: Symbol) -> bool:
    """Whether a definition has a letter free that is none of its own indices."""
    origin = tensor.origin
    return (
        isinstance(origin, Definition)
        and index not in origin.indices
        and any(index in body.free for body in origin.expressions())
    )


def counter_of(index: Symbol, size: Expr, step: Iterable[Tensor]) -> Bound | None:
    """What stands for the letter in a step, and the numbers 1, 2, … that it is a slice of; None if nothing reads it."""
    tensors = reachable(*step)
    if not any(reads_letter(tensor, index) for tensor in tensors):
        return None
    taken = {tensor.name for tensor in tensors}
    called = joined_name("steps", size) if size.is_Symbol or size.is_Integer else "steps"
    stack = DefinedTensor(_free(called, taken), (size,), POSITIVE, Definition((index,), lift(index)))
    return Bound(Tensor(_free(index.name, taken), (), POSITIVE), stack)


def _free(name: str, taken: Collection[str]) -> str:
    names = chain([name], (joined_name(name, more) for more in count(2)))
    return next(one for one in names if one not in taken)


def counting(loop: Loop) -> Rebuild:
    """What puts the loop's own counter where tensors of the step read its letter."""
    for formal, stack in loop.each:
        if is_counter(stack) and isinstance(stack, Computed):
            return Counting(stack.indices[0], formal)
    return Rebuild({})
