"""Rows that many tables share: linear layers, norms, attention and feed-forward blocks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from symformer.models.layout import Stored, row

Rows = tuple[Stored, ...]


@dataclass(frozen=True)
class Heads:
    """The axes of heads: of queries, of the keys and values that they share, and of the features inside.

    `h` and `h` where every head has its own keys; `g r` and `g` where R heads share those of a group; `h` and nothing
    where all share one.

    Attributes:
        query: the letters of queries' heads.
        key: the letters of keys' and values' heads.
        features: the parts of a query and of a key, in stored order: what is added to their symbols, and their
            letters. `c` is a head without positions, `2 K` one whose pairs turn; some have a part of both kinds.
    """

    query: str
    key: str
    features: tuple[tuple[str, str], ...] = (("", "c"),)

    @classmethod
    def of(cls, heads: int, key_heads: int) -> Heads:
        """The axes for so many heads of queries and of keys."""
        if heads == key_heads:
            return cls("h", "h")
        return cls("h", "") if key_heads == 1 else cls("g r", "g")


def linear(
    name: str, out: str, into: str, symbol: str, letters: str, part: str, *, bias: str = "", transposed: bool = False
) -> Rows:
    """A linear layer's weight, stored (out, in), or (in, out) if transposed, and its bias if that has a symbol."""
    axes = f"{into} {out}" if transposed else f"{out} {into}"
    weight = row(f"{name}.weight", axes, part, **{symbol: letters})
    return (weight, row(f"{name}.bias", out, part, **{bias: out.strip("()")})) if bias else (weight,)


def norm(name: str, number: str, *, bias: bool, letters: str = "a", part: str = "norm") -> Rows:
    """A norm's scale γ and, for a layer norm, its shift β."""
    scale = row(f"{name}.weight", letters, part, **{f"gamma_{number}": letters})
    return (scale, row(f"{name}.bias", letters, part, **{f"beta_{number}": letters})) if bias else (scale,)


def attention_rows(
    prefix: str, heads: Heads, *, bias: bool, out_bias: bool, names: tuple[str, str, str, str], mark: str = ""
) -> Rows:
    """The four projections of attention; `mark` tells the symbols of cross-attention from the others."""
    query, key, value, out = (f"{prefix}{name}" for name in names)
    rows = projection_rows(query, heads.query, {f"Q{part}{mark}": own for part, own in heads.features}, bias=bias)
    rows += projection_rows(key, heads.key, {f"K{part}{mark}": own for part, own in heads.features}, bias=bias)
    rows += projection_rows(value, heads.key, {f"V{mark}": "c"}, bias=bias)
    into = f"({heads.query} c)"
    return rows + linear(
        out, "a", into, f"W_O{mark}", f"{heads.query} c a", "attention", bias=f"b_O{mark}" if out_bias else ""
    )


def projection_rows(name: str, heads: str, parts: Mapping[str, str], *, bias: bool, into: str = "a") -> Rows:
    """A projection to heads whose features have one part or several, by what their symbols are called."""
    inside = "*" if len(parts) > 1 else next(iter(parts.values()))
    axes = f"({heads} {inside})"
    own = {part: f"{heads} {letters}".strip() for part, letters in parts.items()}
    weights = {f"W_{part}": f"{into} {letters}" for part, letters in own.items()}
    weight = row(f"{name}.weight", f"{axes} {into}", "attention", **weights)
    shift = row(f"{name}.bias", axes, "attention", **{f"b_{part}": letters for part, letters in own.items()})
    return (weight, shift) if bias else (weight,)


def fused_rows(name: str, heads: Heads, *, bias: bool) -> Rows:
    """Queries, keys and values in one matrix: head by head, or group by group with the group's queries first."""
    parts = {f"Q{part}": f"{heads.query} {own}" for part, own in heads.features}
    parts |= {f"K{part}": f"{heads.key} {own}".strip() for part, own in heads.features}
    parts["V"] = f"{heads.key} c".strip()
    axes = f"({heads.key} *)"
    weight = row(f"{name}.weight", f"{axes} a", "attention", **{f"W_{part}": f"a {own}" for part, own in parts.items()})
    shift = row(f"{name}.bias", axes, "attention", **{f"b_{part}": own for part, own in parts.items()})
    return (weight, shift) if bias else (weight,)


def head_norm_rows(query: str, key: str, heads: Heads, *, bias: bool) -> Rows:
    """Norms of queries and of keys, over the features of a head."""
    rows: Rows = ()
    for kind, name in (("Q", query), ("K", key)):
        for word, letter in (("weight", "gamma"), ("bias", "beta"))[: 1 + bias]:
            own = {f"{letter}_{kind}{part}": letters for part, letters in heads.features}
            axes = "*" if len(own) > 1 else f"({heads.features[0][1]})"
            rows += (row(f"{name}.{word}", axes, "attention", **own),)
    return rows


def gated_rows(
    prefix: str, *, bias: bool = False, kind: str = "W", hidden: str = "f", part: str = "feed_forward"
) -> Rows:
    """A gated feed-forward block: gate, up and down."""
    rows: Rows = ()
    for mark, out, into in (("gate", hidden, "a"), ("up", hidden, "a"), ("down", "a", hidden)):
        own = f"b_{mark}" if bias else ""
        rows += linear(f"{prefix}{mark}_proj", out, into, f"{kind}_{mark}", f"{into} {out}", part, bias=own)
    return rows


def feed_forward_rows(first: str, second: str, *, bias: bool, hidden: str = "f") -> Rows:
    """A feed-forward block of two linear layers."""
    marks = ("b_1", "b_2") if bias else ("", "")
    return linear(first, hidden, "a", "W_1", f"a {hidden}", "feed_forward", bias=marks[0]) + linear(
        second, "a", hidden, "W_2", f"{hidden} a", "feed_forward", bias=marks[1]
    )


def prefixed(prefix: str, rows: Rows) -> Rows:
    """The rows under a prefix."""
    return tuple(replace(stored, name=prefix + stored.name) for stored in rows)
