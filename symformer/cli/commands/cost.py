"""`cost`: parameters, FLOPs and memory of a model, as formulas and in numbers."""

from __future__ import annotations

import json
import re
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sympy import Expr

import symformer
from symformer.cli.command import Command, add_json, add_out, add_shapes, deliver
from symformer.cli.commands import cluster_arguments, cost_cluster
from symformer.cli.names import users_program
from symformer.cli.parser import whole_number
from symformer.cli.terminal import print_table
from symformer.cost import OPTIMIZERS, RECOMPUTATIONS, WIDTHS, count
from symformer.programs import Program

if TYPE_CHECKING:
    from symformer.models import Amount, Cost, Model

UNITS = {"": 1, "B": 1} | {
    prefix + ending: base**power
    for power, prefix in enumerate("KMGTP", start=1)
    for ending, base in (("B", 1000), ("iB", 1024))
}


def fill(child: ArgumentParser) -> None:
    """Its arguments."""
    child.add_argument("config", metavar="CONFIG", type=Path, help="config.json, a model's folder, FILE.py:NAME")
    child.add_argument("--batch", type=whole_number, help="number of sequences (by default 1)")
    child.add_argument("--seq", type=whole_number, help="their length (by default the context of the configuration)")
    child.add_argument("--encoder-seq", type=whole_number, help="length of the decoder's input (by default the same)")
    child.add_argument("--dtype", choices=sorted(WIDTHS), help="number format (by default the configuration's)")
    child.add_argument("--optimizer", choices=tuple(OPTIMIZERS), default="adamw")
    child.add_argument(
        "--recompute", choices=RECOMPUTATIONS, help="which activations training recomputes (by default none)"
    )
    child.add_argument("--memory", type=_bytes, help="report the largest batch that fits into, e.g., 80GB or 24GiB")
    cluster_arguments.fill(child)
    add_json(child)
    add_shapes(child)
    add_out(child)


def _bytes(text: str) -> int:
    """So many bytes, with a unit or not."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([A-Za-z]*)", text)
    if not found or found[2] not in UNITS:
        raise ArgumentTypeError(f"expected bytes such as 80GB or 24GiB, got {text!r}")
    return int(float(found[1]) * UNITS[found[2]])


def run(options: Namespace) -> int:
    """Prints the formulas and numbers."""
    own = users_program(str(options.config), options.shapes)
    if own is not None and cost_cluster.is_asked(options):
        raise symformer.cluster.PlanError("many devices: expected a configuration, got a program")
    if own is not None:
        return _program_cost(*own, options)
    model = symformer.models.from_config(options.config)
    if cost_cluster.is_asked(options):
        return cost_cluster.run(model, options)
    batch = 1 if options.batch is None else options.batch
    cost = model.cost(
        batch, options.seq, dtype=options.dtype, optimizer=options.optimizer, recompute=options.recompute or "none",
        encoder_seq=options.encoder_seq,
    )  # fmt: skip
    fits = cost.memory.largest_batches(options.memory, batch) if options.memory is not None else None
    if options.out is not None:
        return deliver(symformer.models.cost_page(model, cost), options.out)
    if options.json:
        found = _data(model, cost, fits) | {"remarks": list(model.remarks(options.seq))}
        print(json.dumps(found, indent=1, ensure_ascii=False))
    else:
        _tables(model, cost, fits)
        for remark in model.remarks(options.seq):
            print(f"remark: {remark}")
    return 0


def _program_cost(name: str, program: Program, options: Namespace) -> int:
    """The FLOPs of a user's program, as formulas."""
    counts = count(program)
    found = {"forward": str(counts.forward.total), "backward": str(counts.backward.total)}
    written = (
        json.dumps({"flops": found}, indent=1)
        if options.json
        else "\n".join(f"{name}: FLOPs {way}: {formula}" for way, formula in found.items())
    )
    return deliver(written, options.out)


def _data(model: Model, cost: Cost, fits: dict[str, int] | None) -> dict[str, Any]:
    numbers = {name: _split(section) for name, section in _sections(cost).items()}
    flops, memory = numbers["flops"], numbers["memory"]
    settings = cost.settings
    return {
        "model_type": model.model_type,
        "model_class": model.architecture.model_class,
        "settings": dict(sorted(vars(settings).items())),
        "sizes": {str(size): number for size, number in model.sizes.items()},
        "parameters": cost.parameters,
        "flops": flops[0] | {"training": cost.flops.training},
        "memory": memory[0] | {"inference": cost.memory.inference, "training": cost.memory.training},
        **({"largest_batch": fits} if fits is not None else {}),
        "formulas": {"parameters": str(model.parameter_formula), "flops": flops[1], "memory": memory[1]},
        "components": {
            part.name: {
                field: {"number": amount.number, "formula": str(amount.formula)}
                for field, amount in vars(part).items()
                if isinstance(amount, symformer.models.Amount)
            }
            for part in cost.components
        },
        "tensors": {stored.name: stored_size for stored, stored_size in model.tensors()},
        "defaults": {default.key: default.value for default in model.defaults},
        "unread": list(model.unread),
    }


def _sections(cost: Cost) -> dict[str, dict[str, Amount]]:
    return {"flops": vars(cost.flops), "memory": {name: vars(cost.memory)[name] for name in vars(cost.memory)}}


def _split(section: dict[str, Amount]) -> tuple[dict[str, int], dict[str, str]]:
    """Numbers, and formulas."""
    amounts = {name: amount for name, amount in section.items() if isinstance(amount, symformer.models.Amount)}
    return {name: amount.number for name, amount in amounts.items()}, {
        name: str(amount.formula) for name, amount in amounts.items()
    }


def _tables(model: Model, cost: Cost, fits: dict[str, int] | None) -> None:
    settings = cost.settings
    sizes = ", ".join(f"{size} = {number}" for size, number in model.sizes.items())
    print(f"{model.architecture.model_class}: {sizes}; b = {settings.batch}, n = {settings.seq}, {settings.dtype}")
    print_table(("", "part", "formula", "number"), _parts(cost))
    print_table(("total", "formula", "number"), _totals(model, cost))
    for kind, batch in (fits or {}).items():
        print(f"largest batch in {kind}: {batch}")
    if model.defaults:
        print("from the architecture: " + ", ".join(f"{one.key} = {json.dumps(one.value)}" for one in model.defaults))
    if model.unread:
        print("not read: " + ", ".join(model.unread))


def _parts(cost: Cost) -> list[tuple[str, str, str, str]]:
    """A row for each part of the model and each thing that is counted of it."""
    counted = {"parameters": "parameters", "FLOPs forward": "forward", "bytes kept": "activations"}
    pairs = [(title, field, part) for title, field in counted.items() for part in cost.components]
    return [(title, part.name, *_shown(getattr(part, field))) for title, field, part in pairs]


def _totals(model: Model, cost: Cost) -> list[tuple[str, str, str]]:
    flops, memory = cost.flops, cost.memory
    rows = [("parameters", *_shown(symformer.models.Amount(model.parameter_formula, cost.parameters)))]
    rows += [(f"FLOPs {name.replace('_', ', ')}", *_shown(amount)) for name, amount in vars(flops).items()]
    rows.append(("FLOPs of a training step", "", f"{flops.training:,}"))
    rows += [
        (f"bytes of {name.replace('_', ' ')}", *_shown(amount)) for name, amount in _sections(cost)["memory"].items()
    ]
    rows.append(("bytes for inference", "", f"{memory.inference:,}"))
    return [*rows, (f"bytes for training with {cost.settings.optimizer}", "", f"{memory.training:,}")]


def _shown(amount: Amount) -> tuple[str, str]:
    return _formula(amount.formula), f"{amount.number:,}"


def _formula(formula: Expr) -> str:
    return str(formula).replace("**", "^").replace("*", " ")


COMMAND = Command(
    "cost",
    "Parameters, FLOPs and memory of a model, from its configuration.",
    fill,
    run,
    lambda: (symformer.models.ConfigError, symformer.cluster.PlanError),
)
