"""A feed-forward block or a norm of a layer as a program: from what enters it to what it gives."""

from __future__ import annotations

from symformer.models.foldings.structure import is_norm, norms_of
from symformer.models.running.cut_layers import FED
from symformer.models.running.stages import sliced
from symformer.notation import Domain, Tensor
from symformer.programs import Call, Computed, Loop, Rebuild, program, reachable
from symformer.trace.head import Head, TraceError


def part_of(loop: Loop, part: str) -> Head:
    """The program of a part of a layer; its inputs are weights, and what enters it, by its name in the layer.

    Args:
        loop: the layers.
        part: "mlp", or the name of a norm.

    Raises:
        TraceError: there is no such part, or experts are chosen in it.
    """
    named = {one.name: one for one in loop.statements}
    if part == "mlp":
        name = next((one for one in FED if one in named), None)
        if name is None or name != FED[0]:
            raise TraceError(f"{loop.title}: experts are chosen in its feed-forward block, which is not traced as one")
        return _part(loop, _from_norms(named[name]), _from_norms(named[name]))
    norms = [one.name for one in norms_of(loop.statements)]
    if part not in norms:
        raise TraceError(f"norm: expected {', '.join(norms)}, got {part!r}")
    tensor = named[part]
    assert isinstance(tensor.origin, Call)
    argument = tensor.origin.arguments[0]
    given = Rebuild({argument.digest: Tensor(argument.name, argument.shape, Domain())})
    textbook, stable = given(tensor.origin.textbook), given(tensor.origin.stable)
    return _part(loop, textbook, stable)


def _from_norms(tensor: Tensor) -> Tensor:
    """A tensor over what the last norms before it give, or over the stream where there is none."""
    norms = [one for one in reachable(tensor) if is_norm(one)]
    nearest = [one for one in norms if not any(one.digest in _behind(other) for other in norms if other is not one)]
    return Rebuild({one.digest: Tensor(one.name, one.shape, Domain()) for one in nearest})(tensor)


def _behind(tensor: Tensor) -> set[str]:
    return {one.digest for one in reachable(tensor)}


def _part(loop: Loop, textbook: Tensor, stable: Tensor) -> Head:
    own = set(sliced(loop))
    steps = program(textbook)
    named = {one.name for one in steps.statements}
    found = [one for one in reachable(stable) if isinstance(one, Computed) and one.name in named]
    return Head(steps, program(*found), {}, {}, frozenset(own))
