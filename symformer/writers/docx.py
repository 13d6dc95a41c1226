"""A page for Word: Office Open XML (ECMA-376) in a zip, with formulas to edit. The same bytes from every run."""

from __future__ import annotations

import io
import zipfile
from html import escape

from symformer.typeset import Box, omath
from symformer.typeset.boxes import Row, Sign
from symformer.writers.page import Code, Inline, Link, Page, PageLine, PageStep
from symformer.writers.render import render

EPOCH = (1980, 1, 1, 0, 0, 0)  # the time that every part of the zip has
NONE = "\ufffe\uffff"  # code points that are no characters
PARTS = {
    "[Content_Types].xml": "docx_types.xml.j2",
    "_rels/.rels": "docx_relations.xml.j2",
    "word/document.xml": "docx_document.xml.j2",
    "word/styles.xml": "docx_styles.xml.j2",
    "word/_rels/document.xml.rels": "docx_document_relations.xml.j2",
    "docProps/core.xml": "docx_core.xml.j2",
}


def docx(page: Page, level: str | None = None) -> bytes:
    """The file.

    Args:
        page: what to write.
        level: matrix, index or number, that level alone; by default indices, then numbers.
    """
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, template in PARTS.items():
            part = zipfile.ZipInfo(name, EPOCH)
            part.compress_type = zipfile.ZIP_DEFLATED
            content = render(template, page=page, level=level, inline=_inline, line=_line, step=_step, math=_display)
            archive.writestr(part, _legal(content))
    return made.getvalue()


def _legal(content: str) -> str:
    """Without the characters that XML cannot hold: controls, and the two that are none."""
    return "".join(one for one in content if one in "\t\n" or (one >= " " and one not in NONE))


def _inline(inline: Inline) -> str:
    return "".join(map(_run, inline))


def _run(part: str | Box | Link | Code) -> str:
    if isinstance(part, Box):
        return omath(part)
    words = part.title if isinstance(part, Link) else part.words if isinstance(part, Code) else part
    style = '<w:rPr><w:rStyle w:val="Code"/></w:rPr>' if isinstance(part, Code) else ""
    return f'<w:r>{style}<w:t xml:space="preserve">{escape(words)}</w:t></w:r>'


def _display(*boxes: Box) -> str:
    """A paragraph of one formula."""
    return f"<w:p><m:oMathPara>{omath(Row(boxes))}</m:oMathPara></w:p>"


def _line(line: PageLine, level: str) -> str:
    sign = (Sign(line.relation),) if line.relation else ()
    return _display(*sign, line.formula.at(level))


def _step(step: PageStep) -> str:
    """The lines of a step, each a formula of its own."""
    middle = [_display(Sign("="), step.substituted)] if step.substituted is not None else []
    return "".join([_display(step.symbols), *middle, _display(Sign("≈" if step.rounded else "="), step.result)])
