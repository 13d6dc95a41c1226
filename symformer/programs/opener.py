"""Calls opened, in textbook or stable form; a repeat stays one statement, with the calls of its layer opened."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import chain, count

from sympy import Expr, Symbol

from symformer.notation import Tensor, replace_tensors
from symformer.programs.origin import Call
from symformer.programs.repeated import Repeat


class Opener:
    """Rebuilds tensors with their calls opened, each once, under names that are not taken.

    Args:
        stable: whether calls are opened in their stable form.
        inputs: the tensors that are given.
        statements: the tensors whose authors have named them, and calls.
    """

    sizes: Mapping[Symbol, Expr] = {}

    def __init__(self, stable: bool, inputs: Iterable[Tensor], statements: Iterable[Tensor]) -> None:
        self.stable = stable
        named = [tensor for tensor in statements if tensor.label is None]
        self.authored = {tensor.digest for tensor in named}
        self.taken = {tensor.name for tensor in (*inputs, *named) if tensor.label is None}
        self.done: dict[str, Tensor] = {}
        self.inside: dict[str, Opener] = {}

    def __call__(self, tensor: Tensor) -> Tensor:
        """The opened tensor: an author's own name is kept, what comes out of a call gets a free one."""
        if tensor.origin is None:
            return tensor
        if tensor.digest not in self.done:
            self.done[tensor.digest] = self._rebuilt(tensor, self._name(tensor))
        return self.done[tensor.digest]

    def size(self, size: Expr) -> Expr:
        """Sizes stay as they are."""
        return size

    def _rebuilt(self, tensor: Tensor, name: str) -> Tensor:
        if isinstance(tensor.origin, Call):
            return self._rebuilt(tensor.origin.stable if self.stable else tensor.origin.textbook, name)
        if isinstance(tensor.origin, Repeat):
            origin = tensor.origin.rebuilt(self, self._inside(tensor.origin))
            return replace(tensor, name=name, origin=origin, label=None)
        definition = tensor.origin.map(lambda body: replace_tensors(body, self))
        return replace(tensor, name=name, origin=definition, label=None)

    def _inside(self, repeat: Repeat) -> Opener:
        """The opener of a layer: one for all that comes out of a loop, so that it stays one loop."""
        known = self.inside.get(repeat.loop.digest)
        if known is None:
            known = self.inside[repeat.loop.digest] = Opener(self.stable, repeat.loop.formals, repeat.loop.statements)
        return known

    def _name(self, tensor: Tensor) -> str:
        if tensor.digest in self.authored:
            return tensor.name
        stem = tensor.name.rstrip("'")
        joint, primes = "_" if "_" in stem else "", tensor.name[len(stem) :]
        candidates = chain([tensor.name], (f"{stem}{joint}{number}{primes}" for number in count(2)))
        name = next(name for name in candidates if name not in self.taken)
        self.taken.add(name)
        return name
