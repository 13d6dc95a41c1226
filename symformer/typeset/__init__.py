"""How mathematics looks on paper, apart from what it means: boxes, and one emitter per output language."""

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
)
from symformer.typeset.drawn import drawn
from symformer.typeset.latex import latex
from symformer.typeset.mathml import grid_key, in_one_line, mathml
from symformer.typeset.names import name_box
from symformer.typeset.omml import omath, omml
from symformer.typeset.text import text
from symformer.typeset.transform import transform
from symformer.typeset.typst import typst

__all__ = [
    "Accent",
    "Big",
    "Box",
    "Brace",
    "Cases",
    "Entry",
    "Fence",
    "Fraction",
    "Grid",
    "Named",
    "Number",
    "Prose",
    "Root",
    "Row",
    "Script",
    "Sign",
    "drawn",
    "grid_key",
    "in_one_line",
    "latex",
    "mathml",
    "name_box",
    "omath",
    "omml",
    "text",
    "transform",
    "typst",
]
