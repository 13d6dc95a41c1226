"""Derivations: the author writes every line and its reason, the machine judges."""

from symformer.derivation.core import Judged
from symformer.derivation.derivation import Derivation, WorkedExample
from symformer.derivation.figures import Curves, HeatMap, MaskPicture, Projection
from symformer.derivation.lines import DerivationError, Line, approx, begin, ge, le, resolve, see, tends, wrong
from symformer.derivation.loader import Chapter, LoadError, contents, load_file, slug_of, title_of
from symformer.derivation.places import line_places

__all__ = [
    "Chapter",
    "Curves",
    "Derivation",
    "DerivationError",
    "HeatMap",
    "Judged",
    "Line",
    "LoadError",
    "MaskPicture",
    "Projection",
    "WorkedExample",
    "ge",
    "le",
    "approx",
    "begin",
    "contents",
    "line_places",
    "load_file",
    "resolve",
    "see",
    "slug_of",
    "tends",
    "title_of",
    "wrong",
]
