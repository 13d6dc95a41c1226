"""Where two sides are defined, as far as that is not visible: for claims that have no proof."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sympy import Expr

from symformer.calculus import NoDerivative
from symformer.notation import Derivative, Div, Element, Func, Pow, Written, walk
from symformer.notation.operators import Binder
from symformer.programs import is_defined, reachable
from symformer.proof.normal.form import Form
from symformer.proof.normal.indices import GiveUp


def conditions_of(
    sides: Sequence[Written], spans: Mapping[str, Expr] | None = None, known: Sequence[Expr] = ()
) -> tuple[str, ...]:
    """What must hold for quotients, roots, logarithms, ranges and derivatives to be there."""
    form = Form(spans, known)
    tensors = reachable(*(part.tensor for side in sides for part in walk(side) if isinstance(part, Element)))
    bodies = [tensor.origin.definition.body for tensor in tensors if is_defined(tensor)]
    for part in (part for body in (*sides, *bodies) for part in walk(body)):
        if isinstance(part, (Div, Pow, Func, Binder, Derivative)):
            _note(form, part)
    return form.conditions


def _note(form: Form, part: Written) -> None:
    """Notes where one part is defined; what has no normal form is noted before that is seen."""
    try:
        if isinstance(part, Binder):
            form.size(part.size)
        else:
            form.needed(part)
    except (GiveUp, NoDerivative, RecursionError):
        return
