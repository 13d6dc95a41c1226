"""A program cut at its repeat and compiled: what comes before the layers, one layer, and what comes after."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from symformer.compile import lambdify
from symformer.models.attention import CACHE
from symformer.notation import Domain, NotationError, Tensor
from symformer.ops.attention import attention_weights
from symformer.programs import Call, Computed, Loop, Program, Rebuild, Repeat, program

PRECISE = ("positions", "frequencies")  # angles are computed in float64, whatever the weights are


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
class Stages:
    """A model of one stack of layers, compiled.

    Attributes:
        begin: from the inputs to what the layers read.
        layer: one layer.
        loop: the loop that it is of.
        end: from the stream after the last layer to the outputs.
        name: what the stream after the last layer is called.
    """

    begin: Stage
    layer: Stage
    loop: Loop
    end: Stage | None
    name: str


def cut(whole: Program, weights: Collection[str], outputs: Iterable[str], inside: Iterable[Tensor] = ()) -> Stages:
    """The stages of a program.

    Args:
        whole: the program.
        weights: the names of parameters outside the layers, which have no batch axes.
        outputs: the names of statements that are wanted after the layers.
        inside: tensors of the layer that are wanted beside its result.

    Raises:
        NotationError: it has not one repeat.
    """
    result = repeated(whole)
    loop = result.origin.loop
    before = [tensor for tensor in loop.parents if isinstance(tensor, Computed)]
    after = Rebuild({result.digest: Tensor(result.name, result.shape, Domain())})
    wanted = [after(whole[name]) for name in outputs if whole[name] != result]
    sliced = {one.formal.name for one in loop.each if not one.formal.name.endswith(CACHE)}
    return Stages(
        compiled("begin", before, weights),
        compiled("layer", [loop.carried[0].after, *inside], sliced),
        loop,
        compiled("end", wanted, weights) if wanted else None,
        result.name,
    )


def repeated(whole: Program) -> Computed:
    """What comes out of the layers of a program.

    Raises:
        NotationError: it has not one repeat.
    """
    found = [tensor for tensor in whole.statements if isinstance(tensor.origin, Repeat)]
    if len(found) != 1:
        raise NotationError(f"expected a program of one repeat, got {len(found)}")
    return found[0]


def compiled(name: str, outputs: Iterable[Tensor], weights: Collection[str]) -> Stage:
    """The stage that computes some tensors."""
    target = program(*outputs)
    function = lambdify(target, name, weights=weights, precise=PRECISE)
    return Stage(
        tuple(tensor.name for tensor in target.inputs), tuple(tensor.name for tensor in target.outputs), function
    )


def attentions_of(loop: Loop) -> Tensor:
    """How much each query takes from each key, in the first attention of a layer.

    Raises:
        NotationError: there is none.
    """
    for tensor in loop.statements:
        if isinstance(tensor.origin, Call) and tensor.origin.name == "attention":
            return attention_weights(tensor, name="attentions")
    raise NotationError(f"{loop.title} has no attention")
