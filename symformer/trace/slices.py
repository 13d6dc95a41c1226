"""A program at one place of some axes: the same definitions without these axes, such as those of one head."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sympy import Symbol

from symformer.notation import Element, Tensor, Var, Written
from symformer.programs import Call, Computed, Definition, reachable

Kept = Mapping[int, Symbol]  # place of an axis that goes → the letter that it has


class Slices:
    """Tensors without some axes of their inputs.

    Args:
        inputs: for each input tensor that has such axes, by digest, the letters of those that go, by place.
    """

    def __init__(self, inputs: Mapping[str, Kept]) -> None:
        self.gone: dict[str, dict[int, Symbol]] = {digest: dict(letters) for digest, letters in inputs.items()}
        self.done: dict[str, Tensor] = {}

    def __call__(self, tensor: Tensor) -> Tensor:
        """The tensor without the axes; itself if it has none of them."""
        for found in reachable(tensor):
            if found.digest not in self.done:
                self.done[found.digest] = self._sliced(found)
        return self.done[tensor.digest]

    def letters(self, tensor: Tensor) -> Kept:
        """The letters of the axes that a tensor has lost, by place."""
        return self.gone.get(tensor.digest, {})

    def _sliced(self, tensor: Tensor) -> Tensor:
        if not isinstance(tensor, Computed):
            return self._without(tensor)
        if isinstance(tensor.origin, Call):
            call = tensor.origin
            textbook, stable = self(call.textbook), self(call.stable)
            assert isinstance(textbook, Computed) and isinstance(stable, Computed)
            self.gone[tensor.digest] = dict(self.letters(call.textbook))
            arguments = tuple(map(self, call.arguments))
            return self._without(tensor, origin=replace(call, arguments=arguments, textbook=textbook, stable=stable))
        definition = tensor.origin.definition
        lost = self._lost(definition)
        self.gone[tensor.digest] = {at: lost[index] for at, index in enumerate(definition.indices) if index in lost}
        kept = tuple(index for index in definition.indices if index not in lost)
        return self._without(tensor, origin=Definition(kept, self._body(definition.body)))

    def _lost(self, definition: Definition) -> dict[Symbol, Symbol]:
        """The letters of a definition that stand for axes that go, and what these are called at the inputs."""
        return {
            index: letter
            for element in definition.elements
            for place, letter in self.letters(element.tensor).items()
            if (index := element.symbols[place]) is not None
        }

    def _without(self, tensor: Tensor, **more: Any) -> Tensor:
        shape = tuple(size for place, size in enumerate(tensor.shape) if place not in self.letters(tensor))
        return replace(tensor, shape=shape, **more)

    def _body(self, node: Written) -> Written:
        kids = [self._body(kid) for kid in node.kids]
        if not isinstance(node, Element):
            return node.rebuild(tuple(kids)) if kids else node
        gone = self.letters(node.tensor)
        kept = tuple(kid for place, kid in enumerate(kids) if place not in gone)
        assert all(isinstance(node.kids[place], Var) for place in gone), node
        return Element(kept, (self(node.tensor),))
