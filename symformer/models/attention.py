"""Attention over values with lettered axes: scores in one part or several, shared keys, rotary parts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from sympy import Expr

from symformer import notation
from symformer.models import letters as at
from symformer.models.layout import axis_size
from symformer.models.rope import Rope
from symformer.models.rows import Heads
from symformer.models.symbols import Parameters, Value
from symformer.notation import Tensor, Written, indices, lift, tensor
from symformer.ops import alibi_slopes, rotary_embedding
from symformer.ops.attention import Rules, attend
from symformer.programs import call, define

CACHE = "_cache"  # how the names of inputs end that hold keys or values of earlier positions
H, I, J, P, T = indices("h i j p t")
GROUPED = indices("g r")


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


def turned(parts: Sequence[Value], positions: Tensor, rotation: Rotation) -> list[Value]:
    """The parts of queries or keys, those that have pairs turned by their position.

    Args:
        parts: their pairs lie as (pair, 2) or (2, pair); the result has (pair, 2).
        positions: (n).
        rotation: how far they turn.
    """
    return [_turned(part, positions, rotation) if "K" in part.letters else part for part in parts]


class Rotation(NamedTuple):
    """How far pairs of features turn.

    Attributes:
        frequencies: the base of the geometric row of frequencies, or a tensor of them, one a pair.
        factor: what is turned is multiplied by it.
    """

    frequencies: Any
    factor: float = 1.0


def rotation(rope: Rope, *, given: bool = False) -> Rotation:
    """The base of the frequencies, or the frequencies themselves where they are stretched, or `given` from outside."""
    plain = rope.kind == "default" and not given
    return Rotation(rope.base if plain else tensor("frequencies", at.d_p), rope.factor)


def _turned(part: Value, positions: Tensor, rotation: Rotation) -> Value:
    name = f"{part.tensor.name[0]}_rope"
    if isinstance(rotation.frequencies, Tensor):
        return Value(_turned_by(part, positions, rotation, name), part.letters)
    return Value(rotary_embedding(part.tensor, positions, base=rotation.frequencies, name=name), part.letters)


def _turned_by(part: Value, positions: Tensor, rotation: Rotation, name: str) -> Tensor:
    """The same with frequencies of any kind."""
    frequencies = rotation.frequencies
    lead = part.entry.symbols[:-1]
    one, two = (part.tensor[(*lead, place)] for place in (1, 2))
    theta = define(f"theta_{part.tensor.name[0]}", (I, P), positions[I] * frequencies[P])
    c, s = notation.cos(theta[I, P]), notation.sin(theta[I, P])
    body = notation.delta(T, 1) * (one * c - two * s) + notation.delta(T, 2) * (two * c + one * s)
    return define(name, (*lead, (T, 2)), body if rotation.factor == 1 else lift(rotation.factor) * (body))


def projected(own: Parameters, x: Value, kind: str, heads: Heads, mark: str = "") -> list[Value]:
    """Queries ("Q") or keys ("K"), part by part, the pairs of a rotary part last."""
    axes = heads.query if kind == "Q" else heads.key
    found = []
    for part, letters in heads.features:
        name, symbol = f"{kind}_{part}{mark}" if part else f"{kind}{mark}", f"{kind}{part}{mark}"
        found.append(own.linear(name, x, f"W_{symbol}", f"b_{symbol}", f"{axes} . {_pairs(letters)}"))
    return found


def _pairs(letters: str) -> str:
    return "K 2" if "K" in letters else letters


def values_of(own: Parameters, x: Value, heads: Heads, mark: str = "") -> Value:
    """The values."""
    features = own[f"W_V{mark}"].letters[-1]
    return own.linear(f"V{mark}", x, f"W_V{mark}", f"b_V{mark}", f"{heads.key} . {features}")


def distances(
    heads: Expr, number: int, matrix: str = "B", over: Any = 1, keys: Expr = at.n, grouped: Expr | None = None
) -> Tensor:
    """ALiBi: B_hij := slope_h (j − i), so that far keys count less.

    Args:
        heads: their number in symbols.
        number: the same as a number, on which the slopes depend unless it is a power of two.
        over: the bias is divided by it.
        keys: how many keys there are; of more than n, queries are the last, and only differences in a row matter.
        grouped: how many heads share keys, where some do; the bias is then B_grij.
    """
    power = 1 << (number.bit_length() - 1)
    slope: Tensor = alibi_slopes(heads, None if power == number else power)
    axes: tuple[Any, ...] = (H,)
    if grouped is not None:
        slope, axes = _in_groups(slope, grouped), GROUPED
    own = slope[axes] * (lift(J) - I)
    return define(matrix, (*axes, (I, at.n), (J, keys)), own if over == 1 else own / lift(over))


def _in_groups(slope: Tensor, size: Expr) -> Tensor:
    """The slopes of heads that lie one group after the other."""
    group, place = GROUPED
    return define("slope_g", ((group, at.G), (place, at.R)),
                  notation.sum(notation.delta(H, lift(size) * (lift(group) - 1) + place) * slope[H], H))  # fmt: skip


def put_together(own: Parameters, o: Value, mark: str = "", name: str = "Y") -> Value:
    """What the heads found, projected back to the stream."""
    return own.linear(f"{name}{mark}", o, f"W_O{mark}", f"b_O{mark}", ". a")


def remembered(value: Value, length: Expr = at.m) -> Value:
    """Keys or values of all positions so far, of which those at hand are the last n: an input of the layer."""
    shape = (length if letter == "." else axis_size(letter) for letter in value.letters)
    return Value(tensor(value.tensor.name + CACHE, *shape), value.letters)


def attend_to(
    own: Parameters, x: Value, memory: Value, heads: Heads, *, mark: str = "", size: Expr = at.d_k,
    inside: Callable[[list[Value], str], list[Value]] = lambda parts, kind: parts, **rules: Any,
) -> Value:  # fmt: skip
    """What x finds in a memory, or in itself, projected back to the stream.

    Args:
        own: the projections.
        x: what asks.
        memory: what is asked.
        heads: their axes.
        mark: tells the symbols of cross-attention from the others.
        size: the scores are divided by its root.
        inside: what happens to queries ("Q") and keys ("K") before they meet: norms, turning.
        rules: what happens to the scores, as in `ops.attention`.
    """
    queries = inside(projected(own, x, "Q", heads, mark), "Q")
    keys = inside(projected(own, memory, "K", heads, mark), "K")
    values = values_of(own, memory, heads, mark)
    if own.cached is not None:
        length = own.cached if memory is x else at.m
        keys, values = [remembered(key, length) for key in keys], remembered(values, length)
        rules |= {"offset": own.cached - at.n} if memory is x else {}
    o = attention_of(queries, keys, values, size=size, name=f"O{mark}", mark=mark, **rules)
    return put_together(own, o, mark)
