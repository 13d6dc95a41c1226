"""The flavours of Markdown: how each fences its mathematics, and what its readers would take for markup."""

from __future__ import annotations

from dataclasses import dataclass

from symformer.typeset import Box, latex
from symformer.writers.inline import LIST_MARK, MARKDOWN_SPECIAL
from symformer.writers.page import Code, Inline, Link


@dataclass(frozen=True)
class Flavor:
    """A kind of Markdown.

    Attributes:
        fences: what stands on the lines around a display.
        marks: what stands around a formula in a line.
        ending: of the files that links lead to.
        special: marks that need strokes before them, beside those of every Markdown.
    """

    fences: tuple[str, str]
    marks: tuple[str, str]
    ending: str = ".md"
    special: tuple[str, ...] = ()

    def display(self, tex: str) -> str:
        """A formula on lines of its own."""
        return f"{self.fences[0]}\n{tex}\n{self.fences[1]}"

    def math(self, box: Box) -> str:
        """A formula in a line."""
        return f"{self.marks[0]}{latex(box)}{self.marks[1]}"

    def text(self, words: str) -> str:
        """Words inside a line that no reader takes for markup."""
        plain = MARKDOWN_SPECIAL.sub(r"\\\1", words.replace("\n", " "))
        for mark in self.special:
            plain = plain.replace(mark, "".join(f"\\{one}" for one in mark))
        return plain

    def block(self, words: str) -> str:
        """Words at the start of a line: no list either."""
        return LIST_MARK.sub(r"\1\\\2", self.text(words))

    def inline(self, inline: Inline) -> str:
        """Running text from the start of a line."""
        return LIST_MARK.sub(r"\1\\\2", "".join(map(self._part, inline)))

    def cell(self, inline: Inline) -> str:
        """Running text in a cell of a table, which a bar would end, even in a formula."""
        return "".join(self._cell(part) for part in inline)

    def _part(self, part: str | Box | Link | Code) -> str:
        if isinstance(part, str):
            return self.text(part)
        if isinstance(part, Code):
            return f"`{part.words}`"
        return f"[{self.text(part.title)}]({part.slug}{self.ending})" if isinstance(part, Link) else self.math(part)

    def _cell(self, part: str | Box | Link | Code) -> str:
        written = self._part(part)
        return written.replace("\\|", "\\Vert ").replace("|", "\\vert ") if isinstance(part, Box) else written


DOLLARS = (("$$", "$$"), ("$", "$"))
SMART = ("^", "@", "--", "...")  # Pandoc reads powers and citations, and sets dashes and dots in its own way
FLAVORS = {
    "github": Flavor(("```math", "```"), ("$`", "`$")),
    "myst": Flavor(("```{math}", "```"), ("{math}`", "`"), special=("%",)),
    "quarto": Flavor(*DOLLARS, ending=".qmd", special=SMART),
    "pandoc": Flavor(*DOLLARS, special=SMART),
}
