"""Running text in an author's words: plain words, formulas, links and code, never markup."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import groupby

from symformer.typeset import Box, latex, text
from symformer.typeset.latex import escape_text
from symformer.writers.page import Code, Inline, Link

MARKDOWN_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~$&])")
LIST_MARK = re.compile(r"^(\s*\d*)([-+.)])(?=\s|$)")
CHARACTER = re.compile(r"[a-zA-Z][\u0302\u0303\u0304]|.", re.DOTALL)  # a letter with the accent on it
ACCENTS = {"\u0302": "hat", "\u0303": "tilde", "\u0304": "bar", "\u0307": "dot"}
LATIN = 0x17F  # the last letter of Latin Extended-A, which the T1 fonts have
TYPOGRAPHIC = "‘’‚“”„–—…•€"
UNICODE_MATH = {
    "√": r"\surd ", "σ": r"\sigma ", "μ": r"\mu ", "ε": r"\varepsilon ", "δ": r"\delta ", "∂": r"\partial ",
    "Σ": r"\sum ", "∑": r"\sum ", "≤": r"\le ", "≥": r"\ge ", "≈": r"\approx ", "→": r"\to ", "·": r"\cdot ",
    "−": "-", "×": r"\times ", "∈": r"\in ", "∞": r"\infty ", "γ": r"\gamma ", "β": r"\beta ", "α": r"\alpha ",
    "ᵀ": r"^{\top}", "²": "^{2}", "⊙": r"\odot ", "λ": r"\lambda ", "θ": r"\theta ", "π": r"\pi ", "ℓ": r"\ell ",
    "₁": "_{1}", "₂": "_{2}", "ᵢ": "_{i}", "ⱼ": "_{j}", "ₖ": "_{k}", "≠": r"\neq ",
    "∣": r"\mid ", "∇": r"\nabla ", "ℝ": r"\mathbb{R} ", "′": r"^{\prime}", "½": r"\tfrac{1}{2}",
}  # fmt: skip


def markdown_text(words: str) -> str:
    """Words inside a line that no Markdown reader takes for markup."""
    return MARKDOWN_SPECIAL.sub(r"\\\1", words.replace("\n", " "))


def markdown_block(words: str) -> str:
    """Words at the start of a line: no list either."""
    return LIST_MARK.sub(r"\1\\\2", markdown_text(words))


def markdown_inline(inline: Inline) -> str:
    """Running text for GitHub's Markdown, from the start of a line."""
    return LIST_MARK.sub(r"\1\\\2", "".join(_markdown_part(part) for part in inline))


def _markdown_part(part: str | Box | Link | Code) -> str:
    if isinstance(part, str):
        return markdown_text(part)
    if isinstance(part, Code):
        return f"`{part.words}`"
    if isinstance(part, Link):
        return f"[{markdown_text(part.title)}]({part.slug}.md)"
    return markdown_math(part)


def markdown_cell(inline: Inline) -> str:
    """Running text in a cell of a table, which a bar would end, even in a formula."""
    return "".join(_cell_math(part) if isinstance(part, Box) else _markdown_part(part) for part in inline)


def _cell_math(box: Box) -> str:
    return markdown_math(box).replace("\\|", "\\Vert ").replace("|", "\\vert ")


def markdown_math(box: Box) -> str:
    """A formula inside a line of GitHub's Markdown."""
    return f"$`{latex(box)}`$"


def tex_text(words: str, *, breaks: bool = True) -> str:
    """Words for TeX: specials escaped, mathematical characters in math mode, others that pdfLaTeX lacks by number.

    Neighbours in math mode share their dollars: two of them side by side would begin a display in KaTeX.

    Args:
        words: plain words.
        breaks: whether a line may end behind a stroke, which KaTeX cannot say inside words.
    """
    out: list[str] = []
    for mathematical, run in groupby(CHARACTER.findall(words), _is_mathematical):
        pieces = list(run)
        out.append(
            f"${''.join(map(_math_character, pieces)).strip()}$"
            if mathematical
            else "".join(_tex_character(one, breaks) for one in pieces)
        )
    return "".join(out)


def _is_mathematical(character: str) -> bool:
    return character[1:] in ACCENTS or character in UNICODE_MATH


def _math_character(character: str) -> str:
    if character[1:] in ACCENTS:
        return rf"\{ACCENTS[character[1:]]}{{{character[0]}}}"
    return UNICODE_MATH[character]


def _tex_character(character: str, breaks: bool) -> str:
    if character == "/" and breaks:
        return r"/\allowbreak{}"
    if ord(character) > LATIN and character not in TYPOGRAPHIC:
        return rf"\texttt{{U+{ord(character):04X}}}"
    return escape_text(character)


def tex_inline(inline: Inline) -> str:
    """Running text for the LaTeX book."""
    return beside(_tex_part(part) for part in inline)


def beside(pieces: Iterable[str]) -> str:
    """Pieces of text one after the other; a pair of braces keeps the dollars of two formulas apart."""
    out = ""
    for piece in pieces:
        out += "{}" * (out.endswith("$") and piece.startswith("$")) + piece
    return out


def _tex_part(part: str | Box | Link | Code) -> str:
    if isinstance(part, str):
        return tex_text(part)
    if isinstance(part, Code):
        return rf"\texttt{{{tex_text(part.words)}}}"
    if isinstance(part, Link):
        return rf"\hyperlink{{{part.slug}}}{{{tex_text(part.title)}}}"
    return f"${latex(part)}$"


def plain_inline(inline: Inline) -> str:
    """Running text for a terminal."""
    return "".join(map(_plain_part, inline))


def _plain_part(part: str | Box | Link | Code) -> str:
    if isinstance(part, Box):
        return text(part)
    if isinstance(part, Link):
        return part.title
    return f"`{part.words}`" if isinstance(part, Code) else part
