"""Plain SymPy expressions as a field: for `.explicit`, where every entry is a scalar symbol."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sympy
from sympy import Expr, Symbol

from symformer.evaluate.fields import Ordered, Undecidable
from symformer.evaluate.interpreter import HIDDEN, Interpreter, Place
from symformer.notation import NotationError, ShapeError, Tensor
from symformer.notation.operators import RELATIONS
from symformer.notation.primitive import PRIMITIVES
from symformer.notation.tensors import arranged, scalar_symbol


class SymbolField(Ordered):
    """SymPy expressions, computed by SymPy."""

    def number(self, value: Expr) -> Expr:
        """Itself."""
        return value

    def add(self, left: Expr, right: Expr) -> Expr:
        """SymPy's sum."""
        return left + right

    def mul(self, left: Expr, right: Expr) -> Expr:
        """SymPy's product."""
        return left * right

    def div(self, left: Expr, right: Expr) -> Expr:
        """SymPy's quotient."""
        return left / right

    def neg(self, value: Expr) -> Expr:
        """SymPy's negative."""
        return -value

    def power(self, base: Expr, exponent: Expr) -> Expr:
        """SymPy's power."""
        return base**exponent

    def function(self, name: str, value: Expr) -> Expr:
        """SymPy's function."""
        return PRIMITIVES[name].plain(value)

    def maximum(self, values: Sequence[Expr]) -> Expr:
        """SymPy's Max."""
        return sympy.Max(*values)

    def compare(self, left: Expr, relation: str, right: Expr) -> bool:
        """Where SymPy can tell.

        Raises:
            Undecidable: the relation depends on the values of symbols.
        """
        found = RELATIONS[relation](left, right)
        if found not in (sympy.true, sympy.false):
            raise Undecidable(f"{found} depends on the values of symbols")
        return bool(found)

    def integer(self, value: Expr) -> int:
        """A number as an index.

        Raises:
            Undecidable: the value is symbolic.
        """
        if not value.is_Integer:
            raise Undecidable(f"an index must be a number here, not {value}")
        return int(value)


def explicit(tensor: Tensor, sizes: Mapping[Symbol, int], masks: Mapping[str, Any]) -> Any:
    """All entries of a tensor in scalar symbols.

    Args:
        tensor: what to write out.
        sizes: a number for every size.
        masks: numbers (nested lists or arrays) for inputs that are not to be symbols, by name: masks, ids.

    Returns:
        A SymPy `ImmutableDenseNDimArray`; an `ImmutableMatrix` for two axes; an expression for none.
    """

    owners: dict[str, Tensor] = {}

    def inputs(source: Tensor, place: Place) -> Expr:
        if source.name in masks:
            return sympy.sympify(_at(masks[source.name], place, interpreter.shape(source), source.name))
        found = scalar_symbol(source, place)
        owner = owners.setdefault(found.name, source)
        if owner != source:
            raise NotationError(
                f"an entry of {owner.name} and one of {source.name} would both be the symbol {found.name}; rename one"
            )
        return found

    interpreter = Interpreter(SymbolField(), sizes, inputs)
    shape = interpreter.shape(tensor)
    entries = [-sympy.oo if value is HIDDEN else value for value in interpreter.array(tensor).values()]
    return arranged(entries, shape)


def _at(nested: Any, place: Place, shape: Place, name: str) -> Any:
    for number, size in zip(place, shape, strict=True):
        if not hasattr(nested, "__len__") or len(nested) != size:
            found = f"{len(nested)} entries" if hasattr(nested, "__len__") else repr(nested)
            raise ShapeError(f"{name}: expected shape {shape}, found {found} where {size} belong")
        nested = nested[number - 1]
    return int(nested) if isinstance(nested, bool) or type(nested).__name__ == "bool" else nested
