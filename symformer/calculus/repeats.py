"""A repeat differentiates to a repeat: the layer's backward pass, from the last layer to the first.

What the layers carry forward comes back as what they carry backward; each layer reads again the values that entered it
forward, which are kept as one tensor with the layer as its first axis.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sympy import Expr, Symbol

from symformer.calculus.backward import Backward
from symformer.calculus.names import Names
from symformer.calculus.passes import Pass
from symformer.calculus.terms import Term
from symformer.notation import Domain, Tensor, lift
from symformer.notation.names import joined_name
from symformer.programs import (
    Bound,
    Carried,
    Computed,
    DefinedTensor,
    Definition,
    Loop,
    Program,
    Repeat,
    letters_of,
    reachable,
    start_box,
)


def through_repeat(one: Pass, statement: Computed) -> None:
    """What goes into a loop gets its cotangent from a loop that runs the other way.

    Several tensors may come out of one loop; what they say is taken together, when the first of them is met.
    """
    loop: Loop = statement.origin.loop
    outs = [t for t in one.order if isinstance(t.origin, Repeat) and t.origin.loop.digest == loop.digest]
    if outs[0] == statement:
        given = [(out.origin, one.found[out.digest]) for out in outs if out.digest in one.found]
        _Reversed(one, statement, loop, given).hand_on()


@dataclass
class _Reversed:
    """A loop run the other way.

    Attributes:
        one: the pass that it is part of.
        statement: the first tensor that comes out of the loop.
        loop: the loop forward.
        given: what comes out of it, and the cotangents of that.
    """

    one: Pass
    statement: Computed
    loop: Loop
    given: Sequence[tuple[Repeat, Tensor]]

    def hand_on(self) -> None:
        """Adds a term to the cotangent of everything that the loop reads."""
        loop, one = self.loop, self.one
        names = Names(tensor.name for tensor in (*loop.formals, *loop.statements))
        carried = [Tensor(names.of(pair.formal), pair.formal.shape) for pair in loop.carried]
        slices = [Bound(Tensor(names.of(origin.result), origin.result.shape), cotangent)
                  for origin, cotangent in self.given if not origin.last]  # fmt: skip
        inner = self._layer(names, carried, [pair.formal for pair in slices])
        found = {formal.digest: _computed(inner.found[formal.digest], formal)
                 for formal in loop.formals if formal.digest in inner.found}  # fmt: skip
        reverse = self._loop(carried, slices, found)
        one.layers[reverse.digest] = self._backward(inner, carried, found)
        for pair in loop.carried:
            self._add(pair.start, Repeat(reverse, found[pair.formal.digest], last=True))
        for formal, stack in loop.each:
            if formal.digest in found:
                self._add(stack, Repeat(reverse, found[formal.digest], last=False))
        for formal, actual in loop.shared:
            if formal.digest in found:
                self._add_over_layers(actual, Repeat(reverse, found[formal.digest], last=False))

    def _layer(self, names: Names, carried: Sequence[Tensor], slices: Sequence[Tensor]) -> Pass:
        """The pass over one layer."""
        seeds: dict[str, tuple[Tensor, ...]] = {}
        results = [origin.result for origin, _ in self.given if not origin.last]
        afters = [pair.after for pair in self.loop.carried]
        for output, cotangent in (*zip(afters, carried, strict=True), *zip(results, slices, strict=True)):
            seeds[output.digest] = (*seeds.get(output.digest, ()), cotangent)
        outside = {formal.digest for formal, actual in (*self.loop.each, *self.loop.shared)
                   if actual.digest in self.one.active}  # fmt: skip
        moving = outside | {pair.formal.digest for pair in self.loop.carried}
        wanted = [formal for formal in self.loop.formals if formal.digest in moving]
        held = frozenset(formal.digest for formal in self.loop.formals)
        return self.one.inner((*afters, *results), seeds, wanted, held, names)

    def _loop(self, carried: Sequence[Tensor], slices: Sequence[Bound], found: dict[str, Computed]) -> Loop:
        """The loop that carries cotangents from the last layer to the first."""
        loop = self.loop
        pairs = []
        for pair, formal in zip(loop.carried, carried, strict=True):
            after = found.setdefault(pair.formal.digest, _nothing(formal))
            pairs.append(Carried(formal, self._start(pair, formal), after))
        read = {tensor.digest for tensor in reachable(*found.values())}
        entered = [Bound(pair.formal, self._entered(pair)) for pair in loop.carried if pair.formal.digest in read]
        each = (*entered, *(pair for pair in (*loop.each, *slices) if pair.formal.digest in read))
        shared = tuple(pair for pair in loop.shared if pair.formal.digest in read)
        title = f"{loop.title} backward"
        outs = tuple(found.values()) if loop.recurrent else ()
        return Loop(loop.index, loop.size, tuple(pairs), each, shared, not loop.downwards, title, loop.recurrent, outs)

    def _start(self, pair: Carried, formal: Tensor) -> Tensor:
        """The cotangent after the last layer: of two states that are the same one, the first has it."""
        first = next(one for one in self.loop.carried if one.after == pair.after)
        for origin, cotangent in self.given if first is pair else ():
            if origin.last and origin.result == pair.after:
                return cotangent
        nothing = _nothing(formal, letters_of(pair.formal, self.loop.statements))
        if not self.loop.recurrent:
            return nothing
        label = start_box(formal, self.loop.size, not self.loop.downwards)
        return replace(nothing, name=self.one.names.free(joined_name(formal.name, "end")), label=label)

    def _entered(self, pair: Carried) -> Tensor:
        """The values that enter each layer, forward."""
        name = self.one.names.free(joined_name(pair.formal.name, "in"))
        origin = Repeat(self.loop, pair.formal, last=False)
        return DefinedTensor(name, (self.loop.size, *pair.formal.shape), Domain(), origin)

    def _add(self, tensor: Tensor, origin: Repeat) -> None:
        if tensor.digest in self.one.active:
            part = self._part(joined_name(f"d{tensor.name}", self.statement.name), tensor.shape, origin)
            self.one.add(tensor, self.statement, (Term(over=(part[self.one.letters(tensor)],)),))

    def _add_over_layers(self, tensor: Tensor, origin: Repeat) -> None:
        """What all layers share gets the sum of what each layer says."""
        if tensor.digest in self.one.active:
            part = self._part(joined_name(f"d{tensor.name}", "each"), (self.loop.size, *tensor.shape), origin)
            entry = part[(self.loop.index, *self.one.letters(tensor))]
            self.one.add(tensor, self.statement, (Term(over=(entry,), bound=((self.loop.index, self.loop.size),)),))

    def _part(self, name: str, shape: tuple[Expr, ...], origin: Repeat) -> DefinedTensor:
        return DefinedTensor(self.one.names.free(name), shape, Domain(), origin)

    def _backward(self, inner: Pass, carried: Sequence[Tensor], found: Mapping[str, Computed]) -> Backward:
        """The layer's backward pass, for whoever wants to read it."""
        outputs = tuple(pair.after for pair in self.loop.carried if isinstance(pair.after, Computed))
        wrt = tuple(formal for formal in self.loop.formals if formal.digest in found)
        gradients = tuple(found[formal.digest] for formal in wrt)
        forward = Program(self.loop.formals, outputs)
        return Backward(forward, tuple(carried), wrt, gradients, tuple(inner.steps), tuple(inner.shifts), inner.layers)


def _computed(cotangent: Tensor, formal: Tensor) -> Computed:
    """The cotangent as a definition, where it only hands on what it was given."""
    if isinstance(cotangent, Computed):
        return cotangent
    letters = letters_of(formal)
    return DefinedTensor(f"d{formal.name}'", formal.shape, Domain(), Definition(letters, cotangent[letters]))


def _nothing(formal: Tensor, letters: tuple[Symbol, ...] | None = None) -> DefinedTensor:
    """A cotangent of zeros."""
    return DefinedTensor("zero", formal.shape, Domain(), Definition(letters or letters_of(formal), lift(0)))
