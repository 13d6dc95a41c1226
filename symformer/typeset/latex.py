"""Boxes to LaTeX, in the dialect that pdfLaTeX (amsmath, amssymb), KaTeX and GitHub's MathJax all accept."""

from __future__ import annotations

from collections.abc import Callable

from symformer.typeset.boxes import (
    Accent,
    Big,
    Box,
    Brace,
    Cases,
    Entry,
    Fence,
    Fraction,
    Grid,
    Named,
    Number,
    Prose,
    Root,
    Row,
    Script,
    Sign,
    words_touch,
)

SYMBOLS = {
    "α": r"\alpha", "β": r"\beta", "γ": r"\gamma", "δ": r"\delta", "ε": r"\varepsilon", "ζ": r"\zeta", "η": r"\eta",
    "θ": r"\theta", "κ": r"\kappa", "λ": r"\lambda", "μ": r"\mu", "ν": r"\nu", "ξ": r"\xi", "π": r"\pi",
    "ρ": r"\rho", "σ": r"\sigma", "τ": r"\tau", "φ": r"\varphi", "χ": r"\chi", "ψ": r"\psi", "ω": r"\omega",
    "ℓ": r"\ell", "Γ": r"\Gamma", "Δ": r"\Delta", "Θ": r"\Theta", "Λ": r"\Lambda", "Σ": r"\Sigma", "Φ": r"\Phi",
    "Ψ": r"\Psi", "Ω": r"\Omega", "∂": r"\partial", "·": r"\cdot", "×": r"\times", "⊙": r"\odot", "−": "-",
    "⊘": r"\oslash", "‖": r"\|", "⟨": r"\langle ", "⟩": r"\rangle",
    "≤": r"\le", "≥": r"\ge", "≠": r"\ne", "≈": r"\approx", "→": r"\to", "←": r"\leftarrow", "∈": r"\in", "∑": r"\sum",
    "…": r"\dots", "ι": r"\iota", "υ": r"\upsilon", "Ξ": r"\Xi", "Π": r"\Pi", "Υ": r"\Upsilon",
    "ℝ": r"\mathbb{R}", "ℤ": r"\mathbb{Z}", "𝔼": r"\mathbb{E}", "∞": r"\infty", "⊤": r"\top", ":=": r"\mathrel{:=}",
    "′": r"\prime",
    "⋮": r"\vdots", "⋱": r"\ddots", "∣": r"\mid", "{": r"\{", "}": r"\}", "[": "[", "]": "]", "&": r"\&",
    "%": r"\%", "#": r"\#", "$": r"\$", "_": r"\_", "~": r"\sim", "^": r"\wedge", "\\": r"\backslash",
    "≠→": r"\not\to", "∧": r"\land", "∨": r"\lor", "¬": r"\lnot ", "∏": r"\prod",
    "⌊": r"\lfloor ", "⌋": r"\rfloor", "mod": r"\bmod", ",": ",", "□": r"\square",
}  # fmt: skip

TEXT_ESCAPES = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "%": r"\%", "&": r"\&", "#": r"\#", "_": r"\_",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
}  # fmt: skip

EQUALS = Sign("=")
OPERATORS = {"exp", "log", "max", "min", "tanh", "sin", "cos", "lim", "det"}


def latex(box: Box) -> str:
    """The LaTeX of a box, without delimiters. Everything that is not a known symbol is escaped."""
    return _EMIT[type(box)](box)


def split(box: Box) -> tuple[Box, Box | None]:
    """What stands before and after the first equals sign of a row; nothing after where there is none."""
    items = box.items if isinstance(box, Row) else (box,)
    if EQUALS not in items:
        return box, None
    place = items.index(EQUALS)
    return Row(items[:place]), Row(items[place + 1 :])


def aligned(box: Box) -> str:
    """An equation for a line of `align`: the equals signs of all lines stand under each other."""
    left, right = split(box)
    return latex(left) if right is None else f"{latex(left)} &= {latex(right)}"


def escape_math(text: str) -> str:
    """A name's characters, each as a math symbol that TeX takes literally."""
    return "".join(_spaced(SYMBOLS.get(character, character)) for character in text)


def escape_text(text: str) -> str:
    """Prose for TeX's text mode: its special characters escaped, nothing else touched."""
    return "".join(TEXT_ESCAPES.get(character, character) for character in text)


def _spaced(command: str) -> str:
    return command + " " if command.startswith("\\") and command[-1].isalpha() else command


def _named(box: Named) -> str:
    if box.bold:
        return rf"\mathbf{{{escape_math(box.text)}}}"
    if box.upright:
        return f"\\{box.text}" if box.text in OPERATORS else rf"\mathrm{{{_words(box.text)}}}"
    return escape_math(box.text).strip()


def _words(text: str) -> str:
    """Upright words with their spaces, which TeX leaves out of mathematics."""
    return r"\ ".join(escape_math(word).strip() for word in text.split(" "))


def _number(box: Number) -> str:
    mantissa, _, exponent = box.digits.partition("e")
    return rf"{mantissa} \cdot 10^{{{int(exponent)}}}" if exponent else mantissa


def _row(box: Row) -> str:
    pieces: list[str] = []
    for place, item in enumerate(box.items):
        piece = latex(item)
        if place and words_touch(box.items[place - 1], item):
            pieces.append(r"\, ")
        elif pieces and _needs_space(pieces[-1], piece):
            pieces.append(" ")
        pieces.append(piece)
    return "".join(pieces)


def _needs_space(left: str, right: str) -> bool:
    """A space where two pieces would run together, and around signs, which keeps the source readable."""
    ends_in_command = "\\" in left and left[left.rindex("\\") + 1 :].isalpha()
    return (ends_in_command and right[:1].isalpha()) or left in _AROUND or right in _AROUND or left == ","


_AROUND = {"+", "-", "="} | {SYMBOLS[sign] for sign in (*"·×⊙⊘≤≥≠≈→∈∧∨", "mod", ":=")}


def _script(box: Script) -> str:
    base = latex(box.base)
    if isinstance(box.base, (Script, Fraction)):
        base = f"{{{base}}}"
    sub = f"_{{{latex(box.sub)}}}" if box.sub else ""
    sup = f"^{{{latex(box.sup)}}}" if box.sup else ""
    return base + sub + sup


def _big(box: Big) -> str:
    word = f"\\{box.symbol}" if box.symbol in OPERATORS else rf"\mathrm{{{box.symbol}}}"
    symbol = SYMBOLS.get(box.symbol, word)
    over = f"^{{{latex(box.over)}}}" if box.over else ""
    return f"{symbol}_{{{latex(box.under)}}}{over}"


def _fence(box: Fence) -> str:
    left, right = (SYMBOLS.get(mark, mark) for mark in (box.left, box.right))
    body = latex(box.body)
    tall = any(mark in body for mark in (r"\frac", r"\sum", r"\sqrt", r"\begin"))
    return rf"\left{left} {body} \right{right}" if tall else f"{left}{body}{right}"


def _grid(box: Grid) -> str:
    rows = r" \\ ".join(" & ".join(latex(cell) for cell in cells) for cells in box.rows)
    return rf"\begin{{pmatrix}} {rows} \end{{pmatrix}}"


def _cases(box: Cases) -> str:
    rows = r" \\ ".join(f"{latex(value)} & {latex(condition)}" for value, condition in box.rows)
    return rf"\begin{{cases}} {rows} \end{{cases}}"


_EMIT: dict[type, Callable[..., str]] = {
    Named: _named,
    Number: _number,
    Sign: lambda box: SYMBOLS.get(box.symbol, box.symbol),
    Prose: lambda box: rf"\text{{{escape_text(box.text)}}}",
    Row: _row,
    Fraction: lambda box: rf"\frac{{{latex(box.over)}}}{{{latex(box.under)}}}",
    Root: lambda box: rf"\sqrt{{{latex(box.body)}}}",
    Script: _script,
    Accent: lambda box: rf"\{box.mark}{{{latex(box.body)}}}",
    Big: _big,
    Fence: _fence,
    Grid: _grid,
    Cases: _cases,
    Brace: lambda box: rf"\underbrace{{{latex(box.body)}}}_{{{latex(box.note)}}}",
    Entry: lambda box: latex(box.body),
}
