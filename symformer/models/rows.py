"""Rows that many tables share: linear layers, norms, attention and feed-forward blocks."""

from __future__ import annotations

from dataclasses import dataclass

from symformer.models.layout import Stored, row

Rows = tuple[Stored, ...]


@dataclass(frozen=True)
class Heads:
    """The axes of heads: of queries, and of the keys and values that they share.

    `h` and `h` where every head has its own keys; `g r` and `g` where R heads share those of a group; `h` and nothing
    where all share one.
    """

    query: str
    key: str

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
    q, k = heads.query, heads.key
    query, key, value, out = (f"{prefix}{name}" for name in names)
    key_axes, key_letters = (f"({k} c)", f"{k} a c") if k else ("c", "a c")
    kinds = [("Q", query, f"({q} c)", f"{q} a c"), ("K", key, key_axes, key_letters), ("V", value, key_axes, key_letters)]
    rows: Rows = ()
    for kind, name, axes, letters in kinds:
        rows += linear(name, axes, "a", f"W_{kind}{mark}", letters, "attention", bias=f"b_{kind}{mark}" if bias else "")
    return rows + linear(
        out, "a", f"({q} c)", f"W_O{mark}", f"{q} c a", "attention", bias=f"b_O{mark}" if out_bias else ""
    )


def gated_rows(prefix: str, *, bias: bool = False) -> Rows:
    """A gated feed-forward block: gate, up and down."""
    names = [("gate_proj", "f", "a", "gate"), ("up_proj", "f", "a", "up"), ("down_proj", "a", "f", "down")]
    rows: Rows = ()
    for name, out, into, mark in names:
        rows += linear(
            f"{prefix}{name}", out, into, f"W_{mark}", f"{into} {out}", "feed_forward", bias=f"b_{mark}" if bias else ""
        )
    return rows


def feed_forward_rows(first: str, second: str, *, bias: bool, hidden: str = "f") -> Rows:
    """A feed-forward block of two linear layers."""
    marks = ("b_1", "b_2") if bias else ("", "")
    return linear(first, hidden, "a", "W_1", f"a {hidden}", "feed_forward", bias=marks[0]) + linear(
        second, "a", hidden, "W_2", f"{hidden} a", "feed_forward", bias=marks[1]
    )


def prefixed(prefix: str, rows: Rows) -> Rows:
    """The rows under a prefix."""
    return tuple(Stored(prefix + stored.name, stored.axes, stored.symbols, stored.part) for stored in rows)


def fused_rows(name: str, *, bias: bool) -> Rows:
    """Queries, keys and values in one matrix, head by head."""
    weight = row(f"{name}.weight", "(h * c) a", "attention", W_Q="h a c", W_K="h a c", W_V="h a c")
    shift = row(f"{name}.bias", "(h * c)", "attention", b_Q="h c", b_K="h c", b_V="h c")
    return (weight, shift) if bias else (weight,)
