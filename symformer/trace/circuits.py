"""The two circuits of a head: which tokens ask for which (QK), and what a token that is seen raises (OV).

Tokens stand for the rows of the embedding, times the scale of the norm before the head but not divided by it, and
without position: where keys are turned, for a query and a key at the same place.

Source: Elhage et al. 2021, A Mathematical Framework for Transformer Circuits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from symformer.models import LoadedModel
from symformer.models import letters as at
from symformer.models.foldings.structure import is_norm
from symformer.models.layout import Stack
from symformer.notation import Tensor
from symformer.programs import Computed, Repeat
from symformer.trace.head import HEADS, TraceError
from symformer.trace.held import weight_of

PARTS = (("W_Q", "W_K"), ("W_QR", "W_KR"), ("W_QN", "W_KN"))  # of queries and keys: all of a head, or two parts of it


@dataclass(frozen=True)
class Entry:
    """An entry of a circuit: from a token to a token."""

    source: int
    target: int
    value: float


@dataclass(frozen=True)
class Circuits:
    """The circuits of a head on some tokens.

    Attributes:
        qk: the matrix W_Q W_Kᵀ (d, d), before the scale of scores.
        ov: the matrix W_V W_O (d, d).
        asks: the largest entries of QK, from a query's token to a key's.
        raises: the largest entries of OV, from a token that is seen to one whose logit it raises.
    """

    qk: Any
    ov: Any
    asks: tuple[Entry, ...]
    raises: tuple[Entry, ...]


def circuits(model: LoadedModel, tokens: Sequence[int], layer: int, head: int, *, top: int = 8) -> Circuits:
    """The circuits of a head, and their largest entries from some tokens to any.

    Args:
        model: a model of one stream over words.
        tokens: the tokens that ask, or are seen.
        layer: the number of the layer, from 0.
        head: the number of the head, from 0.
        top: how many entries.

    Raises:
        TraceError: there is no such head, or its keys come from a latent.
    """
    stack, number = _place(model, layer)
    weights = model.weights.layer(stack, number, np.float64)
    if "W_V" not in weights or "W_O" not in weights:
        raise TraceError(f"{model.model_type}: values come from a latent, so no two matrices stand for a head")
    if not 0 <= head < model.sizes[at.H]:
        raise TraceError(f"head: expected 0..{model.sizes[at.H] - 1}, got {head}")
    of = {name: _of_head(model, stack, name, weights[name], head) for pair in PARTS for name in pair if name in weights}
    qk = sum((of[query] @ of[key].T for query, key in PARTS if query in of), np.zeros((model.sizes[at.d],) * 2))
    ov = _of_head(model, stack, "W_V", weights["W_V"], head) @ _of_head(model, stack, "W_O", weights["W_O"], head)
    rows, behind = _embedded(model, stack, weights), _unembedded(model)
    found = sorted(dict.fromkeys(tokens))
    asks = _largest(rows[found] @ qk @ rows.T, found, top)
    return Circuits(qk, ov, asks, () if behind is None else _largest(rows[found] @ ov @ behind, found, top))


def _place(model: LoadedModel, layer: int) -> tuple[Stack, int]:
    places = [(stack, number) for stack in model.architecture.stacks for number in range(model.sizes[stack.layers])]
    if not 0 <= layer < len(places):
        raise TraceError(f"layer: expected 0..{len(places) - 1}, got {layer}")
    return places[layer]


def _of_head(model: LoadedModel, stack: Stack, name: str, array: Any, head: int) -> Any:
    """The part of a weight that belongs to a head: (d, f), or (f, d) behind the heads."""
    (letters,) = {letters for stored in stack.rows for symbol, letters in stored.symbols if symbol == name}
    group = model.sizes.get(at.R, 1)
    numbers = {"h": head, "g": head // group, "r": head % group}
    taken = array[tuple(numbers[one] if one in HEADS else slice(None) for one in letters)]
    return taken.reshape(-1, taken.shape[-1]) if letters[-1] == "a" else taken.reshape(taken.shape[0], -1)


def _embedded(model: LoadedModel, stack: Stack, weights: Mapping[str, Any]) -> Any:
    """The rows of the embedding as a head reads them: through a norm that divides by nothing."""
    outside = model.weights.outside(np.float64)
    rows = outside["E"] @ outside["W_in"] if "W_in" in outside else outside["E"]
    loops = {
        one.origin.loop.size: one.origin.loop for one in model.program.statements if isinstance(one.origin, Repeat)
    }
    read = _read_with(loops[stack.layers].statements, next(query for query, _ in PARTS if query in weights))
    return _through(read, weights, rows)


def _unembedded(model: LoadedModel) -> Any:
    """How far each direction of the stream raises each logit: (d, V), through the last norm without its division."""
    outside = model.weights.outside(np.float64)
    found = next((one for one in model.program.statements if one.name in ("uncapped", "logits")), None)
    if found is None:
        return None
    weight = "U" if "U" in outside else "E"
    columns = outside[weight] @ outside["W_out"].T if "W_out" in outside else outside[weight]
    read = _read_with([found], weight)
    scaled = columns * _scale(read, outside) if is_norm(read) else columns
    return scaled.T


def _read_with(statements: Sequence[Computed], weight: str) -> Tensor:
    """What is multiplied by a weight."""
    for one in statements:
        parents = one.origin.parents if one.origin is not None else ()
        if any(parent.name == weight for parent in parents):
            return next(parent for parent in parents if parent.name != weight and not parent.name.startswith("b_"))
    raise TraceError(f"{weight}: nothing reads it")


def _scale(norm: Tensor, weights: Mapping[str, Any]) -> Any:
    _, *given = norm.origin.arguments
    return weight_of(given[0], weights) if given else 1.0


def _through(read: Tensor, weights: Mapping[str, Any], rows: Any) -> Any:
    if not is_norm(read):
        return rows
    centred = rows - rows.mean(axis=-1, keepdims=True) if read.origin.name == "LayerNorm" else rows
    return centred * _scale(read, weights)


def _largest(table: Any, tokens: Sequence[int], top: int) -> tuple[Entry, ...]:
    places = np.argsort(-table, axis=None, kind="stable")[:top]
    rows, columns = np.unravel_index(places, table.shape)
    return tuple(Entry(tokens[i], int(j), float(table[i, j])) for i, j in zip(rows, columns, strict=True))
