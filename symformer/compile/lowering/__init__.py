"""From index notation to array operations.

A sum of a product becomes a contraction (a matrix product where it is one); factors that the sum does not touch leave
it; everything else is elementwise. Nothing is ever written out entry by entry.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from symformer.compile.arrays import Array, Axes
from symformer.compile.lowering.arithmetic import (
    add,
    constant,
    function,
    hidden,
    logic,
    power,
    product,
    quotient,
    variable,
    where,
)
from symformer.compile.lowering.context import Lowering, Scope
from symformer.compile.lowering.entries import argmax, element
from symformer.compile.lowering.relations import delta, indicator
from symformer.compile.lowering.sums import maximum, product_over, total
from symformer.notation import (
    Add,
    ArgMax,
    Const,
    Delta,
    Div,
    Element,
    Func,
    Hidden,
    Indicator,
    Logic,
    Max,
    Mul,
    Neg,
    Pow,
    Prod,
    Sum,
    Var,
    Where,
    Written,
)

__all__ = ["Scope", "lower"]


def lower(node: Written, axes: Axes, scope: Scope) -> Array:
    """The array of an expression over the letters `axes`.

    Raises:
        CompileError: the expression has no array form.
    """
    lowering = Lowering(axes, scope, _RULES)
    return lowering.spread(lowering.real(lowering.lower(node)), axes)


_RULES: dict[type, Callable[[Lowering, Any], Array]] = {
    Const: constant,
    Var: variable,
    Element: element,
    Add: add,
    Neg: lambda self, node: self.map("negative", self.lower(node.kids[0])),
    Mul: product,
    Div: quotient,
    Pow: power,
    Func: function,
    Sum: total,
    Max: maximum,
    Delta: delta,
    Indicator: indicator,
    Logic: logic,
    Where: where,
    Prod: product_over,
    ArgMax: argmax,
    Hidden: hidden,
}
