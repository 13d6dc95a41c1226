"""Attention over values with lettered axes: scores in one part or several, shared keys, rotary parts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sympy import Expr

from symformer import notation
from symformer.models import letters as at
from symformer.models.rows import Heads
from symformer.models.symbols import Parameters, Value, named
from symformer.notation import Tensor, Written, indices, lift
from symformer.ops import rotary_embedding
from symformer.ops.attention import Rules, attend
from symformer.programs import call

I, J = indices("i j")


def attention_of(
    queries: Sequence[Value], keys: Sequence[Value], values: Value, *, size: Expr, name: str = "O", **rules: Any
) -> Value:
    """Attention whose scores are the sum of the products of some parts of queries and keys, over √size.

    Args:
        queries: parts (heads, position, features).
        keys: as many parts; they may have fewer heads, which are then shared.
        values: (heads, position, features).
        size: the scores are divided by its root, unless `scale` says otherwise.
        rules: what else happens to the scores, as in `ops.attention`.
    """
    lead = tuple(at.INDEX[letter] for letter in queries[0].rows[:-1])
    given = Rules(**{"scale": lift(1) / notation.sqrt(size), **rules})
    arguments = tuple(part.tensor for part in (*queries, *keys, values))
    extra = tuple(one for one in (given.bias, given.visible) if one is not None)
    textbook, stable = attend(lead, _dot(queries, keys), values.tensor, given)
    result = call("attention", arguments + extra, textbook, stable, name)
    return Value(result, (*queries[0].rows, *values.letters[values.letters.index(".") + 1 :]))


def _dot(queries: Sequence[Value], keys: Sequence[Value]) -> Written:
    """Σ over features of a query at i and a key at j, part by part."""
    total: Written | None = None
    for query, key in zip(queries, keys, strict=True):
        features = query.letters[len(query.rows) :]
        there = tuple(J if letter == "." else at.INDEX[letter] for letter in key.letters)
        product = query.entry * key.tensor[there]
        for letter in reversed(features):
            product = notation.sum(product, at.INDEX[letter])
        total = product if total is None else total + product
    assert total is not None
    return total


def turned(parts: Sequence[Value], positions: Tensor, frequencies: Any) -> list[Value]:
    """The parts of queries or keys, those that have pairs turned by their position.

    Args:
        parts: their pairs lie as (pair, 2) or (2, pair); the result has (pair, 2).
        positions: (n).
        frequencies: the base of the geometric row of frequencies.
    """
    return [_turned(part, positions, frequencies) if "K" in part.letters else part for part in parts]


def _turned(part: Value, positions: Tensor, base: Any) -> Value:
    return Value(rotary_embedding(part.tensor, positions, base=base, name=f"{part.tensor.name}_R"), part.letters)


def projected(own: Parameters, x: Value, kind: str, heads: Heads, mark: str = "") -> list[Value]:
    """Queries ("Q") or keys ("K"), part by part, the pairs of a rotary part last."""
    axes = heads.query if kind == "Q" else heads.key
    return [
        own.linear(f"{kind}{part}{mark}", x, f"W_{kind}{part}{mark}", f"b_{kind}{part}{mark}", f"{axes} . {_pairs(letters)}")
        for part, letters in heads.features
    ]


def _pairs(letters: str) -> str:
    return "K 2" if "K" in letters else letters


def values_of(own: Parameters, x: Value, heads: Heads, mark: str = "") -> Value:
    """The values."""
    return own.linear(f"V{mark}", x, f"W_V{mark}", f"b_V{mark}", f"{heads.key} . c")


def put_together(own: Parameters, o: Value, mark: str = "", name: str = "Y") -> Value:
    """What the heads found, projected back to the stream."""
    return own.linear(f"{name}{mark}", o, f"W_O{mark}", f"b_O{mark}", ". a")
