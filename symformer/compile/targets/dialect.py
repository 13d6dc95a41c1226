"""What a target that is an array library in Python calls things."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Dialect:
    """An array library.

    Attributes:
        name: the target.
        np: what its functions are called by in generated text.
        axis: the keyword for the axis of a reduction.
        calls: the text of elementwise operations, with {0}, {1}, … for their parts; others are helpers of their name.
        wide: which of them take a number in any place; the helper of that name is called where others meet one.
        imports: import statements by the word that calls for them.
        wrapped: whether functions are given their derived backward pass.
        turned: the text of a matrix with its axes exchanged.
        package: what has to be installed for a function to run.
    """

    name: str
    np: str
    axis: str
    calls: Mapping[str, str]
    wide: frozenset[str]
    imports: Mapping[str, str]
    wrapped: bool
    package: str
    turned: str = "{0}.mT"


def called_in(np: str, names: str, **others: str) -> dict[str, str]:
    """Calls of functions that have the same name in a library, and others."""
    return {**{name: f"{np}.{name}({{0}})" for name in names.split()}, **others}
