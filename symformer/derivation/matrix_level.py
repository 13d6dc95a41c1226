"""The matrix level of a page: definitions and chains without indices, each as a whole or not at all.

What is printed here is lowered back to indices and judged against the formula that it came from, so that a line in
matrices is as sure as its line in indices and the comparison allow.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

from sympy import Symbol

from symformer.derivation.lines import Line
from symformer.derivation.marks import mark_of, said_once
from symformer.derivation.matrix_words import ChainWords
from symformer.display import SCALAR, Array, Matrix, every_part, recognise
from symformer.notation import Derivative, Domain, Range, Tensor, Written, replace_tensors, walk
from symformer.programs import Call, Computed, Definition, Repeat, reachable
from symformer.proof import Judge, Verdict
from symformer.typeset import Box, Sign
from symformer.typeset.boxes import row
from symformer.writers import Formula, Inline, Mark, PageLine

AGREES = "the matrix form and the form in indices agree in 50 digits at random points"
SURE = ("proved", "exact", "checked")
Ranges = Mapping[Symbol, Range]


class Sure(NamedTuple):
    """A matrix form that the judge found equal to its formula, and how sure that is."""

    form: Matrix
    verdict: Verdict | None

    @property
    def box(self) -> Box:
        """How it looks."""
        return self.form.layout().box


class Order(NamedTuple):
    """The free indices of a formula: labels, then those (two, or one for a vector) that are row and column."""

    indices: tuple[Symbol, ...]
    axes: int = 2

    @property
    def place(self) -> tuple[Symbol | None, Symbol | None]:
        """Row and column, None where there is none."""
        at, to, *_ = (*self.indices[max(len(self.indices) - self.axes, 0) :], None, None)
        return at, to


def orders(indices: tuple[Symbol, ...]) -> Iterator[Order]:
    """The last two as row and column; a vector for each choice of the others; then any other two."""
    yield Order(indices)
    if len(indices) > 1:
        yield Order(indices, 1)
    if len(indices) > 2:
        for pair in combinations(indices, 2):
            rest = tuple(index for index in indices if index not in pair)
            if (*rest, *pair) != indices:
                yield Order((*rest, *pair))


def by_labels(nodes: Sequence[Written], indices: tuple[Symbol, ...], ranges: Ranges) -> list[Order]:
    """The orders in which the first and the last of some formulas have a form, those first in which labels lead.

    W_Q[a, h, c] is W_{Q,h} with h between its rows and columns, which is read more easily than W_{Q,c}.
    """
    found: list[tuple[int, Order]] = []
    for order in orders(indices):
        forms = [recognise(node, order.indices, ranges, order.axes) for node in nodes]
        if forms[0] is not None and forms[-1] is not None:
            parts = [part for form in forms if form is not None for part in every_part(form)]
            found.append((sum(isinstance(part, Array) and part.axes is not None for part in parts), order))
    return [order for _, order in sorted(found, key=lambda pair: pair[0])]


def sure_form(node: Written, order: Order, judge: Judge, ranges: Ranges | None = None) -> Sure | None:
    """The matrix form of an expression, if there is one and the judge finds that it says the same.

    Args:
        node: the expression.
        order: its free indices.
        judge: who is asked.
        ranges: what indices run over that no tensor in it carries.
    """
    form = recognise(node, order.indices, ranges, order.axes)
    if form is None:
        return None
    lowered = form.entry(*order.place)
    if lowered == node:
        return Sure(form, None)
    verdict = _compared(node, lowered, judge, ranges)
    return Sure(form, verdict) if verdict.kind in SURE else None


def _compared(node: Written, lowered: Written, judge: Judge, ranges: Ranges | None) -> Verdict:
    """Two notations of one formula, whatever its tensors are; or, where values matter (a logarithm), as defined."""
    if not any(isinstance(part, Derivative) for part in walk(node)):
        verdict = judge.judge(replace_tensors(node, _opaque), "=", replace_tensors(lowered, _opaque), ranges)
        if verdict.kind in SURE:
            return verdict
    same = judge.agrees(replace_tensors(node, _folded), replace_tensors(lowered, _folded), ranges)
    return Verdict("checked", AGREES) if same else Verdict("open", "")


def _opaque(tensor: Tensor) -> Tensor:
    """A tensor as an input of its own: what holds for every value of it holds for this one."""
    return Tensor(tensor.name, tensor.shape, tensor.domain) if tensor.origin is not None else tensor


def _folded(tensor: Tensor) -> Tensor:
    """A tensor that comes out of layers as an input of its own."""
    behind = any(isinstance(one.origin, Repeat) for one in reachable(tensor))
    return Tensor(tensor.name, tensor.shape, Domain()) if behind else tensor


def definition_box(tensor: Computed, judge: Judge) -> Box | None:
    """`O_h = P_h V_h`: a definition without its rows and columns, None where it has no such form."""
    open_call = isinstance(tensor.origin, Call) and not tensor.origin.folded
    if not (open_call or isinstance(tensor.origin, Definition)) or tensor.origin.definition.guard is not None:
        return None
    ranges = {index: Range(size, tensor.name) for index, size in zip(tensor.indices, tensor.shape, strict=True)}
    for order in by_labels([tensor.entry, tensor.written], tensor.indices, ranges):
        name = recognise(tensor.entry, order.indices, ranges, order.axes)
        found = sure_form(tensor.written, order, judge, ranges)
        if name is not None and found is not None and any(part.kind() != SCALAR for part in every_part(found.form)):
            return row(name.layout().box, Sign("="), found.box)
    return None


# -- chains -----------------------------------------------------------------------------------------------------------


class Entry(NamedTuple):
    """A line of a chain with its number, its verdict (None where it opens), and its form if it has one."""

    number: int
    line: Line
    verdict: Verdict | None
    sure: Sure | None

    @property
    def refuted(self) -> bool:
        """Whether it shows an error of the literature."""
        return self.line.expected is not None


class Step(NamedTuple):
    """What a line in matrices stands for: itself, after lines in indices that it takes in."""

    taken: tuple[Entry, ...]
    own: Entry


def matrix_lines(
    chain: Sequence[tuple[int, Line, Verdict | None]],
    indices: tuple[Symbol, ...],
    ranges: Ranges,
    judge: Judge,
    words: ChainWords,
) -> tuple[PageLine, ...]:
    """A chain in matrices, empty where it has no such form as a whole.

    A line without a form is taken in by the next one, and so is one that looks as the line before: `I u` is u. The
    first line and the last need a form, and one of them must look different from its index form.

    Args:
        chain: number, line and verdict of each line.
        indices: its free indices, in reading order.
        ranges: what indices run over.
        judge: who compares forms with formulas.
        words: sets reasons.
    """
    good = [line.formula for _, line, _ in chain if line.expected is None]
    for order in by_labels(good, indices, ranges):
        entries = [Entry(*item, sure_form(item[1].formula, order, judge, ranges)) for item in chain]
        steps = _steps(entries)
        if len(steps) > 1 and any(_differs(step.own) for step in steps):
            lines = [_page_line(step, before, words) for before, step in _after_good(steps)]
            return said_once([line for line in lines if line is not None])
    return ()


def _differs(entry: Entry) -> bool:
    """Whether a line looks otherwise than in indices."""
    if entry.sure is None or entry.sure.box == entry.line.formula.layout().box:
        return False
    return any(part.kind() != SCALAR for part in every_part(entry.sure.form))


def _steps(entries: Sequence[Entry]) -> list[Step]:
    """The lines to show, each with those that it takes in; none where the chain is not whole."""
    good = [entry for entry in entries if not entry.refuted]
    if not entries or entries[0].sure is None or good[-1].sure is None:
        return []
    steps: list[Step] = []
    taken: list[Entry] = []
    shown: Box | None = None
    for entry in entries:
        if entry.refuted:
            if entry.sure is not None and all(one.line.relation == "=" for one in taken):
                steps.append(Step((), entry))
        elif entry.sure is None or (entry.sure.box == shown and entry.line.relation == "="):
            taken.append(entry)
        else:
            steps.append(Step(tuple(taken), entry))
            taken, shown = [], entry.sure.box
    return steps if _composable(steps) else []


def _composable(steps: Sequence[Step]) -> bool:
    return all(_relation(step) is not None for step in steps)


def _relation(step: Step) -> str | None:
    """The relation of a step to the line before it: that of its lines together, None where they make none."""
    if step.own.refuted:
        return "≠"
    found = [one.line.relation for one in (*step.taken, step.own) if one.line.relation != "="]
    if not found:
        return "="
    if len(found) == 1 or (len(set(found)) == 1 and found[0] in "≤≥"):
        return found[0]
    return None


def _after_good(steps: Sequence[Step]) -> Iterator[tuple[int | None, Step]]:
    """Each step with the number of the line that it follows, where a refuted line stands between."""
    good, wrong = 0, False
    for step in steps:
        yield (good if wrong and not step.own.refuted else None), step
        wrong = step.own.refuted
        good = good if wrong else step.own.number


def _page_line(step: Step, after: int | None, words: ChainWords) -> PageLine | None:
    relation, own = _relation(step), step.own
    if relation is None or own.sure is None:
        return None
    lead: Inline = (f"from ({after}): ",) if after is not None else ()
    reason = words.reason([one.line for one in (*step.taken, own)], own.number, own.sure.box)
    formula = Formula(own.line.formula.layout().box, own.sure.box)
    return PageLine(own.number, relation, formula, (*lead, *reason), _mark(step))


def _mark(step: Step) -> Mark | None:
    """The weakest verdict that the line rests on."""
    entries = (*step.taken, step.own)
    verdicts = [entry.verdict for entry in entries if entry.verdict is not None]
    if not verdicts:
        return None
    if not step.own.refuted:
        verdicts += [
            entry.sure.verdict for entry in entries if entry.sure is not None and entry.sure.verdict is not None
        ]
    verdict = min(verdicts, key=lambda one: one.rank)
    return mark_of(verdict, step.own.line.expected)
