"""What a book holds beside its pages: contents, ways through them, and where each page stands."""

from __future__ import annotations

from dataclasses import dataclass, field

from symformer.writers.page import Link


@dataclass(frozen=True)
class Entry:
    """A row of the table of contents; `line` is its idea in a sentence, as HTML."""

    slug: str
    title: str
    verdict: str
    line: str = ""


@dataclass(frozen=True)
class Part:
    """A part of the book, with a line of what it is about and a small picture."""

    title: str
    entries: tuple[Entry, ...] = field(default_factory=tuple)
    lead: str = ""
    picture: str = ""


@dataclass(frozen=True)
class Path:
    """A way through the book for one kind of reader."""

    reader: str
    lead: str
    stops: tuple[Link, ...]


@dataclass(frozen=True)
class Place:
    """Where a page stands in a book.

    Attributes:
        part: its part, and `anchor` where that stands in the contents.
        number, total: which page of the part it is, and of how many.
        before, after: its neighbours in reading order.
        uses: pages that it refers to.
        used_by: pages that refer to it.
    """

    part: str = ""
    anchor: str = ""
    number: int = 0
    total: int = 0
    before: Link | None = None
    after: Link | None = None
    uses: tuple[Link, ...] = ()
    used_by: tuple[Link, ...] = ()
