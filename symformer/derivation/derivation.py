"""Derivations and worked examples with their writers: what authors make and readers call."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from symformer.derivation.core import Core, Worked
from symformer.derivation.paging import page_of, worked_page
from symformer.proof import Judge, Lemma
from symformer.typeset import latex
from symformer.writers import Page, markdown, terminal, tex, web_page, web_shell


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
        source: str = "values",
        **named: Any,
    ) -> WorkedExample:
        """The derivation with a reader's numbers in it.

        Args:
            values: numbers or nested lists for the inputs, by name (or as keywords); none means the author's own.
            decimals: digits after the point of rounded numbers; by default the author's.
            digits: significant digits of rounded numbers, in place of `decimals`.
            scientific: whether every rounded number stands as a power of ten.
            source: what errors call the origin of the values.

        Raises:
            ValuesError: values that do not fit the inputs.
        """
        given = None if values is None and not named else {**(values or {}), **named}
        bound = self.bound(given, source)
        return WorkedExample(self, bound, self.decimals if decimals is None else decimals, digits, scientific)

    def page(self, *, judged: bool = True) -> Page:
        """The page that writers write."""
        return page_of(self, judged=judged)

    def latex(self, level: str | None = None) -> str:
        """A section of LaTeX (amsmath, amssymb, graphicx, hyperref); a level is matrix, index or number."""
        return tex(self.page(), level)

    def markdown(self, level: str | None = None) -> str:
        """GitHub Markdown; a level is matrix, index or number."""
        return markdown(self.page(), level)

    def html(self, level: str | None = None) -> str:
        """A page of HTML that needs no other file; a level is the one that is switched on at first."""
        page = self.page()
        return web_shell(self.title, web_page(page, level), home=False, live=page.live)

    def text(self, level: str | None = None) -> str:
        """Plain text for a terminal; a level is matrix, index or number."""
        return terminal(self.page(), level)

    def named(
        self,
        slug: str,
        titles: Mapping[str, str],
        judge: Judge | None = None,
        earlier: Callable[[str], Sequence[Lemma]] = lambda slug: (),
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

    def latex(self, level: str | None = "number") -> str:
        """A section of LaTeX, by default the numbers alone."""
        return tex(worked_page(self), level)

    def markdown(self, level: str | None = "number") -> str:
        """GitHub Markdown, by default the numbers alone."""
        return markdown(worked_page(self), level)

    def html(self, level: str | None = "number") -> str:
        """A page of HTML that needs no other file, by default with the numbers switched on."""
        page = worked_page(self)
        return web_shell(self.derivation.title, web_page(page, level), home=False, live=page.live)

    def text(self, level: str | None = "number") -> str:
        """Plain text for a terminal, by default the numbers alone."""
        return terminal(worked_page(self), level)
