"""Derivations and worked examples with their writers: what authors make and readers call."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from symformer.derivation.core import Core, Judged, Worked, no_lemmas
from symformer.derivation.paging import page_of, worked_page
from symformer.notation import Tensor
from symformer.notation.public import answering_class
from symformer.proof import Judge, Lemma
from symformer.typeset import latex
from symformer.values import Values, literal
from symformer.writers import (
    Page,
    blanked,
    docx,
    exercise,
    fragment,
    html,
    markdown,
    notebook,
    notebook_markdown,
    slides,
    step_tex,
    terminal,
    tex,
    tex_document,
    typst_page,
)

CHECK = (
    "for judged in derivation.check():\n"
    '    print(judged.line.relation, judged.verdict.kind, judged.verdict.evidence, sep="  ")'
)


@answering_class
@dataclass(frozen=True)
class Derivation(Core):
    """A derivation, as its author writes it; see `Core` for its parts.

    `check()` judges it, `at(...)` puts numbers in, `latex()`, `markdown()`, `html()` and `text()` write it, and
    `lambdify()` makes a NumPy function of its last line.

    Raises:
        DerivationError: a missing docstring, neither lines nor definitions, or a line that is no line.
    """

    def at(
        self,
        values: Mapping[str, Any] | None = None,
        *,
        decimals: int | None = None,
        digits: int | None = None,
        scientific: bool = False,
        blank: float | None = None,
        seed: int = 0,
        answers: bool = False,
        source: str = "values",
        **named: Any,
    ) -> WorkedExample:
        """The derivation with a reader's numbers in it.

        Args:
            values: numbers or nested lists for the inputs, by name (or as keywords); none means the author's own.
            decimals: digits after the point of rounded numbers; by default the author's.
            digits: significant digits of rounded numbers, in place of `decimals`.
            scientific: whether every rounded number stands as a power of ten.
            blank: the share of the results that an exercise leaves out.
            seed: which results it leaves out.
            answers: whether they stand at its end.
            source: what errors call the origin of the values.

        Raises:
            ValuesError: values that do not fit the inputs.
        """
        given = None if values is None and not named else {**(values or {}), **named}
        bound = self.bound(given, source)
        length = self.decimals if decimals is None else decimals
        return WorkedExample(self, bound, length, digits, scientific, blank, seed, answers)

    def page(self, *, judged: bool = True, judgements: Sequence[Judged] | None = None) -> Page:
        """The page that writers write; `judgements` where more than the first judge was asked, as a book does."""
        return page_of(self, judged=judged, judgements=judgements)

    def latex(self, level: str | None = None) -> str:
        """LaTeX for a paper: one `align` that needs amsmath alone; a level is matrix, index (by default) or number."""
        return fragment(self.page(), level)

    def document(self, level: str | None = None) -> str:
        """A whole LaTeX document with all that the page has; a level is matrix, index or number."""
        return tex_document(tex(self.page(), level), self.title)

    def markdown(self, level: str | None = None, *, flavor: str = "github") -> str:
        """Markdown, of the flavour github, myst, quarto or pandoc; a level is matrix, index or number."""
        return markdown(self.page(), level, flavor=flavor)

    def html(self, level: str | None = None) -> str:
        """A page of HTML that needs no other file; a level is the one that is switched on at first."""
        return html(self.page(), level)

    def docx(self, level: str | None = None) -> bytes:
        """A file for Word, whose formulas can be edited; a level is matrix, index or number."""
        return docx(self.page(), level)

    def slides(self, level: str | None = None) -> str:
        """Slides in one page of HTML, a line at a time; a level is matrix, index or number."""
        return slides(self.page(), level)

    def typst(self, level: str | None = None) -> str:
        """The source of a Typst document; a level is matrix, index or number."""
        return typst_page(self.page(), level)

    def text(self, level: str | None = None, *, draw: bool = False) -> str:
        """Plain text, a formula a line or drawn as on paper; a level is matrix, index or number."""
        return terminal(self.page(), level, draw=draw)

    def notebook(self, name: str | None = None) -> str:
        """A Jupyter notebook that executes: the page, and cells that judge, work in numbers and compute.

        Args:
            name: what `symformer.load` is to load in it: a slug, or a path; by default the derivation's own slug.

        Raises:
            NotebookMissing: nbformat is not installed.
        """
        return notebook(self.page(), self.cells(name or self.slug))

    def cells(self, name: str, values: Values | None = None) -> list[str]:
        """The code of a notebook that loads the derivation by its name; with values, at these."""
        cells = [f"import symformer as sf\n\nderivation = sf.load({name!r})", CHECK]
        bound = self.bound(None, "example") if values is None and self.example else values
        if bound is not None:
            cells += [f"values = {literal(bound, self.inputs)}", "derivation.at(values)"]
        if self.function_source:
            cells.append("function = derivation.lambdify()\nprint(function.source)")
            if bound is not None:
                cells.append(_call(self.program().inputs))
        return cells

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        page = self.page(judged=False)
        return {"text/plain": terminal(page), "text/markdown": _joined(notebook_markdown(page))}

    def named(
        self,
        slug: str,
        titles: Mapping[str, str],
        judge: Judge | None = None,
        earlier: Callable[[str], Sequence[Lemma]] = no_lemmas,
    ) -> Derivation:
        """The same derivation under its name in a book, with a judge of its own or the one that is given.

        Args:
            slug: its name.
            titles: the titles of the book by slug.
            judge: who judges its lines.
            earlier: gives the lemmas of an earlier derivation.
        """
        return replace(self, slug=slug, titles=titles, judge=judge or Judge(), earlier=earlier)

    def _repr_latex_(self) -> str:
        rows = [f"{line.relation} & {latex(line.formula.layout().box)}" for line in self.lines]
        return "$\\begin{aligned} " + r" \\ ".join(rows) + " \\end{aligned}$"


@dataclass(frozen=True)
class WorkedExample(Worked):
    """A derivation at a reader's values, with the same writers."""

    def page(self) -> Page:
        """The page that writers write; as an exercise where something is to be left out."""
        page = worked_page(self)
        return page if self.blank is None else exercise(page, self.blank, self.seed, answers=self.answers)

    def answer_numbers(self) -> dict[int, float]:
        """What an exercise leaves out: the number that belongs into each box."""
        page = worked_page(self)
        boxes = blanked(page, 0.5 if self.blank is None else self.blank, self.seed)
        known = self.example.by_key()
        return {number: known[key] for key, number in boxes.items() if key in known}

    def latex(self, level: str | None = "number") -> str:
        """LaTeX for a paper, by default the numbers alone; amsmath is all it needs."""
        return fragment(self.page(), level)

    def document(self, level: str | None = "number") -> str:
        """A whole LaTeX document, by default with the numbers alone."""
        return tex_document(tex(self.page(), level), self.derivation.title)

    def notebook(self, name: str | None = None) -> str:
        """A Jupyter notebook that executes, with these values; see `Derivation.notebook`."""
        assert isinstance(self.derivation, Derivation)
        return notebook(self.page(), self.derivation.cells(name or self.derivation.slug, self.values))

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        only = replace(self.page(), idea=(), given=(), where=(), chains=(), reference=(), notes=())
        return {"text/plain": self.text(), "text/markdown": _joined(notebook_markdown(only))}

    def _repr_latex_(self) -> str:
        return (
            r"$$\begin{gathered} "
            + r" \\[1ex] ".join(step_tex(step) for step in self.page().steps)
            + r" \end{gathered}$$"
        )

    def markdown(self, level: str | None = "number", *, flavor: str = "github") -> str:
        """Markdown, of the flavour github, myst, quarto or pandoc; by default the numbers alone."""
        return markdown(self.page(), level, flavor=flavor)

    def html(self, level: str | None = "number") -> str:
        """A page of HTML that needs no other file, by default with the numbers switched on."""
        return html(self.page(), level)

    def docx(self, level: str | None = "number") -> bytes:
        """A file for Word, whose formulas can be edited; by default the numbers alone."""
        return docx(self.page(), level)

    def slides(self, level: str | None = "number") -> str:
        """Slides in one page of HTML, a line at a time; by default the numbers alone."""
        return slides(self.page(), level)

    def typst(self, level: str | None = "number") -> str:
        """The source of a Typst document; by default the numbers alone."""
        return typst_page(self.page(), level)

    def text(self, level: str | None = "number", *, draw: bool = False) -> str:
        """Plain text, a formula a line or drawn as on paper; by default the numbers alone."""
        return terminal(self.page(), level, draw=draw)


def _call(inputs: Sequence[Tensor]) -> str:
    """A call of `function` at `values`, in floating point."""
    arrays = ", ".join(f"array({tensor.name!r})" for tensor in inputs)
    exact = "np.vectorize(lambda entry: float(Fraction(str(entry))))"
    return (
        "from fractions import Fraction\n\nimport numpy as np\n\n\n"
        f"def array(name):\n    return {exact}(np.array(values[name], dtype=object))\n\n\nfunction({arrays})"
    )


def _joined(markdown: str) -> str:
    return markdown.replace("\n---cell---\n", "\n")
