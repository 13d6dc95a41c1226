"""A model with other weights that compute the same, and what was changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np
from sympy import Symbol

from symformer.models.architecture import Architecture
from symformer.models.foldings.centring import fold_centring
from symformer.models.foldings.circuits import fold_circuits
from symformer.models.foldings.norms import fold_norms
from symformer.models.foldings.tables import Arrays, FoldedWeights, Table, retabled, tables_of
from symformer.models.foldings.value_biases import fold_value_biases
from symformer.models.keys import ConfigError
from symformer.models.running.loaded import LoadedModel
from symformer.programs import Repeat

Sizes = dict[Symbol, int]
FOLDINGS: dict[str, Callable[[list[Table], Sizes], list[tuple[str, str]]]] = {
    "norms": lambda tables, sizes: fold_norms(tables),
    "centring": lambda tables, sizes: fold_centring(tables),
    "value_biases": lambda tables, sizes: fold_value_biases(tables),
    "circuits": fold_circuits,
}
USUAL = ("norms", "centring", "value_biases")  # those that change no shape


@dataclass(frozen=True)
class Change:
    """What a folding did with some weights, or why it kept them.

    Attributes:
        folding: its name.
        place: the weights.
        what: what was done, or "kept: " and the condition that is not met.
    """

    folding: str
    place: str
    what: str

    @property
    def applied(self) -> bool:
        """Whether weights were changed."""
        return not self.what.startswith("kept: ")


@dataclass(frozen=True)
class FoldedModel(LoadedModel):
    """A model with folded weights, which stand in memory.

    Attributes:
        changes: what each folding did.
    """

    changes: tuple[Change, ...] = field(default=(), kw_only=True)


def folded(model: LoadedModel, *foldings: str, untie: bool = False) -> FoldedModel:
    """The same function with other weights: the logits are the same up to rounding.

    Args:
        model: a loaded model; its weights stay as they are.
        foldings: "norms" (the scale and shift of each norm go into the matrices that read it), "centring" (what is
            written into a stream that only layer norms read loses its mean, and the unembedding behind one too),
            "value_biases" (behind attention), "circuits" (W_Q W_Kᵀ and W_V W_O as one matrix each, so that heads are
            as wide as the stream). By default the first three, which change no shape.
        untie: whether the unembedding becomes a matrix of its own where it is the embedding; without that, what is
            tied is kept as it is.

    Returns:
        The model, with `changes`: what each folding did, and what it kept and why.

    Raises:
        ConfigError: an unknown folding.
    """
    asked = foldings or USUAL
    unknown = next((name for name in asked if name not in FOLDINGS), None)
    if unknown is not None:
        raise ConfigError(f"folded: expected {', '.join(FOLDINGS)}, got {unknown!r}")
    tables, architecture = tables_of(model), model.architecture
    told = _untied(tables) if untie else []
    if told:
        architecture = retabled(architecture, tables, untied=True)
        _read_again(tables, architecture)
    sizes = dict(architecture.sizes)
    changes = [Change("untie", *one) for one in told]
    for name in (one for one in FOLDINGS if one in asked):
        changes += [Change(name, *one) for one in FOLDINGS[name](tables, sizes)]
    return _model(model, _with_sizes(retabled(architecture, tables, untied=bool(told)), sizes), tables, tuple(changes))


def _untied(tables: list[Table]) -> list[tuple[str, str]]:
    """Copies the embedding where the scores over words read it; the copy is U."""
    outside = tables[0]
    scores = [one for one in outside.statements if one.name in ("logits", "uncapped")]
    if "U" in outside.letters or not any(read.name == "E" for one in scores for read in one.origin.parents):
        return []
    outside.add("U", outside.letters["E"], "head", [np.array(copy["E"]) for copy in outside.copies])
    return [("outside the layers: E", "copied: U is the unembedding")]


def _read_again(tables: list[Table], architecture: Architecture) -> None:
    """The statements of the tables, as another architecture has them."""
    program = architecture.to_run()
    loops = [one.origin.loop for one in program.statements if isinstance(one.origin, Repeat)]
    tables[0].statements = program.statements
    for table, loop, stack in zip(tables[1:], loops, architecture.stacks, strict=True):
        table.statements, table.stack = loop.statements, stack


def _with_sizes(architecture: Architecture, sizes: Sizes) -> Architecture:
    """An architecture at other sizes; what these were tied to holds no longer."""
    changed = {size for size, number in sizes.items() if architecture.sizes.get(size) != number}
    relations = {size: formula for size, formula in architecture.relations.items()
                 if size not in changed and not formula.free_symbols & changed}  # fmt: skip
    return replace(architecture, sizes=sizes, relations=relations)


def _model(
    model: LoadedModel, architecture: Architecture, tables: list[Table], changes: tuple[Change, ...]
) -> FoldedModel:
    """The model over the tables."""
    dtype = model.computes_in
    layers = {table.stack.layers: [_in(dtype, copy) for copy in table.copies] for table in tables[1:] if table.stack}
    spread = frozenset(symbol for table in tables for symbol in table.spread)
    outside = _in(dtype, tables[0].copies[0])
    weights = FoldedWeights(model, {}, dtype, arrays=outside, layers=layers, spread=spread)
    own = {one.name: getattr(model, one.name) for one in fields(LoadedModel)}
    return FoldedModel(**{**own, "architecture": architecture, "weights": weights}, changes=changes)


def _in(dtype: Any, arrays: Arrays) -> Arrays:
    return {symbol: array.astype(dtype) for symbol, array in arrays.items()}
