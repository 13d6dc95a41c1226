"""Repeats: one layer written down once, L of them meant; what goes from layer to layer is carried.

A loop holds the layer as tensors over *formal* inputs: what is carried, what each layer has for itself (a slice of a
stack with the layer as its first axis), and what all layers share. So a model of 96 layers is as small as one layer to
print, to count and to differentiate; only numbers ever make it 96.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import Any, NamedTuple

import sympy
from sympy import Expr, Symbol

from symformer.notation import Element, Tensor, Var, lift
from symformer.notation.names import joined_name
from symformer.notation.node import exactly
from symformer.programs.graph import reachable
from symformer.programs.origin import Computed, Definition, hashed
from symformer.programs.rebuild import Rebuild, Rebuilding
from symformer.typeset import Box, Named, Number, Script, Sign
from symformer.typeset.boxes import indexed, parens, row
from symformer.typeset.names import name_box


class Carried(NamedTuple):
    """What goes from layer to layer: its name inside, its value before the first layer, and after each."""

    formal: Tensor
    start: Tensor
    after: Tensor


class Bound(NamedTuple):
    """A formal input of the layer, and the tensor outside that it stands for, or is a slice of."""

    formal: Tensor
    actual: Tensor


MOST = 4  # stacks that are listed where a loop is printed


@dataclass(frozen=True, eq=False)
class Loop:
    """A layer, repeated.

    Attributes:
        index: the letter of the layer, from 1.
        size: how many layers.
        carried: what goes from layer to layer.
        each: formal inputs that are slices of stacks: the layer is the first axis of a stack.
        shared: formal inputs that are the same in every layer.
        downwards: from layer `size` down to 1, as a backward pass goes.
        title: what the layer is called where the repeat is printed.
        recurrent: whether it is printed as a recurrence, with the layer as a subscript of all that it computes.
        outs: what comes out of every layer, beside what is carried.
    """

    index: Symbol
    size: Expr
    carried: tuple[Carried, ...]
    each: tuple[Bound, ...] = ()
    shared: tuple[Bound, ...] = ()
    downwards: bool = False
    title: str = "Layer"
    recurrent: bool = False
    outs: tuple[Tensor, ...] = ()
    unrolled: dict[int, Any] = field(default_factory=dict, repr=False)

    @cached_property
    def digest(self) -> str:
        """A content hash."""
        groups: tuple[tuple[tuple[Tensor, ...], ...], ...] = (self.carried, self.each, self.shared)
        parts = [tensor.digest for group in groups for one in group for tensor in one]
        shape = [len(self.carried), len(self.each), self.downwards]
        shown = [self.recurrent, [tensor.digest for tensor in self.outs]]
        return hashed("loop", exactly(self.size), parts, shape, self.title, shown)

    @cached_property
    def parents(self) -> tuple[Tensor, ...]:
        """The tensors outside that it reads."""
        found = [*(one.start for one in self.carried), *(one.actual for one in (*self.each, *self.shared))]
        return tuple({tensor.digest: tensor for tensor in found}.values())

    @cached_property
    def statements(self) -> tuple[Computed, ...]:
        """The definitions of one layer, each after what it is computed from."""
        found = reachable(*(one.after for one in self.carried), *self.outs)
        return tuple(tensor for tensor in found if isinstance(tensor, Computed))

    @property
    def formals(self) -> tuple[Tensor, ...]:
        """The inputs of one layer."""
        return tuple(one[0] for one in (*self.carried, *self.each, *self.shared))

    def rebuilt(self, outside: Rebuilding, inside: Callable[[Tensor], Tensor] | None = None) -> Loop:
        """The same loop over other tensors outside; `inside` rebuilds its layer."""
        own = inside or (Rebuild({}, outside.sizes) if outside.sizes else itself)
        carried = tuple(Carried(own(one.formal), outside(one.start), own(one.after)) for one in self.carried)
        each, shared = (tuple(Bound(own(f), outside(actual)) for f, actual in group)
                        for group in (self.each, self.shared))  # fmt: skip
        outs = tuple(map(own, self.outs))
        size = outside.size(self.size)
        found = replace(self, size=size, carried=carried, each=each, shared=shared, outs=outs, unrolled={})
        return found if size == self.size else replace(found, carried=found.relabelled())

    def relabelled(self) -> tuple[Carried, ...]:
        """What is carried, where a start that is called after the number of steps, `A_{n+1}`, follows it."""
        return tuple(
            one
            if one.start.label is None or one.start.origin.parents
            else one._replace(start=replace(one.start, label=start_box(one.formal, self.size, self.downwards)))
            for one in self.carried
        )

    def layers(self, count: int) -> dict[int, Rebuild]:
        """Every layer of so many, by its number: rebuilds tensors of the layer as those of that one."""
        if count not in self.unrolled:
            self.unrolled[count] = self._unrolled(count)
        return self.unrolled[count]

    def _unrolled(self, count: int) -> dict[int, Rebuild]:
        shared = {one.formal.digest: one.actual for one in self.shared}
        state = {one.formal.digest: one.start for one in self.carried}
        found: dict[int, Rebuild] = {}
        for layer in range(count, 0, -1) if self.downwards else range(1, count + 1):
            found[layer] = Rebuild({**shared, **state, **self.slices(layer)}, name=partial(_of_layer, layer))
            state = {one.formal.digest: found[layer](one.after) for one in self.carried}
        return found

    def slices(self, layer: int) -> dict[str, Tensor]:
        """What each layer has for itself, by the digest of the formal input: `W_3[i, j] := W[3, i, j]`."""
        return {formal.digest: self._slice(formal, stack, layer) for formal, stack in self.each}

    def _slice(self, formal: Tensor, stack: Tensor, layer: int) -> Tensor:
        letters = letters_of(formal, self.statements)
        definition = Definition(letters, stack[(layer, *letters)])
        name = _of_layer(layer, stack.name)
        return replace(self.carried[0].after, name=name, shape=formal.shape, domain=formal.domain, origin=definition)

    def box(self) -> Box:
        """The loop as it is printed, folded: `Repeat_{ℓ = 1 … L} Layer(X ← X_0; W_ℓ)`; many weights with dots."""
        letter = name_box(self.index.name)
        head = Script(Named("Scan" if self.recurrent else "Repeat", upright=True), self.span_box())
        carry: list[Box] = [row(one.formal.box, Sign("←"), one.start.box) for one in self.carried]
        groups: tuple[list[Box], ...] = (
            self.start_boxes() if self.recurrent else carry,
            _cut([sliced(one.actual.box, letter) for one in self.each]),
            [one.actual.box for one in self.shared],
        )
        listed = [_listed(group) for group in groups if group]
        inner = [item for group in listed for item in (Sign(";"), group)][1:]
        return row(head, Named(self.title, upright=True), parens(row(*inner)))

    def span_box(self) -> Box:
        """The layers in the order in which they come: `ℓ = 1 … L`."""
        first, last = Number("1"), lift(self.size).layout().box
        span = (last, Sign("…"), first) if self.downwards else (first, Sign("…"), last)
        return row(name_box(self.index.name), Sign("="), *span)

    def start_boxes(self) -> list[Box]:
        """What a recurrence starts from, `S_0 = X`; a start that is called so itself stands alone."""
        called = [start_box(one.formal, self.size, self.downwards) for one in self.carried]
        return [own if own == one.start.box else row(own, Sign("="), one.start.box)
                for own, one in zip(called, self.carried, strict=True)]  # fmt: skip

    def slice_boxes(self) -> list[Box]:
        """What inputs of layer ℓ are slices of, `W = W_ℓ`; one of many with the same ending stands for all."""
        letter = name_box(self.index.name)
        pairs: list[Box] = [row(one.formal.box, Sign("="), sliced(one.actual.box, letter)) for one in self.each]
        endings = {one.actual.name.removeprefix(one.formal.name) for one in self.each}
        return pairs[:1] if len(pairs) > MOST and len(endings) == 1 else pairs

    def shared_boxes(self) -> list[Box]:
        """What other inputs of a layer stand for, `memory = X`, without those that go by their own names."""
        renamed = [one for one in self.shared if one.formal.name != one.actual.name]
        return [row(one.formal.box, Sign("="), one.actual.box) for one in renamed]


def is_counter(stack: Tensor) -> bool:
    """Whether a stack holds the numbers of the steps."""
    if not (isinstance(stack, Computed) and isinstance(stack.origin, Definition) and len(stack.shape) == 1):
        return False
    body = stack.origin.body
    return isinstance(body, Var) and body.symbol == stack.origin.indices[0]


def start_box(state: Tensor, size: Expr, downwards: bool) -> Box:
    """What a state is called before the first step: `S_0`, or `S_{n+1}` where the last step comes first."""
    place = size + 1 if downwards else sympy.Integer(0)
    return indexed(state.box, lift(place).layout().box)


def _cut(boxes: list[Box]) -> list[Box]:
    return boxes if len(boxes) <= MOST else [*boxes[:2], Sign("…"), boxes[-1]]


def sliced(box: Box, letter: Box) -> Box:
    """The box of a stack with the layer as one more subscript."""
    return indexed(box, letter)


def letters_of(tensor: Tensor, readers: tuple[Computed, ...] = ()) -> tuple[Symbol, ...]:
    """Letters for the axes of a tensor: its own where it is computed, else those under which it is read.

    Best are letters that the reader's own entries have, such as those of x in c_ij = x_ij − μ_i.
    """
    if isinstance(tensor, Computed):
        return tensor.indices
    found: list[tuple[Symbol, ...]] = []
    for reader in readers:
        if isinstance(reader.origin, Definition):
            read = [_named(one, reader.indices) for one in reader.origin.elements if one.tensor == tensor]
            found += [letters for letters in read if len(set(letters)) == len(letters)]
            best = [letters for letters in found if set(letters) <= set(reader.indices)]
            if best:
                return best[0]
    return found[0] if found else tuple(map(_letter, "ijkcfg"[: len(tensor.shape)]))


def _letter(name: str) -> Symbol:
    return Symbol(name, integer=True)


def _named(entry: Element, indices: tuple[Symbol, ...]) -> tuple[Symbol, ...]:
    """The letters of an entry; where there is none, such as at a gather, one that is free."""
    own = [_letter(one.name) if one is not None and not one.is_positive else None for one in entry.symbols]
    spare = (letter for letter in map(_letter, "rsuvwijkcfghlab") if letter not in (*own, *indices))
    return tuple(letter if letter is not None else next(spare) for letter in own)


def _of_layer(layer: int, name: str) -> str:
    """What a tensor of the layer is called in this one."""
    return joined_name(name, layer)


def itself(tensor: Tensor) -> Tensor:
    """Leaves a tensor as it is."""
    return tensor


def _listed(boxes: list[Box]) -> Box:
    return row(*[item for box in boxes for item in (Sign(","), box)][1:])
