"""Twelve formulas that converters get wrong, as boxes: for a look at MathML and pdfLaTeX side by side.

`python tests/gallery.py OUT` writes OUT/gallery.html and OUT/gallery.tex.
"""

import sys
from pathlib import Path

import symformer as sf
from symformer.typeset import Brace, Cases, Fraction, Grid, Named, Number, Prose, Script, Sign, latex, mathml
from symformer.typeset.boxes import row
from symformer.writers import tex_document, web_shell

n, m, d_k = sf.sizes("n m d_k")
i, j, k, c, g = sf.indices("i j k c g")
x, Q, K, V = sf.tensor("x", n), sf.tensor("Q", n, d_k), sf.tensor("K", m, d_k), sf.tensor("V", m, d_k)
P, slope, W = sf.tensor("P", n, m), sf.tensor("dO", n, d_k), sf.tensor("W_Q", n, m)
s, epsilon = sf.tensor("x_hat", n), sf.scalar("epsilon")
mu = sf.define("mu", (), sf.mean(x[k], k))


def box(node):
    """The box of an expression."""
    return node.layout().box


def stacked():
    """A matrix of fractions of fractions."""
    half = Fraction(Number("1"), Number("2"))
    return Grid(((Fraction(half, Named("a")), Named("b")), (Number("0"), Fraction(Named("c"), half))))


def cases():
    """A definition by cases with a fraction in it."""
    over = box(sf.exp(x[i]) / sf.sum(sf.exp(x[k]), k))
    return row(box(s[i]), Sign("="), Cases(((over, Prose("if the row sees a key")), (Number("0"), Prose("otherwise")))))


def brace():
    """An underbrace with words and a subscript."""
    return row(
        Brace(box(sf.sum(Q[i, c] * K[j, c], c)), Prose("the score of i and j")),
        Sign("·"),
        Script(Named("γ"), Number("2")),
    )


GALLERY = {
    "stacked fractions in a matrix": stacked(),
    "cases": cases(),
    "underbrace": brace(),
    "nested sums": box(sf.sum(sf.sum(sf.sum(P[i, j] * Q[i, c] * K[j, c], c), j), i)),
    "a sum in a root in a fraction": box((x[i] - mu[()]) / sf.sqrt(sf.mean((x[k] - mu[()]) ** 2, k) + epsilon)),
    "transposes": row(
        Script(Named("P"), None, Sign("⊤")), Named("dO"), Script(Script(Named("W"), Named("Q")), None, Sign("⊤"))
    ),
    "derivative of a softmax": box(sf.diff(sf.exp(x[i]), x[j]) / sf.sum(sf.exp(x[k]), k) - sf.exp(x[i]) ** 2),
    "derivative of a long target": box(sf.diff(sf.log(sf.sum(sf.exp(x[k]), k)), x[j])),
    "a mask and a maximum": box(sf.exp(x[i] - sf.max(x[k], k)) * sf.indicator(j, "≤", i)),
    "names of two letters": box(sf.sum(slope[i, c] * V[j, c], c) * slope[i, g] * W[i, j]),
    "expectation of a square": box(sf.expect((sf.sum(x[k], k) / sf.sqrt(n)) ** 2)),
    "exponents and decimals": box(10000 ** ((x[i] - 1) / n) * 2.84 - x[j] * -0.5),
}  # fmt: skip


def html() -> str:
    """All of them in one page."""
    rows = "".join(
        f"<h2>{title}</h2><div class='formula'>{mathml(found, block=False)}</div>" for title, found in GALLERY.items()
    )
    return web_shell("Gallery", f"<h1>Gallery</h1>{rows}", home=False)


def tex() -> str:
    """All of them in one document."""
    body = "".join(f"\\paragraph{{{title}}}\n\\[ {latex(found)} \\]\n" for title, found in GALLERY.items())
    return tex_document(body, "Gallery")


if __name__ == "__main__":
    out = Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    (out / "gallery.html").write_text(html(), encoding="utf-8")
    (out / "gallery.tex").write_text(tex(), encoding="utf-8")
