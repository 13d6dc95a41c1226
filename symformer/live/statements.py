"""What a page recomputes, in order: every tensor and every other number that it shows, over the letters of its axes."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import sympy
from sympy import Symbol

from symformer.calculus import NoDerivative, derivative
from symformer.compile import CompileError
from symformer.notation import Derivative, Hidden, Tensor, Written, walk
from symformer.programs import Call, Computed, Definition, Repeat, elements, parents, reachable
from symformer.values import Example


@dataclass(frozen=True)
class Statement:
    """`name[letters] := body`, with the number of each axis."""

    name: str
    letters: tuple[Symbol, ...]
    shape: tuple[int, ...]
    body: Written

    @property
    def hides(self) -> bool:
        """Whether −∞ is a number of this array: an entry that no query sees."""
        return any(isinstance(part, Hidden) for part in walk(self.body))


@dataclass
class Statements:
    """Collects the statements of an example, each after what it reads; calls are opened in their stable form.

    Attributes:
        example: the numbers that the page shows.
        names: the name of each tensor that is computed so far, by digest.
        inputs: the tensors that nothing computes.
        made: the statements, in order.
    """

    example: Example
    names: dict[str, str] = field(default_factory=dict)
    inputs: list[Tensor] = field(default_factory=list)
    made: list[Statement] = field(default_factory=list)

    def add(self, tensor: Tensor) -> None:
        """A tensor, after its parents.

        Raises:
            CompileError: it depends on an option of a function.
            NoDerivative: it is a derivative that has no rule.
        """
        if tensor.digest in self.names:
            return
        if isinstance(tensor.origin, Call):
            self._open(tensor, tensor.origin)
            return
        if isinstance(tensor.origin, Repeat):
            self._unroll(tensor, tensor.origin)
            return
        if not isinstance(tensor, Computed):
            self.names[tensor.digest] = self._free(tensor)
            self.inputs.append(tensor)
            return
        if not isinstance(tensor.origin, Definition) or tensor.origin.guard is not None:
            raise CompileError(f"{tensor.name} depends on an option")
        body = followed(tensor.origin.body)
        for element in elements(body):
            self.add(element.tensor)
        self.names[tensor.digest] = self._free(tensor)
        self._state(self.names[tensor.digest], tensor.indices, self._shape(tensor), body)

    def _open(self, tensor: Tensor, call: Call) -> None:
        for inner in (*call.parents, *reachable(call.stable)):
            self.add(inner)
        self.names[tensor.digest] = self._free(tensor)
        letters = call.stable.indices
        self._state(self.names[tensor.digest], letters, self._shape(tensor), call.stable[letters])

    def _unroll(self, tensor: Tensor, repeat: Repeat) -> None:
        """What comes out of a loop: its layers at this number of layers, one after the other."""
        count = sympy.Integer(self.example.interpreter.size(repeat.size))
        loop = replace(repeat.loop, size=count, unrolled=repeat.loop.unrolled)
        found = replace(repeat, loop=loop).written_out(tensor)
        assert isinstance(found, Computed) and isinstance(found.origin, Definition)
        for parent in parents(found):
            self.add(parent)
        self.names[tensor.digest] = self._free(tensor)
        self._state(self.names[tensor.digest], found.indices, self._shape(tensor), found.origin.body)

    def add_values(self) -> None:
        """The other numbers that the page shows, such as the value of a line, as far as derivatives have a rule."""
        for value in list(self.example.numbers.values.values()):
            try:
                body = followed(value.node)
            except NoDerivative:
                continue
            for element in elements(body):
                self.add(element.tensor)
            self._state(value.name, value.letters, value.shape, body)

    def _shape(self, tensor: Tensor) -> tuple[int, ...]:
        return self.example.interpreter.shape(tensor)

    def _state(self, name: str, letters: tuple[Symbol, ...], shape: tuple[int, ...], body: Written) -> None:
        self.made.append(Statement(name, letters, shape, body))

    def _free(self, tensor: Tensor) -> str:
        """The name under which the page shows the tensor, or one that nothing else has."""
        shown = self.example.numbers.tensors
        if tensor.digest in shown:
            return shown[tensor.digest]
        name = f"inner:{tensor.name}"
        while name in self.names.values():
            name += "'"
        return name


def followed(node: Written) -> Written:
    """The expression with its derivatives worked out.

    Raises:
        NoDerivative: one of them has no rule.
    """
    if isinstance(node, Derivative):
        return followed(derivative(followed(node.target), node.entry))
    return node.rebuild(tuple(followed(kid) for kid in node.kids)) if node.kids else node
