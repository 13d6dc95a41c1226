"""One page on which a reader moves the sizes of a model: it holds its formulas, and loads nothing."""

from __future__ import annotations

import base64
import hashlib
import json
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, StrictUndefined
from sympy import Expr, Min

from symformer.models import letters as at
from symformer.models.drawings import drawings
from symformer.models.model import Model
from symformer.models.program import B
from symformer.models.report import Amount, Cost
from symformer.models.terms import terms
from symformer.notation import lift, sizes
from symformer.typeset import mathml

WINDOWED = sizes("n_w")
MEMORY = ("weights", "gradients", "optimizer", "activations", "kv_cache")


def cost_page(model: Model, cost: Cost) -> str:
    """The page as HTML: formulas and numbers at the sizes of `cost`, sliders for n, b, L and d, pictures.

    Args:
        model: the model.
        cost: its cost at some batch and length.
    """
    style, script = _asset("cost.css"), _asset("cost.js")
    totals = _totals(model, cost)
    rows = [(name.replace("_", " "), _formula(one.formula), name, f"{one.number:,}") for name, one in totals.items()]
    return _template().render(
        title=f"What {model.architecture.model_class} costs",
        style=style,
        script=script,
        policy=_policy(style, script),
        data=json.dumps(_data(model, cost), separators=(",", ":"), sort_keys=True),
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


def _policy(style: str, script: str) -> str:
    closed = "default-src 'none'; base-uri 'none'; form-action 'none'"
    return f"{closed}; style-src '{_hash(style)}'; script-src '{_hash(script)}'"


def _hash(content: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()


@cache
def _asset(name: str) -> str:
    return files("symformer.models").joinpath("templates", name).read_text(encoding="utf-8").strip()


@cache
def _template() -> Any:
    room = Environment(undefined=StrictUndefined, variable_start_string="<<", variable_end_string=">>")
    return room.from_string(_asset("cost.html.j2"))
