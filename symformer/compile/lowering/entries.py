"""Entries of tensors, and what stands as an index: whole numbers for as long as it goes."""

from __future__ import annotations

from collections.abc import Mapping

import sympy
from sympy import Expr, Symbol

from symformer.compile.arrays import Array, CompileError, Count, Load, Map, Number, Reduce, Take
from symformer.compile.lowering.context import Lowering
from symformer.notation import Add, ArgMax, BoundIndex, Const, Element, Func, Mul, Neg, Var, Written, lift


def element(self: Lowering, node: Element) -> Array:
    """An entry: a variable, or what is taken from it where an index is more than a letter, or stands twice."""
    digest = node.tensor.digest
    name = self.scope.variables.get(digest)
    if name is None:
        raise CompileError(f"{node.tensor.name} is not computed before it is used")
    if digest in self.scope.numbers:
        return Number((), name, (name,))
    letters, gathered = [], []
    for kid in node.kids:
        plain = isinstance(kid, Var) and not kid.symbol.is_positive and kid.symbol not in letters
        letter = kid.symbol if plain and isinstance(kid, Var) else _stand_in(self)
        if not plain:
            gathered.append((letter, kid))
        letters.append(letter)
    if not gathered:
        self.scope.axes.setdefault(digest, tuple(letters))
    table: Array = Load(tuple(letters), name, digest not in self.scope.weights, digest in self.scope.bits)
    if digest in self.scope.precise and not self.scope.is_precise:
        table = Map(table.axes, "real", (table,))
    for letter, kid in gathered:
        axis = node.kids.index(kid)
        length = node.tensor.shape[axis]
        table = _take(self, table, letter, inside(self, kid, chosen(self, kid), length), length)
    return table


def inside(self: Lowering, kid: Written, positions: Array, size: Expr) -> Array:
    """Positions of what a guard may turn off: where it does, they may lie outside the axis, and become others."""
    computed = not isinstance(kid, (Const, Var, Element))
    guards = [guard for guard in self.guards if guard.free & kid.free] if computed else []
    if not guards or stays_inside(kid, size, self.scope.extents):
        return positions
    with self.unguarded():
        bits = [self.lower(guard) for guard in guards]
        length = self.lower(lift(size))
    seen = bits[0]
    for bit in bits[1:]:
        seen = self.map("logical_and", seen, bit)
    return Map(self.axes(positions, seen), "inside", (positions, seen, length))


def stays_inside(kid: Written, size: Expr, extents: Mapping[Symbol, Expr]) -> bool:
    """Whether a linear expression of letters, each of which runs from 1 to its extent, is in 1..size at all sizes."""
    place = sympy.expand(kid.plain())
    letters = [letter for letter in extents if letter in place.free_symbols]
    low = high = place
    for letter in letters:
        slope = place.coeff(letter)
        if not slope.is_Integer or (place - slope * letter).has(letter):
            return False
        ends = (1, extents[letter]) if slope > 0 else (extents[letter], 1)
        low, high = low.subs(letter, ends[0]), high.subs(letter, ends[1])
    return bool(sympy.expand(low - 1).is_nonnegative and sympy.expand(size - high).is_nonnegative)


def _stand_in(self: Lowering) -> Symbol:
    letter = BoundIndex("at")
    self.order.append(letter)
    return letter


def _take(self: Lowering, table: Array, along: Symbol, positions: Array, length: Expr) -> Array:
    left = {letter for letter in (*table.axes, *positions.axes) if letter != along}
    size = self.lower(lift(length))
    axes = tuple(letter for letter in self.order if letter in left)
    return Take(axes, table, along, positions, size.code if isinstance(size, Number) else "")


def chosen(self: Lowering, kid: Written) -> Array:
    """Positions from 0: an array of them, or an expression of indices counted from 1, less 1."""
    if isinstance(kid, Add) and len(kid.kids) == 1:  # an index that runs over a part of the axis alone
        return chosen(self, kid.kids[0])
    if isinstance(kid, Const):
        return Number((), str(int(kid.value) - 1))
    if isinstance(kid, (Element, ArgMax)) or (isinstance(kid, Var) and not kid.symbol.is_positive):
        return position(self, kid, 0)
    return _whole(self, "subtract", position(self, kid, 1), Number((), "1"))


def position(self: Lowering, node: Written, start: int) -> Array:
    """An expression that stands as an index, its positions counted from `start`."""
    if isinstance(node, Var) and not node.symbol.is_positive:
        if node.symbol not in self.order:
            raise CompileError(f"index {node.symbol} has no range here")
        return Count((node.symbol,), self.scope.sizes[node.symbol], start)
    if isinstance(node, ArgMax):
        found = largest_place(self, node)
        return found if not start else _whole(self, "add", found, Number((), "1"))
    if isinstance(node, Func) and node.primitive.whole:
        return _whole_part(self, node, start)
    if isinstance(node, Element):
        found = element(self, node)
        is_position = node.tensor.domain.upper is not None
        return self.map("add", found, Number((), "1")) if start and is_position else found
    if isinstance(node, Neg):
        return _whole(self, "negative", position(self, node.kids[0], start))
    if isinstance(node, (Add, Mul)):
        total = position(self, node.kids[0], start)
        for kid in node.kids[1:]:
            minus = isinstance(node, Add) and isinstance(kid, Neg)
            name = "multiply" if isinstance(node, Mul) else "subtract" if minus else "add"
            total = _whole(self, name, total, position(self, kid.kids[0] if minus else kid, start))
        return total
    return self.lower(node)


def largest_place(self: Lowering, node: ArgMax) -> Array:
    """The place of the largest entry along a letter, counted from 0."""
    letter, body = self.opened(node)
    part = self.real(self.lower(body))
    self.order.remove(letter)
    if letter not in part.axes:
        return Number((), "0")
    return Reduce(tuple(a for a in part.axes if a != letter), "argmax", part, letter)


def argmax(self: Lowering, node: ArgMax) -> Array:
    """The index of the largest entry, counted from 1, as a number among others."""
    found = position(self, node, 1)
    return found if isinstance(found, Number) else Map(found.axes, "real", (found,))


def _whole_part(self: Lowering, node: Func, start: int) -> Array:
    """Whole numbers of whole numbers: a // b, a % b, the larger and the smaller, counted as they are written."""
    if node.name == "floor":
        over, under = node.kids[0].plain().as_numer_denom()
        found = _whole(self, "floor_divide", *(position(self, lift(part), 1) for part in (over, under)))
    elif node.name == "relu":
        found = _whole(self, "maximum", position(self, node.kids[0], 1), Number((), "0"))
    elif node.name == "clip":
        x, low, high = (position(self, kid, 1) for kid in node.kids)
        found = _whole(self, "minimum", _whole(self, "maximum", x, low), high)
    else:
        name = "remainder" if node.name == "mod" else node.name
        found = _whole(self, name, *(position(self, kid, 1) for kid in node.kids))
    return found


def _whole(self: Lowering, name: str, *parts: Array) -> Array:
    """Arithmetic of positions, which stay whole numbers."""
    if all(isinstance(part, Number) for part in parts):
        return self.map(name, *parts)
    return Map(self.axes(*parts), name, parts)
