"""How positions are numbered where a caller does not say, and in which bucket the distance of two of them falls."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Places:
    """How positions are numbered.

    Attributes:
        by: "all" counts every token, "mask" those that are no padding by the mask, "ids" those that are not the
            padding's token; what is not counted has the number before the first.
        first: the number of the first.
        offset: what is added to all, also to those that a caller gives: rows of a table that nobody uses.
        padding: the padding's token.
    """

    by: str = "all"
    first: int = 0
    offset: int = 0
    padding: int | None = None


@dataclass(frozen=True)
class Buckets:
    """Buckets of relative positions.

    Attributes:
        number: how many there are; half of them for keys after a query, where a query sees these.
        furthest: distances from here on fall into the last one.

    Source: Raffel et al. 2020, arXiv:1910.10683, section 2.1.
    """

    number: int
    furthest: int
