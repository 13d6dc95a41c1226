"""One forward pass over the statements of a program, of a call's definitions or of a step of a loop."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from symformer.calculus.along import Along, tidied
from symformer.calculus.derivative import ZERO, NoDerivative
from symformer.calculus.names import Alphabet, Names
from symformer.calculus.reverse import reverse
from symformer.notation import Domain, Max, Tensor, lift
from symformer.notation.names import joined_name
from symformer.programs import (
    Bound,
    Call,
    Carried,
    Computed,
    DefinedTensor,
    Definition,
    Loop,
    Program,
    Rebuild,
    Repeat,
    call,
    input_tensors,
    letters_of,
    reachable,
)
from symformer.typeset import Accent, Named


class Moved(NamedTuple):
    """A definition, its tangent, and what it reads that moves, each with the tangent of that."""

    statement: Computed
    tangent: Computed
    read: tuple[tuple[Tensor, Tensor], ...]


def dotted(name: str) -> str:
    """The name of a tangent, which prints with a dot above: `X_dot`, `W_dot_Q`, `x_dot'`."""
    stem = name.rstrip("'")
    head, *rest = stem.split("_") if all(stem.split("_")) else (stem,)
    return "_".join([head, "dot", *rest]) + name[len(stem) :]


@dataclass
class TangentPass:
    """Tangents, from inputs to outputs.

    Attributes:
        names: names that are free.
        found: the tangents of what moves, by digest.
        shifts: digests of maxima that are subtracted as a shift.
        loops: the loops that carry tangents, and the tangents of what they compute, by the digest of the first one.
        results: what comes out of loops, by the same.
    """

    names: Names
    found: dict[str, Tensor]
    shifts: frozenset[str] = frozenset()
    steps: list[Moved] = field(default_factory=list)
    loops: dict[str, tuple[Loop, dict[str, Tensor]]] = field(default_factory=dict)
    results: dict[str, list[Tensor]] = field(default_factory=dict)

    def run(self, statements: Sequence[Computed]) -> None:
        """Differentiates statements, each after what it is computed from."""
        alphabet = Alphabet(statements)
        for one in statements:
            if isinstance(one.origin, Repeat):
                self.results.setdefault(one.origin.loop.digest, []).append(one.origin.result)
        for statement in statements:
            if statement.digest in self.found or not any(one.digest in self.found for one in statement.origin.parents):
                continue
            match statement.origin:
                case Definition():
                    self.definition(statement, alphabet)
                case Call():
                    self.call(statement)
                case Repeat():
                    self.repeat(statement)

    def output(self, output: Computed) -> Computed:
        """The tangent of an output; zeros for one that does not move."""
        found = self.found.get(output.digest)
        if isinstance(found, Computed):
            return replace(found, joined=output.joined)
        name, letters = self.names.free(dotted(output.name)), output.indices
        body = ZERO if found is None else found[letters]
        return DefinedTensor(name, output.shape, Domain(), Definition(letters, body), joined=output.joined)

    def definition(self, statement: Computed, alphabet: Alphabet) -> None:
        """A definition moves as its body does."""
        origin: Definition = statement.origin
        if statement.digest in self.shifts and isinstance(origin.body, Max):
            return
        bodies = [Along(self.found, (body, statement.entry)).of(body) for body in origin.expressions()]
        if all(body == ZERO for body in bodies):
            return
        bodies = [alphabet.legible(tidied(body), origin.indices) for body in bodies]
        own = Definition(origin.indices, bodies[0], origin.guard, *bodies[1:])
        tangent = DefinedTensor(self.names.free(dotted(statement.name)), statement.shape, Domain(), own)
        read = tuple((one, self.found[one.digest]) for one in origin.parents if one.digest in self.found)
        self.found[statement.digest] = tangent
        self.steps.append(Moved(statement, tangent, read))

    def call(self, statement: Computed) -> None:
        """A call moves as both its forms do."""
        origin: Call = statement.origin
        textbook = self.inside(statement, origin.textbook)
        stable = textbook if origin.stable == origin.textbook else self.inside(statement, origin.stable)
        if textbook is None or stable is None:
            return
        moving = [self.found[one.digest] for one in origin.parents if one.digest in self.found]
        arguments = tuple(dict.fromkeys((*origin.arguments, *moving)))
        behind = {one.digest for one in (*arguments, statement)}
        if statement in reachable(textbook, stable, held=behind):
            arguments = (*arguments, statement)
        name = self.names.free(dotted(statement.name))
        head = Accent("dot", origin.head or Named(origin.name, upright=True))
        self.found[statement.digest] = call(f"{origin.name}_jvp", arguments, textbook, stable, name, head=head)

    def inside(self, statement: Computed, form: Computed) -> Computed | None:
        """The tangent of a form of a call, where its own value is what the call has computed."""
        held = {one.digest for one in statement.origin.parents}
        found = reachable(form, held=held)
        inside = [one for one in found if isinstance(one, Computed) and one.digest not in held]
        names = Names(tensor.name for tensor in (*found, *self.found.values()))
        moving = {digest: one for digest, one in self.found.items() if digest in held}
        inner = TangentPass(names, moving, _shifts(form))
        inner.run(inside)
        tangent = inner.found.get(form.digest)
        if tangent is None:
            return None
        arguments = {one.digest: one for one in found if one.digest in held}
        rebuilt = Rebuild({form.digest: statement, **arguments})(inner.output(form))
        assert isinstance(rebuilt, Computed)
        return rebuilt

    def repeat(self, statement: Computed) -> None:
        """What comes out of a loop moves as what comes out of one that carries tangents as well."""
        origin: Repeat = statement.origin
        if origin.loop.digest not in self.loops:
            self.loops[origin.loop.digest] = self.loop(origin.loop)
        loop, inner = self.loops[origin.loop.digest]
        result = inner.get(origin.result.digest)
        if result is None:
            return
        name = self.names.free(dotted(statement.name))
        self.found[statement.digest] = DefinedTensor(name, statement.shape, Domain(), Repeat(loop, result, origin.last))

    def loop(self, loop: Loop) -> tuple[Loop, dict[str, Tensor]]:
        """The loop that carries values and tangents, and the tangents of what a step computes."""
        step = [one for one in reachable(*(pair.after for pair in loop.carried), *self.results[loop.digest], *loop.outs)
                if isinstance(one, Computed)]  # fmt: skip
        names = Names(tensor.name for tensor in (*loop.formals, *step))
        outside = {one.formal.digest for one in (*loop.each, *loop.shared) if one.actual.digest in self.found}
        moving = outside | {one.formal.digest for one in loop.carried if one.start.digest in self.found}
        while True:
            formals = {one.digest: Tensor(dotted(one.name), one.shape) for one in loop.formals if one.digest in moving}
            inner = TangentPass(Names(names.taken | {one.name for one in formals.values()}), dict(formals))
            inner.run(step)
            more = {one.formal.digest for one in loop.carried if one.after.digest in inner.found} - moving
            if not more:
                break
            moving |= more
        self.steps += inner.steps
        return self._with_tangents(loop, formals, inner.found), inner.found

    def _with_tangents(self, loop: Loop, formals: Mapping[str, Tensor], found: Mapping[str, Tensor]) -> Loop:
        carried = [Carried(formals[one.formal.digest], self._start(one, formals[one.formal.digest]),
                           _computed(found.get(one.after.digest), formals[one.formal.digest]))
                   for one in loop.carried if one.formal.digest in formals]  # fmt: skip
        each, shared = (
            [Bound(formals[one.formal.digest], self.found[one.actual.digest]) for one in group
             if one.formal.digest in formals]
            for group in (loop.each, loop.shared)
        )  # fmt: skip
        outs = tuple(found[one.digest] for one in loop.outs if one.digest in found) if loop.recurrent else ()
        return replace(
            loop,
            carried=(*loop.carried, *carried),
            each=(*loop.each, *each),
            shared=(*loop.shared, *shared),
            outs=(*loop.outs, *outs),
            title=f"{loop.title} and tangents",
            unrolled={},
        )

    def _start(self, pair: Carried, formal: Tensor) -> Tensor:
        found = self.found.get(pair.start.digest)
        if found is not None:
            return found
        letters = letters_of(pair.formal)
        name = self.names.free(joined_name(formal.name, "start"))
        return DefinedTensor(name, formal.shape, Domain(), Definition(letters, lift(0)))


def _computed(tangent: Tensor | None, formal: Tensor) -> Computed:
    """A tangent as a definition: zeros, or what it only hands on."""
    if isinstance(tangent, Computed):
        return tangent
    letters = letters_of(formal)
    body = ZERO if tangent is None else tangent[letters]
    return DefinedTensor(joined_name(formal.name, "after"), formal.shape, Domain(), Definition(letters, body))


def _shifts(form: Computed) -> frozenset[str]:
    """The maxima of a form that are subtracted for the sake of floating point alone, as reverse mode tells them."""
    found = [one for one in reachable(form) if isinstance(one, Computed) and isinstance(one.origin, Definition)]
    if not any(isinstance(one.origin.body, Max) for one in found):
        return frozenset()
    whole = Program(input_tensors(form), (form,))  # inside calls, two definitions may share a name
    with suppress(NoDerivative):
        return frozenset(tensor.digest for tensor, _ in reverse(whole, textbook=False).shifts)
    return frozenset()
