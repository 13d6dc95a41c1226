"""What a program costs: parameters, FLOPs forward and backward, activations kept in between."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import sympy
from sympy import Add, Expr, Mul, Symbol

from symformer.cost.statements import Inputs, Kept, Scope, Statement
from symformer.cost.work import NOTHING, Work, added
from symformer.notation import NotationError, Tensor
from symformer.programs import Loop, Program, Repeat, reachable, size_symbols

RECOMPUTATIONS = ("none", "selective", "full")


@dataclass(frozen=True)
class Counts:
    """What a program costs, in symbols.

    Attributes:
        parameters: the numbers that are learned, by the name of their tensor.
        statements: what each statement takes.
        carried: what goes from layer to layer of each repeat, which full recomputation keeps.
    """

    parameters: dict[str, Expr]
    statements: tuple[Statement, ...]
    carried: tuple[Kept, ...]

    @property
    def parameter_count(self) -> Expr:
        """How many numbers are learned."""
        return sympy.expand(Add(*self.parameters.values()))

    @cached_property
    def forward(self) -> Work:
        """FLOPs of the program."""
        return added([one.forward.times(one.times) for one in self.statements]).expanded()

    @cached_property
    def backward(self) -> Work:
        """FLOPs of its gradient with respect to the parameters."""
        return added([one.backward.times(one.times) for one in self.statements]).expanded()

    def recomputed(self, recompute: str = "none") -> Work:
        """FLOPs done again in the backward pass: of what was done for pairs of positions, or of all layers.

        Raises:
            NotationError: an unknown recomputation.
        """
        if checked_recomputation(recompute) == "none":
            return NOTHING
        parts = [(one.core if recompute == "selective" else one.forward, one) for one in self.statements]
        layers = [work.times(one.times) for work, one in parts if recompute == "selective" or one.layer]
        return added(layers).expanded()

    def kept(self, recompute: str = "none") -> tuple[Kept, ...]:
        """What is kept for the backward pass.

        With selective recomputation nothing that has an entry for every pair of positions (Korthikanti et al. 2022,
        arXiv:2205.05198, section 5); with full recomputation only what goes into each layer, and what is kept outside
        the layers.

        Raises:
            NotationError: an unknown recomputation.
        """
        if checked_recomputation(recompute) == "full":
            outside = [kept for one in self.statements if not one.layer for kept in one.kept]
            names = {kept.name for kept in self.carried}
            return (*(kept for kept in outside if kept.name not in names), *self.carried)
        found = [kept for one in self.statements for kept in one.kept]
        return tuple(kept for kept in found if recompute == "none" or not kept.core)

    def activations(self, recompute: str = "none", *, width: Expr | int = 2) -> Expr:
        """Bytes of what is kept, at so many bytes a number and one for each entry of a 0/1 mask."""
        sizes = [one.elements * one.times * (1 if one.kind == "mask" else width) for one in self.kept(recompute)]
        return sympy.expand(Add(*sizes))


def count(
    program: Program | Tensor,
    parameters: Iterable[Tensor | str] | None = None,
    *,
    data: Iterable[Tensor | str] | None = None,
    batch: Expr | int = 1,
    positions: Iterable[Symbol] | None = None,
) -> Counts:
    """Counts a program: its parameters, FLOPs and what it keeps for the backward pass, as polynomials in its sizes.

    Args:
        program: a program, or a tensor that one defines.
        parameters: the inputs that are learned, or their names; by default none, and then every real input has a
            gradient.
        data: the inputs that differ from sequence to sequence of a batch; by default all that are no parameters.
        batch: how many sequences: a size or a number.
        positions: the sizes that are lengths of sequences; by default those called n and m.

    Raises:
        NotationError: `parameters` or `data` names no input.
    """
    outputs = program.outputs if isinstance(program, Program) else (program,)
    return counted(outputs, parameters, data=data, batch=batch, positions=positions)


def counted(
    outputs: tuple[Tensor, ...],
    parameters: Iterable[Tensor | str] | None,
    *,
    data: Iterable[Tensor | str] | None,
    batch: Expr | int,
    positions: Iterable[Symbol] | None,
) -> Counts:
    """`count` of the tensors that a program computes."""
    reached = reachable(*outputs)
    inputs = [tensor for tensor in reached if tensor.origin is None]
    learned = None if parameters is None else _named(parameters, inputs, "parameters")
    varied = None if data is None else _named(data, inputs, "data")
    given = Inputs(
        is_parameter=lambda one: one.domain.kind not in ("integer", "mask") if learned is None else one.name in learned,
        is_data=lambda one: one.name not in (learned or ()) if varied is None else one.name in varied,
        positions=frozenset(positions) if positions is not None else _lengths(outputs),
        batch=sympy.sympify(batch),
    )
    scope = Scope(given)
    statements = tuple(scope.statements(outputs))
    numbers = {one.name: Mul(*one.shape) for one in inputs if learned is not None and one.name in learned}
    loops = {tensor.origin.loop.digest: tensor.origin.loop for tensor in reached if isinstance(tensor.origin, Repeat)}
    carried = [_carried(one.formal, loop, scope) for loop in loops.values() for one in loop.carried]
    return Counts(numbers, statements, tuple(carried))


def _carried(formal: Tensor, loop: Loop, scope: Scope) -> Kept:
    return Scope(scope.inputs, scope, loop).keep(formal)


def _lengths(outputs: Iterable[Tensor]) -> frozenset[Symbol]:
    return frozenset(size for output in outputs for size in size_symbols(output) if size.name in ("n", "m"))


def _named(wanted: Iterable[Tensor | str], inputs: list[Tensor], argument: str) -> frozenset[str]:
    names = [one if isinstance(one, str) else one.name for one in wanted]
    known = {tensor.name for tensor in inputs}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise NotationError(f"{argument}: the program has no input {unknown[0]}; it has {', '.join(sorted(known))}")
    return frozenset(names)


def checked_recomputation(recompute: str) -> str:
    """The recomputation itself.

    Raises:
        NotationError: it is unknown.
    """
    if recompute not in RECOMPUTATIONS:
        raise NotationError(f"recompute: expected one of {', '.join(RECOMPUTATIONS)}, got {recompute!r}")
    return recompute
