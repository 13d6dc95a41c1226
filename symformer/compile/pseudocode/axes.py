"""Which axes of a program's tensors are the same one, whatever letters they have: those that share an index."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sympy import Symbol

from symformer.notation import Binder, Element, Tensor, Var, walk
from symformer.programs import Computed

Key = tuple[Any, ...]


class Axes:
    """Classes of axes and letters. Computed tensors join the letters that they are read at; inputs only sums alone.

    An input may be read at two axes, as X is in X Xᵀ: it does not make them one.
    """

    def __init__(self, statements: Sequence[Computed]) -> None:
        self.parent: dict[Key, Key] = {}
        self.of_input: dict[Key, list[Key]] = {}
        computed = {one.digest for one in statements}
        for statement in statements:
            for place, letter in enumerate(statement.indices):
                self.join((statement.digest, place), (statement.digest, letter))
            for tensor, place, letter in read_at(statement):
                axis, own = (tensor.digest, place), self.letter(statement, letter)
                if tensor.digest in computed:
                    self.join(axis, own)
                else:
                    self.of_input.setdefault(axis, []).append(own)
        self._join_sums(statements)

    def letter(self, statement: Computed, letter: Symbol) -> Key:
        """The key of a letter: a bound one is the same wherever it stands, others belong to their statement."""
        return (statement.digest, letter) if letter in statement.indices else (letter,)

    def axis(self, tensor: Tensor, place: int) -> Key:
        """The class of an axis of a computed tensor."""
        return self.root((tensor.digest, place))

    def at(self, statement: Computed, letter: Symbol) -> Key:
        """The class of a letter in a statement."""
        return self.root(self.letter(statement, letter))

    def _join_sums(self, statements: Sequence[Computed]) -> None:
        """A sum over an axis of an input alone is one over what that axis is elsewhere, where that is one thing."""
        known = {self.axis(one, place) for one in statements for place in range(len(one.shape))}
        for letters in self.of_input.values():
            classes = {self.root(one) for one in letters}
            computed = classes & known
            if len(computed) == 1:
                for other in classes - computed:
                    self.join(next(iter(computed)), other)

    def root(self, key: Key) -> Key:
        """What stands for a class."""
        while self.parent.setdefault(key, key) != key:
            key = self.parent[key]
        return key

    def join(self, one: Key, other: Key) -> None:
        """Makes two axes or letters one."""
        self.parent[self.root(other)] = self.root(one)


def read_at(statement: Computed) -> Iterator[tuple[Tensor, int, Symbol]]:
    """What a statement reads: the tensor, the place of an axis, and the letter that stands there."""
    for body in statement.origin.expressions():
        for node in walk(body):
            if isinstance(node, Element):
                for place, kid in enumerate(node.kids):
                    if isinstance(kid, Var) and not kid.symbol.is_positive:
                        yield node.tensor, place, kid.symbol


def bound_in(statement: Computed) -> list[Binder]:
    """The sums, products and maxima of a statement, each before those inside it."""
    return [node for body in statement.origin.expressions() for node in walk(body) if isinstance(node, Binder)]
