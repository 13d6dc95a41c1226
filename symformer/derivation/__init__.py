"""Derivations: the author writes every line and its reason, the machine judges."""

from symformer.derivation.backward_pass import Derived, derivation_of, gradient, hessian, jacobian
from symformer.derivation.core import Judged
from symformer.derivation.derivation import Derivation, WorkedExample
from symformer.derivation.figures import Bars, Curves, FormulaCurves, HeatMap, MaskPicture, Projection
from symformer.derivation.forms import JudgedForms, judged_forms
from symformer.derivation.forward_pass import hvp, jvp
from symformer.derivation.lines import DerivationError, Line, approx, begin, ge, le, resolve, see, tends, wrong
from symformer.derivation.loader import (
    Chapter,
    Guide,
    LoadError,
    contents,
    guide,
    load_file,
    load_program,
    slug_of,
    title_of,
)
from symformer.derivation.places import line_places
from symformer.derivation.printed import Printed
from symformer.derivation.second import Claim, claims, contradicts, witnessed

__all__ = [
    "Claim",
    "claims",
    "contradicts",
    "judged_forms",
    "Chapter",
    "Guide",
    "Bars",
    "Curves",
    "Derivation",
    "DerivationError",
    "Derived",
    "FormulaCurves",
    "HeatMap",
    "Judged",
    "JudgedForms",
    "Line",
    "LoadError",
    "MaskPicture",
    "Printed",
    "Projection",
    "WorkedExample",
    "ge",
    "le",
    "approx",
    "begin",
    "contents",
    "guide",
    "line_places",
    "derivation_of",
    "gradient",
    "hessian",
    "hvp",
    "jacobian",
    "jvp",
    "load_file",
    "load_program",
    "resolve",
    "see",
    "slug_of",
    "tends",
    "title_of",
    "wrong",
    "witnessed",
]
