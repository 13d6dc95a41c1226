"""Claims with a letter in place of a large number: what holds for every positive number holds for that one.

Points say nothing about e^(−10⁹) beside 1, as in scores that are hidden by −10⁹: no number of digits tells them apart.

    exp(s_ij − 10^9 [j > i])   becomes   exp(s_ij − c [j > i]), where c > 0
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from sympy import Rational

from symformer.notation import (
    ArgMax,
    Const,
    Delta,
    Domain,
    Element,
    Func,
    Hidden,
    Indicator,
    Max,
    Pow,
    Range,
    Tensor,
    Where,
    Written,
    lift,
    walk,
)
from symformer.notation.node import Node
from symformer.programs import Definition, Rebuild, elements
from symformer.proof.statement import Statement

LARGE = 1000
ANALYTIC = {"exp", "sin", "cos", "tanh", "sigmoid", "erf", "Phi", "expm1"}  # of one value wherever they have one


class _Letters(Rebuild):
    """Definitions with letters in place of large numbers; the same number is the same letter."""

    def __init__(self, taken: set[str]) -> None:
        super().__init__({})
        self.taken = taken
        self.letters: dict[Rational, Tensor] = {}

    def _rebuilt(self, tensor: Tensor) -> Tensor:
        built = super()._rebuilt(tensor)
        if not isinstance(built.origin, Definition):
            return built
        origin = built.origin.map(self.lettered)
        return replace(built, origin=origin) if origin.digest != built.origin.digest else built

    def side(self, node: Written) -> Written:
        """A side of the claim over the rebuilt definitions."""
        return self.lettered(node, tensors=True)

    def lettered(self, node: Node, *, tensors: bool = False) -> Written:
        """An expression with letters; places keep their numbers."""
        if isinstance(node, Delta):
            return node
        if isinstance(node, Element):
            return Element(node.kids, (self(node.tensor),)) if tensors else node
        number = _number(node)
        if number is not None and abs(number) >= LARGE:
            letter = self.letter(abs(number))[()]
            return letter if number > 0 else -letter
        kids = tuple(self.lettered(kid, tensors=tensors) for kid in node.kids)
        return node.rebuild(kids) if kids else node

    def letter(self, number: Rational) -> Tensor:
        """A positive number that nothing else is called."""
        if number not in self.letters:
            place = 1
            while f"c{place}" in self.taken:
                place += 1
            self.taken.add(f"c{place}")
            self.letters[number] = Tensor(f"c{place}", (), Domain("positive"))
        return self.letters[number]


def _number(node: Node) -> Rational | None:
    """The rational number that is written there, as it is or as a power such as 10⁹."""
    if isinstance(node, Pow) and all(isinstance(kid, Const) for kid in node.kids):
        value = node.plain()
    else:
        value = node.value if isinstance(node, Const) else None
    return value if isinstance(value, Rational) else None


@dataclass(frozen=True)
class General:
    """A claim for any positive numbers in place of its large ones.

    Attributes:
        statement: the claim.
        words: the numbers.
        letters: what stands for them.
    """

    statement: Statement
    words: str
    letters: tuple[Tensor, ...]

    @property
    def analytic(self) -> bool:
        """Whether it is an equation of two sides that are analytic in the letters: nothing compares one."""
        if self.statement.relation != "=":
            return False
        moving = {letter.digest for letter in self.letters}
        for tensor in self.statement.tensors:  # each after what it is computed from
            if tensor.origin is not None and any(parent.digest in moving for parent in tensor.origin.parents):
                moving.add(tensor.digest)
        bodies = self.statement.bodies
        loops = any(tensor.origin is not None and tensor.origin.size is not None for tensor in self.statement.tensors)
        return not loops and not any(
            one.tensor.digest in moving
            for body in bodies
            for part in walk(body)
            for held in _compared(part)
            for one in elements(held)
        )


def _compared(part: Node) -> tuple[Node, ...]:
    """What a part of an expression compares, or gives to a function that is not analytic."""
    if isinstance(part, Where):
        return (part.condition,)
    if isinstance(part, (Indicator, Max, ArgMax, Hidden, Delta)):
        return part.kids
    if isinstance(part, Pow):
        exponent = part.kids[1]
        return () if isinstance(exponent, Const) and exponent.value.is_Integer else part.kids
    return part.kids if isinstance(part, Func) and part.name not in ANALYTIC else ()


def with_letters(statement: Statement) -> General | None:
    """The claim for any positive numbers in place of its large ones; None where it has none."""
    letters = _Letters({tensor.name for tensor in statement.tensors})
    left, right = letters.side(statement.left), letters.side(statement.right)
    if not letters.letters:
        return None
    ranges = {index: Range(size, "the line") for index, size in statement.free.items()}
    words = " and ".join(str(number) for number in letters.letters)
    general = Statement(lift(left), statement.relation, lift(right), ranges, statement.assumptions)
    return General(general, words, tuple(letters.letters.values()))
