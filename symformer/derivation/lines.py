"""Lines of a derivation: a formula, its relation to the line before, and the reason why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from symformer.notation import Written, lift
from symformer.programs import Computed, statement_box
from symformer.proof import Toward, toward
from symformer.typeset import Box, latex
from symformer.typeset.latex import SYMBOLS
from symformer.writers import Link


class DerivationError(ValueError):
    """A derivation that does not hold together; names the line, and has its number in the chain where that is known."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.line = line


@dataclass(frozen=True)
class See:
    """A reference to another derivation, by its slug."""

    slug: str


Reason = tuple[str | Box | See | Written | Computed, ...]  # formulas stay formulas: they read differently in matrices


@dataclass(frozen=True)
class Line:
    """A line of a chain.

    Attributes:
        formula: what stands there, as it is printed.
        reason: why, in words, formulas and references.
        relation: "=", "≤", "≥", "≈" or "→" to the line before; empty where the line opens a chain.
        expected: the verdict that the author expects, where it is `refuted`: an error of the literature.
        title: the heading of the chain that the line opens.
        claim: for "≈" and "→", the limit that they speak of.
        whole: where the formula takes tensors as given that are defined, the same with their definitions: what is not
            proved for any values of them is judged for those that they have.
        matrices: the reason beside the line in matrix notation, where the other one speaks of indices.
    """

    formula: Written
    reason: Reason
    relation: str = "="
    expected: str | None = None
    title: str = ""
    claim: Toward | None = None
    whole: Written | None = None
    matrices: Reason = ()

    def _repr_latex_(self) -> str:
        relation = SYMBOLS.get(self.relation, self.relation)
        return f"$\\displaystyle {relation} {latex(self.formula.layout().box)}$"

    @property
    def opens(self) -> bool:
        """Whether it opens a chain and is not judged."""
        return not self.relation


def see(slug: str) -> See:
    """A reference to an earlier derivation, for use in a reason."""
    return See(slug)


def begin(formula: Any, reason: Any, title: str = "") -> Line:
    """Opens a new chain, under a title of its own."""
    return Line(lift(formula), parts(reason), "", None, title)


def le(formula: Any, reason: Any) -> Line:
    """A line that is no smaller than the line before: `≤` stands in front of it."""
    return Line(lift(formula), parts(reason), "≤")


def ge(formula: Any, reason: Any) -> Line:
    """A line that is no larger than the line before: `≥` stands in front of it."""
    return Line(lift(formula), parts(reason), "≥")


def approx(formula: Any, reason: Any, *, to: tuple[Any, Any], dropped: Any = None, order: int | None = None) -> Line:
    """A line that is nearly the line before: `≈` stands in front of it.

    Args:
        formula: what stands there.
        reason: why.
        to: the limit that it is meant in, `(variable, 0)` or `(variable, oo)`: a size or an input.
        dropped: the terms that are left out: with them the line is exact, and beside it they vanish in the limit.
        order: instead, the power of the variable (of one over it, where it grows) that bounds the error.

    Raises:
        DerivationError: neither or both of `dropped` and `order`.
    """
    if (dropped is None) == (order is None):
        raise DerivationError("approx(...) names either the dropped terms or the order of the error")
    claim = toward(to, dropped, order)
    words = (", dropping ", claim.dropped.layout().box) if claim.dropped is not None else (f", up to order {order}",)
    return Line(lift(formula), (*parts(reason), *words, ", as ", claim.box), "≈", claim=claim)


def tends(formula: Any, reason: Any, *, to: tuple[Any, Any]) -> Line:
    """The limit of the line before: `→` stands in front of it; `to` is `(variable, 0)` or `(variable, oo)`."""
    claim = toward(to)
    return Line(lift(formula), (*parts(reason), ", as ", claim.box), "→", claim=claim)


def wrong(formula: Any, reason: Any) -> Line:
    """A claim that the judge must refute, such as a printed error; the next line follows the one before it."""
    return Line(lift(formula), parts(reason), "=", "refuted")


def parts(reason: Any) -> Reason:
    """A reason as a tuple of words, boxes and references.

    Raises:
        DerivationError: something in it is none of these.
    """
    items = reason if isinstance(reason, Sequence) and not isinstance(reason, str) else (reason,)
    return tuple(_part(item) for item in items)


def _part(item: Any) -> str | Box | See | Written | Computed:
    if isinstance(item, (str, See, Box, Computed)):
        return item
    try:
        return lift(item)
    except ValueError as error:
        raise DerivationError(f"a reason holds words, formulas and see(...), not {item!r}") from error


def chain_lines(calc: Sequence[Any]) -> tuple[Line, ...]:
    """The author's lines: pairs (formula, reason) or made by `begin`, `le`, `ge`, `approx`, `tends`, `wrong`.

    A third item of a pair is the reason beside the line in matrix notation, for a reason that speaks of indices.

    Raises:
        DerivationError: a line is neither.
    """
    lines: list[Line] = []
    for number, item in enumerate(calc, start=1):
        if isinstance(item, Line):
            line = item
        elif isinstance(item, tuple) and len(item) in (2, 3):
            line = Line(
                lift(item[0]), parts(item[1]), "=" if lines else "", matrices=parts(item[2]) if item[2:] else ()
            )
        else:
            raise DerivationError(f"line {number}: expected (formula, reason), got {item!r}", number)
        if not lines and not line.opens:
            line = Line(line.formula, line.reason, "", None, line.title, matrices=line.matrices)
        lines.append(line)
    return tuple(lines)


def resolve(reason: Reason, titles: Mapping[str, str]) -> tuple[str | Box | Link, ...]:
    """The reason with references as links and formulas set in indices; an unknown slug stays a slug."""
    return tuple(_resolved(part, titles) for part in reason)


def _resolved(part: str | Box | See | Written | Computed, titles: Mapping[str, str]) -> str | Box | Link:
    match part:
        case See():
            return Link(part.slug, titles.get(part.slug, part.slug))
        case Written():
            return part.layout().box
        case Computed():
            return statement_box(part)
    return part
