"""What a page of the book holds, in no output language: writers know this and nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from symformer.typeset import Box, Sign
from symformer.typeset.boxes import row

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
        return (*own, f" — {self.second}") if self.second else own

    @property
    def briefly(self) -> Inline:
        """The evidence in matrices: normal forms, and what a second judge says, stand at the line in indices alone."""
        return (self.evidence,) if self.form is None else (f"{self.evidence}, which the line in indices shows",)

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


def _told_apart(lines: Iterable[PageLine]) -> tuple[list[str], int]:
    """The verdicts of judged lines, and how many lines are errors that their author expects."""
    marks = [line.mark for line in lines if line.mark is not None]
    kinds = [mark.kind for mark in marks if mark.expected != mark.kind]
    return kinds, len(marks) - len(kinds)


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

    @property
    def count(self) -> str:
        """How many lines were judged, and how: `4 steps, all proved`."""
        kinds, wrong = _told_apart(self.lines)
        if not kinds and not wrong:
            return ""
        steps = f"{len(kinds)} step{'s' if len(kinds) != 1 else ''}"
        if len(set(kinds)) == 1:
            said = f"{steps}, {'all ' if len(kinds) > 1 else ''}{kinds[0]}"
        else:
            said = f"{steps}: " + ", ".join(f"{kinds.count(kind)} {kind}" for kind in dict.fromkeys(kinds))
        return f"{said}; {wrong} known error{'s' if wrong > 1 else ''}" if wrong else said

    @property
    def result(self) -> PageResult | None:
        """What the chain comes to; nothing for a single line."""
        good = [line for line in self.lines if line.relation != "≠"]
        if len(good) < 2:
            return None
        first, last = good[0], good[-1]
        relation = joined_relation(line.relation for line in good[1:])
        lasts = [line for line in self.matrix if line.number == last.number]
        firsts = [line for line in self.matrix if line.number == first.number]
        matrix = _related(firsts[0].formula.matrix, relation, lasts[0].formula.matrix) if firsts and lasts else None
        found = _related(first.formula.index, relation, last.formula.index)
        return PageResult(last.number, Formula(found, matrix)) if found is not None else None


def _related(left: Box | None, relation: str, right: Box | None) -> Box | None:
    return None if left is None or right is None or not relation else row(left, Sign(relation), right)


def joined_relation(relations: Iterable[str]) -> str:
    """What the first line of a chain is to the last; nothing where no one sign says it."""
    found = set(relations) - {"="}
    return "=" if not found else found.pop() if len(found) == 1 else ""


@dataclass(frozen=True)
class PageResult:
    """What a chain comes to: the number of its last line, and the first line related to it."""

    number: int
    formula: Formula

    @property
    def anchor(self) -> str:
        """Where it stands on its page."""
        return f"line-{self.number}"


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
class PageSymbol:
    """What a name of the page stands for.

    Attributes:
        box: the name.
        shape: its sizes; None for a number.
        definition: how it is computed; None for what is given.
        role: what it does in attention: "q", "k", "v", "p" (weights), "g" (a gradient), or nothing.
    """

    box: Box
    shape: Box | None = None
    definition: Formula | None = None
    role: str = ""


@dataclass(frozen=True)
class Page:
    """A derivation or worked example, ready to be written.

    `gradients` sums up a backward pass; `made` says what its function, `source`, is made from; `live` is the script
    with which its numbers recompute; `answers` are those of an exercise;
    `matrix_given` says what signs of matrices mean; `symbols` are the names that stand in its formulas;
    `picture_roles` are those of the tensors that its pictures show, `thumbnail` is its first picture without words.
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
    symbols: tuple[PageSymbol, ...] = ()
    picture_roles: tuple[str, ...] = ()
    thumbnail: str = ""

    def given_at(self, level: str | None) -> tuple[Inline, ...]:
        """What is given, with the signs of matrices unless only indices are shown."""
        return self.given if level == "index" else (*self.given, *self.matrix_given)

    @property
    def results(self) -> list[PageResult]:
        """What its chains come to."""
        return [found for chain in self.chains if (found := chain.result) is not None]

    @property
    def verdicts(self) -> str:
        """How its lines were judged, in a few words."""
        kinds, wrong = _told_apart(self.marked)
        total = len(kinds) + wrong
        if not total:
            return ""
        said = [f"{kinds.count(kind)} {kind}" for kind in dict.fromkeys(kinds)]
        said += [f"{wrong} known error{'s' if wrong > 1 else ''}, shown and refuted"] if wrong else []
        return f"{total} line{'s' if total > 1 else ''} judged: {', '.join(said)}"

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
