"""Programs over other tensors and sizes: every statement rebuilt once, calls and repeats kept folded."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Protocol

from sympy import Expr, Symbol

from symformer.notation import Tensor
from symformer.programs.graph import reachable


class Rebuilding(Protocol):
    """What gives other tensors and sizes for those of a program."""

    sizes: Mapping[Symbol, Expr]

    def __call__(self, tensor: Tensor) -> Tensor:
        """What stands for a tensor."""

    def size(self, size: Expr) -> Expr:
        """What stands for a size."""


class Rebuild:
    """Tensors over other inputs and at other sizes; what depends on neither stays as it is.

    Args:
        rule: what stands for a tensor, by digest.
        sizes: what stands for a size.
        name: what a rebuilt tensor is called.
    """

    def __init__(
        self,
        rule: Mapping[str, Tensor],
        sizes: Mapping[Symbol, Expr] | None = None,
        name: Callable[[str], str] = str,
    ) -> None:
        self.done: dict[str, Tensor] = dict(rule)
        self.sizes: Mapping[Symbol, Expr] = dict(sizes or {})
        self.name = name

    def __call__(self, tensor: Tensor) -> Tensor:
        """The tensor, rebuilt."""
        for found in reachable(tensor, held=self.done):
            if found.digest not in self.done:
                built = self.done[found.digest] = self._rebuilt(found)
                _ = built.digest  # known from the inputs on, so that a deep program needs no deep recursion
        return self.done[tensor.digest]

    def size(self, size: Expr) -> Expr:
        """What stands for a size."""
        return size.subs(self.sizes, simultaneous=True) if self.sizes else size

    def _rebuilt(self, tensor: Tensor) -> Tensor:
        if not self.sizes and not self._moved(tensor):
            return tensor
        shape = tuple(map(self.size, tensor.shape))
        ends = {"lower": tensor.domain.lower, "upper": tensor.domain.upper}
        domain = replace(tensor.domain, **{name: self.size(end) for name, end in ends.items() if end is not None})
        if tensor.origin is None:
            return replace(tensor, shape=shape, domain=domain)
        origin = tensor.origin.rebuilt(self)
        if tensor.label is not None:  # a call that nobody named is called as it is printed, with its new arguments
            label = origin.box() if hasattr(origin, "box") else tensor.label
            return replace(tensor, shape=shape, domain=domain, origin=origin, label=label)
        return replace(tensor, name=self.name(tensor.name), shape=shape, domain=domain, origin=origin)

    def _moved(self, tensor: Tensor) -> bool:
        parents = tensor.origin.parents if tensor.origin is not None else ()
        return any(self.done[parent.digest] is not parent for parent in parents)
