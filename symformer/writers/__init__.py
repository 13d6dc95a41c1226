"""Pages in Markdown, LaTeX and plain text."""

from symformer.writers.exercise import blanked, exercise
from symformer.writers.fragment import fragment
from symformer.writers.inline import plain_inline
from symformer.writers.notebook import NotebookMissing, notebook, notebook_markdown
from symformer.writers.page import (
    LEVELS,
    Code,
    Entry,
    Formula,
    Inline,
    Link,
    Mark,
    Page,
    PageChain,
    PageLine,
    PageStep,
    Part,
)
from symformer.writers.render import (
    contents_markdown,
    markdown,
    references_markdown,
    references_tex,
    step_tex,
    terminal,
    tex,
    tex_document,
    tex_parts,
)
from symformer.writers.web import web_contents, web_page, web_shell

__all__ = [
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
    "Part",
    "contents_markdown",
    "blanked",
    "exercise",
    "fragment",
    "markdown",
    "notebook",
    "notebook_markdown",
    "plain_inline",
    "references_markdown",
    "references_tex",
    "step_tex",
    "terminal",
    "tex",
    "tex_document",
    "tex_parts",
    "web_contents",
    "web_page",
    "web_shell",
]
