"""One step of a repeat beside one of a repeat that runs the other way: is the second the gradient of the first?

It is asked statement by statement, from what the step makes back to what it reads. The cotangent of a tensor T is what
it is given from outside, and what the statements that read T hand on:

    dT[p] = c[p] + Σ_{T′ reads T} Σ_q dT′[q] · ∂T′[q]/∂T[p].

Where the other step computes a tensor that is proved to be dT, for any values of the dT′ and of the step's own tensors,
that tensor stands for dT from there on, so that each proof is about one statement.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, partial, reduce
from operator import add

from sympy import Symbol

from symformer.notation import (
    Derivative,
    Domain,
    Element,
    Expectation,
    Range,
    Tensor,
    Written,
    direct_diff,
    lift,
    summed,
    walk,
)
from symformer.notation.substitute import fresh
from symformer.programs import Computed, Loop, Rebuild, Repeat, hashed, is_defined, letters_of, reachable
from symformer.proof.assumptions import Assumptions
from symformer.proof.normal.signs import NONNEGATIVE, POSITIVE, UNKNOWN, may_hide, sign
from symformer.proof.statement import Statement
from symformer.proof.verdict import Verdict

Place = tuple[Symbol, ...]
Prover = Callable[[Statement], Verdict | None]


class Step:
    """One step of a loop and of one that runs the other way.

    Args:
        forward: the loop.
        backward: the other loop.
        given: tensors of a step that come out of it, each with the input of `backward` that holds its cotangent.
        assumptions: what is known of sizes and inputs.
        prover: proves a statement, or gives None.
    """

    def __init__(
        self,
        forward: Loop,
        backward: Loop,
        given: Sequence[tuple[Tensor, Tensor]],
        assumptions: Assumptions,
        prover: Prover,
    ) -> None:
        self.forward, self.backward, self.given = forward, backward, given
        self.assumptions, self.prover = assumptions, prover
        self._moving: set[str] = set()  # statements that move something that comes out, by digest
        self.holders: dict[str, Tensor] = {}  # by statement: what holds its cotangent
        self.letters: dict[str, Tensor] = {}  # by what holds it: the letter of a cotangent

    def gradient(self, formal: Tensor, found: Tensor) -> list[str] | None:
        """The conditions under which a tensor of the other step is the gradient of an input; None without a proof."""
        if self._moved_by_letters:
            return None
        ready = self._found  # of all statements of the step, first
        verdict = self._claim(formal, self._same(found))
        return [*ready, *verdict.data["conditions"]] if verdict is not None else None

    @cached_property
    def statements(self) -> tuple[Computed, ...]:
        """The definitions of the step, each after what it is computed from."""
        made = (*(pair.after for pair in self.forward.carried), *(result for result, _ in self.given))
        return tuple(tensor for tensor in reachable(*made) if isinstance(tensor, Computed))

    @cached_property
    def _moved_by_letters(self) -> bool:
        """Whether a definition holds a derivative or an expectation, under which a letter would not move."""
        defined = (one for one in (*self.statements, *self.backward.statements) if is_defined(one))
        parts = (part for one in defined for part in walk(one.origin.definition.body))
        return any(isinstance(part, (Derivative, Expectation)) for part in parts)

    @cached_property
    def values(self) -> dict[str, Tensor]:
        """The letters under which the tensors of the step are taken as given, by digest; −∞ is no value of a letter."""
        return {one.digest: _letter(one, "value") for one in self.statements if not may_hide(one.entry)}

    @cached_property
    def handed(self) -> list[tuple[Tensor, Tensor]]:
        """What comes out of the step, and the letters of its cotangents."""
        states = zip(self.forward.carried, self.backward.carried, strict=True)
        return [(made, self._same(one)) for made, one in (*((a.after, b.formal) for a, b in states), *self.given)]

    @cached_property
    def _same(self) -> Rebuild:
        """Tensors of the other step over what this one calls the values that they read; all else is a letter."""
        rule: dict[str, Tensor] = {}
        shared = {actual.digest: formal for formal, actual in self.forward.shared}
        for pair in self.backward.carried:
            rule[pair.formal.digest] = _letter(pair.formal, "cotangent")
        for formal, actual in self.backward.each:
            rule[formal.digest] = entered(self.forward, actual) or _letter(formal, "cotangent")
        for formal, actual in self.backward.shared:
            rule[formal.digest] = shared.get(actual.digest) or _letter(formal, "value")
        return Rebuild(rule)

    @cached_property
    def _found(self) -> list[str]:
        """The conditions under which the cotangents of all statements are what stands for them."""
        conditions: list[str] = []
        for tensor in reversed(self.statements):
            if not self.readers(tensor) and all(made != tensor for made, _ in self.handed):
                continue
            self._moving.add(tensor.digest)
            for candidate in self._same_shape(tensor):
                verdict = self._claim(tensor, candidate)
                if verdict is not None:
                    conditions += verdict.data["conditions"]
                    self.holders[tensor.digest] = candidate
                    self.letters[candidate.digest] = _letter(candidate, "cotangent")
                    break
        return conditions

    def readers(self, tensor: Tensor) -> list[Tensor]:
        """The statements that read a tensor and move something that comes out."""
        return [one for one in self.statements if one.digest in self._moving and tensor in one.origin.parents]

    def _same_shape(self, tensor: Tensor) -> Iterator[Tensor]:
        """What may hold the cotangent: tensors that only the other step computes, and that are none so far."""
        for one in map(self._same, self.backward.statements):
            if one.shape == tensor.shape and one.digest not in {*self.letters, *self.values}:
                yield one

    def _claim(self, tensor: Tensor, holder: Tensor) -> Verdict | None:
        """The proof that a tensor of the other step is the cotangent, or None."""
        below = {one.digest for one in reachable(holder, held=self.letters)}
        used = below & {*self.letters, *(letter.digest for _, letter in self.handed)}
        way = _Way(self, frozenset(used))
        if way.reads(tensor) != used:
            return None
        place = letters_of(tensor, self.statements)
        opening = way.opening(tensor)
        total, found = way.total(tensor, place, opening), opening(holder)[place]
        ranges = {index: Range(size, tensor.name) for index, size in zip(place, tensor.shape, strict=True)}
        return self.prover(Statement(total, "=", found, ranges, self.assumptions))


@dataclass(frozen=True)
class _Way:
    """How a cotangent comes from others, of which some are letters.

    Attributes:
        step: the step.
        used: digests of cotangents that are letters; all others are written out.
    """

    step: Step
    used: frozenset[str]

    def letter(self, reader: Tensor) -> Tensor | None:
        """The letter of the cotangent of a statement."""
        holder = self.step.holders.get(reader.digest)
        return self.step.letters[holder.digest] if holder is not None and holder.digest in self.used else None

    def reads(self, tensor: Tensor) -> set[str]:
        """The cotangents from which that of a tensor comes."""
        found = {cotangent.digest for made, cotangent in self.step.handed if made == tensor}
        for reader in self.step.readers(tensor):
            known = self.letter(reader) is not None
            found |= {self.step.holders[reader.digest].digest} if known else self.reads(reader)
        return found

    def opening(self, tensor: Tensor) -> Rebuild:
        """Statements through which a cotangent comes as they are defined, over letters for all other values."""
        opened = self._opened(tensor)
        values = {digest: letter for digest, letter in self.step.values.items() if digest not in opened}
        return Rebuild({**values, **self.step.letters})

    def _opened(self, tensor: Tensor) -> set[str]:
        readers = self.step.readers(tensor)
        below = [self._opened(reader) for reader in readers if self.letter(reader) is None]
        return {reader.digest for reader in readers}.union(*below)

    def total(self, tensor: Tensor, place: Place, opening: Rebuild) -> Written:
        """The cotangent of a tensor: what is given from outside, and what each reader hands on."""
        terms: list[Written] = [cotangent[place] for made, cotangent in self.step.handed if made == tensor]
        by = opening(tensor)[place]
        for reader in self.step.readers(tensor):
            terms.append(over_all(reader, partial(self._handed_on, reader, by, opening)))
        return reduce(add, terms) if terms else lift(0)

    def _handed_on(self, reader: Tensor, by: Element, opening: Rebuild, at: Place) -> Written:
        """dT′[q] · ∂T′[q]/∂T[p], where all else that T′ reads is held."""
        letter = self.letter(reader)
        cotangent = letter[at] if letter is not None else self.total(reader, at, opening)
        return cotangent * direct_diff(opening(reader)[at], by)


def entered(forward: Loop, stack: Tensor) -> Tensor | None:
    """What a step calls the slice of a stack: of the values of a state that enter each step, or of an input."""
    origin = stack.origin
    if isinstance(origin, Repeat) and origin.loop == forward and not origin.last:
        return next((pair.formal for pair in forward.carried if pair.formal == origin.result), None)
    return next((formal for formal, actual in forward.each if actual == stack), None)


def over_all(tensor: Tensor, of: Callable[[Place], Written]) -> Written:
    """Σ of something over all places of a tensor."""
    letters = tuple(map(fresh, letters_of(tensor)))
    return summed(of(letters), zip(letters, tensor.shape, strict=True))


def _letter(tensor: Tensor, mark: str) -> Tensor:
    """An input that stands for any values of a tensor, and prints like it; what is visibly positive stays so."""
    known = sign(tensor.entry) if isinstance(tensor, Computed) else UNKNOWN
    kind = {POSITIVE: "positive", NONNEGATIVE: "nonnegative"}.get(known, "real")
    return Tensor(f"v_{hashed(mark, tensor.digest)}", tensor.shape, Domain(kind), label=tensor.box)
