"""Truth values that a branch asks for."""

from __future__ import annotations

import sympy
from sympy import Expr

from symformer.arrays.errors import ArrayError
from symformer.arrays.nodes import Node


def truth(node: Node) -> bool:
    """The truth value of what is known.

    Raises:
        ArrayError: it depends on values or sizes.
    """
    if node.kind == "const" and node.attrs[0].is_number:
        return bool(node.attrs[0] != 0)
    if node.kind == "map" and all(arg.kind == "const" for arg in node.args) and len(node.args) == 2:
        left, right = (arg.attrs[0] for arg in node.args)
        known = _compared(node.attrs[0], sympy.expand(left - right))
        if known is not None:
            return known
        raise ArrayError(f"a branch on the sizes {left} and {right}, which may be equal or not",
                         "use one letter for sizes that are equal, or a number for a size")  # fmt: skip
    raise ArrayError("a branch on values", "use np.where(condition, a, b), which takes both")


def _compared(relation: str, difference: Expr) -> bool | None:
    signs = {"equal": difference.is_zero, "not_equal": difference.is_nonzero, "less": difference.is_negative,
             "less_equal": difference.is_nonpositive, "greater": difference.is_positive,
             "greater_equal": difference.is_nonnegative}  # fmt: skip
    found: bool | None = signs.get(relation)
    return found
