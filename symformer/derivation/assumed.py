"""Relations in `given`: what is assumed of sizes and inputs, for every witness and in print."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy
from sympy import Expr

from symformer.derivation.lines import DerivationError
from symformer.notation import Indicator, Tensor, Written, indicator, lift
from symformer.notation import sum as written_sum
from symformer.proof import Assumptions
from symformer.proof.assumptions import has_a_point
from symformer.typeset import Box, Sign, text
from symformer.typeset.boxes import row

_SIGNS = {sympy.Ge: "≥", sympy.Gt: ">", sympy.Le: "≤", sympy.Lt: "<", sympy.Eq: "=", sympy.Ne: "≠"}


def normalized(item: Any, inputs: Sequence[Tensor]) -> Any:
    """An item of `given`: SymPy's relations become our own; what is none stays as it is.

    Raises:
        DerivationError: a relation that is false whatever the sizes are, or that holds what no input is.
    """
    if item is sympy.false or item is False:
        raise DerivationError("a relation in `given` is false for all sizes")
    sign = next((sign for kind, sign in _SIGNS.items() if isinstance(item, kind)), None)
    if sign is None:
        return item
    tensors = {tensor.name: tensor for tensor in inputs}
    return indicator(_written(item.lhs, tensors), sign, _written(item.rhs, tensors))


def _written(plain: Expr, tensors: dict[str, Tensor]) -> Written:
    """Plain SymPy with entries of these tensors, as it was written before SymPy took it."""
    if isinstance(plain, sympy.Indexed):
        return tensors[str(plain.base)][tuple(plain.indices)]
    if isinstance(plain, sympy.Symbol) and plain.name in tensors and not tensors[plain.name].shape:
        return tensors[plain.name][()]
    if isinstance(plain, sympy.Sum):
        body = _written(plain.function, tensors)
        for index, _, size in plain.limits:
            body = written_sum(body, (index, size))
        return body
    if not plain.args:
        return lift(plain)
    args = [_written(part, tensors) for part in plain.args]
    if isinstance(plain, (sympy.Add, sympy.Mul)):
        out = args[0]
        for part in args[1:]:
            out = out + part if isinstance(plain, sympy.Add) else out * part
        return out
    if isinstance(plain, sympy.Pow):
        return args[0] ** args[1]
    raise DerivationError(f"a relation in `given` holds {plain}: write it with indicator(left, relation, right)")


def assumption_box(relation: Indicator) -> Box:
    """`n ≥ m`."""
    left, right = (kid.layout().box for kid in relation.kids)
    return row(left, Sign(relation.relation), right)


def refuse_contradictions(title: str, assumptions: Assumptions) -> None:
    """Assumptions that nothing satisfies prove anything.

    Raises:
        DerivationError: no sizes and no inputs were found that satisfy all of them.
    """
    if assumptions.relations and not has_a_point(assumptions):
        words = " and ".join(text(assumption_box(relation)) for relation in assumptions.relations)
        raise DerivationError(f"{title}: nothing was found that satisfies what is given: {words}")
