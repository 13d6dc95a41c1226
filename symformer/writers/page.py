"""What a page of the book holds, in no output language: writers know this and nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field

from symformer.typeset import Box

LEVELS = ("matrix", "index", "number")


@dataclass(frozen=True)
class Link:
    """A reference to another page."""

    slug: str
    title: str


@dataclass(frozen=True)
class Code:
    """A few words of code."""

    words: str


Inline = tuple[str | Box | Link | Code, ...]  # running text with formulas, links and code in it


@dataclass(frozen=True)
class Formula:
    """A formula at two levels, `matrix` None where there is no matrix form, with words that stand before it."""

    index: Box
    matrix: Box | None = None
    lead: Inline = ()

    def at(self, level: str) -> Box:
        """The box of this level, or the index form."""
        return self.matrix if level == "matrix" and self.matrix is not None else self.index


@dataclass(frozen=True)
class Mark:
    """A verdict as it is shown; `form` is the normal form that proves it, `second` what a second judge says."""

    kind: str
    evidence: str
    expected: str | None = None
    form: Box | None = None
    second: str = ""

    @property
    def words(self) -> Inline:
        """The evidence, with the normal form of both sides where it is told."""
        own: Inline = (self.evidence,) if self.form is None else (f"{self.evidence}: ", self.form)
        return (*own, f"; {self.second}") if self.second else own

    @property
    def briefly(self) -> Inline:
        """The evidence in matrices: normal forms are in indices, and shown at that level alone."""
        return self.words if self.form is None else (f"{self.evidence}, which the line in indices shows",)

    @property
    def word(self) -> str:
        """One or two words beside the line."""
        return f"an error, {self.kind}" if self.expected == self.kind else self.kind


@dataclass(frozen=True)
class PageLine:
    """A line of a chain: number, relation to the line before (empty where it opens), formula, reason, verdict."""

    number: int
    relation: str
    formula: Formula
    reason: Inline
    mark: Mark | None


@dataclass(frozen=True)
class PageChain:
    """A chain of lines, with a heading where a page has several.

    Attributes:
        title: its heading.
        lines: the chain in indices.
        matrix: the chain in matrices, empty where it has no such form as a whole: the same numbers, fewer lines where
            two say the same without indices.
    """

    title: Inline
    lines: tuple[PageLine, ...]
    matrix: tuple[PageLine, ...] = ()

    def at(self, level: str) -> tuple[PageLine, ...]:
        """The lines at this level, or in indices."""
        return self.matrix if level == "matrix" and self.matrix else self.lines


@dataclass(frozen=True)
class PageStep:
    """A formula in numbers.

    Attributes:
        symbols, substituted, result: its lines; the middle one may be missing.
        rounded: whether ≈ stands before the result.
        note: a few words before it.
        given: whether its numbers are inputs.
        remark: what rounding hides, after it.
        heading: the title of the section that begins with it.
        flow: what goes into that section and what comes out.
        printed: what the source prints for it, and how far that agrees.
    """

    symbols: Box
    substituted: Box | None
    result: Box
    rounded: bool
    note: str = ""
    given: bool = False
    remark: str = ""
    heading: Inline = ()
    flow: Inline = ()
    printed: tuple[Inline, ...] = ()


@dataclass(frozen=True)
class Page:
    """A derivation or worked example, ready to be written.

    `gradients` sums up a backward pass; `made` says what its function, `source`, is made from; `live` is the script
    with which its numbers recompute; `answers` are those of an exercise;
    `matrix_given` says what signs of matrices mean.
    """

    slug: str
    title: str
    idea: tuple[Inline, ...]
    given: tuple[Inline, ...]
    where: tuple[Formula, ...]
    chains: tuple[PageChain, ...]
    steps: tuple[PageStep, ...] = ()
    rounding: str = ""
    source: str = ""
    made: str = "its last line"
    reference: Inline = ()
    notes: tuple[Inline, ...] = ()
    pictures: tuple[tuple[str, str, str], ...] = ()
    live: str = ""
    answers: tuple[Box, ...] = ()
    gradients: tuple[Formula, ...] = ()
    matrix_given: tuple[Inline, ...] = ()

    def given_at(self, level: str | None) -> tuple[Inline, ...]:
        """What is given, with the signs of matrices unless only indices are shown."""
        return self.given if level == "index" else (*self.given, *self.matrix_given)

    @property
    def levels(self) -> tuple[str, ...]:
        """The levels that the page has something at: index first."""
        found = [("index", True), ("matrix", bool(self.matrix_chains)), ("number", bool(self.steps))]
        return tuple(level for level, there in found if there)

    @property
    def matrix_chains(self) -> list[PageChain]:
        """The chains that have a matrix form."""
        return [chain for chain in self.chains if chain.matrix]

    @property
    def marked(self) -> list[PageLine]:
        """The lines that were judged."""
        return [line for chain in self.chains for line in chain.lines if line.mark is not None]


@dataclass(frozen=True)
class Entry:
    """A row of the table of contents."""

    slug: str
    title: str
    verdict: str


@dataclass(frozen=True)
class Part:
    """A part of the book."""

    title: str
    entries: tuple[Entry, ...] = field(default_factory=tuple)
