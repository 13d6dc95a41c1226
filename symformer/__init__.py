"""SymFormer: transformers as symbols, derived line by line, in numbers, and as functions.

The public names are loaded when they are first used, so that `symformer.functions` never loads SymPy.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from symformer import cluster as cluster
    from symformer import dynamics as dynamics
    from symformer import models as models
    from symformer import trace as trace
    from symformer.arrays import (
        ArrayError,
        Tensor,
        argsort,
        concat,
        flip,
        pad,
        rank,
        roll,
        scalar,
        sort,
        stack,
        tensor,
        top_k,
    )
    from symformer.arrays.door import from_function as from_function
    from symformer.book import contents, load
    from symformer.calculus import NoDerivative, reverse
    from symformer.compile import CompileError, lambdify
    from symformer.cost import Counts, count, shard
    from symformer.derivation import (
        Bars,
        Curves,
        Derivation,
        DerivationError,
        FormulaCurves,
        HeatMap,
        MaskPicture,
        Printed,
        Projection,
        approx,
        begin,
        ge,
        gradient,
        hessian,
        hvp,
        jacobian,
        jvp,
        le,
        see,
        tends,
        wrong,
    )
    from symformer.notation import (
        NotationError,
        ShapeError,
        abs,
        argmax,
        clip,
        cos,
        cumsum,
        delta,
        diff,
        direct_diff,
        erf,
        exp,
        expect,
        expm1,
        floor,
        indicator,
        indices,
        lift,
        log,
        log1p,
        max,
        maximum,
        mean,
        minimum,
        norm,
        pi,
        prod,
        sign,
        sin,
        sizes,
        sqrt,
        std,
        stop_gradient,
        sum,
        var,
        where,
    )
    from symformer.ops import (
        adam_step,
        adamw_step,
        alibi_slopes,
        attention,
        cross_entropy,
        embedding,
        feed_forward,
        gelu,
        kl_divergence,
        layer_norm,
        linear,
        log_softmax,
        logsumexp,
        multi_head_attention,
        relu,
        rms_norm,
        rotary_embedding,
        sgd_step,
        sigmoid,
        silu,
        sinusoidal_positions,
        softmax,
        softplus,
        swiglu,
        tanh,
    )
    from symformer.programs import (
        Program,
        define,
        every_layer,
        every_step,
        final_state,
        program,
        repeat,
        scan,
        stable,
        textbook,
    )
    from symformer.proof import Verdict, judge
    from symformer.values import ValuesError

_ROOMS = {
    "arrays": (
        "ArrayError", "Tensor", "argsort", "concat", "flip", "pad", "rank", "roll", "scalar", "sort", "stack", "tensor",
        "top_k",
    ),
    "arrays.door": ("from_function",),
    "book": ("contents", "load"),
    "calculus": ("NoDerivative", "reverse"),
    "compile": ("CompileError", "lambdify"),
    "cost": ("Counts", "count", "shard"),
    "derivation": (
        "Bars", "Curves", "Derivation", "DerivationError", "FormulaCurves", "HeatMap", "MaskPicture", "Printed",
        "Projection", "approx", "begin", "ge", "gradient", "hessian", "hvp", "jacobian", "jvp", "le", "see", "tends",
        "wrong",
    ),
    "notation": (
        "NotationError", "ShapeError", "abs", "argmax", "clip", "cos", "cumsum", "delta", "diff",
        "direct_diff", "erf", "exp", "expect", "expm1", "floor", "indicator", "indices", "lift", "log", "log1p",
        "max", "maximum", "mean", "minimum", "norm", "pi", "prod", "sign", "sin", "sizes", "sqrt",
        "std", "stop_gradient", "sum", "var", "where",
    ),
    "ops": (
        "adam_step", "adamw_step", "alibi_slopes", "attention", "cross_entropy", "embedding", "feed_forward", "gelu",
        "kl_divergence", "layer_norm", "linear", "log_softmax", "logsumexp", "multi_head_attention", "relu", "rms_norm",
        "rotary_embedding", "sgd_step", "sigmoid", "silu", "sinusoidal_positions", "softmax", "softplus",
        "swiglu", "tanh",
    ),
    "programs": (
        "Program", "define", "every_layer", "every_step", "final_state", "program", "repeat", "scan", "stable",
        "textbook",
    ),
    "proof": ("Verdict", "judge"),
    "values": ("ValuesError",),
}  # fmt: skip
_HOME = {name: room for room, names in _ROOMS.items() for name in names}
_WHOLE = ("cluster", "dynamics", "models", "trace")  # rooms that are public as a whole

__version__ = "0.2.0"
__all__ = sorted([*_HOME, *_WHOLE])


def __getattr__(name: str) -> Any:
    if name in _WHOLE:
        return import_module(f"symformer.{name}")
    if name not in _HOME:
        raise AttributeError(f"module 'symformer' has no attribute {name!r}")
    value = getattr(import_module(f"symformer.{_HOME[name]}"), name)
    value = import_module("symformer.notation.public").answering(value, name, __name__)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
