"""Reverse mode through a repeat, as a rule of proof: gradients of all steps follow from the gradients of one.

A loop B runs the other way than a loop A, reads what entered each of A's steps, and carries one cotangent for each of
A's states. If in one step, for any values of all that it reads, what B computes is the vector–Jacobian product of A's
step, then by the chain rule, step by step, what comes out of B is that of the whole loop:

    B_f[t, q] = Σ_Y Σ_p dY[p] · ∂Y[p]/∂f[t, q]        for an input f that a step reads,
    B_s[q]    = Σ_Y Σ_p dY[p] · ∂Y[p]/∂s_0[q]         for the start of a state s,

over all outputs Y of A, where dY is what B starts from or is given in each step. Only then are these put in, with the
Jacobians as letters. What one step needs (Z ≠ 0, no kink) is a condition in every step.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial, reduce
from itertools import permutations
from operator import add
from typing import Any

from symformer.notation import Const, Derivative, Domain, Element, Expectation, Range, Sum, Tensor, Written, lift, walk
from symformer.notation.substitute import fresh
from symformer.programs import Loop, Repeat, definition_at, elements, hashed, is_defined, reachable
from symformer.proof.one_step import Place, Prover, Step, entered, over_all
from symformer.proof.statement import Statement
from symformer.proof.verdict import Verdict

MOST_OUTPUTS = 3  # outputs of every step, of which each order is tried


@dataclass(frozen=True)
class ByReverseMode:
    """A statement whose gradients through repeats are put in, and what one step of these needs.

    Attributes:
        statement: the statement in Jacobians as letters.
        titles: the repeats.
        conditions: what is needed in every step.
    """

    statement: Statement
    titles: tuple[str, ...]
    conditions: tuple[str, ...]

    def verdict(self, proof: Verdict) -> Verdict:
        """The verdict on the statement as it was, from a proof of this one."""
        conditions = tuple(dict.fromkeys((*proof.data["conditions"], *self.conditions)))
        where = f", where {' and '.join(conditions)}" if conditions else ""
        words = (
            f"for every size: reverse mode through {' and '.join(self.titles)}, "
            f"with every gradient in one step proved for every step{where}"
        )
        return Verdict("proved", words, {"conditions": list(conditions)})


@dataclass(frozen=True)
class Output:
    """What comes out of a loop, and its cotangent: a tensor of its shape.

    Attributes:
        result: the tensor of the step.
        last: whether it is the value after the last step, or stacked.
        cotangent: the tensor outside that holds dY.
    """

    result: Tensor
    last: bool
    cotangent: Tensor


def by_reverse_mode(statement: Statement, prover: Prover) -> ByReverseMode | None:
    """The statement with derivatives of repeats and the loops that give them in terms of the same letters.

    Args:
        statement: an equation.
        prover: proves a statement about one step, or gives None.

    Returns:
        None where no loop is proved to be the gradient of another one.
    """
    sides = (statement.left, statement.right)
    wanted = [part for side in sides for part in walk(side) if isinstance(part, Derivative) and _loop(part) is not None]
    loops = {loop.digest: loop for loop in map(_loop, wanted) if loop is not None}
    found = _Found(wanted, statement, prover)
    for tensor in _stacks(sides) if loops else ():
        if tensor.origin.loop.digest not in loops:
            found.add(loops.values(), tensor)
    if not found.entries:
        return None
    left, right = (found.put_in(side) for side in sides)
    if left is None or right is None:
        return None
    ranges = {index: Range(size, "the line") for index, size in statement.free.items()}
    titles = tuple(dict.fromkeys(loop.title for loop in loops.values()))
    return ByReverseMode(
        Statement(left, "=", right, ranges, statement.assumptions),
        titles,
        tuple(f"{one} in every step" for one in dict.fromkeys(found.conditions)),
    )


def _loop(node: Derivative) -> Loop | None:
    """The loop whose output is differentiated, and not by its own state."""
    target = node.target
    repeated = isinstance(target, Element) and isinstance(target.tensor.origin, Repeat)
    return target.tensor.origin.loop if repeated else None


def _stacks(sides: Sequence[Written]) -> Iterator[Tensor]:
    """The tensors that come out of loops, each once; of those behind definitions, too."""
    seen, waiting = dict[str, Tensor](), [one.tensor for side in sides for one in elements(side)]
    while waiting:
        tensor = waiting.pop(0)
        if tensor.digest not in seen:
            seen[tensor.digest] = tensor
            waiting += tensor.origin.parents if is_defined(tensor) else ()
    yield from (tensor for tensor in seen.values() if isinstance(tensor.origin, Repeat))


def _has_loops(node: Written) -> bool:
    """Whether anything that an expression is computed from comes out of a loop."""
    return any(isinstance(one.origin, Repeat) for one in reachable(*(part.tensor for part in elements(node))))


class _Found:
    """Loops that are proved to be the gradient of another, and what comes out of them in terms of Jacobians."""

    def __init__(self, wanted: Sequence[Derivative], statement: Statement, prover: Prover) -> None:
        self.wanted, self.statement, self.prover = wanted, statement, prover
        self.entries: dict[str, Callable[[Element], Written]] = {}
        self.found: set[Tensor] = set()
        self.conditions: list[str] = []

    def add(self, loops: Iterable[Loop], tensor: Tensor) -> None:
        """Notes what a tensor out of a loop is, if that loop is the gradient of one of these."""
        for forward in loops:
            if self._is_gradient_of(forward, tensor):
                return

    def _is_gradient_of(self, forward: Loop, tensor: Tensor) -> bool:
        backward = tensor.origin.loop
        if backward.size != forward.size or backward.downwards == forward.downwards or not _for_all(forward):
            return False
        if len(backward.carried) != len(forward.carried):
            return False
        for outputs, given in self._choices(forward, backward):
            step = Step(forward, backward, given, self.statement.assumptions, self.prover)
            states = [step.gradient(one.formal, other.after)
                      for one, other in zip(forward.carried, backward.carried, strict=True)]  # fmt: skip
            formal = self._slot(step, tensor) if None not in states else None
            if formal is not None:
                self.conditions += [one for found in states for one in found or ()]
                self.found.add(tensor)
                self.entries[tensor.digest] = partial(_by_jacobians, forward, outputs, formal)
                return True
        return False

    def _choices(self, forward: Loop, backward: Loop) -> Iterator[tuple[list[Output], list[tuple[Tensor, Tensor]]]]:
        """The outputs of the loop, and what holds the cotangents of those of every step: each order is tried."""
        ends = [
            Output(pair.after, True, other.start)
            for pair, other in zip(forward.carried, backward.carried, strict=True)
            if not _is_nothing(other.start)
        ]
        slices = [pair for pair in backward.each if entered(forward, pair.actual) is None]
        targets = [part.target.tensor.origin for part in self.wanted if _loop(part) == forward]
        every = [origin.result for origin in targets if not origin.last]
        results = list({one.digest: one for one in (*forward.outs, *every)}.values())[: max(MOST_OUTPUTS, len(slices))]
        for chosen in permutations(results, len(slices)):
            if all(one.shape == pair.formal.shape for one, pair in zip(chosen, slices, strict=True)):
                inner = [Output(one, False, pair.actual) for one, pair in zip(chosen, slices, strict=True)]
                yield [*ends, *inner], [(one, pair.formal) for one, pair in zip(chosen, slices, strict=True)]

    def _slot(self, step: Step, tensor: Tensor) -> Tensor | None:
        """The input of a step whose gradient a tensor holds, proved; for a start the state."""
        origin, forward = tensor.origin, step.forward
        if origin.last:
            states = zip(forward.carried, step.backward.carried, strict=True)
            return next((one.formal for one, other in states if other.after == origin.result), None)
        moving = {part.entry.tensor for part in self.wanted}
        for formal, actual in (*forward.each, *forward.shared):
            if actual in moving and formal.shape == origin.result.shape:
                conditions = step.gradient(formal, origin.result)
                if conditions is not None:
                    self.conditions += conditions
                    return formal
        return None

    def put_in(self, node: Written) -> Written | None:
        """A side with Jacobians of loops as letters, and with what is proved of gradients put in."""
        if isinstance(node, Derivative) and _loop(node) is not None:
            return _roles(node)
        if isinstance(node, (Derivative, Expectation)) and _has_loops(node):
            return None  # a letter would not move under it
        kids = tuple(kid for kid in map(self.put_in, node.kids) if kid is not None)
        if len(kids) < len(node.kids):
            return None
        if isinstance(node, Element) and node.tensor.digest in self.entries:
            return self.entries[node.tensor.digest](Element(kids, node.head))
        if isinstance(node, Element) and is_defined(node.tensor) and not self.found.isdisjoint(_stacks((node,))):
            return self.put_in(definition_at(Element(kids, node.head)))
        return node.rebuild(kids) if kids else node


def _for_all(loop: Loop) -> bool:
    """Whether inputs of a step are declared to be no more than what they stand for is."""
    pairs = [*((pair.formal, pair.start) for pair in loop.carried), *loop.each, *loop.shared]
    states = all(pair.formal.domain == Domain() for pair in loop.carried)
    return states and all(formal.domain in (Domain(), actual.domain) for formal, actual in pairs)


def _is_nothing(tensor: Tensor) -> bool:
    """Whether a tensor is one of zeros."""
    return is_defined(tensor) and tensor.origin.definition.body == Const((), (lift(0).value,))


def _jacobian(loop: Loop, output: Output | Repeat, at: Any, formal: Tensor, by: Any, *, start: bool = False) -> Element:
    """A letter for the derivative of an output by an input of every step, or by the start of a state."""
    outer = output.result.shape if output.last else (loop.size, *output.result.shape)
    inner = formal.shape if start else (loop.size, *formal.shape)
    mark = hashed(loop.digest, output.result.digest, output.last, formal.digest, start)
    return Element(tuple(lift(index) for index in (*at, *by)), (Tensor(f"J_{mark}", (*outer, *inner)),))


def _by_jacobians(loop: Loop, outputs: Sequence[Output], formal: Tensor, entry: Element) -> Written:
    """An entry of a gradient as Σ_Y Σ_p dY[p] ∂Y[p]/∂(this entry)."""
    terms = [over_all(one.cotangent, partial(_handed_back, loop, one, formal, entry)) for one in outputs]
    return reduce(add, terms) if terms else lift(0)


def _handed_back(loop: Loop, output: Output, formal: Tensor, entry: Element, at: Place) -> Written:
    start = entry.tensor.origin.last
    return output.cotangent[at] * _jacobian(loop, output, at, formal, entry.kids, start=start)


def _roles(node: Derivative) -> Written | None:
    """The derivative of a loop's output as a sum over the places at which the loop reads the tensor.

    None where the tensor enters on other paths, too, or on none.
    """
    target, moved, by = node.target, node.entry.tensor, node.entry.kids
    assert isinstance(target, Element)
    origin, at = target.tensor.origin, target.kids
    loop = origin.loop
    others = [parent for parent in loop.parents if parent != moved and parent.digest not in node.held]
    if moved in reachable(*others) or moved not in loop.parents:
        return None
    step = fresh(loop.index)
    terms: list[Written] = [
        *(_jacobian(loop, origin, at, one.formal, by, start=True) for one in loop.carried if one.start == moved),
        *(_jacobian(loop, origin, at, formal, by) for formal, actual in loop.each if actual == moved),
        *(Sum((_jacobian(loop, origin, at, formal, (step, *by)),), (step, loop.size))
          for formal, actual in loop.shared if actual == moved),
    ]  # fmt: skip
    return reduce(add, terms)
