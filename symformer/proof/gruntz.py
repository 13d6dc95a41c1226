"""Limits by SymPy's `limit`, with numbers for all but the variable: an argument at the points that are named."""

from __future__ import annotations

from typing import Any

import sympy
from sympy import Expr, Symbol

from symformer.evaluate import HIDDEN, Effort, Interpreter, Place, SymbolField, Undecidable
from symformer.notation import ShapeError, Tensor, Written, substitute
from symformer.programs import unfolded
from symformer.proof.points import Point
from symformer.proof.statement import Statement, in_words
from symformer.proof.toward import Toward
from symformer.proof.verdict import Verdict

STYLES = ("plain", "plain", "simple", "coarse", "large")  # of the numbers for all else
MOST_OPERATIONS = 40  # in an expression whose limit is asked for
STEPS = 2000
T = Symbol("t", positive=True)


def checked_by_gruntz(statement: Statement, claim: Toward, left: Written, right: Written, reason: str) -> Verdict:
    """`checked` where the limit is the right side at every point, else open: a limit that SymPy denies is no proof."""
    data = {"limit": f"{claim.variable.name} → {claim.end}"}
    variable = claim.variable
    if isinstance(variable, Symbol) and variable in statement.spanned:
        return Verdict("open", f"an index runs over {variable.name}: no argument for the limit", data)
    if isinstance(variable, Tensor) and (variable.shape or (claim.end == "0" and variable.domain.kind != "positive")):
        return Verdict("open", f"no argument for the limit: {reason}", data)
    try:
        seen = {_at(statement, claim, left, right, trial, style) for trial, style in enumerate(STYLES)}
    except (Undecidable, ShapeError, NotImplementedError, ValueError, TypeError, AttributeError, RecursionError) as why:
        return Verdict("open", f"no argument for the limit: {why or reason}", data)
    words = f"the limit by Gruntz's algorithm (SymPy), with numbers for all else at {len(STYLES)} points"
    where = "; ".join(sorted(one for one in seen if one))
    return Verdict("checked", f"{words}{f' ({where})' if where else ''}; no proof: {reason}", data)


def _at(statement: Statement, claim: Toward, left: Written, right: Written, trial: int, style: str) -> str:
    """Asks for the limit at one point.

    Raises:
        Undecidable: it is another, or none, or too much is asked.
    """
    sizes = statement.sizes_for(trial)
    one, two = (_expression(side, claim, sizes, trial, style) for side in (left, right))
    difference = one - two
    if difference.count_ops() > MOST_OPERATIONS:
        raise Undecidable("too long an expression for Gruntz's algorithm")
    found = sympy.limit(difference, T, sympy.oo if claim.end == "∞" else 0, "+")
    if found != 0:
        raise Undecidable("Gruntz's algorithm does not find this limit")
    return in_words({size: number for size, number in sizes.items() if size != claim.variable})


def _expression(node: Written, claim: Toward, sizes: dict[Symbol, int], trial: int, style: str) -> Expr:
    """A side as an expression of t alone; what stands for several places is taken at the first."""
    variable = claim.variable
    point = Point(trial, lambda size: interpreter.size(size), style)
    if isinstance(variable, Symbol):
        variable = Tensor(variable.name, ())
        node = substitute(unfolded(node), {claim.variable: variable[()]})

    def inputs(tensor: Tensor, place: Place) -> Any:
        if tensor == variable:
            return T
        number = point(tensor, place)
        return sympy.Rational(number.numerator, number.denominator)

    interpreter = Interpreter(SymbolField(), sizes, inputs, effort=Effort(STEPS))
    value = interpreter.value(node, dict.fromkeys(node.ranges, 1))
    if value is HIDDEN:
        raise Undecidable("−∞ in a limit")
    return sympy.sympify(value)
