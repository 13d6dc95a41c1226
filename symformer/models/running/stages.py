"""A program cut at its repeats and compiled: what comes before the layers of each stack, one layer, what comes last."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from inspect import signature
from typing import Any

from sympy import Symbol

from symformer.compile import lambdify
from symformer.compile.names import size_names
from symformer.models.attention import CACHE
from symformer.models.layout import Stack
from symformer.notation import Domain, NotationError, Tensor
from symformer.ops.attention import attention_weights
from symformer.programs import Call, Computed, Loop, Program, Rebuild, Repeat, program

PRECISE = ("positions", "frequencies")  # angles are computed in float64, whatever the weights are
Numbers = Mapping[Symbol, int]
ATTENTIONS = ("attentions", "cross_attentions")  # of a layer, in written order


@dataclass(frozen=True)
class Stage:
    """A compiled program.

    Attributes:
        inputs: the names of what it reads.
        outputs: the names of what it computes.
        function: computes it.
    """

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    function: Callable[..., Any]

    def __call__(self, known: Mapping[str, Any]) -> dict[str, Any]:
        """The outputs, by name."""
        found = self.function(*(known[name] for name in self.inputs))
        return dict(zip(self.outputs, found if len(self.outputs) > 1 else (found,), strict=True))


@dataclass(frozen=True)
class Section:
    """The layers of one stack, compiled.

    Attributes:
        begin: what they read that is computed before them, or None.
        layer: one layer, from its inputs by name to its outputs by name.
        loop: the loop that it is of.
        stack: the rows of its parameters.
        name: what the stream after the last layer is called.
    """

    begin: Stage | None
    layer: Callable[[Mapping[str, Any]], dict[str, Any]]
    loop: Loop
    stack: Stack
    name: str


@dataclass(frozen=True)
class Stages:
    """A model, compiled.

    Attributes:
        sections: its stacks, in the order in which they are computed.
        end: from the stream after the last layer to the outputs, or None.
    """

    sections: tuple[Section, ...]
    end: Stage | None


Layer = Callable[[Mapping[str, Any]], dict[str, Any]]  # from its inputs by name to its outputs by name
LayerCompiler = Callable[[Loop, list[Tensor], Collection[str], Numbers], Layer]


def plain_layer(loop: Loop, outputs: list[Tensor], weights: Collection[str], numbers: Numbers) -> Stage:
    """A layer compiled as one function."""
    return compiled("layer", outputs, weights, numbers)


def cut(
    whole: Program, stacks: Iterable[Stack], numbers: Numbers, weights: Collection[str], outputs: Iterable[str],
    inside: Callable[[Loop], Iterable[Tensor]] = lambda loop: (), layer: LayerCompiler = plain_layer,
) -> Stages:  # fmt: skip
    """The stages of a program.

    Args:
        whole: the program.
        stacks: the rows of the layers of each repeat, in order.
        numbers: the model's sizes.
        weights: the names of parameters outside the layers, which have no batch axes.
        outputs: the names of statements that are wanted after the layers.
        inside: tensors of a layer that are wanted beside its result.
        layer: compiles a layer.
    """
    after = Rebuild({})
    sections, known = [], set[str]()
    for result, stack in zip(repeated(whole), stacks, strict=True):
        loop = result.origin.loop
        before = [after(tensor) for tensor in loop.parents]
        before = [one for one in before if isinstance(one, Computed) and one.digest not in known]
        known |= {one.digest for one in before}
        wanted = [loop.carried[0].after, *inside(loop)]
        compiled_layer = layer(loop, wanted, set(sliced(loop)), numbers)
        begin = compiled("begin", before, weights, numbers) if before else None
        sections.append(Section(begin, compiled_layer, loop, stack, result.name))
        after.done[result.digest] = Tensor(result.name, result.shape, Domain())
    last = [found for name in outputs if isinstance(found := after(whole[name]), Computed)]
    return Stages(tuple(sections), compiled("end", last, weights, numbers) if last else None)


def sliced(loop: Loop) -> Iterator[str]:
    """The names in a layer of what each layer has for itself, without caches: they have no batch axes."""
    return (one.formal.name for one in loop.each if not one.formal.name.endswith(CACHE))


def repeated(whole: Program) -> list[Computed]:
    """What comes out of the layers of each stack of a program.

    Raises:
        NotationError: there is no stack.
    """
    found = [tensor for tensor in whole.statements if isinstance(tensor.origin, Repeat)]
    if not found:
        raise NotationError("expected a program with a repeat, got none")
    return found


def compiled(name: str, outputs: Iterable[Tensor], weights: Collection[str], numbers: Numbers) -> Stage:
    """The stage that computes some tensors; sizes that no input has are those of the model."""
    target = program(*outputs)
    function = lambdify(target, name, weights=weights, precise=PRECISE)
    asked = {one.name for one in signature(function).parameters.values() if one.kind is one.KEYWORD_ONLY}
    names = size_names(target.unfold(stable=True)) if asked else {}
    known = {own: numbers[size] for size, own in names.items() if own in asked and size in numbers}
    return Stage(
        tuple(tensor.name for tensor in target.inputs),
        tuple(tensor.name for tensor in target.outputs),
        partial(function, **known) if known else function,
    )


def attentions_of(loop: Loop) -> list[Tensor]:
    """How much each query takes from each key, in each attention of a layer: to itself, then to an encoder's.

    Raises:
        NotationError: there is none.
    """
    calls = [one for one in loop.statements if isinstance(one.origin, Call) and one.origin.name == "attention"]
    if not calls:
        raise NotationError(f"{loop.title} has no attention")
    return [attention_weights(tensor, name=name) for tensor, name in zip(calls, ATTENTIONS, strict=False)]
