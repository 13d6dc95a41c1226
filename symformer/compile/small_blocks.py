"""Blocks of one or two rows and columns, so that a function that is run at small sizes goes through all its loops.

What blocks get wrong shows where there are several of them: a sum that sees one block of columns instead of all, rows
that are read under the name of a block. At the sizes of a comparison one block would hold everything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

# the numbers by which generated functions cut blocks, in `functions/blocks.py`, `tries.py`, `memory.py`, `support.py`
SMALL_BLOCKS = {
    "CACHE": 1, "PRODUCT": 0, "MANY": 2, "LEAST": 2, "MOST": 1, "BATCH": 1, "FEW": 0, "TILE": 32, "WIDE": 2, "BAND": 2,
    "SMALL": 1, "RUNNING_ROWS": 2,
}  # fmt: skip


@contextmanager
def small_blocks(function: Callable[..., Any]) -> Iterator[None]:
    """Lets a function of a module of its own compute in the smallest blocks; any other stays as it is."""
    space: dict[str, Any] = getattr(function, "space", {})
    kept = {name: space[name] for name in SMALL_BLOCKS if name in space}
    space.update({name: SMALL_BLOCKS[name] for name in kept})
    try:
        yield
    finally:
        space.update(kept)
