"""What an elementary function is to every room: one row of a table, which rooms read by column."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sympy import Expr

from symformer.typeset import Box
from symformer.typeset.boxes import Sign, parens, row
from symformer.typeset.names import name_box


def _no_kinks(*arguments: Any) -> tuple[tuple[Any, Any], ...]:
    return ()


@dataclass(frozen=True)
class Primitive:
    """One elementary function. Every column that is a function takes the function's arguments.

    Attributes:
        plain: its plain SymPy form.
        slopes: its derivatives by each argument; they are given the function's own value first, by a name if it has
            one. At a kink this is the derivative by convention.
        kinks: pairs that must differ for the slopes to be derivatives; None on the right stands for 0.
        box: how it is printed, from the boxes of its arguments; by default as `name(x, y)`.
        shown: how it is printed with all that it is applied to, or None where `box` says it, such as ‖x‖ for a root.
        printed: the name that is printed; by default its own.
        formula: what it stands for in terms of other functions, for every argument; None for a basic one.
        value: how its value is found: by the "formula", as the "largest" of values, by the "field" of numbers, or
            "still" for what does not move.
        largest: (values, sign): sign times the largest of these is the value. Values are (argument, sign) or 0.
        sign: "positive", "nonnegative" or "", or from the signs of its arguments.
        finite: whether it is finite wherever its arguments are.
        below_one: whether it lies between 0 and 1 and never is 1.
        arrays: its array operation; it is given what makes an operation of a name and parts. By default the one of
            its own name.
        needs: the relation to 0 in which its argument must be: "", ">" or "≥".
        arguments: how many it takes.
        whole: whether it is a whole number of whole numbers (floor of a fraction of them), so that it may be an index.
        continuous: whether it is, and its slopes are those of its value.
    """

    plain: Callable[..., Expr]
    slopes: Callable[..., tuple[Any, ...]]
    kinks: Callable[..., tuple[tuple[Any, Any], ...]] = _no_kinks
    box: Callable[..., Box] | None = None
    shown: Callable[[Any], Any] | None = None
    printed: str = ""
    formula: Callable[..., Any] | None = None
    value: str = "field"
    largest: tuple[tuple[tuple[int, int] | None, ...], int] = ((), 1)
    sign: str | Callable[..., int] = ""
    finite: bool = False
    below_one: bool = False
    arrays: Callable[..., Any] | None = None
    needs: str = ""
    arguments: int = 1
    continuous: bool = True
    whole: bool = False

    @property
    def smooth(self) -> bool:
        """Whether it has a derivative wherever it is defined, as far as its row says."""
        return self.continuous and self.kinks is _no_kinks


PRIMITIVES: dict[str, Primitive] = {}  # the rows of `primitives.py`, by name


def applied(name: str, *boxes: Box, spelled: bool = False) -> Box:
    """A function of what is in boxes: as its row prints it, or spelled out as `name(x, y)`."""
    own = PRIMITIVES[name]
    if own.box is not None and not spelled:
        return own.box(*boxes)
    items: list[Box] = []
    for box in boxes:
        items += [Sign(","), box] if items else [box]
    return row(name_box(own.printed or name), parens(row(*items)))
