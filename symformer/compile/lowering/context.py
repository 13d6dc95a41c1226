"""What a lowering knows: variables, sizes, the letters in use; and how two arrays meet."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Any

from sympy import Expr, Symbol

from symformer.compile.arrays import Array, Axes, CompileError, Count, Load, Map, Number, Ones, Take
from symformer.notation import (
    Add,
    Binder,
    Const,
    Delta,
    Div,
    Func,
    Indicator,
    Logic,
    Mul,
    Neg,
    Pow,
    Var,
    Written,
    fresh,
    lift,
    walk,
)
from symformer.programs import Guard, elements

RELATION = {"=": "equal", "≠": "not_equal", "≤": "less_equal", "<": "less", "≥": "greater_equal", ">": "greater"}
ORDERS = tuple(RELATION[sign] for sign in "≤<≥>")
LOGIC = ("logical_and", "logical_or", "logical_not")
PLAIN = ("hide", "select", "where", "inside", *LOGIC, *RELATION.values())  # what takes booleans as they are


@dataclass(frozen=True)
class Scope:
    """What names mean while a program is lowered.

    Attributes:
        variables: the Python variable of each tensor, by digest.
        numbers: digests of tensors that are Python numbers (options of a function).
        weights: digests of tensors without batch axes.
        sizes: the Python text of each size symbol and of the axis of each letter.
        extents: the size of the axis of each letter, where it is known.
        bits: digests of masks.
        precise: digests of tensors that are float64 whatever the dtype of the others.
        is_precise: whether the definition at hand is one of these.
        stable: whether ratios and logarithms of exponentials are brought into a stable form.
        axes: the axes of each tensor that was met, by digest. An index that stands on a known axis is that axis:
            passes see one axis as one object, whatever letters authors have for it.
        guard: the guard of the definition at hand.
        holds: whether it is lowered for where the guard holds.
        changing: the variables that hold several tensors, one after the other.
        slopes: whether the program is one of derivatives: a NaN that decides which of two slopes holds shows in both.
    """

    variables: Mapping[str, str]
    numbers: frozenset[str]
    weights: frozenset[str]
    sizes: Mapping[Symbol, str]
    bits: frozenset[str] = frozenset()
    precise: frozenset[str] = frozenset()
    is_precise: bool = False
    stable: bool = False
    axes: dict[str, Axes] = field(default_factory=dict)
    guard: Guard | None = None
    holds: bool = True
    changing: frozenset[str] = frozenset()
    extents: Mapping[Symbol, Expr] = field(default_factory=dict)
    slopes: bool = False

    def axis(self, index: Symbol, body: Written, taken: Collection[Symbol]) -> Symbol:
        """The axis of the first known array on which an index stands, where it is not taken; else one of its own."""
        for entry in elements(body):
            known = self.axes.get(entry.tensor.digest)
            if known is not None and index in entry.symbols:
                found = known[entry.symbols.index(index)]
                if found not in taken:
                    return found
        return fresh(index) if index in taken else index


class Lowering:
    """One expression on its way to an array; `rules` say what becomes of each kind of node."""

    def __init__(self, axes: Axes, scope: Scope, rules: Mapping[type, Callable[[Lowering, Any], Array]]) -> None:
        self.order, self.scope, self.rules = list(axes), scope, rules
        self.is_term = False  # whether what is lowered is added to something that has more digits than it
        self.guards: list[Written] = []

    def lower(self, node: Written) -> Array:
        """The array of a node, over the letters that it depends on.

        Raises:
            CompileError: it has no array form.
        """
        rule = self.rules.get(type(node))
        if rule is None:
            raise CompileError(f"{type(node).__name__} has no array form: {node}")
        return rule(self, node)

    def axes(self, *parts: Array) -> Axes:
        """All letters of the parts: as one part has them, or the target's own first and bound ones as they were met."""
        letters = {letter for part in parts for letter in part.axes}
        for part in parts:
            if len(letters) > 1 and set(part.axes) == letters and isinstance(part, (Load, Map)):
                return part.axes
        return tuple(letter for letter in self.order if letter in letters)

    def spread(self, array: Array, axes: Axes) -> Array:
        """Over letters that the expression does not depend on."""
        for letter in axes:
            if letter not in array.axes:
                ones = Ones((letter,), self.scope.sizes[letter])
                array = Map(tuple(a for a in axes if a == letter or a in array.axes), "multiply", (array, ones))
        return array

    def real(self, array: Array) -> Array:
        """Booleans and positions as real numbers, where arithmetic begins."""
        if not (is_bits(array) or isinstance(array, Count)):
            return array
        return self.unless_nan(Map(array.axes, "precise" if self.scope.is_precise else "real", (array,)), array)

    def map(self, name: str, *parts: Array) -> Array:
        """An elementwise operation; one of numbers alone is a number."""
        bits = [is_bits(part) for part in parts]
        if name == "multiply" and bits.count(True) == 1 and not any(isinstance(part, Number) for part in parts):
            value, mask = (parts[1], parts[0]) if bits[0] else parts
            return self.unless_nan(self.map("select", self.real(value), mask), mask)
        if name == "multiply" and _is_inverse(parts[1]):
            return self.map("divide", parts[0], parts[1].parts[1])  # type: ignore[attr-defined]
        mixed = len(parts) == 2 and any(not isinstance(part, (Number, Count)) and not is_bits(part) for part in parts)
        if name not in PLAIN and not mixed:
            parts = tuple(self.real(part) for part in parts)
        numbers = [part for part in parts if isinstance(part, Number)]
        if len(numbers) == len(parts):
            read = chain.from_iterable(part.reads for part in numbers)
            return Number((), number_code(name, [part.code for part in numbers]), tuple(read))
        return Map(self.axes(*parts), name, parts)

    def unless_nan(self, chosen: Array, mask: Array) -> Array:
        """What a relation chooses; in a derivative, NaN where the relation compares one: relu has no slope 0 there."""
        for side in compared(mask) if self.scope.slopes else ():
            chosen = self.map("where", self.map("not_equal", side, side), side, chosen)
        return chosen

    @contextmanager
    def guarded(self, *conditions: Written) -> Iterator[None]:
        """While this lasts, entries need only be there where those that are conditions of indices hold."""
        before = len(self.guards)
        self.guards += [one for one in conditions if is_guard(one) and one not in self.guards]
        yield
        del self.guards[before:]

    @contextmanager
    def guarded_in_place_of(self, old: Written, *conditions: Written) -> Iterator[None]:
        """While this lasts, these conditions are taken to hold and not the old one."""
        before = self.guards
        if old in before:
            self.guards = [*(one for one in before if one != old), *conditions]
        yield
        self.guards = before

    @contextmanager
    def unguarded(self) -> Iterator[None]:
        """While this lasts, no condition is taken to hold."""
        before, self.guards = self.guards, []
        yield
        self.guards = before

    def bind(self, letter: Symbol, size: Expr) -> None:
        """A letter under a sum or maximum, for as long as its body is lowered."""
        self.order.append(letter)
        text = self.lower(lift(size))
        sizes = {**self.scope.sizes, letter: text.code if isinstance(text, Number) else ""}
        self.scope = replace(self.scope, sizes=sizes, extents={**self.scope.extents, letter: size})

    def opened(self, node: Binder) -> tuple[Symbol, Written]:
        """A bound index that no other array has, and the body; it is bound from now on."""
        index, body = node.open()
        axis = self.scope.axis(index, body, self.order)
        self.bind(axis, node.size)
        return axis, body.at({index: lift(axis)})


def is_guard(node: Written) -> bool:
    """Whether it is a condition of indices and sizes alone."""
    if isinstance(node, Logic):
        return all(map(is_guard, node.kids))
    if not isinstance(node, (Indicator, Delta)):
        return False
    parts = (part for kid in node.kids for part in walk(kid))
    return all(
        isinstance(part, (Const, Var, Add, Neg, Mul, Div, Pow)) or (isinstance(part, Func) and part.primitive.whole)
        for part in parts
    )


def _is_inverse(array: Array) -> bool:
    return isinstance(array, Map) and array.name == "divide" and array.parts[0] == Number((), "1")


def is_bits(array: Array) -> bool:
    """Whether an array holds booleans."""
    if isinstance(array, Map):
        return array.name in RELATION.values() or array.name in LOGIC
    return (isinstance(array, Load) and array.bits) or (isinstance(array, Take) and is_bits(array.table))


def compared(mask: Array) -> list[Array]:
    """The arrays of values on both sides of the inequalities of a mask."""
    if not isinstance(mask, Map):
        return []
    if mask.name in LOGIC:
        return list(dict.fromkeys(side for part in mask.parts for side in compared(part)))
    if mask.name not in ORDERS or any(part.axes and holds_positions(part) for part in mask.parts):
        return []
    return [part for part in mask.parts if not isinstance(part, Number)]


def holds_positions(array: Array) -> bool:
    """Whether an array counts along an axis."""
    return isinstance(array, Count) or any(holds_positions(kid) for kid in array.kids)


def number_code(name: str, codes: list[str]) -> str:
    """The Python text of an operation on Python numbers."""
    signs = {
        "add": "+", "subtract": "-", "multiply": "*", "divide": "/", "power": "**", "equal": "==", "not_equal": "!=",
        "less_equal": "<=", "less": "<", "greater_equal": ">=", "greater": ">", "floor_divide": "//",
        "remainder": "%", "logical_and": "and", "logical_or": "or",
    }  # fmt: skip
    calls = {"maximum": "max", "minimum": "min", "abs": "abs"}
    codes = [code if code.isidentifier() or code.isdigit() or code.startswith("(") else f"({code})" for code in codes]
    if name in signs:
        return "(" + f" {signs[name]} ".join(codes) + ")"
    if name == "negative":
        return f"(-{codes[0]})"
    if name == "logical_not":
        return f"(not {codes[0]})"
    if name == "where":
        return f"({codes[1]} if {codes[0]} else {codes[2]})"
    if name in calls:
        return f"{calls[name]}({', '.join(codes)})"
    if name == "identity":
        return codes[0]
    if name == "sign":
        return f"(({codes[0]} > 0) - ({codes[0]} < 0))"
    if name == "square":
        return f"({codes[0]} ** 2)"
    return f"math.{name}({codes[0]})"
