"""One page on which a reader moves the sizes of a model: it holds its formulas, and loads nothing."""

from __future__ import annotations

import json
from typing import Any

from sympy import Expr, Min

from symformer.models import letters as at
from symformer.models.drawings import drawings
from symformer.models.model import Model
from symformer.models.program import B
from symformer.models.report import Amount, Cost
from symformer.models.terms import terms
from symformer.notation import lift, sizes
from symformer.pictures.standalone import standalone
from symformer.system import script_json
from symformer.typeset import mathml

WINDOWED = sizes("n_w")
MEMORY = ("weights", "gradients", "optimizer", "activations", "kv_cache")


def cost_page(model: Model, cost: Cost) -> str:
    """The page as HTML: formulas and numbers at the sizes of `cost`, sliders for n, b, L and d, pictures.

    Args:
        model: the model.
        cost: its cost at some batch and length.
    """
    totals = _totals(model, cost)
    rows = [(name.replace("_", " "), _formula(one.formula), name, f"{one.number:,}") for name, one in totals.items()]
    return standalone(
        "symformer.models",
        "cost",
        title=f"What {model.architecture.model_class} costs",
        data=script_json(_data(model, cost), separators=(",", ":"), sort_keys=True),
        sliders=_sliders(model, cost),
        rows=rows,
        windows=sorted({window for window in model.architecture.windows if window}),
        settings=cost.settings,
        pictures=drawings(cost),
        defaults=[(one.key, json.dumps(one.value)) for one in model.defaults],
    )


def _data(model: Model, cost: Cost) -> dict[str, Any]:
    """What the script adds up."""
    parts = [one for one in cost.components if one.forward.number]
    return {
        "sizes": _numbers(model, cost),
        "flops": [[one.name, terms(one.forward.formula)] for one in parts],
        "memory": [[name, terms(getattr(cost.memory, name).formula)] for name in MEMORY],
        "totals": {name: terms(amount.formula) for name, amount in _totals(model, cost).items()},
    }


def _numbers(model: Model, cost: Cost) -> dict[str, int]:
    numbers = {str(size): number for size, number in model.sizes.items()}
    return numbers | {"b": cost.settings.batch, "n": cost.settings.seq, "m": cost.settings.encoder_seq}


def _totals(model: Model, cost: Cost) -> dict[str, Amount]:
    return {
        "parameters": Amount(model.parameter_formula, cost.parameters),
        "forward_FLOPs": cost.flops.forward,
        "backward_FLOPs": cost.flops.backward,
        "recomputed_FLOPs": cost.flops.recomputed,
        **{f"bytes_of_{name}": getattr(cost.memory, name) for name in MEMORY},
    }


def _sliders(model: Model, cost: Cost) -> list[tuple[str, str, int]]:
    """Name, words and value of what can be moved: sizes that the formulas are free in."""
    wanted = [(at.n, "tokens n"), (B, "sequences b"), (at.L, "layers L"), (at.d, "width d")]
    numbers = _numbers(model, cost)
    learned = at.n_P in model.sizes
    return [(str(size), words, numbers[str(size)]) for size, words in wanted
            if str(size) in numbers and not (learned and size == at.n)]  # fmt: skip


def _formula(formula: Expr) -> str:
    """A formula as MathML; n_w stands for the least of n and a window."""
    return mathml(lift(formula.replace(Min, lambda *given: WINDOWED)).layout().box)
