"""What indices run over, and the one place where two sizes can disagree."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import sympy
from sympy import Expr, Symbol

from symformer.notation.errors import ShapeError


class Range(NamedTuple):
    """What an index runs over (1..size) and the tensor that says so."""

    size: Expr
    owner: str


NONE: Mapping[Symbol, Range] = {}


def merge_ranges(*parts: Mapping[Symbol, Range]) -> Mapping[Symbol, Range]:
    """All ranges together; those of the one part that has any are shared and not copied.

    Raises:
        ShapeError: one index has two sizes.
    """
    filled = [part for part in parts if part]
    if len(filled) < 2:
        return filled[0] if filled else NONE
    merged: dict[Symbol, Range] = {}
    for part in filled:
        for index, found in part.items():
            known = merged.setdefault(index, found)
            if known.size != found.size and sympy.expand(known.size - found.size) != 0:
                raise ShapeError(
                    f"index {index} runs over {known.size} in {known.owner} but over {found.size} in {found.owner}"
                )
    return merged
