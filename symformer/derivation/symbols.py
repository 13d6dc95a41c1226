"""The symbols of a page: what each name stands for, where it lives, how it is defined, what it does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from symformer.derivation.core import Core
from symformer.derivation.given import shape_box
from symformer.derivation.roles import roles_of
from symformer.notation import Tensor
from symformer.programs import reachable
from symformer.typeset import Box
from symformer.writers import Formula, PageSymbol


def page_symbols(derivation: Core, shown: Sequence[tuple[Tensor | object, Formula]]) -> tuple[PageSymbol, ...]:
    """Inputs, then what is defined on the page, then what only stands in lines.

    Args:
        derivation: whose page it is.
        shown: what the page defines, with its formula.
    """
    definitions = {one.digest: formula for one, formula in shown if isinstance(one, Tensor)}
    defined = [one for one, _ in shown if isinstance(one, Tensor)]
    every = [*derivation.inputs, *defined, *derivation.tensors()]
    tensors = {one.digest: one for one in every if one.label is None}
    roles = roles_of([*tensors.values(), *(inner for one in tensors.values() for inner in reachable(one))])
    found: dict[Box, PageSymbol] = {}
    for digest, one in tensors.items():
        known = found.get(one.box, PageSymbol(one.box, shape_box(one)))
        definition, role = known.definition or definitions.get(digest), known.role or roles.get(digest, "")
        found[one.box] = replace(known, definition=definition, role=role)
    return tuple(found.values())
