"""Which names stand in a formula as it is set."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import fields
from typing import Any

from symformer.display import SOFTMAX
from symformer.typeset import Box, Named, Script


def leaf_names(box: Box, whole: Collection[Box] = ()) -> frozenset[str]:
    """The italic names that stand in a box; what is `whole`, such as a size d_k, is one name and not d with k."""
    if box in whole:
        return frozenset()
    if isinstance(box, Named):
        return frozenset() if box.upright else frozenset((box.text,))
    if isinstance(box, Script) and box.base == SOFTMAX:  # what stands below it speaks of its own row and column
        return frozenset()
    return frozenset().union(*(_names_in(getattr(box, field.name), whole) for field in fields(box)))


def _names_in(part: Any, whole: Collection[Box]) -> frozenset[str]:
    if isinstance(part, tuple):
        return frozenset().union(*(_names_in(item, whole) for item in part))
    return leaf_names(part, whole) if isinstance(part, Box) else frozenset()
