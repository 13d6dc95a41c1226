"""Pages in Markdown, LaTeX and plain text."""

from symformer.writers.card import card
from symformer.writers.docx import docx
from symformer.writers.exercise import blanked, exercise
from symformer.writers.flavors import FLAVORS
from symformer.writers.formats import WRITERS, html
from symformer.writers.fragment import fragment
from symformer.writers.inline import plain_inline
from symformer.writers.notebook import NotebookMissing, notebook, notebook_markdown
from symformer.writers.page import (
    LEVELS,
    Code,
    Formula,
    Inline,
    Link,
    Mark,
    Page,
    PageChain,
    PageLine,
    PageStep,
    PageSymbol,
)
from symformer.writers.places import Entry, Part, Path, Place
from symformer.writers.render import (
    contents_markdown,
    markdown,
    references_markdown,
    references_tex,
    render,
    step_tex,
    terminal,
    tex,
    tex_document,
    tex_parts,
)
from symformer.writers.shell import web_shell
from symformer.writers.slides import slides
from symformer.writers.typst_page import TypstMissing, typst_page, typst_pdf
from symformer.writers.web import web_page

__all__ = [
    "FLAVORS",
    "WRITERS",
    "TypstMissing",
    "docx",
    "html",
    "slides",
    "typst_page",
    "typst_pdf",
    "LEVELS",
    "Code",
    "Entry",
    "Formula",
    "Inline",
    "Link",
    "Mark",
    "NotebookMissing",
    "Page",
    "PageChain",
    "PageLine",
    "PageStep",
    "PageSymbol",
    "Part",
    "Path",
    "Place",
    "contents_markdown",
    "blanked",
    "card",
    "exercise",
    "fragment",
    "markdown",
    "notebook",
    "notebook_markdown",
    "plain_inline",
    "references_markdown",
    "references_tex",
    "render",
    "step_tex",
    "terminal",
    "tex",
    "tex_document",
    "tex_parts",
    "web_page",
    "web_shell",
]
