"""A loop as a paper prints it: `S_t = S_{t−1} + k_t v_t`, with the step as the first subscript of all that a step has.

What stands here is for a reader alone: the loop itself is what is judged and compiled.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from sympy import Symbol

from symformer.notation import Element, Tensor, Written, lift
from symformer.notation.substitute import replace_entries
from symformer.programs.loop import Loop, is_counter, letters_of
from symformer.programs.origin import Call, Computed, Definition
from symformer.typeset import Box, Sign
from symformer.typeset.boxes import indexed, row


@dataclass(frozen=True)
class Recurrence:
    """The equations of one step, at step t."""

    loop: Loop

    @cached_property
    def step(self) -> Written:
        """The letter of the step, as an index."""
        return lift(Symbol(self.loop.index.name, integer=True))

    @cached_property
    def before(self) -> Written:
        """The step that comes first: t − 1, or t + 1 where the last step is the first."""
        return self.step + 1 if self.loop.downwards else self.step - 1

    def equations(self) -> tuple[Box, ...]:
        """The definitions of the step, and after them what states become that no definition says."""
        return (*map(self._equation, self.loop.statements), *self._handed_on())

    def called(self) -> list[Box]:
        """What the step's own names stand for at step t, `S = S_{t−1}`, `S_new = S_t`."""
        loop = self.loop
        named = [
            *(one.formal for one in loop.carried),
            *(one.after for one in loop.carried),
            *(one[0] for one in loop.each),
        ]
        boxes = {one.digest: row(one.box, Sign("="), self.box(one)) for one in named}
        return list(boxes.values())

    def box(self, tensor: Tensor) -> Box:
        """A tensor of the step as it is called at step t: `S_{t−1}` for a state, `S_t` for what it becomes."""
        shown, place = self.shown(tensor)
        return indexed(shown.box, place.layout().box) if place is not None else shown.box

    def shown(self, tensor: Tensor) -> tuple[Tensor, Written | None]:
        """The tensor under which one of the step is printed, and its first subscript; None where it has none."""
        if tensor.digest in self._states:
            return self._states[tensor.digest]
        if isinstance(tensor.origin, Call) and tensor.label is not None:
            return self._plain(tensor, self._call(tensor.origin)), None
        return self._over(tensor, tensor.box), self.step

    @cached_property
    def _states(self) -> dict[str, tuple[Tensor, Written | None]]:
        """States, what they become, and what the step is given, by digest."""
        loop, found = self.loop, dict[str, tuple[Tensor, Written | None]]()
        for pair in loop.carried:
            state = self._over(pair.formal, pair.formal.box)
            found[pair.formal.digest] = (state, self.before)
        inputs = {one.digest for one in loop.formals}
        for pair in loop.carried:
            if pair.after.digest not in inputs:
                found.setdefault(pair.after.digest, (found[pair.formal.digest][0], self.step))
        found |= {one.formal.digest: self._slice(*one) for one in loop.each}
        found |= {one.formal.digest: (self._plain(one.formal, one.actual.box), None) for one in loop.shared}
        return found

    def _slice(self, formal: Tensor, stack: Tensor) -> tuple[Tensor, Written | None]:
        if is_counter(stack):
            return self._plain(formal, self.step.layout().box), None
        return self._over(formal, stack.box), self.step

    def _over(self, tensor: Tensor, box: Box) -> Tensor:
        return Tensor(tensor.name, (self.loop.size, *tensor.shape), tensor.domain, label=box)

    def _plain(self, tensor: Tensor, box: Box) -> Tensor:
        return Tensor(tensor.name, tensor.shape, tensor.domain, label=box)

    def _entry(self, element: Element) -> Written:
        shown, place = self.shown(element.tensor)
        return Element(element.kids if place is None else (place, *element.kids), (shown,))

    def _call(self, call: Call) -> Box:
        arguments = tuple(self._plain(one, self.box(one)) for one in call.arguments)
        return replace(call, arguments=arguments).box()

    def _equation(self, statement: Computed) -> Box:
        origin = statement.origin
        if isinstance(origin, Call) and origin.folded and self.shown(statement)[1] is not None:
            return row(self.box(statement), Sign("="), self._call(origin))
        if not isinstance(origin, (Call, Definition)):
            return row(self.box(statement), Sign("="), origin.box())
        shown, place = self.shown(statement)
        letters = origin.indices if place is None else (self.step.symbol, *origin.indices)
        body = replace_entries(origin.definition.body, self._entry)
        names = [letter.name for letter in letters]
        return row(shown[letters].layout().box, Sign("="), body.layout(names).box)

    def _handed_on(self) -> Iterator[Box]:
        """States that become an input of the step, or what another state becomes: `x_t = u_t`."""
        for pair in self.loop.carried:
            state, _ = self.shown(pair.formal)
            after, place = self.shown(pair.after)
            if (after, place) != (state, self.step):
                letters = letters_of(pair.formal, self.loop.statements)
                entry = after[letters if place is None else (place, *letters)]
                left = state[(self.step, *letters)].layout().box
                yield row(left, Sign("="), entry.layout([letter.name for letter in letters]).box)
