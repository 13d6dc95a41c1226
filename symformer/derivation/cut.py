"""Lines over fewer definitions: what a line does not need to know is taken as given, whatever its value.

A row of a backward pass says something about one statement. It holds for any values of what that statement reads, so
it is judged for any: the tensors behind are inputs there, of the same name. An identity over arbitrary inputs holds in
particular where these are computed, and judging it does not unfold the program behind it.
"""

from __future__ import annotations

from symformer.calculus import Step
from symformer.notation import Domain, Tensor, Written, replace_tensors
from symformer.programs import Computed, Rebuild, Repeat, elements, parents
from symformer.proof.normal.signs import NONNEGATIVE, POSITIVE, sign


def cut_rows(step: Step) -> tuple[Written, ...]:
    """The rows of a step, each over the definitions that it rests on; the cotangent's own entry comes first.

    A repeat backward reads again what the repeat forward has computed, so that nothing is cut there.
    """
    formulas = (step.cotangent[step.letters], *(formula for formula, _ in step.rows))
    if any(isinstance(tensor.origin, Repeat) for tensor in (step.cotangent, *step.through)):
        return formulas
    kept = {tensor.digest: tensor for tensor in (step.cotangent, *step.through, *step.uses)}
    named = [element.tensor for formula in formulas for element in elements(formula)]
    edge = [parent for tensor in kept.values() for parent in parents(tensor)]
    rebuild = Rebuild({tensor.digest: _given(tensor) for tensor in (*edge, *named) if tensor.digest not in kept})
    return tuple(replace_tensors(formula, rebuild) for formula in formulas)


def _given(tensor: Tensor) -> Tensor:
    """The tensor as an input of its name; what is visibly positive stays so."""
    if not isinstance(tensor, Computed):
        return tensor
    kind = {POSITIVE: "positive", NONNEGATIVE: "nonnegative"}.get(sign(tensor.entry), "real")
    return Tensor(tensor.name, tensor.shape, Domain(kind), label=tensor.label)
