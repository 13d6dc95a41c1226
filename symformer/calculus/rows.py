"""How a cotangent was found, row by row: the chain rule, what it gives, and the way to its textbook form."""

from __future__ import annotations

from collections.abc import Sequence

from sympy import Symbol

from symformer.calculus.terms import Poly, Term, renamed
from symformer.calculus.textbook import DEFINITION, Reason, Row
from symformer.calculus.tidy import common_factors, same, taken_out, written
from symformer.notation import Add, Div, Element, Mul, Tensor, Written, direct_diff, fresh, lift, summed, walk
from symformer.programs import Computed, Definition

Rows = tuple[tuple[Written, Reason], ...]
CHAIN_RULE: Reason = ("chain rule",)


def chain_rule(
    tensor: Tensor,
    letters: tuple[Symbol, ...],
    given: Poly,
    through: Sequence[tuple[Computed, Term]],
) -> Written | None:
    """Σ over the statements T that read a tensor, and over their entries, of dT · ∂T/∂(its entry).

    Where a statement reads the tensor only in its own row, only that row is summed over. None where a statement depends
    on an option of a function: it is then not one formula.
    """
    if any(isinstance(one.origin, Definition) and one.origin.guard is not None for one, _ in through):
        return None
    terms = [written((term,)) for term in given]
    for statement, cotangent in through:
        pinned = _pinned(statement, tensor, letters)
        own = tuple(pinned.get(index) or fresh(index) for index in statement.indices)
        slope = direct_diff(statement[own], tensor[letters])
        moved = renamed(cotangent, {old: lift(new) for old, new in zip(statement.indices, own, strict=True)})
        body: Written = Mul((*moved.over, slope)) if moved.over else slope
        sizes = zip(own, statement.shape, strict=True)
        terms.append(summed(body, ((index, size) for index, size in sizes if index not in letters)))
    return terms[0] if len(terms) == 1 else Add(tuple(terms))


def _pinned(statement: Computed, tensor: Tensor, letters: tuple[Symbol, ...]) -> dict[Symbol, Symbol]:
    """The indices of a definition that stand on one axis of a tensor wherever it is read, with that axis's letter."""
    if not isinstance(statement.origin, Definition):
        return {}
    read = [element.symbols for element in statement.origin.elements if element.tensor == tensor]
    out: dict[Symbol, Symbol] = {}
    for letter, *symbols in zip(letters, *read, strict=True):
        index = symbols[0]
        if index in statement.indices and symbols.count(index) == len(symbols):
            out.setdefault(index, letter)
    return out


def found_rows(
    opening: Written | None,
    raw: Poly,
    rows: Sequence[Row],
    tensor: Tensor,
    through: Sequence[Computed],
    *,
    whole: bool = False,
) -> Rows:
    """All rows of a step: what is equal to the row before is left out.

    What enters entry by entry, and linearly, needs no chain rule to be written down; what is `whole` a call or a repeat
    has nothing else.
    """
    if opening is not None and whole:
        return ((opening, CHAIN_RULE),)
    shown = legible_rows(raw, rows, _why(raw, tensor, through))
    at_once = isinstance(opening, Mul) and len(shown) == 1 and not any(_mentions(term, tensor) for term in raw)
    if opening is None or at_once:
        return shown
    start = 1 if same(opening, shown[0][0]) else 0
    return ((opening, CHAIN_RULE), *shown[start:])


def legible_rows(raw: Poly, rows: Sequence[Row], why: Reason) -> Rows:
    """What was found and the way from there, without rows that say what the one before says.

    Definitions that are put in one after another make one row, with the sums that close by them; what is taken out at
    the end is no row of its own.
    """
    out: list[tuple[Written, Reason]] = [(written(raw), why)]
    for poly, reason, _ in rows:
        if not same(written(poly), out[-1][0]):
            out.append((written(poly), _joined(out, reason)))
    last = rows[-1].poly if rows else raw
    factored = taken_out(last)
    if not same(factored, out[-1][0]):
        before = (*out.pop()[1], "; ") if len(out) > 1 else ()
        out.append((factored, (*before, *_factored(last))))
    return tuple(out)


def _factored(poly: Poly) -> Reason:
    """The reason of the row that factors: `factor out P_ij`."""
    over, under = common_factors(poly)
    if over is not None:
        return ("factor out ", over if under is None else Div((over, under)))
    return ("collect over a common denominator",) if under is None else ("over the common denominator ", under)


def _joined(out: list[tuple[Written, Reason]], reason: Reason) -> Reason:
    """The reason of the next row; one that goes with the row before takes its place."""
    if out[-1][1][0] != DEFINITION:
        return reason
    if reason[0] == DEFINITION:
        return (*out.pop()[1], " and ", *reason[1:])
    return (*out.pop()[1], "; ", *reason) if isinstance(reason[0], Written) else reason


def _why(raw: Poly, tensor: Tensor, through: Sequence[Computed]) -> Reason:
    """The reason of the row that does the differentiation: `differentiate P`, or `O is linear in V`."""
    if any(_mentions(term, tensor) for term in raw):
        return ("differentiate ", through[0].box) if len(through) == 1 else ("differentiate each of these",)
    return (through[0].box if len(through) == 1 else "each of these", " is linear in ", tensor.box)


def _mentions(term: Term, tensor: Tensor) -> bool:
    parts = [part for factor in (*term.over, *term.under) for part in walk(factor)]
    return any(isinstance(part, Element) and part.tensor == tensor for part in parts)
