"""From a derivation to a page: boxes, marks and links, which writers turn into text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from symformer.derivation.assumed import assumption_box
from symformer.derivation.conventions import conventions, matrix_conventions
from symformer.derivation.core import Core, Judged, Worked
from symformer.derivation.figures import Figure, FormulaCurves, HeatMap
from symformer.derivation.given import describe, grouped, index_names, index_ranges
from symformer.derivation.indices import chain_indices
from symformer.derivation.layers import with_layers
from symformer.derivation.lines import Line, parts, resolve
from symformer.derivation.marks import mark_of, said_once
from symformer.derivation.matrix_level import definition_box, matrix_lines
from symformer.derivation.matrix_words import ChainWords
from symformer.derivation.symbols import page_symbols
from symformer.derivation.wording import Wording, wording_of
from symformer.derivation.working import worked_steps
from symformer.live import live_script
from symformer.notation import Indicator, Tensor
from symformer.programs import Call, Computed, Definition, Recurrence, Repeat, statement_box
from symformer.proof import Judge, Verdict
from symformer.typeset import Box, Sign
from symformer.typeset.boxes import row
from symformer.typeset.names import name_box
from symformer.writers import Formula, Inline, Page, PageChain, PageLine, PageSymbol


def page_of(derivation: Core, *, judged: bool = True, judgements: Sequence[Judged] | None = None) -> Page:
    """The page of a derivation, with its worked example where it has one.

    Args:
        derivation: what to show.
        judged: whether verdicts stand on the page; without them nothing is judged and it comes at once.
        judgements: the judged lines, where more than the first judge was asked.
    """
    if judgements is None:
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
    shown = [
        (tensor, replace(_definition(tensor, derivation.judge), lead=wording(lead)))
        for tensor, lead in with_layers(
            derivation.where, derivation.captions, derivation.layered, lines=bool(derivation.lines)
        )
    ]
    where = tuple(formula for _, formula in shown)
    chains = tuple(_chains(derivation, judged, titles, wording))
    figures = [one for one in derivation.pictures if worked is not None or isinstance(one, FormulaCurves)]
    pictures = [figure.draw(worked) for figure in figures]
    symbols = page_symbols(derivation, shown)
    matrices = [line.formula.matrix for chain in chains for line in chain.matrix] + [one.matrix for one in where]
    return Page(
        slug=derivation.slug,
        title=derivation.title,
        idea=tuple(wording(paragraph) for paragraph in derivation.idea),
        given=tuple(_given(derivation, titles, wording)),
        matrix_given=matrix_conventions(box for box in matrices if box is not None),
        where=where,
        chains=chains,
        gradients=tuple(_gradients(derivation)),
        steps=steps,
        rounding=worked.example.rounding.words() if worked is not None else "",
        source=derivation.function_source if with_source else "",
        made=derivation.made,
        reference=resolve(derivation.source, titles),
        notes=tuple(wording(resolve(parts(note), titles)) for note in derivation.notes),
        pictures=tuple((one.title, one.description, one.svg) for one in pictures),
        picture_roles=tuple(_role(figure, symbols) for figure in figures),
        thumbnail=pictures[0].thumbnail if pictures else "",
        live=_live(worked) if worked is not None else "",
        symbols=symbols,
    )


def _role(figure: Figure, symbols: Sequence[PageSymbol]) -> str:
    """What the matrix of a picture does; nothing for other pictures."""
    box = figure.shown.box if isinstance(figure, HeatMap) else None
    return next((one.role for one in symbols if one.box == box), "")


def _gradients(derivation: Core) -> Iterator[Formula]:
    """The gradients in order; after what comes out of a recurrence that is not shown yet, the equations of its step."""
    known = {one.origin.loop.digest for one in derivation.where if isinstance(one.origin, Repeat)}
    for tensor in derivation.gradients:
        yield _definition(tensor, derivation.judge)
        loop = tensor.origin.loop if isinstance(tensor.origin, Repeat) else None
        if loop is not None and loop.recurrent and loop.digest not in known:
            known.add(loop.digest)
            yield from (Formula(box) for box in Recurrence(loop).equations())


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
    defined = [tensor for tensor in shown if isinstance(tensor, Computed)]
    loops = [tensor.origin.loop for tensor in defined if isinstance(tensor.origin, Repeat)]
    steps = [tensor for loop in loops if loop.recurrent for tensor in loop.statements]
    written = [tensor for tensor in (*defined, *steps) if isinstance(tensor.origin, Definition)]
    own = [pair for tensor in written for pair in zip(tensor.indices, tensor.shape, strict=True)]
    own += [(loop.index, loop.size) for loop in loops]
    formulas = [*(one.written for one in written), *(line.formula for line in derivation.lines)]
    axes = [size for tensor in derivation.inputs for size in tensor.shape] + [size for _, size in own]
    spans = [span.size for formula in formulas for span in formula.ranges.values()]
    known = {symbol for size in (*axes, *spans) for symbol in size.free_symbols}
    loose = sorted(derivation.sizes - known, key=str)
    signs = conventions(formulas, loose, backward=bool(derivation.gradients))
    by_hand = derivation.compiled is None  # a derived backward pass says itself what it takes as given
    rest = [tensor for tensor in derivation.inputs if by_hand and tensor not in derivation.given]
    return [*items, *grouped(rest), *index_ranges(formulas, own), *signs]


def _definition(tensor: Computed | Box, judge: Judge) -> Formula:
    if not isinstance(tensor, Computed):
        return Formula(tensor, None)
    index = statement_box(tensor)
    if isinstance(tensor.origin, Call) and tensor.origin.folded and tensor.label is None:
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
        lines = said_once([_index_line(derivation, *found, wording, titles) for found in rows])
        ranges = derivation.ranges(chain[0])
        matrix = matrix_lines(rows, chain_indices(derivation, number), ranges, derivation.judge, words)
        out.append(PageChain(wording(chain[0].title), lines, matrix))
        number += len(chain)
    return out


def _index_line(
    derivation: Core, number: int, line: Line, verdict: Verdict | None, wording: Wording, titles: dict[str, str]
) -> PageLine:
    relation = "≠" if line.expected == "refuted" else line.relation
    reason = (*_resumed(derivation.lines, number - 1), *wording(resolve(line.reason, titles)))
    mark = mark_of(verdict, line.expected) if verdict is not None else None
    return PageLine(number, relation, Formula(line.formula.layout().box), reason, mark)


def _resumed(lines: Sequence[Line], place: int) -> Inline:
    """After a refuted line, words that say which line the next one follows."""
    if lines[place].opens or lines[place - 1].expected is None:
        return ()
    return (f"from ({max(number for number in range(place) if lines[number].expected is None) + 1}): ",)
