"""From index notation to array operations.

A sum of a product becomes a contraction (a matrix product where it is one); factors that the sum does not touch leave
it; everything else is elementwise. Nothing is ever written out entry by entry.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import sympy
from sympy import Symbol

from symformer.compile.arrays import (
    Array,
    Axes,
    CompileError,
    Contract,
    Count,
    Load,
    Map,
    Number,
    Ones,
    Reduce,
    Take,
)
from symformer.notation import (
    Add,
    Const,
    Delta,
    Div,
    Element,
    Func,
    Hidden,
    Indicator,
    Max,
    Mul,
    Neg,
    Pow,
    Sum,
    Var,
    Written,
    fresh,
    lift,
    loose_symbols,
    substitute,
)

RELATION = {"=": "equal", "≠": "not_equal", "≤": "less_equal", "<": "less", "≥": "greater_equal", ">": "greater"}


@dataclass(frozen=True)
class Scope:
    """What names mean while a program is lowered.

    Attributes:
        variables: the Python variable of each tensor, by digest.
        numbers: digests of tensors that are Python numbers (options of a function).
        weights: digests of tensors without batch axes.
        sizes: the Python text of each size symbol and of the axis of each letter.
        bits: digests of masks.
    """

    variables: Mapping[str, str]
    numbers: frozenset[str]
    weights: frozenset[str]
    sizes: Mapping[Symbol, str]
    bits: frozenset[str] = frozenset()


def lower(node: Written, axes: Axes, scope: Scope) -> Array:
    """The array of an expression over the letters `axes`.

    Raises:
        CompileError: the expression has no array form.
    """
    lowering = _Lowering(axes, scope)
    return lowering.spread(lowering.real(lowering.lower(node)), axes)


class _Lowering:
    def __init__(self, axes: Axes, scope: Scope) -> None:
        self.order, self.scope = list(axes), scope

    def lower(self, node: Written) -> Array:
        rule = _RULES.get(type(node))
        if rule is None:
            raise CompileError(f"{type(node).__name__} has no array form: {node}")
        return rule(self, node)

    def axes(self, *parts: Array) -> Axes:
        """All letters of the parts, in the order of the target: its own first, bound ones as they were met."""
        letters = {letter for part in parts for letter in part.axes}
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
        return Map(array.axes, "real", (array,)) if _is_bits(array) or isinstance(array, Count) else array

    def map(self, name: str, *parts: Array) -> Array:
        mixed = len(parts) == 2 and any(not isinstance(part, (Number, Count)) and not _is_bits(part) for part in parts)
        if name not in RELATION.values() and name != "hide" and not mixed:
            parts = tuple(self.real(part) for part in parts)
        if all(isinstance(part, Number) for part in parts):
            return Number((), _number_code(name, [part.code for part in parts]))  # type: ignore[attr-defined]
        return Map(self.axes(*parts), name, parts)

    def product(self, node: Mul) -> Array:
        """Factors first, then divisors: a mean is a sum divided by its size, which is exact where 1/n is not."""
        factors = [(factor, inverse) for factor, inverse in _factors(node) if factor != lift(1)]
        above = [self.lower(factor) for factor, inverse in factors if not inverse] or [Number((), "1")]
        total = above[0]
        for part in above[1:]:
            total = self.map("multiply", total, part)
        for factor, inverse in factors:
            total = self.map("divide", total, self.lower(factor)) if inverse else total
        return total

    def chain(self, name: str, nodes: tuple[Written, ...]) -> Array:
        first, *rest = (self.lower(node) for node in nodes)
        for part in rest:
            first = self.map(name, first, part)
        return first

    def add(self, node: Add) -> Array:
        total = self.lower(node.kids[0])
        for kid in node.kids[1:]:
            minus = isinstance(kid, Neg)
            total = self.map("subtract" if minus else "add", total, self.lower(kid.kids[0] if minus else kid))
        return total

    def power(self, node: Pow) -> Array:
        base, exponent = (self.lower(kid) for kid in node.kids)
        if isinstance(exponent, Number) and exponent.code == "2":
            return self.map("square", base)
        return self.map("power", base, exponent)

    def element(self, node: Element) -> Array:
        digest = node.tensor.digest
        name = self.scope.variables.get(digest)
        if name is None:
            raise CompileError(f"{node.tensor.name} is not computed before it is used")
        if digest in self.scope.numbers:
            return Number((), name)
        letters, gathered = [], []
        for kid in node.kids:
            plain = isinstance(kid, Var) and not kid.symbol.is_positive
            letter = kid.symbol if plain and isinstance(kid, Var) else self._stand_in()
            if not plain:
                gathered.append((letter, kid))
            letters.append(letter)
        if len(set(letters)) != len(letters):
            raise CompileError(f"{node} takes a diagonal, which has no array form yet")
        table: Array = Load(tuple(letters), name, digest not in self.scope.weights, digest in self.scope.bits)
        for letter, kid in gathered:
            table = self._take(table, letter, self._chosen(kid))
        return table

    def _chosen(self, kid: Written) -> Array:
        """Positions from 0: an array of them, or an expression of indices counted from 1, less 1."""
        if isinstance(kid, Const):
            return Number((), str(int(kid.value) - 1))
        if isinstance(kid, Element):
            return self.position(kid, 0)
        return self.map("subtract", self.position(kid, 1), Number((), "1"))

    def _stand_in(self) -> Symbol:
        letter = fresh(Symbol("at", integer=True), set(self.order))
        self.order.append(letter)
        return letter

    def _take(self, table: Array, along: Symbol, positions: Array) -> Array:
        left = {letter for letter in (*table.axes, *positions.axes) if letter != along}
        return Take(tuple(letter for letter in self.order if letter in left), table, along, positions)

    def position(self, node: Written, start: int) -> Array:
        """An expression that stands as an index, its positions counted from `start`."""
        if isinstance(node, Var) and not node.symbol.is_positive:
            if node.symbol not in self.order:
                raise CompileError(f"index {node.symbol} has no range here")
            return Count((node.symbol,), self.scope.sizes[node.symbol], start)
        if isinstance(node, Element):
            found = self.element(node)
            is_position = node.tensor.domain.upper is not None
            return self.map("add", found, Number((), "1")) if start and is_position else found
        if isinstance(node, Neg):
            return self._whole("negative", self.position(node.kids[0], start))
        if isinstance(node, (Add, Mul)):
            total = self.position(node.kids[0], start)
            for kid in node.kids[1:]:
                minus = isinstance(node, Add) and isinstance(kid, Neg)
                name = "multiply" if isinstance(node, Mul) else "subtract" if minus else "add"
                total = self._whole(name, total, self.position(kid.kids[0] if minus else kid, start))
            return total
        return self.lower(node)

    def _whole(self, name: str, *parts: Array) -> Array:
        """Arithmetic of positions, which stay whole numbers."""
        if all(isinstance(part, Number) for part in parts):
            return self.map(name, *parts)
        return Map(self.axes(*parts), name, parts)

    def relation(self, name: str, node: Written) -> Array:
        start = 0 if all(_is_shifted_index(kid) for kid in node.kids) else 1
        if not any(_places(kid) for kid in node.kids):
            return self.map(name, *(self.lower(kid) for kid in node.kids))
        return self.map(name, *(self.position(kid, start) for kid in node.kids))

    def total(self, node: Sum) -> Array:
        bound, body = self._open(node)
        outside: list[tuple[Written, bool]] = []
        inside: list[tuple[Written, bool]] = []
        for factor, inverse in _factors(body):
            target = inside if loose_symbols(factor) & set(bound) else outside
            if factor != lift(1):
                target.append((factor, inverse))
        arrays = self._absorbed([self._factor(factor, inverse) for factor, inverse in inside])
        carried = tuple(letter for letter in bound if any(letter in array.axes for array in arrays))
        result = self._contracted(arrays, carried) if arrays else Number((), "1")
        for letter in bound:
            if letter not in carried:
                result = self._scaled(result, Number((), self.scope.sizes[letter]), "multiply")
        for factor, inverse in outside:
            result = self._times(result, factor, inverse)
        for letter in bound:
            self.order.remove(letter)
        return result

    def _times(self, result: Array, factor: Written, inverse: bool) -> Array:
        """A factor that the sum does not touch: a number goes to the first operand, which is the smaller array."""
        return self._scaled(result, self.lower(factor), "divide" if inverse else "multiply")

    def _scaled(self, result: Array, array: Array, name: str) -> Array:
        if isinstance(array, Number) and isinstance(result, Contract):
            first, *rest = result.parts
            return Contract(result.axes, (self.map(name, first, array), *rest), result.over)
        return self.map(name, result, array)

    def _factor(self, factor: Written, inverse: bool) -> Array:
        array = self.real(self.lower(factor))
        return self.map("divide", Number((), "1"), array) if inverse else array

    def _absorbed(self, arrays: list[Array]) -> list[Array]:
        """Factors over the same letters multiplied together before the contraction."""
        merged: dict[Axes, Array] = {}
        for array in arrays:
            known = merged.get(array.axes)
            merged[array.axes] = array if known is None else self.map("multiply", known, array)
        return self._scaled_rows(list(merged.values()))

    def _scaled_rows(self, arrays: list[Array]) -> list[Array]:
        """Of three or more factors, one over some letters of another is multiplied into it: a product is left."""
        while len(arrays) > 2:
            pairs = [(len(big.axes), one, two) for one, small in enumerate(arrays) for two, big in enumerate(arrays)
                     if one != two and set(small.axes) < set(big.axes)]  # fmt: skip
            if not pairs:
                break
            _, one, two = min(pairs)
            arrays[two] = self.map("multiply", arrays[two], arrays[one])
            del arrays[one]
        return arrays

    def _contracted(self, arrays: list[Array], bound: tuple[Symbol, ...]) -> Array:
        left = tuple(letter for letter in self.order if letter not in bound)
        axes = tuple(letter for letter in left if any(letter in array.axes for array in arrays))
        if len(arrays) == 1:
            result = arrays[0]
            for letter in reversed(bound):
                result = Reduce(tuple(a for a in result.axes if a != letter), "sum", result, letter)
            return result
        return Contract(axes, tuple(arrays), bound)

    def _open(self, node: Written) -> tuple[list[Symbol], Written]:
        """Sums directly under sums as one, with bound letters that differ from all that are in use."""
        bound: list[Symbol] = []
        while isinstance(node, Sum):
            letter, body = fresh(node.index, set(self.order)), node.body
            if letter != node.index:
                body = substitute(body, {node.index: letter})
            self._bind(letter, node.size)
            bound.append(letter)
            node = body
        return bound, node

    def _bind(self, letter: Symbol, size: sympy.Expr) -> None:
        self.order.append(letter)
        text = self.lower(lift(size))
        sizes = {**self.scope.sizes, letter: text.code if isinstance(text, Number) else ""}
        self.scope = replace(self.scope, sizes=sizes)

    def maximum(self, node: Max) -> Array:
        letter = fresh(node.index, set(self.order))
        body = substitute(node.body, {node.index: letter}) if letter != node.index else node.body
        self._bind(letter, node.size)
        part = self.real(self.lower(body))
        if letter not in part.axes:
            self.order.remove(letter)
            return part
        self.order.remove(letter)
        return Reduce(tuple(a for a in part.axes if a != letter), "max", part, letter)

    def var(self, node: Var) -> Array:
        if node.symbol.is_positive:
            if node.symbol not in self.scope.sizes:
                raise CompileError(f"no input has an axis of size {node.symbol}, so its value is not known")
            return Number((), self.scope.sizes[node.symbol])
        return self.position(node, 1)


def _factors(node: Written) -> list[tuple[Written, bool]]:
    """The factors of a product, each with whether it divides."""
    if isinstance(node, Mul):
        return [found for kid in node.kids for found in _factors(kid)]
    if isinstance(node, Div):
        over, under = node.kids
        return _factors(over) + [(factor, not inverse) for factor, inverse in _factors(under)]
    return [(node, False)]


def _places(node: Written) -> int:
    """How often an index or an integer tensor stands in an index expression."""
    if isinstance(node, Var):
        return 0 if node.symbol.is_positive else 1
    if isinstance(node, Element):
        return 1 if node.tensor.domain.upper is not None else 0
    return sum(_places(kid) for kid in node.kids)


def _is_shifted_index(node: Written) -> bool:
    """An index or position, plus or minus what holds none: both sides of a relation may then count from 0."""
    if isinstance(node, Add):
        first = [kid for kid in node.kids if _places(kid)]
        return len(first) == 1 and not isinstance(first[0], Neg) and _is_shifted_index(first[0])
    return _places(node) == 1 and isinstance(node, (Var, Element))


def _is_bits(array: Array) -> bool:
    """Whether an array holds booleans."""
    if isinstance(array, Map):
        return array.name in RELATION.values()
    return (isinstance(array, Load) and array.bits) or (isinstance(array, Take) and _is_bits(array.table))


def _number_code(name: str, codes: list[str]) -> str:
    signs = {
        "add": "+", "subtract": "-", "multiply": "*", "divide": "/", "power": "**", "equal": "==", "not_equal": "!=",
        "less_equal": "<=", "less": "<", "greater_equal": ">=", "greater": ">",
    }  # fmt: skip
    codes = [code if code.isidentifier() or code.isdigit() or code.startswith("(") else f"({code})" for code in codes]
    if name in signs:
        return "(" + f" {signs[name]} ".join(codes) + ")"
    if name == "negative":
        return f"(-{codes[0]})"
    if name == "square":
        return f"({codes[0]} ** 2)"
    return f"math.{name}({codes[0]})"


def _constant(self: _Lowering, node: Const) -> Array:
    value, digits = node.head
    if value is sympy.pi:
        return Number((), "math.pi")
    if digits is not None or value.q == 1:
        return Number((), digits or str(value))
    return Number((), f"({value.p} / {value.q})")


_RULES: dict[type, Callable[[_Lowering, Any], Array]] = {
    Const: _constant,
    Var: _Lowering.var,
    Element: _Lowering.element,
    Add: _Lowering.add,
    Neg: lambda self, node: self.map("negative", self.lower(node.kids[0])),
    Mul: _Lowering.product,
    Div: lambda self, node: self.chain("divide", node.kids),
    Pow: _Lowering.power,
    Func: lambda self, node: self.map(node.name, self.lower(node.kids[0])),
    Sum: _Lowering.total,
    Max: _Lowering.maximum,
    Delta: lambda self, node: self.relation("equal", node),
    Indicator: lambda self, node: self.relation(RELATION[node.relation], node),
    Hidden: lambda self, node: self.map("hide", *(self.lower(kid) for kid in node.kids)),
}
