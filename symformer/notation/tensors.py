"""Named arrays and their entries."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product
from numbers import Integral
from typing import Any, ClassVar

import sympy
from sympy import Expr, Symbol

from symformer.notation.carriers import TensorBase, TensorSymbol
from symformer.notation.domains import checked_domain
from symformer.notation.errors import NotationError, ShapeError
from symformer.notation.moments import unreal_moments
from symformer.notation.names import checked_name, checked_size, symbols_named
from symformer.notation.node import ATOM, Layout, exactly
from symformer.notation.ranges import Range, merge_ranges
from symformer.notation.written import Mul, Var, Written, lift
from symformer.typeset import Box, latex
from symformer.typeset.boxes import Number, Row, Script, Sign, indexed, row
from symformer.typeset.names import name_box

KINDS = (
    "real", "positive", "nonnegative", "unit", "interval", "mask", "integer", "permutation", "random", "simplex",
    "sphere",
)  # fmt: skip


@dataclass(frozen=True)
class Domain:
    """Where the entries of a tensor live: what is printed under "given", and what the judge draws from.

    Attributes:
        kind: real, positive, nonnegative, unit (more than 0 and less than 1), interval (from the first of `bounds` to
            the second), mask (0 or 1), integer (lower..upper), permutation (each row along the last axis holds
            1..upper, each once), random, simplex (positive, and each row along the last axis sums to 1), or sphere
            (each row along the last axis has length 1).
        upper: for integers, the largest value, if there is one; for a permutation, the size of its last axis.
        lower: for integers, the least value; without it, 1.
        bounds: for an interval, its two ends, which belong to it.
        sees: for masks, that each row along the last axis has at least one 1.
        moments: for random tensors, the known moments E[x^k] of the independent, identically distributed entries.
    """

    kind: str = "real"
    upper: Expr | None = None
    sees: bool = False
    moments: tuple[tuple[int, Expr], ...] = ()
    lower: Expr | None = None
    bounds: tuple[Expr, Expr] | None = None

    @property
    def whole(self) -> bool:
        """Whether entries are whole numbers, which may stand as indices."""
        return self.kind in ("integer", "permutation")


class Origin:
    """How a tensor comes about; the program room has the kinds (a definition, a call, a repeat).

    Attributes:
        digest: a content hash.
        size: how many times it repeats something; None for what happens once.
    """

    digest: str
    size: Expr | None = None

    @property
    def inner(self) -> tuple[Tensor, ...]:
        """The tensors that its value is computed from directly."""
        raise NotImplementedError(type(self).__name__)

    def elsewhere(self, place: tuple[int, ...], number: Callable[[Expr], int]) -> tuple[Tensor, tuple[int, ...]] | None:
        """The tensor and place where an entry of a repeat is found, at these sizes; None for what has a definition."""
        return None


@dataclass(frozen=True, eq=False)
class Tensor:
    """A named array. `Q[i, c]` is an entry; `origin` says how it is computed, or is None for an input.

    Attributes:
        name: how it is called in Python and, after `name_box`, on paper.
        shape: one size an axis.
        domain: where its entries live.
        origin: how it is computed.
        label: what is printed instead of the name, e.g. `softmax(S)` for a call that nobody named.
        optional: an input that a caller may leave out (only in programs that become functions).
        joined: how many axes in a row are one axis of the array that a function takes or returns; () for one each.
    """

    name: str
    shape: tuple[Expr, ...]
    domain: Domain = field(default_factory=Domain)
    origin: Any = None
    label: Box | None = None
    optional: bool = False
    joined: tuple[int, ...] = ()
    whole_array: ClassVar[bool] = True  # a formula of entries leaves operations with it to it

    def __post_init__(self) -> None:
        checked_name(self.name, "tensor")
        if self.origin is not None:
            _ = self.digest  # known from the start: later, of a long chain, it would be a recursion as deep as that

    @cached_property
    def digest(self) -> str:
        """A content hash: equal for equal tensors, in every process."""
        origin = self.origin.digest if self.origin is not None else ""
        content = repr((self.name, [exactly(size) for size in self.shape], str(self.domain), origin, self.optional))
        return hashlib.blake2b(content.encode(), digest_size=16).hexdigest()

    def depends_on(self, other: Tensor) -> bool:
        """Whether it is computed from another tensor, by way of others too; without recursion."""
        found, waiting = set[str](), [self]
        while waiting:
            tensor = waiting.pop()
            if tensor.origin is None or tensor.digest in found:
                continue
            found.add(tensor.digest)
            if other in tensor.origin.parents:
                return True
            waiting += tensor.origin.parents
        return False

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Tensor) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r}, {', '.join(str(size) for size in self.shape)})"

    def __getitem__(self, indices: Any) -> Element:
        """The entry at these indices, counted from 1.

        Raises:
            ShapeError: the number of indices is not the number of axes, or a number is outside its axis.
        """
        keys = indices if isinstance(indices, tuple) else (indices,)
        if any(key is None or key is Ellipsis or isinstance(key, (slice, Tensor)) for key in keys):
            return self._sliced(indices)
        if len(keys) != len(self.shape):
            axes = f"{len(self.shape)} ax{'is' if len(self.shape) == 1 else 'es'}"
            raise ShapeError(f"{self.name} has {axes} {self._sizes()}, got {len(keys)} indices")
        for key, size in zip(keys, self.shape, strict=True):
            if isinstance(key, (float, str)):
                raise NotationError(f"{self.name}: an index is a letter or a whole number, not {key!r}")
            whole = isinstance(key, Integral) or getattr(key, "is_Integer", False)
            if whole and (key < 1 or (size.is_Integer and key > size)):
                raise ShapeError(f"{self.name}: index {key} is outside 1..{size}; indices count from 1")
        return Element(tuple(lift(key) for key in keys), (self,))

    def _sliced(self, indices: Any) -> Any:
        """A part of the array, as NumPy has it, counted from 0; the room of arrays does that.

        Raises:
            NotationError: nobody has loaded that room.
        """
        found = getattr(self, "at_slices", None)
        if found is None:
            raise NotationError(f"{self.name}: an index is a letter or a whole number, not a slice")
        return found(indices)

    def explicit(self, sizes: Mapping[Any, int] | None = None, **named: int) -> Any:
        """All entries as scalar symbols (`Q_1_2`) at concrete sizes, e.g. `Q.explicit(n=4, d_k=3)`.

        Returns:
            A SymPy `ImmutableDenseNDimArray`; an immutable `Matrix` for two axes; a symbol for none.

        Raises:
            ShapeError: a size is missing or not a positive integer.
        """
        given = {str(key): value for key, value in {**(sizes or {}), **named}.items()}
        shape = [
            size.subs({symbol: given.get(symbol.name, symbol) for symbol in size.free_symbols}) for size in self.shape
        ]
        for size in shape:
            if not (size.is_Integer and size > 0):
                raise ShapeError(f"{self.name}: size {size} must be a positive integer")
        places = product(*(range(1, int(size) + 1) for size in shape))
        return arranged([scalar_symbol(self, place) for place in places], shape)

    def _repr_latex_(self) -> str:
        sizes = row(*_between(Sign("×"), [lift(size).layout().box for size in self.shape]))
        space = Script(Sign("ℝ"), None, sizes) if self.shape else Sign("ℝ")
        return f"$\\displaystyle {latex(row(self.box, Sign('∈'), space))}$"

    def __iter__(self) -> Any:
        raise NotationError(f"{self.name} is symbolic: write {self.name}[i, …] or {self.name}.explicit(...)")

    def _sizes(self) -> str:
        return "(" + ", ".join(str(size) for size in self.shape) + ")"

    @property
    def box(self) -> Box:
        """The name as it is printed."""
        return self.label or name_box(self.name)


class Element(Written):
    """An entry of a tensor."""

    __slots__ = ("_letters",)

    @property
    def tensor(self) -> Tensor:
        """The array it is an entry of."""
        return self.head[0]

    @property
    def symbols(self) -> tuple[Symbol | None, ...]:
        """Per axis the index symbol, or None where something else stands."""
        return tuple(kid.symbol if isinstance(kid, Var) else None for kid in self.kids)

    @property
    def letters(self) -> tuple[Symbol, ...] | None:
        """Its indices where all are plain ones, else None; remembered, as an interpreter asks at every entry."""
        try:
            return self._letters
        except AttributeError:
            found = self.symbols
            self._letters: tuple[Symbol, ...] | None = None if None in found else found
            return self._letters

    def number_names(self) -> frozenset[str]:
        return super().number_names() if self.kids else frozenset((self.tensor.name,))

    def index_ranges(self) -> Mapping[Symbol, Range]:
        own = [
            {symbol: Range(size, self.tensor.name)}
            for symbol, size in zip(self.symbols, self.tensor.shape, strict=True)
            if symbol is not None and not symbol.is_positive
        ]
        inner = [kid.ranges for kid in self.kids if not isinstance(kid, Var)]
        return merge_ranges(*own, *inner)

    def arrange(self) -> Layout:
        base = self.tensor.box
        if not self.kids:
            return Layout(base, ATOM)
        boxes = [_index_box(kid) for kid in self.kids]
        tight = all(symbol is not None and len(symbol.name) == 1 for symbol in self.symbols)
        sub = row(*boxes) if tight else row(*_separated(boxes))
        return Layout(indexed(base, sub), ATOM)

    def plain(self) -> Expr:
        if not self.kids:
            return TensorSymbol(self.tensor)
        return TensorBase(self.tensor)[tuple(kid.plain() for kid in self.kids)]


def _index_box(index: Written) -> Box:
    """An index as it is printed: factors with a dot between, since letters side by side are indices of their own."""
    box = index.arrange().box
    if not isinstance(index, Mul) or not isinstance(box, Row):
        return box
    items = [box.items[0]]
    for item in box.items[1:]:
        apart = isinstance(items[-1], (Number, Sign)) or isinstance(item, Sign)
        items += [item] if apart else [Sign("·"), item]
    return row(*items)


def scalar_symbol(tensor: Tensor, place: tuple[int, ...]) -> Symbol:
    """The symbol of an entry: `Q_1_2`, which prints as Q with subscript 1 2; positive where the tensor is."""
    positive = True if tensor.domain.kind in ("positive", "simplex") else None
    return Symbol("_".join([tensor.name, *(str(number) for number in place)]), real=True, positive=positive)


def arranged(entries: Sequence[Expr], shape: Sequence[Any]) -> Any:
    """Entries as a SymPy array; a matrix for two axes; the entry itself for none."""
    if not shape:
        return entries[0]
    if len(shape) == 2:
        return sympy.ImmutableDenseMatrix(*shape, list(entries))
    return sympy.ImmutableDenseNDimArray(list(entries), tuple(shape))


def _separated(boxes: Sequence[Box]) -> list[Box]:
    return _between(Sign(","), boxes)


def _between(sign: Box, boxes: Sequence[Box]) -> list[Box]:
    out: list[Box] = []
    for box in boxes:
        out += [sign, box] if out else [box]
    return out


def sizes(names: str) -> Any:
    """Positive integer SymPy symbols for sizes: `n, d_k = sizes("n d_k")`; a single name gives a single symbol.

    Raises:
        NotationError: a name holds what no name may hold.
    """
    return symbols_named(names, "size", integer=True, positive=True)


def indices(names: str) -> Any:
    """Integer SymPy symbols for indices: `i, j = indices("i j")`; a single name gives a single symbol.

    Raises:
        NotationError: a name holds what no name may hold.
    """
    return symbols_named(names, "index", integer=True)


def tensor(name: str, *shape: Any, kind: str = "real", **domain: Any) -> Tensor:
    """A named input array: `Q = tensor("Q", n, d_k)`; `Q[i, c]` is an entry.

    Args:
        name: letters, digits, underscores and primes; `W_Q` prints with a subscript, `x_hat` with a hat.
        shape: the sizes of its axes: symbols from `sizes`, numbers, or expressions of them.
        kind: "real", "positive", "nonnegative", "unit", "interval", "mask", "integer", "permutation", "random",
            "simplex" or "sphere".
        domain: `lower` and `upper` for integers and intervals, `sees` for masks, `moments` for random arrays; see
            `Domain`.

    Raises:
        NotationError: no name, an unknown kind, a size that is no positive integer, or a domain that holds nothing or
            does not belong to the kind.
    """
    if kind not in KINDS:
        raise NotationError(f"tensor {name}: kind {kind!r} is not one of {', '.join(KINDS)}")
    checked_name(name, "tensor")
    exact = tuple(checked_size(size, f"size of tensor {name}") for size in shape)
    for size in exact:
        if size.is_positive is False or size.is_integer is False:
            raise NotationError(f"tensor {name}: size {size} is no positive integer")
    domain = checked_domain(name, kind, domain, KINDS)
    if kind == "interval":
        domain["bounds"] = (domain.pop("lower", None), domain.pop("upper", None))
    if kind == "permutation":
        length = exact[-1] if exact else None
        if domain.get("upper", length) != length:
            raise NotationError(
                f"tensor {name}: a permutation holds the numbers to {length}, the size of its last axis"
            )
        domain["upper"] = length
    found = Domain(kind, **domain)
    empty = _emptiness(found, exact)
    if empty:
        raise NotationError(f"tensor {name}: nothing can be drawn from its domain: {empty}")
    return Tensor(name, exact, found)


def _emptiness(domain: Domain, shape: tuple[Expr, ...]) -> str:
    """Why a domain holds nothing, where that can be seen; empty where it holds something."""
    if (domain.kind in ("permutation", "simplex", "sphere") and not shape) or (domain.sees and not shape):
        return "it needs an axis"
    if domain.kind == "interval":
        low, high = domain.bounds or (None, None)
        if low is None or high is None:
            return "an interval has a lower and an upper end"
        if not (low.is_Rational and high.is_Rational):
            return "the ends of an interval are rational numbers"
        return f"nothing lies between {low} and {high}" if low >= high else ""
    least = sympy.Integer(1) if domain.lower is None else domain.lower
    if domain.upper is not None and (domain.upper - least).is_negative:
        return f"there is no whole number from {least} to {domain.upper}"
    return unreal_moments(dict(domain.moments))


def scalar(name: str, kind: str = "real", **domain: Any) -> Element:
    """A named number, as an expression: `eps = scalar("epsilon", kind="positive")`; see `tensor` for its domain."""
    return tensor(name, kind=kind, **domain)[()]
