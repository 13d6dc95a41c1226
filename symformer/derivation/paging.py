"""From a derivation to a page: boxes, marks and links, which writers turn into text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sympy import Symbol

from symformer.derivation.assumed import assumption_box
from symformer.derivation.core import Core, Judged, Worked
from symformer.derivation.given import describe, index_ranges
from symformer.derivation.indices import chain_indices
from symformer.derivation.layers import with_layers
from symformer.derivation.lines import Line, parts, resolve
from symformer.derivation.wording import Wording, wording_of
from symformer.derivation.working import worked_steps
from symformer.display import recognise
from symformer.live import live_script
from symformer.notation import Domain, Element, Indicator, Range, Sum, Tensor, Written, replace_tensors
from symformer.programs import Call, Computed, Definition, Repeat, reachable, statement_box
from symformer.proof import Judge
from symformer.typeset import Box, Sign
from symformer.typeset.boxes import row
from symformer.writers import Formula, Inline, Mark, Page, PageChain, PageLine


def page_of(derivation: Core, *, judged: bool = True) -> Page:
    """The page of a derivation, with its worked example where it has one.

    Args:
        derivation: what to show.
        judged: whether verdicts stand on the page; without them nothing is judged and it comes at once.
    """
    judgements = derivation.check() if judged else ()
    worked = Worked(derivation, derivation.bound(None, "example"), derivation.decimals) if derivation.example else None
    return _page(derivation, judgements, worked, with_source=True)


def worked_page(worked: Worked) -> Page:
    """The page of a derivation at a reader's values."""
    return _page(worked.derivation, (), worked, with_source=False)


def _page(derivation: Core, judged: Sequence[Judged], worked: Worked | None, *, with_source: bool) -> Page:
    titles = dict(derivation.titles or {})
    wording = wording_of(derivation)
    steps = tuple(worked_steps(worked, wording)) if worked is not None else ()
    return Page(
        slug=derivation.slug,
        title=derivation.title,
        idea=tuple(wording(paragraph) for paragraph in derivation.idea),
        given=tuple(_given(derivation, titles, wording)),
        where=tuple(
            replace(_definition(tensor, derivation.judge), lead=wording(lead))
            for tensor, lead in with_layers(derivation.where, derivation.captions, derivation.layered)
        ),
        chains=tuple(_chains(derivation, judged, titles, wording)),
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
        describe(item)
        if isinstance(item, Tensor)
        else (assumption_box(item),)
        if isinstance(item, Indicator)
        else wording(resolve(parts(item), titles))
        for item in derivation.given
    ]
    shown = [tensor for tensor, _ in with_layers(derivation.where, derivation.captions, derivation.layered)]
    written = [tensor for tensor in shown if isinstance(tensor.origin, Definition)]
    own = [pair for tensor in written for pair in zip(tensor.indices, tensor.shape, strict=True)]
    ranges = index_ranges([*(one.written for one in written), *(line.formula for line in derivation.lines)], own)
    return [*items, *ranges]


def _definition(tensor: Computed, judge: Judge) -> Formula:
    index = statement_box(tensor)
    if isinstance(tensor.origin, Call) and tensor.label is None:
        return Formula(index, row(tensor.box, Sign("="), tensor.origin.box()))
    if isinstance(tensor.origin, Repeat):
        return Formula(index, None)
    ranges = {index: Range(size, tensor.name) for index, size in zip(tensor.indices, tensor.shape, strict=True)}
    shown = sure_matrix(tensor.written, tensor.indices, judge, ranges)
    return Formula(index, row(tensor.box, Sign("="), shown) if shown is not None else None)


def sure_matrix(
    node: Written, indices: tuple[Symbol, ...], judge: Judge, ranges: Mapping[Symbol, Range] | None = None
) -> Box | None:
    """The matrix form of an expression, if there is one and the judge agrees that it says the same.

    Args:
        node: the expression.
        indices: its free indices, in order.
        judge: who is asked.
        ranges: what indices run over that no tensor in it carries.
    """
    if not (set(indices[-2:]) & node.free or isinstance(node, Sum)):
        return None
    form = recognise(node, indices)
    if form is None:
        return None
    tail = indices[-2:]
    lowered = form.entry(*(*tail, None, None)[:2])
    folded = replace_tensors(node, _folded), replace_tensors(lowered, _folded)
    same = lowered == node or judge.agrees(*folded, ranges)
    return form.layout().box if same else None


def _folded(tensor: Tensor) -> Tensor:
    """A tensor that comes out of layers as an input of its own: what holds for every value of it holds for this one."""
    behind = any(isinstance(one.origin, Repeat) for one in reachable(tensor))
    return Tensor(tensor.name, tensor.shape, Domain()) if behind else tensor


def _chains(derivation: Core, judged: Sequence[Judged], titles: dict[str, str], wording: Wording) -> list[PageChain]:
    verdicts = {id(item.line): item for item in judged}
    chains: list[tuple[str, list[PageLine]]] = []
    for number, line in enumerate(derivation.lines, start=1):
        if line.opens:
            chains.append((line.title, []))
        mark = _mark(verdicts[id(line)]) if id(line) in verdicts else None
        formula = Formula(
            line.formula.layout().box,
            sure_matrix(line.formula, chain_indices(derivation, number - 1), derivation.judge, derivation.ranges(line)),
        )
        relation = "≠" if line.expected == "refuted" else line.relation
        reason = (*_resumed(derivation.lines, number - 1), *wording(resolve(line.reason, titles)))
        chains[-1][1].append(PageLine(number, relation, formula, reason, mark))
    shown = zip(derivation.chains, chains, strict=True)
    return [PageChain(wording(title), _in_step(chain, lines)) for chain, (title, lines) in shown]


def _resumed(lines: Sequence[Line], place: int) -> Inline:
    """After a refuted line, words that say which line the next one follows."""
    if lines[place].opens or lines[place - 1].expected is None:
        return ()
    return (f"from ({max(number for number in range(place) if lines[number].expected is None) + 1}): ",)


def _in_step(chain: Sequence[Line], lines: Sequence[PageLine]) -> tuple[PageLine, ...]:
    """A name alone stands without its indices only where another line of its chain does, so that they go together."""
    names = [isinstance(line.formula, Element) for line in chain]
    others = [line for line, name in zip(lines, names, strict=True) if not name]
    if not others or any(line.formula.matrix is not None for line in others):
        return tuple(lines)
    return tuple(replace(line, formula=Formula(line.formula.index)) for line in lines)


def _mark(item: Judged) -> Mark:
    return Mark(item.verdict.kind, item.verdict.evidence, item.line.expected)


def _pictures(worked: Worked) -> list[tuple[str, str, str]]:
    drawn = [figure.draw(worked) for figure in worked.derivation.pictures]
    return [(picture.title, picture.description, picture.svg) for picture in drawn]
