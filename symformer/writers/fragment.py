"""A derivation as LaTeX for a paper: one `align`, definitions first, reasons in a column, and amsmath is all it needs.

It holds no preamble, no sectioning and no macro of ours; KaTeX sets it, too. What is given stands in comments, for the
author's own words.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from symformer.typeset import Box, Named, Sign, latex, transform
from symformer.typeset.latex import SYMBOLS, split
from symformer.writers.inline import beside, plain_inline, tex_text
from symformer.writers.page import Code, Formula, Inline, Link, Page, PageChain, PageLine
from symformer.writers.render import step_tex

# Letters of amssymb, as amsmath alone can set them.
PLAIN: dict[str, Box] = {"ℝ": Named("R", bold=True), "ℤ": Named("Z", bold=True), "𝔼": Named("E", bold=True)}


def fragment(page: Page, level: str | None = None) -> str:
    """The page's definitions and chains, or its numbers.

    Args:
        page: what to write.
        level: index (where there is none), matrix, or number, for the worked example.
    """
    if level == "number":
        return _comments(page, ()) + _numbers(page)
    rows = [*_definitions(page.where, level or "index"), *_chains(page.chains, level or "index")]
    body = " \\\\\n".join(rows)
    return f"{_comments(page, page.given_at(level or 'index'))}\\begin{{align}}\n{body}\n\\end{{align}}\n"


def _comments(page: Page, given: Sequence[Inline]) -> str:
    lines = [page.title, *(plain_inline(item) for item in given)]
    return "".join(f"% {' '.join(line.split())}\n" for line in lines)


def _definitions(where: Sequence[Formula], level: str) -> Iterator[str]:
    for formula in where:
        if formula.lead:
            yield f"& {_words(formula.lead)} \\notag"
        left, right = split(formula.at(level))
        yield f"& {_math(left)} \\notag" if right is None else f"{_math(left)} &= {_math(right)} \\notag"


def _chains(chains: Sequence[PageChain], level: str) -> Iterator[str]:
    for chain in chains:
        if chain.title:
            yield f"& {_words(chain.title)} \\notag"
        yield from _rows(chain.lines, level)


def _rows(lines: Sequence[PageLine], level: str) -> Iterator[str]:
    """The first two lines in one row; after a refuted line, the last good one is said again."""
    first, *rest = lines
    if not rest:
        yield f"& {_math(first.formula.at(level))} && {_words(first.reason)}"
        return
    good = _math(first.formula.at(level))
    said = f"{good} "
    for line in rest:
        formula = _math(line.formula.at(level))
        lead = f"% {' '.join(plain_inline(first.reason).split())}\n" if line is rest[0] else ""
        relation = SYMBOLS.get(line.relation, line.relation)
        yield f"{lead}{said}&{relation} {formula} && {_words(line.reason)}"
        refuted = line.relation == "≠"
        good = good if refuted else formula
        said = f"{good} " if refuted else ""


def _words(inline: Inline) -> str:
    return rf"\text{{{beside(map(_part, inline))}}}"


def _part(part: str | Box | Link | Code) -> str:
    if isinstance(part, Box):
        return f"${_math(part)}$"
    if isinstance(part, Link):
        return f"“{tex_text(part.title, breaks=False)}”"
    return (
        rf"\texttt{{{tex_text(part.words, breaks=False)}}}" if isinstance(part, Code) else tex_text(part, breaks=False)
    )


def _math(box: Box) -> str:
    return latex(transform(box, lambda part: PLAIN.get(part.symbol) if isinstance(part, Sign) else None))


def _numbers(page: Page) -> str:
    """The steps, a display each, with the words that stand before and after them."""
    blocks: list[str] = []
    for step in page.steps:
        words = [step.heading, step.flow, (step.note,) if step.note else ()]
        blocks += [beside(map(_part, inline)) for inline in words if inline]
        blocks.append(f"\\[\n{step_tex(step)}\n\\]")
        blocks += [
            beside(map(_part, inline)) for inline in [(step.remark,) if step.remark else (), *step.printed] if inline
        ]
    answers = [f"${_math(answer)}$" for answer in page.answers]
    return "\n\n".join([*blocks, *(["Answers: " + "; ".join(answers)] if answers else [])]) + "\n"
