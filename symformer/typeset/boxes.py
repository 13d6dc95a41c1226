"""The shapes a formula is set in.

A box says what stands where, in no output language. An emitter (`latex`, `text`) is one function from boxes to a
string, so a new language is one file and a new notation none.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Box:
    """Anything that can be set on a line."""


@dataclass(frozen=True)
class Named(Box):
    """A name. `upright` sets words (softmax, exp) in roman; `bold` is for the all-ones vector."""

    text: str
    upright: bool = False
    bold: bool = False


@dataclass(frozen=True)
class Number(Box):
    """A number, as the digits to print."""

    digits: str


@dataclass(frozen=True)
class Sign(Box):
    """An operator or relation, by its Unicode character, e.g. `+`, `≤`, `·`."""

    symbol: str


@dataclass(frozen=True)
class Prose(Box):
    """Plain words inside a formula; emitters escape them."""

    text: str


@dataclass(frozen=True)
class Row(Box):
    """Boxes side by side."""

    items: tuple[Box, ...]


@dataclass(frozen=True)
class Fraction(Box):
    """A built-up fraction."""

    over: Box
    under: Box


@dataclass(frozen=True)
class Root(Box):
    """A square root."""

    body: Box


@dataclass(frozen=True)
class Script(Box):
    """A base with a subscript, a superscript or both."""

    base: Box
    sub: Box | None = None
    sup: Box | None = None


@dataclass(frozen=True)
class Accent(Box):
    """A mark above, `hat`, `tilde`, `bar` or `dot`."""

    mark: str
    body: Box


@dataclass(frozen=True)
class Big(Box):
    """A large operator (`∑`, `max`, `lim`) with what stands under and over it."""

    symbol: str
    under: Box
    over: Box | None = None


@dataclass(frozen=True)
class Fence(Box):
    """A body between two delimiters that grow with it."""

    left: str
    body: Box
    right: str


@dataclass(frozen=True)
class Grid(Box):
    """A matrix, row by row, inside round brackets."""

    rows: tuple[tuple[Box, ...], ...]


@dataclass(frozen=True)
class Cases(Box):
    """One of several values, each with its condition."""

    rows: tuple[tuple[Box, Box], ...]


@dataclass(frozen=True)
class Brace(Box):
    """A body with a brace under it, and what the brace says."""

    body: Box
    note: Box


@dataclass(frozen=True)
class Entry(Box):
    """A number that has a name: `key` is like `S-1-2` for an entry of a tensor. Live pages make use of it.

    `minus` says that the number stands behind a minus sign, which is not part of the body.
    """

    key: str
    body: Box
    minus: bool = False


def row(*items: Box) -> Row:
    """The boxes side by side; rows inside are flattened."""
    flat: list[Box] = []
    for item in items:
        flat.extend(item.items if isinstance(item, Row) else (item,))
    return Row(tuple(flat))


def parens(body: Box) -> Fence:
    """The body in round brackets."""
    return Fence("(", body, ")")


def indexed(base: Box, indices: Box) -> Script:
    """A name with indices; a semicolon parts them from a subscript of its own, since `W_{1,i}` is an entry of W.

    So the first row of W_1 is not the first of W: `W_{1;i}` and `W_{1,i}`.
    """
    if not isinstance(base, Script):
        return Script(base, indices)
    return Script(base.base, indices if base.sub is None else row(base.sub, Sign(";"), indices), base.sup)


def reads_otherwise(left: Box, right: Box) -> bool:
    """Whether a product without a dot would be read as something else.

    A name in front of brackets reads as a function, d in front of a letter as a gradient's name, and what is called
    max with an index as a maximum over it.
    """
    base = left.base if isinstance(left, Script) else left
    word = isinstance(base, Named) and (base.upright or base.text in ("Φ", "σ"))
    if word and isinstance(left, Script):
        return isinstance(base, Named) and base.text in ("max", "argmax", "lim", "Repeat")
    first = right.items[0] if isinstance(right, Row) and right.items else right
    return (word and isinstance(first, Fence)) or (left == Named("d") and not isinstance(first, (Fence, Sign, Big)))


def words_touch(left: Box, right: Box) -> bool:
    """Whether a name of several italic letters (dO) stands directly beside something that it would run into."""
    apart = any(isinstance(one, (Sign, Fence, Big)) for one in (left, right))
    return not apart and (_is_word(left) or _is_word(right))


def _is_word(box: Box) -> bool:
    base = box.base if isinstance(box, Script) else box
    return isinstance(base, Named) and len(base.text) > 1
