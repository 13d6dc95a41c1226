"""From the graph of array operations to definitions in index notation."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from symformer.arrays.axes import Axis
from symformer.arrays.calls import called
from symformer.arrays.errors import ArrayError
from symformer.arrays.letters import Letters
from symformer.arrays.nodes import Node, rank_of
from symformer.arrays.plan import OUTPUTS, Plan
from symformer.arrays.rules import RULES, At, Index
from symformer.notation import Const, NotationError, Tensor, Var, Written, lift
from symformer.notation.operators import BoundIndex
from symformer.programs import DefinedTensor, define


class Lowering:
    """Definitions of the nodes of a plan, made when they are first read."""

    def __init__(self, plan: Plan, letters: Letters) -> None:
        self.plan, self.letters = plan, letters
        self.tensors: dict[str, Tensor] = {}
        self.used: list[str] = []

    def tensor(self, node: Node, name: str | None = None) -> Tensor:
        """The tensor of a node, its axes in factors one after the other; defined now where it is not yet.

        Raises:
            ArrayError: the node has no meaning in index notation.
        """
        if node.kind == "tensor" and name is None:
            found: Tensor = node.attrs[0]
            return found
        if node.key not in self.tensors or name is not None:
            with self.afresh():
                made = self._defined(node, name or self.plan.name(node))
            self.tensors.setdefault(node.key, made)
            return made
        return self.tensors[node.key]

    def own(self, node: Node, name: str) -> Tensor:
        """The tensor of a node under this name; a copy where it is a tensor with another one."""
        if node.kind == "tensor":
            with self.afresh():
                return self._defined(node, name, entries=True)
        return self.tensor(node)

    def copy(self, node: Node) -> Tensor:
        """The same under a name of its own, for an output that is an input or another output."""
        with self.afresh():
            return self._defined(node, self.plan.unused(OUTPUTS[min(rank_of(node), 2)]), entries=True)

    def _defined(self, node: Node, name: str, *, entries: bool = False) -> DefinedTensor:
        try:
            if node.kind == "call" and not entries:
                return called(self, node, name)
            sizes = [factor for axis in node.shape for factor in axis]
            chosen = self.letters.choose(sizes)
            self.used += [letter.name for letter in chosen]
            flat = iter(lift(letter) for letter in chosen)
            at = tuple(tuple(next(flat) for _ in axis) for axis in node.shape)
            body = self.entry(node, at) if entries else self.formula(node, at)
            return define(name, tuple(zip(chosen, sizes, strict=True)), body)
        except ArrayError:
            raise
        except NotationError as error:
            raise ArrayError(str(error), place=node.place) from error

    def entry(self, node: Node, at: At) -> Written:
        """The entry of a node at these indices: that of its definition, or its formula."""
        if node.kind == "tensor" or node.key in self.plan.defined or node.key in self.tensors:
            tensor, flat = self.tensor(node), iter(_place(index) for axis in at for index in axis)
            found: Written = tensor[tuple(lift(1) if size == 1 else next(flat) for size in tensor.shape)]
            whole = node.kind == "tensor" and node.attrs[0].domain.whole
            return found - 1 if whole and node.attrs[0].domain.upper is not None else found
        return self.formula(node, at)

    def formula(self, node: Node, at: At) -> Written:
        """What a node is at these indices, in terms of what it is computed from."""
        if node.kind == "tensor":
            return self.entry(node, at)
        return RULES[node.kind](self, node, at)

    @contextmanager
    def afresh(self) -> Iterator[None]:
        """A definition of its own, in which no letter is in use yet."""
        before, self.used = self.used, []
        yield
        self.used = before

    def bound(self, sizes: Axis) -> list[BoundIndex]:
        """Indices for a sum or a maximum."""
        made = []
        for size in sizes:
            letter = self.letters.letter(size, self.used)
            self.used.append(letter)
            made.append(BoundIndex(letter))
        return made

    def over(self, kind: Any, sizes: Axis, body: Callable[[Index], Written]) -> Written:
        """A sum or maximum over new indices of these sizes."""
        indices = self.bound(sizes)
        found = body(tuple(Var((), (index,)) for index in indices))
        for index, size in reversed(list(zip(indices, sizes, strict=True))):
            self.used.remove(index.name)
            found = kind((found,), (index, size))
        return found


def _place(index: Written) -> Any:
    """An index; a known place as a number."""
    return index.plain() if isinstance(index, Const) else index
