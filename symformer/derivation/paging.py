"""From a derivation to a page: boxes, marks and links, which writers turn into text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sympy import Symbol

from symformer.derivation.core import Core, Judged, Worked
from symformer.derivation.given import describe, index_names, index_ranges
from symformer.derivation.layers import with_layers
from symformer.derivation.lines import Line, parts, resolve
from symformer.derivation.matrix_level import definition_box, matrix_lines
from symformer.derivation.matrix_words import ChainWords
from symformer.derivation.wording import Wording, wording_of
from symformer.live import live_script
from symformer.notation import Range, Tensor, Written
from symformer.programs import Call, Computed, Definition, statement_box
from symformer.proof import Judge, Verdict
from symformer.typeset import Sign
from symformer.typeset.boxes import row
from symformer.typeset.names import name_box
from symformer.values import Step
from symformer.writers import Formula, Inline, Mark, Page, PageChain, PageLine, PageStep

MOST_WORKED = 60  # tensors whose numbers stand on a page; more make it too large to open at once
ELSEWHERE = (
    "So many intermediates do not stand here in numbers: `symformer show {slug} --level number` prints them all, "
    "at your own values with `--at`."
)


def page_of(derivation: Core, *, judged: bool = True) -> Page:
    """The page of a derivation, with its worked example where it has one.

    Args:
        derivation: what to show.
        judged: whether verdicts stand on the page; without them nothing is judged and it comes at once.
    """
    judgements = derivation.check() if judged else ()
    if derivation.example and len(derivation.inputs) + len(derivation.where) > MOST_WORKED:
        page = _page(derivation, judgements, None, with_source=True)
        return replace(page, notes=(*page.notes, wording_of(derivation)(ELSEWHERE.format(slug=derivation.slug))))
    worked = Worked(derivation, derivation.bound(None, "example"), derivation.decimals) if derivation.example else None
    return _page(derivation, judgements, worked, with_source=True)


def worked_page(worked: Worked) -> Page:
    """The page of a derivation at a reader's values."""
    return _page(worked.derivation, (), worked, with_source=False)


def _page(derivation: Core, judged: Sequence[Judged], worked: Worked | None, *, with_source: bool) -> Page:
    titles = dict(derivation.titles or {})
    wording = wording_of(derivation)
    steps = tuple(_steps(worked)) if worked is not None else ()
    return Page(
        slug=derivation.slug,
        title=derivation.title,
        idea=tuple(wording(paragraph) for paragraph in derivation.idea),
        given=tuple(_given(derivation, titles, wording)),
        where=tuple(
            replace(_definition(tensor, derivation.judge), lead=wording(lead))
            for tensor, lead in with_layers(derivation.where, derivation.captions)
        ),
        chains=tuple(_chains(derivation, judged, titles, wording)),
        gradients=tuple(_definition(tensor, derivation.judge) for tensor in derivation.gradients),
        steps=steps,
        rounding=worked.example.rounding.words() if worked is not None else "",
        source=derivation.function_source if with_source else "",
        made=derivation.made,
        reference=resolve(derivation.source, titles),
        notes=tuple(wording(resolve(parts(note), titles)) for note in derivation.notes),
        pictures=tuple(_pictures(worked)) if worked is not None else (),
        live=_live(worked) if worked is not None else "",
    )


def _live(worked: Worked) -> str:
    """The script with which the numbers that were shown recompute."""
    derivation = worked.derivation
    return live_script(worked.example, derivation.inputs, derivation.temperature)


def _given(derivation: Core, titles: dict[str, str], wording: Wording) -> list[Inline]:
    items = [
        describe(item) if isinstance(item, Tensor) else wording(resolve(parts(item), titles))
        for item in derivation.given
    ]
    shown = [tensor for tensor, _ in with_layers(derivation.where, derivation.captions)]
    written = [tensor for tensor in shown if isinstance(tensor.origin, Definition)]
    own = [pair for tensor in written for pair in zip(tensor.indices, tensor.shape, strict=True)]
    ranges = index_ranges([*(one.written for one in written), *(line.formula for line in derivation.lines)], own)
    return [*items, *ranges]


def _definition(tensor: Computed, judge: Judge) -> Formula:
    index = statement_box(tensor)
    if isinstance(tensor.origin, Call) and tensor.label is None:
        return Formula(index, row(tensor.box, Sign("="), tensor.origin.box()))
    return Formula(index, definition_box(tensor, judge))


def _chains(derivation: Core, judged: Sequence[Judged], titles: dict[str, str], wording: Wording) -> list[PageChain]:
    verdicts = {id(item.line): item.verdict for item in judged}
    shown = [*(tensor.written for tensor in derivation.where if isinstance(tensor.origin, Definition)),
             *(line.formula for line in derivation.lines)]  # fmt: skip
    sizes = frozenset(name_box(size.name) for size in derivation.sizes)
    words = ChainWords(titles, wording, index_names(shown), sizes, derivation.judge, definition_box)
    out, number = [], 0
    for chain in derivation.chains:
        rows = [(number + place, line, verdicts.get(id(line))) for place, line in enumerate(chain, start=1)]
        lines = tuple(_index_line(derivation, *found, wording, titles) for found in rows)
        ranges = derivation.ranges(chain[0])
        matrix = matrix_lines(rows, _reading_order(chain), ranges, derivation.judge, words)
        out.append(PageChain(wording(chain[0].title), lines, matrix))
        number += len(chain)
    return out


def _index_line(
    derivation: Core, number: int, line: Line, verdict: Verdict | None, wording: Wording, titles: dict[str, str]
) -> PageLine:
    relation = "≠" if line.expected == "refuted" else line.relation
    reason = (*_resumed(derivation.lines, number - 1), *wording(resolve(line.reason, titles)))
    mark = Mark(verdict.kind, verdict.evidence, line.expected) if verdict is not None else None
    return PageLine(number, relation, Formula(line.formula.layout().box), reason, mark)


def _resumed(lines: Sequence[Line], place: int) -> Inline:
    """After a refuted line, words that say which line the next one follows."""
    if lines[place].opens or lines[place - 1].expected is None:
        return ()
    return (f"from ({max(number for number in range(place) if lines[number].expected is None) + 1}): ",)


def _chain_indices(derivation: Core, place: int) -> tuple[Symbol, ...]:
    """The free indices of the chain that a line belongs to, in the order of its first line."""
    line = derivation.lines[place]
    return _reading_order(next(chain for chain in derivation.chains if any(one is line for one in chain)))


def _reading_order(chain: Sequence[Line]) -> tuple[Symbol, ...]:
    """The free indices of a chain as they are met from left to right, the first line first."""
    found: dict[Symbol, None] = {}

    def visit(node: Written, free: Mapping[Symbol, Range]) -> None:
        for part in node.head:
            if part in free:
                found.setdefault(part)
        for kid in node.kids:
            visit(kid, free)

    for line in chain:
        visit(line.formula, line.formula.ranges)
    return tuple(found)


def _steps(worked: Worked) -> list[PageStep]:
    derivation, example = worked.derivation, worked.example
    shown = [step for tensor in derivation.inputs for step in example.inputs([tensor])]
    steps = [replace(_page_step(step, "" if place else "Given:"), given=True) for place, step in enumerate(shown)]
    steps += [_page_step(step) for tensor in derivation.where for step in example.steps(tensor)]
    return steps + _line_steps(worked)


def _pictures(worked: Worked) -> list[tuple[str, str, str]]:
    drawn = [figure.draw(worked) for figure in worked.derivation.pictures]
    return [(picture.title, picture.description, picture.svg) for picture in drawn]


def _line_steps(worked: Worked) -> list[PageStep]:
    derivation, out = worked.derivation, []
    for place, line in enumerate(derivation.lines):
        env = _places(worked, line, _chain_indices(derivation, place))
        if line.expected == "refuted":
            continue
        step = worked.example.line(line.formula, env, derivation.ranges(line))
        at = ", ".join(f"{index} = {number}" for index, number in env.items())
        out.append(_page_step(step, f"Line ({place + 1})" + (f", at {at}:" if at else ":")))
    return out


def _places(worked: Worked, line: Line, indices: tuple[Symbol, ...]) -> dict[Symbol, int]:
    """1, 2, … for the free indices, so that i and j differ where the sizes allow it."""
    ranges = worked.derivation.ranges(line)
    sizes = {index: worked.example.interpreter.size(ranges[index].size) for index in indices}
    return {index: min(place + 1, sizes[index]) for place, index in enumerate(indices)}


def _page_step(step: Step, note: str = "") -> PageStep:
    return PageStep(step.symbols, step.substituted, step.result, step.rounded, note, remark=step.remark)
