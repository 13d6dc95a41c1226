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


def merge_ranges(*parts: Mapping[Symbol, Range]) -> dict[Symbol, Range]:
    """All ranges together.

    Raises:
        ShapeError: one index has two sizes.
    """
    merged: dict[Symbol, Range] = {}
    for part in parts:
        for index, found in part.items():
            known = merged.setdefault(index, found)
            if known.size != found.size and sympy.expand(known.size - found.size) != 0:
                raise ShapeError(
                    f"index {index} runs over {known.size} in {known.owner} but over {found.size} in {found.owner}"
                )
    return merged
