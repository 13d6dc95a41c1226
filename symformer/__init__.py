"""SymFormer: transformers as symbols, derived line by line, in numbers, and as functions.

The public names are loaded when they are first used, so that `symformer.functions` never loads SymPy.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from symformer import dynamics as dynamics
    from symformer.book import contents, load
    from symformer.compile import CompileError, lambdify
    from symformer.derivation import (
        Curves,
        Derivation,
        DerivationError,
        HeatMap,
        MaskPicture,
        Projection,
        approx,
        begin,
        ge,
        le,
        see,
        tends,
        wrong,
    )
    from symformer.notation import (
        NotationError,
        ShapeError,
        Tensor,
        cos,
        delta,
        diff,
        exp,
        expect,
        indicator,
        indices,
        log,
        max,
        mean,
        scalar,
        sin,
        sizes,
        sqrt,
        sum,
        tanh,
        tensor,
    )
    from symformer.ops import attention, cross_entropy, layer_norm, linear, log_softmax, logsumexp, softmax
    from symformer.programs import Program, define, every_layer, program, repeat, stable, textbook
    from symformer.proof import Verdict, judge
    from symformer.values import ValuesError

_ROOMS = {
    "book": ("contents", "load"),
    "compile": ("CompileError", "lambdify"),
    "derivation": (
        "Curves", "Derivation", "DerivationError", "HeatMap", "MaskPicture", "Projection", "approx", "begin", "ge",
        "le", "see", "tends", "wrong",
    ),
    "notation": (
        "NotationError", "ShapeError", "Tensor", "cos", "delta", "diff", "exp", "expect", "indicator", "indices", "log",
        "max", "mean", "scalar", "sin", "sizes", "sqrt", "sum", "tanh", "tensor",
    ),
    "ops": ("attention", "cross_entropy", "layer_norm", "linear", "log_softmax", "logsumexp", "softmax"),
    "programs": ("Program", "define", "every_layer", "program", "repeat", "stable", "textbook"),
    "proof": ("Verdict", "judge"),
    "values": ("ValuesError",),
}  # fmt: skip
_HOME = {name: room for room, names in _ROOMS.items() for name in names}
_WHOLE = ("dynamics",)  # rooms that are public as a whole

__version__ = "0.1.0"
__all__ = sorted([*_HOME, *_WHOLE])


def __getattr__(name: str) -> Any:
    if name in _WHOLE:
        return import_module(f"symformer.{name}")
    if name not in _HOME:
        raise AttributeError(f"module 'symformer' has no attribute {name!r}")
    value = getattr(import_module(f"symformer.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
