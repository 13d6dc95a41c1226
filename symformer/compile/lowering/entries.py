"""Entries of tensors, and what stands as an index: whole numbers for as long as it goes."""

from __future__ import annotations

from sympy import Symbol

from symformer.compile.arrays import Array, CompileError, Count, Load, Map, Number, Take
from symformer.compile.lowering.context import Lowering
from symformer.notation import Add, BoundIndex, Const, Element, Mul, Neg, Var, Written


def element(self: Lowering, node: Element) -> Array:
    """An entry: a variable, or what is taken from it where an index is more than a letter, or stands twice."""
    digest = node.tensor.digest
    name = self.scope.variables.get(digest)
    if name is None:
        raise CompileError(f"{node.tensor.name} is not computed before it is used")
    if digest in self.scope.numbers:
        return Number((), name)
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
        table = _take(self, table, letter, chosen(self, kid))
    return table


def _stand_in(self: Lowering) -> Symbol:
    letter = BoundIndex("at")
    self.order.append(letter)
    return letter


def _take(self: Lowering, table: Array, along: Symbol, positions: Array) -> Array:
    left = {letter for letter in (*table.axes, *positions.axes) if letter != along}
    return Take(tuple(letter for letter in self.order if letter in left), table, along, positions)


def chosen(self: Lowering, kid: Written) -> Array:
    """Positions from 0: an array of them, or an expression of indices counted from 1, less 1."""
    if isinstance(kid, Add) and len(kid.kids) == 1:  # an index that runs over a part of the axis alone
        return chosen(self, kid.kids[0])
    if isinstance(kid, Const):
        return Number((), str(int(kid.value) - 1))
    if isinstance(kid, Element) or (isinstance(kid, Var) and not kid.symbol.is_positive):
        return position(self, kid, 0)
    return _whole(self, "subtract", position(self, kid, 1), Number((), "1"))


def position(self: Lowering, node: Written, start: int) -> Array:
    """An expression that stands as an index, its positions counted from `start`."""
    if isinstance(node, Var) and not node.symbol.is_positive:
        if node.symbol not in self.order:
            raise CompileError(f"index {node.symbol} has no range here")
        return Count((node.symbol,), self.scope.sizes[node.symbol], start)
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


def _whole(self: Lowering, name: str, *parts: Array) -> Array:
    """Arithmetic of positions, which stay whole numbers."""
    if all(isinstance(part, Number) for part in parts):
        return self.map(name, *parts)
    return Map(self.axes(*parts), name, parts)
