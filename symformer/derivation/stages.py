"""The definitions of a worked example in stages: an author's captions, and the layers of repeats, one after the other.

A stage says what goes in and what comes out, and shows each input where it is first read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from symformer.derivation.core import Core
from symformer.derivation.layers import layer_name
from symformer.evaluate import Place
from symformer.notation import Const, Element, Tensor
from symformer.programs import Call, Computed, Definition, Loop, Repeat, parents
from symformer.typeset import Box
from symformer.values import Example, slice_of
from symformer.writers import Inline

MOST_LAYERS = 6  # that are shown one by one; of more the first two and the last


@dataclass(frozen=True)
class Stage:
    """Definitions that belong together, in order, under a title (empty for those that need none)."""

    title: Inline
    tensors: tuple[Computed, ...]

    def reads(self, tensor: Tensor) -> Callable[[Place], bool] | None:
        """Which matrices of an input it reads, by their leading indices; nothing where it reads none."""
        found = [at for one in self.tensors for at in _read(one, tensor)]
        if not found:
            return None
        return lambda place: any(
            all(at is None or at == number for at, number in zip(places, place, strict=False)) for places in found
        )


def stages_of(derivation: Core, example: Example) -> list[Stage]:
    """The stages; one without a title where an author has no captions and nothing is repeated.

    Definitions of a loop's layer that are listed among the others stand in the stages of each of its layers, under
    their captions.
    """
    starts = [*sorted({0, *derivation.captions}), len(derivation.where)]
    layers: dict[str, list[Stage]] = {}
    found: list[Stage] = []
    for start, end in pairwise(starts):
        title: Inline = (derivation.captions[start],) if start in derivation.captions else ()
        part = derivation.where[start:end]
        inner = {
            tensor.digest: derivation.layered[tensor.digest].digest
            for tensor in part
            if tensor.digest in derivation.layered
        }
        for loop in dict.fromkeys(inner.values()):
            own = tuple(tensor for tensor in part if inner.get(tensor.digest) == loop)
            layers.setdefault(loop, []).append(Stage(title, own))
        outer = [tensor for tensor in part if tensor.digest not in inner]
        found += _Layered(layers, example).stages(title, outer) if outer else []
    return [stage for stage in found if stage.tensors]


@dataclass
class _Layered:
    """Puts the layers of loops before what comes out of them.

    Attributes:
        layers: the stages of a layer, by the loop's digest, as far as an author lists them.
        example: the numbers of layers.
        known: the loops that are shown already.
    """

    layers: Mapping[str, list[Stage]]
    example: Example
    known: set[str] = field(default_factory=set)

    def stages(self, title: Inline, tensors: Sequence[Computed]) -> list[Stage]:
        """A stage, with the layers of a loop before the first definition that comes out of it."""
        found: list[Stage] = []
        own: list[Computed] = []
        for tensor in tensors:
            if isinstance(tensor.origin, Repeat) and tensor.origin.loop.digest not in self.known:
                self.known.add(tensor.origin.loop.digest)
                found += (
                    [Stage(title, tuple(own)), *self._layers(tensor.origin)] if own else [*self._layers(tensor.origin)]
                )
                title, own = title if not own and title else ("After the last layer",), []
            own.append(tensor)
        return [*found, Stage(title, tuple(own))]

    def _layers(self, repeat: Repeat) -> Iterator[Stage]:
        loop, count = repeat.loop, self.example.interpreter.size(repeat.size)
        order = list(loop.layers(count))
        for layer in order if count <= MOST_LAYERS else [*order[:2], order[-1]]:
            words = layer_name(loop, f"{layer} of {count}")
            for stage in self._one(loop):
                title = (*words, ": ", *stage.title) if stage.title else words
                tensors = [loop.layers(count)[layer](one) for one in stage.tensors]
                yield from self.stages(title, [one for one in tensors if isinstance(one, Computed)])

    def _one(self, loop: Loop) -> list[Stage]:
        """The stages of one layer: those that an author lists, and all that is not listed."""
        listed = self.layers.get(loop.digest, [])
        names = {tensor.digest for stage in listed for tensor in stage.tensors}
        rest = tuple(tensor for tensor in loop.statements if tensor.digest not in names)
        return [*([Stage((), rest)] if rest else []), *listed]


def _read(tensor: Tensor, wanted: Tensor) -> Iterator[tuple[int | None, ...]]:
    """Where an input is read: the number that stands at each axis, None for a letter; through what no stage shows."""
    if isinstance(tensor.origin, Call):
        yield from (() for argument in tensor.origin.parents if argument == wanted)
    elif isinstance(tensor.origin, Definition):
        for element in tensor.origin.elements:
            if element.tensor == wanted:
                yield tuple(int(kid.value) if isinstance(kid, Const) else None for kid in element.kids)
            elif slice_of(element.tensor) is not None:
                yield from _read(element.tensor, wanted)


def flow(stage: Stage, stages: Sequence[Stage], last: Sequence[Tensor], example: Example) -> Inline:
    """What goes into a stage from earlier ones, and what later ones (or nobody) read of it, with their sizes."""
    own = {tensor.digest for tensor in stage.tensors}
    known = {tensor.digest for one in stages for tensor in one.tensors} - own
    behind = [tensor for one in stage.tensors for tensor in _behind(one, example)]
    read = {tensor.digest: tensor for tensor in behind if tensor.digest in known}
    others = {found.digest for one in stages if one is not stage for t in one.tensors for found in _behind(t, example)}
    inside = {tensor.digest for tensor in behind}
    wanted = others | {tensor.digest for tensor in last}
    gives = [one for one in stage.tensors if one.digest in wanted or one.digest not in inside]
    into, out = (_named(tensors, example) for tensors in (list(read.values()), gives))
    return (*(("Goes in: ", *into, ". ") if into else ()), "Comes out: ", *out, ".")


def _behind(tensor: Computed, example: Example) -> tuple[Tensor, ...]:
    """What it is computed from directly; for what comes out of a loop, what its layers are shown to compute."""
    if isinstance(tensor.origin, Definition):
        return tuple(one for element in tensor.origin.elements for one in _named_layer(element, example))
    if not isinstance(tensor.origin, Repeat):
        return parents(tensor)
    count = example.interpreter.size(tensor.origin.size)
    order = list(tensor.origin.loop.layers(count))
    return tuple(tensor.origin.at(layer, count) for layer in (order[-1:] if tensor.origin.last else order))


def _named_layer(element: Element, example: Example) -> tuple[Tensor, ...]:
    """The tensor of an entry; where it is that of one layer, the tensor of that layer."""
    origin, first = element.tensor.origin, element.kids[0] if element.kids else None
    if isinstance(origin, Repeat) and not origin.last and isinstance(first, Const):
        return (origin.at(int(first.value), example.interpreter.size(origin.size)),)
    return (element.tensor,)


def _named(tensors: Sequence[Tensor], example: Example) -> tuple[str | Box, ...]:
    out: list[str | Box] = []
    for tensor in tensors:
        shape = " × ".join(map(str, example.interpreter.shape(tensor)))
        out += [", "] * bool(out) + [tensor.box] + ([f" ({shape})"] if shape else [])
    return tuple(out)
