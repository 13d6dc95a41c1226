"""What a body is given, and how it goes through its rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sympy import Symbol

from symformer.compile.arrays import Axes


@dataclass(frozen=True)
class Input:
    """An array that the body is given: its letters, whether it has batch axes, and whether it may be None."""

    axes: Axes
    batched: bool
    optional: bool


@dataclass(frozen=True)
class Layout:
    """How a body goes through its rows.

    Attributes:
        inputs: by variable.
        outputs: variables, in order.
        row: the index of the rows that are processed in blocks; None for no blocks.
        rows: the Python text of its size.
        lead: whether there are batch axes in front, all broadcast to one shape.
        like: an array of the dtype in which outputs are made.
        unbatched: outputs without batch axes: what they are summed over.
        block: how many bytes the widest array of a block may have; 0 for what suits products of wide matrices.
        column: a second index that may be processed in blocks, or its name.
    """

    inputs: Mapping[str, Input]
    outputs: tuple[str, ...]
    row: Symbol | None = None
    rows: str = ""
    lead: bool = False
    like: str = ""
    unbatched: frozenset[str] = frozenset()
    block: int = 0
    column: Symbol | str = ""
